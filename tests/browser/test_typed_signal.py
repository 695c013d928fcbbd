"""One field takes what a phone shows: keys, chips, a question with one tap, the drawn help."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.browser.test_phone_screens import check, enrolled

OpenBrowser = Callable[[str, dict[str, Any]], BrowserProcess]
SMALL = {**PHONE, "viewport": {"width": 360, "height": 640}}
PICTURES = os.environ.get("SURVEY_TEST_PICTURES")


def test_an_officer_types_pastes_answers_and_finds_help(
    server: ServerProcess, open_browser: OpenBrowser
) -> None:
    browser = open_browser("typed", SMALL)
    officer = enrolled(server, browser)
    page = officer.page

    def picture(name: str) -> None:
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))

    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel", "xl")
    officer.unfold("telkomsel")
    officer.tap("reading-telkomsel-open")
    # no network chosen: the text tells it
    field = officer.find("typed-telkomsel")
    expect(field).to_have_attribute("inputmode", "decimal")
    field.fill("LTE RRC:IDLE BAND:3\nEARFCN:1850 RSRP:-108 RSRQ:-12 SNR:3.0")
    field.blur()
    expect(officer.find("understood-telkomsel")).to_contain_text("RSRP −108 dBm")
    expect(officer.find("understood-telkomsel")).to_contain_text("SINR 3 dB")
    expect(officer.find("technology-telkomsel-lte")).to_have_attribute("aria-pressed", "true")
    field.scroll_into_view_if_needed()
    picture("pasted")

    # a number keyboard has no minus: the question is one tap
    field.fill("108")
    expect(officer.find("chip-telkomsel-rsrp_dbm")).to_have_count(0)
    officer.tap("answer-telkomsel-sign-rsrp_dbm-0")
    expect(officer.find("chip-telkomsel-rsrp_dbm")).to_have_text("RSRP −108 dBm")
    officer.tap("key-telkomsel-RSRQ")
    expect(field).to_be_focused()
    page.keyboard.type("12")
    officer.tap("key-telkomsel-SINR")
    page.keyboard.type("130")
    field.blur()
    expect(field).to_have_value("108 RSRQ -12 SINR 130")
    expect(officer.find("chip-telkomsel-rsrp_dbm")).to_have_text("RSRP −108 dBm")
    expect(officer.find("question-telkomsel-tenth-sinr_db")).to_be_visible()
    officer.find("question-telkomsel-tenth-sinr_db").scroll_into_view_if_needed()
    picture("question")
    check(page, "question")
    officer.tap("answer-telkomsel-tenth-sinr_db-0")
    expect(officer.find("chip-telkomsel-sinr_db")).to_have_text("SINR 13 dB")

    # another network, and one that is switched off
    officer.tap("technology-telkomsel-wcdma")
    expect(officer.find("question-telkomsel-switched_off")).to_be_visible()
    expect(officer.find("question-telkomsel-technology")).to_be_visible()
    picture("switched-off")
    # what was answered for one network is asked again after another
    officer.tap("technology-telkomsel-lte")
    officer.tap("answer-telkomsel-sign-rsrp_dbm-0")
    officer.tap("answer-telkomsel-tenth-sinr_db-0")

    officer.tap("help-telkomsel")
    expect(officer.find("signal-help")).to_be_visible()
    picture("help")
    check(page, "help")
    officer.find("signal-help-close").scroll_into_view_if_needed()
    picture("help-end")
    officer.tap("signal-help-close")
    expect(officer.find("signal-help")).to_have_count(0)

    # a draft opened again shows the text and asks nothing that was answered
    page.reload()
    expect(officer.find("visit-form")).to_be_visible()
    officer.unfold("telkomsel")
    expect(officer.find("typed-telkomsel")).to_have_value("108 RSRQ -12 SINR 130")
    expect(officer.find("chip-telkomsel-rsrp_dbm")).to_have_text("RSRP −108 dBm")
    expect(officer.find("chip-telkomsel-sinr_db")).to_have_text("SINR 13 dB")
    expect(page.locator("[data-testid^=question-telkomsel]")).to_have_count(0)
