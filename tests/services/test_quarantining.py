"""Records of newer apps and damaged ones: kept, shown, taken in once they can be read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.formats import upcasting
from survey.services import erasing, verifying
from survey.services.enrolling import authenticate_device
from survey.services.intake import records_status
from survey.services.jobs import JobRunner
from survey.services.projecting import rebuild
from survey.services.quarantining import (
    READ_JOB,
    count_waiting,
    ensure_reading,
    get_download,
    get_kept,
    list_kept,
    read_again,
    settle_kept,
)
from survey.services.side_work import ask_for_reading
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.visit_page import get_visit_row
from tests.factories import (
    NOW,
    Enrolled,
    FixedClock,
    add_staff,
    enrol_officer,
    make_envelope,
    make_visit_payload,
)
from tests.sending import send

LATER = "2026-06-01T00:00:00.000Z"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@contextmanager
def server_of_schema(newest: int, **steps: upcasting.Upcaster) -> Iterator[None]:
    """Let the server know one schema more, with what makes it of the one before, by kind."""
    kinds = ("visit", "track", "track_part", "comment", "withdrawal", "jorong_profile", "radio_log")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(upcasting, "NEWEST", newest)
        for kind in kinds:
            step = steps.get(kind, upcasting.unchanged)
            patched.setitem(upcasting.UPCASTERS, (kind, newest - 1), step)
        yield


def newer(payload: dict[str, Any], phone: Enrolled, **more: Any) -> dict[str, Any]:
    return make_envelope(payload, token=phone.token, schema=2, **more)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in store.reader().execute(sql)]


def test_a_record_of_a_newer_app_is_acknowledged_kept_and_taken_in_after_the_update(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    photo = {"sha256": "a" * 64, "thumbnail_sha256": None, "kind": "site"}
    envelope = newer(make_visit_payload(note="dari masa depan", photos=[photo]), phone)
    (answer,) = send(store, settings, phone, envelope)
    assert answer["result"] == "quarantined"
    assert read_again(store, settings.timezone, LATER) == {}
    assert get_kept(store, 1).state == "waiting"

    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {"stored": 1}
        visit = get_visit_row(store.reader(), envelope["id"])
        assert (visit["note"], visit["state"], visit["received_at"]) == (
            "dari masa depan",
            "received",
            NOW,
        )
        revision = rows(store, "SELECT payload, schema, sealed, device_key FROM revisions")
        assert revision == [(envelope["payload"], 2, 1, 1)]
        assert get_kept(store, 1).state == "read"
        assert count_waiting(store) == 0
        device = authenticate_device(store, phone.token, NOW)
        asked = [{"id": envelope["id"], "sha256": envelope["sha256"]}]
        (status,) = records_status(store, device, asked)
        assert (status["result"], status["missing_files"]) == ("stored", ["a" * 64])
        (again,) = send(store, settings, phone, envelope)
        assert (again["result"], again["missing_files"]) == ("already_stored", ["a" * 64])
        assert read_again(store, settings.timezone, LATER) == {}
        feed = rows(store, f"SELECT kind FROM changes WHERE subject = '{envelope['id']}'")
        assert ("visit",) in feed


def test_corrections_and_withdrawals_of_a_newer_app_are_taken_in_their_order(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    first = newer(payload, phone)
    second = newer({**payload, "note": "dua"}, phone, revision=2, base=first["sha256"])
    third = newer({**payload, "note": "tiga"}, phone, revision=3, base=second["sha256"])
    about = {"id": new_id(), "visit_id": payload["id"], "reason": "salah", "saved_at": NOW}
    withdrawal = newer(about, phone, kind="withdrawal", base=third["sha256"])
    for envelope in (first, second, third, withdrawal):
        send(store, settings, phone, envelope)
    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {"stored": 4}
        assert rows(store, "SELECT conflict FROM revisions") == [(None,)] * 4
        visit = get_visit_row(store.reader(), payload["id"])
        assert (visit["note"], visit["state"]) == ("tiga", "withdrawn")


def test_a_record_that_came_again_as_an_older_form_meanwhile_becomes_a_question(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    send(store, settings, phone, newer({**payload, "note": "baru"}, phone))
    send(store, settings, phone, make_envelope(payload, token=phone.token))
    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {"conflict": 1}
        assert rows(store, "SELECT cause FROM conflicts") == [("base_not_head",)]


def test_payloads_of_the_schema_before_are_read_as_todays_and_stay_as_they_are(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    def rename(payload: dict[str, Any]) -> dict[str, Any]:
        return {**{k: v for k, v in payload.items() if k != "note"}, "note": payload["catatan"]}

    payload = make_visit_payload(catatan="nama lama")
    envelope = make_envelope(payload, token=phone.token)
    with server_of_schema(2, visit=rename):
        (answer,) = send(store, settings, phone, envelope)
        assert (answer["result"], answer["errors"]) == ("stored", [])
        assert get_visit_row(store.reader(), payload["id"])["note"] == "nama lama"
        assert rows(store, "SELECT payload, schema FROM revisions") == [(envelope["payload"], 1)]
        before = rows(store, "SELECT * FROM visits")
        rebuild(store, LATER)
        assert rows(store, "SELECT * FROM visits") == before
        room = FileRoom(settings.instance)
        assert verifying.verify(store, room, LATER).damage == []


def test_a_payload_that_a_step_does_not_understand_waits_for_a_better_step(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    def hasty(payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "note": payload["area"]["claimed"]["name"]}

    envelope = make_envelope(make_visit_payload(), token=phone.token)
    with server_of_schema(2, visit=hasty):
        assert send(store, settings, phone, envelope)[0]["result"] == "quarantined"
        assert get_kept(store, 1).row["why"] == "not_upcast"
    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {"stored": 1}


def test_what_is_damaged_stays_and_costs_the_others_nothing(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    damaged = [
        make_envelope("{", token=phone.token),
        make_envelope('{"a": "\\u0000"}', token=phone.token),
        make_envelope('{"a": "\ud800"}', token=phone.token),
    ]
    for envelope in (*damaged, newer(make_visit_payload(), phone)):
        assert send(store, settings, phone, envelope)[0]["result"] == "quarantined"
    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {"stored": 1}
    assert [kept.state for kept in list_kept(store)] == ["waiting"] * 3 + ["read"]


def test_an_erased_visit_is_not_revived_out_of_the_quarantine(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    first = make_envelope(payload, token=phone.token)
    send(store, settings, phone, first)
    send(store, settings, phone, newer({**payload, "note": "dua"}, phone, base=first["sha256"]))
    find = lambda connection: erasing.find_visit(connection, payload["id"])  # noqa: E731
    erasing.erase(store, FileRoom(settings.instance), find, "diminta", NOW, actor="cli")
    (again,) = send(store, settings, phone, newer({**payload, "note": "tiga"}, phone))
    assert (again["result"], again["code"]) == ("refused", "record.erased")
    assert rows(store, "SELECT count(*) FROM quarantine") == [(0,)]
    with server_of_schema(2):
        assert read_again(store, settings.timezone, LATER) == {}
    assert rows(store, "SELECT count(*) FROM visits") == [(0,)]


def test_each_start_of_a_server_tries_again(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    ensure_reading(store, NOW)
    assert rows(store, f"SELECT * FROM jobs WHERE kind = '{READ_JOB}'") == []
    envelope = newer(make_visit_payload(), phone)
    send(store, settings, phone, envelope)
    ask_for_reading(store, FixedClock(NOW))
    runner = JobRunner(store, FileRoom(settings.instance), settings, FixedClock(LATER))
    with server_of_schema(2):
        assert runner.run_one()
        assert get_visit_row(store.reader(), envelope["id"])["state"] == "received"


def test_a_look_is_kept_with_who_and_what_and_is_in_the_audit(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    yanti = add_staff(store, "yanti", "supervisor")
    send(store, settings, phone, make_envelope("{", token=phone.token))
    for empty in ("", "  \n ", "x" * 2_001):
        with pytest.raises(Problem) as caught:
            settle_kept(store, 1, empty, NOW, user_key=yanti.key, actor=yanti.id)
        assert caught.value.code == "quarantine.remark_missing"
    settle_kept(store, 1, " ditanya,\n disimpan lagi ", NOW, user_key=yanti.key, actor=yanti.id)
    kept = get_kept(store, 1)
    assert (kept.state, kept.row["remark"], kept.row["settled_by"]) == (
        "settled",
        "ditanya, disimpan lagi",
        "Yanti",
    )
    assert count_waiting(store) == 0
    last = rows(store, "SELECT actor, action, subject FROM audit ORDER BY seq DESC LIMIT 1")
    assert last == [(yanti.id, "quarantine.settled", kept.row["record_id"])]


def test_the_download_is_byte_for_byte_what_came(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    envelope = make_envelope('{"catatan": "é \ud800', token=phone.token)
    send(store, settings, phone, envelope)
    download = get_download(store, 1, NOW, "cli")
    assert hashlib.sha256(download.content).hexdigest() == envelope["sha256"]
    assert download.name == f"visit-{envelope['sha256'][:12]}.bin"
    with pytest.raises(Problem) as caught:
        get_download(store, 2, NOW, "cli")
    assert caught.value.code == "quarantine.not_found"
