"""Every fault of the link at every moment of sending, with the real app in a real browser.

One phone and one server live through all of it. In each cell two visits and a photo are saved,
the fault strikes at the moment and goes away again; the app must recover by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.cells import (
    MOMENTS,
    PHOTO_ANSWER,
    PHOTO_UP,
    RECORDS_ANSWER,
    RECORDS_UP,
    Cell,
    Count,
    Moment,
    Note,
)
from tests.faults.field import FieldPhone
from tests.faults.kinds import (
    Answer,
    Blackhole,
    Cap,
    Cut,
    Flaky,
    Kind,
    Latency,
    LoseAnswer,
    Rate,
    Refuse,
    portal,
    redirecting_portal,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("fault matrix")]

NO_NETWORK = ("no_network",)
SILENCE = ("slow",)
PORTAL = ("captive_portal",)
BLOCKED = ("blocked",)
SERVER_DOWN = ("server_down", "busy")


def cut_at(moment: Moment) -> Kind:
    return Cut(down=0) if moment.up is None else Cut(up=moment.up)


def silence_at(moment: Moment) -> Kind:
    return Blackhole(down=0) if moment.up is None else Blackhole(up=moment.up)


REDIRECT = "captive portal, 302"
"""Differs from the portal with a page in its status only, so fewer moments do."""

FAULTS: dict[str, tuple[Callable[[Moment], Kind], tuple[str, ...]]] = {
    "connection reset": (cut_at, NO_NETWORK),
    "answer lost": (lambda _: LoseAnswer(), NO_NETWORK),
    "captive portal, 200": (lambda _: portal(), PORTAL),
    REDIRECT: (lambda _: redirecting_portal(), PORTAL),
    "gateway answers 502 or 503": (lambda _: Flaky(1, Random(4)), SERVER_DOWN),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_link_costs_nothing_at_any_moment(
    phone: FieldPhone, fault: str, record_property: Note
) -> None:
    make, kinds = FAULTS[fault]
    moments = MOMENTS[::3] if fault == REDIRECT else MOMENTS
    with Count(phone, record_property, f"link: {fault}", len(moments)):
        for moment in moments:
            cell = Cell(phone, f"{fault}, {moment.name}")
            rule = cell.set(moment, make(moment))
            phone.send_now()
            phone.wait_for_failure(*kinds)
            assert rule.used
            cell.recover()


def test_a_link_that_goes_in_the_middle_and_refuses_costs_nothing(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: connection refused", len(MOMENTS)):
        for moment in MOMENTS:
            cell = Cell(phone, f"refused, {moment.name}")
            held = cell.set(moment, silence_at(moment))
            phone.send_now()
            held.wait()
            phone.proxy.set(Refuse())
            phone.wait_for_failure(*NO_NETWORK)
            cell.recover()


def test_a_server_that_falls_silent_is_given_up_and_asked_again(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: silence", len(MOMENTS)):
        for moment in MOMENTS:
            cell = Cell(phone, f"silence, {moment.name}")
            rule = cell.set(moment, silence_at(moment))
            phone.be_impatient(500)
            phone.send_now()
            rule.wait()
            phone.wait_for_failure(*SILENCE)
            phone.be_impatient(None)
            cell.recover()


@pytest.mark.parametrize("moment", [RECORDS_ANSWER, PHOTO_ANSWER], ids=lambda one: one.name)
def test_an_answer_lost_once_needs_no_hand_at_all(
    phone: FieldPhone, moment: Moment, record_property: Note
) -> None:
    with Count(phone, record_property, "link: answer lost once", 1):
        cell = Cell(phone, f"lost once, {moment.name}")
        rule = cell.set(moment, LoseAnswer(), times=1)
        phone.send_now()
        phone.wait_until_sent()
        assert rule.used == 1
        cell.recover()


def test_a_slow_link_carries_everything_that_was_saved_by_hand(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: latency and a low rate", len(MOMENTS)):
        phone.save_by_hand("simancuang")
        phone.hurry_past_undo()
        phone.officer.open("sending")
        cell = Cell(phone, "slow")
        phone.proxy.set(Latency(0.1))
        phone.proxy.set(Rate(up=80_000, down=80_000))
        phone.send_now()
        phone.wait_until_sent()
        assert phone.proxy.done["latency"] > len(MOMENTS)
        cell.recover()


def test_a_visit_saved_by_thumb_goes_up_by_itself_through_a_link_that_breaks(
    phone: FieldPhone, photo: Path, record_property: Note
) -> None:
    with Count(phone, record_property, "link: saved by thumb, sent by nobody", 2):
        phone.save_by_hand("lubuak", photo, wait_ms=200)
        cut = phone.proxy.set(Cut(up=50_000), path="/api/v1/files/", times=2)
        lost = phone.proxy.set(LoseAnswer(), method="POST", path="/api/v1/records", times=1)
        phone.hurry_past_undo()
        cut.wait(2)
        lost.wait()
        phone.be_impatient(None)
        phone.wait_until_sent()
        phone.officer.open("sending")
        phone.assert_all_arrived()


@pytest.mark.parametrize("status", [403, 405])
def test_a_proxy_that_blocks_put_is_passed_by_post(
    phone: FieldPhone, status: int, record_property: Note
) -> None:
    with Count(phone, record_property, "link: PUT blocked", 2):
        phone.officer.page.reload()  # what the app has learnt of the way is gone
        blocked = phone.proxy.set(Answer(status, "Method not allowed here"), method="PUT")
        cell = Cell(phone, f"PUT is {status}")
        phone.send_now()
        phone.wait_until_sent()
        assert blocked.used
        for sha256 in (cell.thumbnail, cell.photo):
            assert phone.proxy.count("POST", f"/api/v1/files/{sha256}", "pass")
        cell.recover()


def test_a_cap_on_bodies_lets_smaller_ones_pass(phone: FieldPhone, record_property: Note) -> None:
    with Count(phone, record_property, "link: bodies capped", 2):
        phone.save("capped", visits=30, photos=1, bytes_=500_000)
        cap = phone.proxy.set(Cap(70_000))
        phone.send_now()
        phone.wait_until_sent()
        assert cap.used
        phone.proxy.clear()
        phone.assert_all_arrived()


@pytest.mark.parametrize(("moment", "most"), [(RECORDS_UP, 100), (PHOTO_UP, 1_000)])
def test_a_cap_on_nearly_everything_blames_nobody_and_ends_with_the_network(
    phone: FieldPhone, moment: Moment, most: int, record_property: Note
) -> None:
    with Count(phone, record_property, "link: bodies capped", 1):
        cell = Cell(phone, f"capped at {most}, {moment.name}")
        cell.set(moment, Cap(most))
        phone.send_now()
        phone.wait_for_failure(*BLOCKED)
        cell.recover()


def test_a_gateway_that_fails_at_random_is_outlasted(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: gateway answers 502 or 503", 1):
        phone.officer.page.reload()  # what the app has learnt of the way is gone
        phone.save("random", visits=4, photos=2)
        flaky = phone.proxy.set(Flaky(0.25, Random(11)), path="/api/")
        phone.send_now()
        phone.wait_until_sent()
        assert flaky.used
        phone.proxy.clear()
        phone.assert_all_arrived()
