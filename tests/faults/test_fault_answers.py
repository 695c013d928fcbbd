"""Answers that are no success, at the moments they hurt: a phone that must get a new code, a server
that is busy or full, a record or a file that is not taken.

As in the matrix one phone lives through all of it, and each test ends with everything there once.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from survey.domain.instants import system_now
from survey.services.enrolling import list_devices, revoke_device
from tests.faults.cells import (
    CHANGES,
    GREETING,
    PHOTO_UP,
    RECORDS_UP,
    THUMBNAIL,
    Cell,
    Count,
    Moment,
    Note,
)
from tests.faults.field import FieldPhone
from tests.faults.kinds import Answer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("fault answers")]

TURNS = 4
"""Answers that move a file nowhere, before it waits for another run."""

JSON = {"Content-Type": "application/json"}
BUSY = ("busy",)
FULL = ("server_full",)
TEXTS_AND_PHOTOS = (RECORDS_UP, PHOTO_UP)


def refusal(status: int, code: str, **headers: str) -> Answer:
    """An answer as our server gives it."""
    body = {"ok": False, "code": code, "message": code, "errors": [], "status": status}
    return Answer(status, body=json.dumps(body).encode(), headers={**JSON, **headers})


def revoke(phone: FieldPhone) -> None:
    """Let the office revoke the phone."""
    store = phone.server.open_store()
    try:
        for device in list_devices(store):
            revoke_device(store, device.key, system_now(), actor="cli")
    finally:
        store.close()


def type_new_code(phone: FieldPhone) -> None:
    """Type the new code that the office made, as the officer does when told to."""
    phone.officer.open("enrol")
    phone.officer.find("code").fill(phone.new_code())
    phone.officer.page.locator("input[type=checkbox]").first.check()
    phone.officer.find("enrol-submit").click()
    expect(phone.officer.find("search")).to_be_visible()
    phone.officer.open("sending")


def test_a_revoked_phone_keeps_everything_and_sends_it_with_a_new_code(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 401, phone revoked", 2):
        phone.save("before the revocation", visits=3, photos=2)
        revoke(phone)
        phone.send_now()
        phone.wait_for_failure("needs_code")
        expect(phone.officer.find("needs-code")).to_be_visible()
        expect(phone.pill).to_have_attribute("data-tone", "bad")
        held = phone.state()
        phone.save("after the revocation", visits=1, photos=1)
        assert len(phone.state().outbox) == len(held.outbox) + 3 == 3 + 4 + 3
        assert phone.proxy.count("PUT") == phone.proxy.count("PUT", did="pass")
        type_new_code(phone)
        phone.wait_until_sent()
        expect(phone.officer.find("needs-code")).to_have_count(0)
        phone.assert_all_arrived()


@pytest.mark.parametrize("moment", [RECORDS_UP, THUMBNAIL, CHANGES], ids=lambda one: one.name)
def test_a_401_that_passes_needs_no_code_after_all(
    phone: FieldPhone, moment: Moment, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 401 for a while", 1):
        cell = Cell(phone, f"401, {moment.name}")
        cell.set(moment, refusal(401, "auth.revoked"))
        phone.send_now()
        phone.wait_for_failure("needs_code")
        cell.recover()


def test_a_401_with_a_page_is_the_networks_and_asks_for_no_code(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 401 of a proxy", 1):
        cell = Cell(phone, "401 with a page")
        cell.set(GREETING, Answer(401, "Proxy authentication"))
        phone.send_now()
        phone.wait_for_failure("captive_portal")
        expect(phone.officer.find("needs-code")).to_have_count(0)
        cell.recover()


@pytest.mark.parametrize("moment", TEXTS_AND_PHOTOS, ids=lambda one: one.name)
@pytest.mark.parametrize(("status", "code"), [(429, "auth.throttled"), (503, "server.busy")])
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    phone: FieldPhone, moment: Moment, status: int, code: str, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 429 or 503 with Retry-After", 1):
        cell = Cell(phone, f"{status}, {moment.name}")
        rule = cell.set(moment, refusal(status, code, **{"Retry-After": "1"}), times=1)
        phone.send_now()
        rule.wait()
        asked = phone.proxy.seen[-1].at
        phone.wait_for_failure(*BUSY)
        before = len(phone.proxy.seen)
        phone.wait_until_sent()
        assert phone.proxy.seen[before].at - asked >= 0.99
        cell.recover()


@pytest.mark.parametrize("moment", TEXTS_AND_PHOTOS, ids=lambda one: one.name)
def test_a_full_server_disk_keeps_everything_on_the_phone(
    phone: FieldPhone, moment: Moment, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 507, server's disk full", 1):
        cell = Cell(phone, f"507, {moment.name}")
        cell.set(moment, refusal(507, "server.disk_full"))
        phone.send_now()
        phone.wait_for_failure(*FULL)
        cell.recover()


@pytest.mark.parametrize(("status", "times"), [(413, 2), (422, 3)])
def test_records_that_are_not_taken_stay_and_hold_up_nobody_else(
    phone: FieldPhone, status: int, times: int, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 413 or 422 for records", 1):
        cell = Cell(phone, f"records, {status}")
        rule = cell.set(RECORDS_UP, refusal(status, "request.invalid"), times=times)
        phone.send_now()
        rule.wait(times)
        # The batch, then each record alone: those that were refused alone are to blame.
        expect(phone.pill).to_have_attribute("data-phase", "idle")
        left = [one for one in phone.state().records if one.state == "refused"]
        assert len(left) == times - 1
        phone.send_now()
        cell.recover()


@pytest.mark.parametrize(
    "answer",
    [
        refusal(409, "file.wrong_offset", **{"Upload-Offset": "7"}),
        refusal(409, "file.wrong_offset", **{"Upload-Offset": "99999999"}),
        refusal(422, "file.wrong_hash"),
    ],
    ids=["409 at another byte", "409 beyond the end", "422"],
)
@pytest.mark.parametrize("times", [1, 5])
def test_a_photo_that_is_sent_back_is_sent_again_from_the_right_byte(
    phone: FieldPhone, answer: Answer, times: int, record_property: Note
) -> None:
    with Count(phone, record_property, "answer: 409 or 422 for a photo", times):
        cell = Cell(phone, f"photo, {answer.status}, {times}")
        rule = cell.set(PHOTO_UP, answer, times=times)
        phone.send_now()
        rule.wait(min(times, TURNS))
        expect(phone.pill).to_have_attribute("data-phase", "idle")
        if phone.state().outbox:
            phone.send_now()
        cell.recover()


def test_a_phone_without_any_network_says_so_and_sends_when_it_comes_back(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: aeroplane mode", 1):
        phone.browser.context.set_offline(True)
        cell = Cell(phone, "aeroplane mode")
        phone.send_now()
        phone.wait_for_failure("no_network")
        phone.browser.context.set_offline(False)
        cell.recover()
