"""What the officer sees and does about sending: wrong clocks, the pause, refusals, the day's tally.

As in the matrix one phone lives through all of it, and everything it saved is there at the end.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.faults.cells import Cell, Count, Note
from tests.faults.field import FieldPhone
from tests.faults.kinds import Answer, portal

pytestmark = pytest.mark.browser

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
KEEP_SHIFT = 'window.clockAhead = Number(localStorage.getItem("shift") ?? 0);'
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def settable_clock(phone: FieldPhone) -> None:
    """Let the phone's clock be set; performance.now, which only counts, goes on as it did."""
    phone.browser.context.add_init_script(KEEP_SHIFT)


def set_clock(phone: FieldPhone, ms: int) -> None:
    """Set the clock as in the phone's settings: away from the app and back."""
    phone.officer.page.evaluate(
        """(ms) => {
          localStorage.setItem("shift", String(ms));
          window.clockAhead = ms;
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        ms,
    )


def trouble(phone: FieldPhone) -> Any:
    return phone.officer.find("clock-trouble")


def begin_visit(phone: FieldPhone, area: str) -> None:
    phone.officer.begin_visit(area)
    if phone.officer.find("sims-confirm").is_visible():
        phone.officer.choose_sims("telkomsel")
    phone.officer.take_position()


def finish_visit(phone: FieldPhone) -> None:
    """Answer what is left, save, and note what was saved."""
    before = {one.sha256 for one in phone.state().records}
    phone.officer.answer("telkomsel", "none")
    phone.officer.fill_place()
    phone.officer.save()
    phone.ledger += [one.save for one in phone.state().records if one.sha256 not in before]


def send_all(phone: FieldPhone) -> None:
    """Go past undo and send."""
    phone.hurry_past_undo()
    phone.officer.open("sending")
    phone.send_now()
    phone.wait_until_sent()


def read_visit(phone: FieldPhone) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
    """Return the newest payload at the office, its visit's row, and the codes of its flags."""
    store = phone.server.open_store()
    try:
        reader = store.reader()
        payload = json.loads(
            reader.execute("SELECT payload FROM revisions ORDER BY key DESC").fetchone()[0]
        )
        row = dict(reader.execute("SELECT * FROM visits ORDER BY key DESC").fetchone())
        codes = reader.execute("SELECT code FROM flags WHERE visit_key = ?", (row["key"],))
        return payload, row, {code for (code,) in codes}
    finally:
        store.close()


def refusal(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, body=json.dumps({"status": status, **body}).encode(), headers=JSON)


def test_a_pause_is_seen_everywhere_outlives_a_restart_and_ends_with_a_tap(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "officer: sending paused, restart", 1):
        phone.officer.find("pause").click()
        expect(phone.officer.find("paused")).to_contain_text("Pengiriman dijeda sejak")
        expect(phone.officer.find("send-now")).to_have_count(0)
        cell = Cell(phone, "paused")
        expect(phone.officer.find("pill-text")).to_contain_text("Dijeda · 3 belum terkirim")
        asked = len(phone.proxy.seen)
        phone.officer.page.reload()
        expect(phone.officer.find("pill-text")).to_contain_text("Dijeda · 3 belum terkirim")
        expect(phone.officer.find("tally")).to_be_disabled()
        assert [one for one in phone.proxy.seen[asked:] if one.path.startswith("/api/")] == []
        phone.officer.find("resume").click()
        cell.recover()


def test_a_portal_opens_its_page_and_a_full_server_is_told_until_it_is_solved(
    phone: FieldPhone,
) -> None:
    cell = Cell(phone, "portal")
    phone.proxy.set(portal(), path="/api/")
    phone.send_now()
    link = phone.officer.find("open-portal")
    expect(link).to_be_visible()
    assert (link.get_attribute("href"), link.get_attribute("target")) == ("/", "_blank")
    phone.proxy.clear()
    full = {"ok": False, "code": "server.disk_full", "message": "", "errors": []}
    phone.proxy.set(refusal(507, full), path="/api/")
    phone.send_now()
    expect(phone.officer.find("send-problem")).to_contain_text("server kantor penuh")
    phone.officer.page.reload()
    expect(phone.pill).to_have_attribute("data-failure", "server_full")
    phone.proxy.clear()
    phone.send_now()
    cell.recover()


def test_a_refused_record_is_named_with_its_reason_and_a_way_to_save_it(phone: FieldPhone) -> None:
    cell = Cell(phone, "refused")
    results = [
        {
            "id": save.record_id,
            "sha256": save.sha256,
            "result": "refused",
            "code": "record.foreign_officer",
            "message": "This record belongs to another officer.",
        }
        for save in phone.ledger[-2:]
    ]
    answer = refusal(200, {"ok": True, "results": results})
    phone.proxy.set(answer, method="POST", path="/api/v1/records", times=1)
    phone.send_now()
    refused = phone.officer.find("refused-record").first
    expect(refused).to_contain_text("Simancuang")
    expect(refused).to_contain_text("Catatan ini milik petugas lain.")
    expect(refused).to_contain_text("record.foreign_officer")
    expect(phone.officer.find("refused-copy")).to_have_attribute("href", re.compile("rescue"))
    phone.send_now()
    cell.recover()
    expect(phone.officer.find("refused")).to_have_count(0)


def test_phone_and_office_agree_on_the_day_after_sending_first(phone: FieldPhone) -> None:
    cell = Cell(phone, "tally")
    rule = phone.proxy.set(refusal(502, {}), path="/api/")
    phone.officer.find("tally").click()
    expect(phone.officer.find("tally-answer")).to_contain_text("server kantor tidak menjawab")
    assert rule.used
    phone.proxy.clear()
    phone.officer.find("tally").click()
    counts = phone.officer.find("tally-counts")
    expect(counts).to_have_attribute("data-same", "true")
    day = len(phone.ledger)
    expect(counts).to_contain_text(f"Catatan: HP {day}, kantor {day}.")
    expect(phone.officer.find("tally-answer")).to_contain_text("Cocok.")
    cell.recover()


def test_a_clock_set_in_the_middle_of_a_visit_is_noticed_marked_and_stops_nothing(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "clock: set to tomorrow in mid-visit", 1):
        begin_visit(phone, "simancuang")
        expect(phone.officer.find("clock-note")).to_have_count(0)
        phone.browser.context.set_offline(True)
        set_clock(phone, DAY_MS)
        expect(trouble(phone)).to_have_attribute("data-kind", "changed")
        expect(phone.officer.find("clock-note")).to_contain_text("Anda tetap bisa menyimpan")
        finish_visit(phone)
        phone.browser.context.set_offline(False)
        send_all(phone)
        payload, _, flags = read_visit(phone)
        assert (payload["clock"]["state"], payload["clock"]["server_offset_ms"]) == (
            "changed",
            None,
        )
        assert payload["clock"]["step_ms"] == pytest.approx(DAY_MS, abs=60_000)
        assert "clock.changed" in flags
        # The contact that sent it measured the clock again: now it is known by how much.
        expect(trouble(phone)).to_have_text("Jam HP ini salah: terlalu cepat 24 jam.")


def test_a_phone_in_1980_says_so_saves_and_is_set_right_by_its_offset(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "clock: phone in 1980", 1):
        set_clock(phone, -46 * 365 * DAY_MS)
        phone.officer.open("sending")
        phone.officer.page.reload()
        expect(trouble(phone)).to_contain_text("Jam HP ini salah: tertulis")
        phone.send_now()
        expect(phone.pill).to_have_attribute("data-failure", "none")
        phone.officer.open("home")
        begin_visit(phone, "lubuk rasak")
        finish_visit(phone)
        send_all(phone)
        payload, row, flags = read_visit(phone)
        assert payload["saved_at"] < "1982"
        assert payload["clock"]["state"] == "measured"
        assert row["occurred_at"][:10] == row["received_at"][:10]
        assert "clock.offset" in flags
        assert not {"time.absurd", "clock.unknown", "clock.changed"} & flags


def test_a_clock_set_back_while_the_app_was_closed_is_noticed_at_its_start(
    phone: FieldPhone,
) -> None:
    set_clock(phone, 0)
    phone.officer.open("sending")
    phone.send_now()
    expect(phone.officer.find("clock-note")).to_have_count(0)
    phone.browser.context.set_offline(True)
    phone.officer.page.evaluate('localStorage.setItem("shift", "-7200000")')
    phone.officer.page.reload()
    expect(trouble(phone)).to_have_attribute("data-kind", "changed")
    phone.officer.open("ready")
    expect(phone.officer.find("check-clock")).to_have_attribute("data-good", "false")
    phone.browser.context.set_offline(False)
    set_clock(phone, 0)
    phone.officer.open("sending")
    phone.send_now()
    expect(phone.officer.find("clock-note")).to_have_count(0)
