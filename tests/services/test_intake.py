"""Taking in records: every result of the wire, in order, whatever else is in the batch."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import PROBLEMS
from survey.formats.wire import read_batch
from survey.services.enrolling import authenticate_device
from survey.services.erasing import erase, find_visit
from survey.services.intake import records_status, store_batch
from survey.settings import Settings
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file
from tests.factories import (
    NOW,
    Enrolled,
    FixedClock,
    make_envelope,
    make_visit_payload,
)
from tests.office_kit import Office, open_office
from tests.people_kit import add_person, enrol_phone
from tests.sending import send

HASH, OTHER_HASH = "ab" * 32, "cd" * 32


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def results(office: Office, *envelopes: dict[str, Any], phone: Enrolled | None = None) -> list[str]:
    """Send a batch and return the words of its results."""
    found = send(
        office.store, office.settings, phone or office.phone, *envelopes, now=office.clock.tick()
    )
    assert [each["id"] for each in found] == [each["id"] for each in envelopes]
    return [each["result"] + (f":{each['code']}" if "code" in each else "") for each in found]


def ask(office: Office, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in office.store.reader().execute(sql, values)]


def count(office: Office, table: str) -> int:
    return int(ask(office, f"SELECT count(*) FROM {table}")[0][0])


def make_withdrawal(visit_id: str, **changes: Any) -> dict[str, Any]:
    payload = {"id": new_id(), "visit_id": visit_id, "reason": "salah jorong"}
    return make_envelope(payload, kind="withdrawal", **changes)


def make_comment(visit_id: str, text: str = "jalan putus") -> dict[str, Any]:
    return make_envelope({"id": new_id(), "visit_id": visit_id, "text": text}, kind="comment")


def make_part(track_id: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    columns = {
        "time_ms": [1_777_860_669_120, 1_000],
        "latitude_e6": [-1_541_671, 5],
        "longitude_e6": [101_243_342, -5],
        "altitude_dm": [None, None],
        "accuracy_dm": [60, 1],
    }
    payload = {"id": new_id(), "track_id": track_id, "number": number, "columns": columns}
    return make_envelope({**payload, **changes}, kind="track_part")


def make_track(**changes: Any) -> dict[str, Any]:
    payload = {
        "id": new_id(),
        "started_at": "2026-05-04T01:00:00.000Z",
        "ended_at": "2026-05-04T02:00:00.000Z",
        "parts": 1,
    }
    return make_envelope({**payload, **changes}, kind="track")


# --- identity: stored, already_stored, refused


def test_a_new_visit_is_stored_with_its_revision_projection_audit_and_news(office: Office) -> None:
    payload = make_visit_payload()
    envelope = make_envelope(payload, token=office.phone.token)
    assert results(office, envelope) == ["stored"]
    row = office.row(payload["id"])
    assert (row["state"], row["head_sha256"], row["revision"]) == (
        "received",
        envelope["sha256"],
        1,
    )
    assert (row["latitude_deg"], row["day"]) == (-1.541671, "2026-05-04")
    assert office.audit(payload["id"]) == ["visit.received"]
    assert office.feed("visit") == [payload["id"]]
    kept = ask(office, "SELECT payload, sealed, audit_seq FROM revisions")
    assert kept == [(envelope["payload"], 1, row["changed_seq"])]
    assert list(find_chain_breaks(office.store.reader())) == []


def test_the_same_record_again_is_already_stored_whatever_happened_since(office: Office) -> None:
    payload = office.receive()
    envelope = make_envelope(payload)
    office.decide(payload["id"], "has_issues", "foto kabur")
    office.correct(payload, note="sudah diperbaiki")
    office.decide(payload["id"], "approved")
    before = office.row(payload["id"])
    assert results(office, envelope, envelope) == ["already_stored", "already_stored"]
    assert office.row(payload["id"]) == before
    assert count(office, "revisions") == 2


def test_the_same_record_twice_in_a_batch_is_stored_once(office: Office) -> None:
    envelope = make_envelope(make_visit_payload())
    assert results(office, envelope, envelope) == ["stored", "already_stored"]
    assert count(office, "visits") == 1


def test_bad_records_among_good_ones_fail_alone_and_in_order(office: Office) -> None:
    first, last = make_envelope(make_visit_payload()), make_envelope(make_visit_payload())
    batch = (
        first,
        make_envelope(make_visit_payload(), kind=""),
        make_envelope(make_visit_payload(), sha256="0" * 64),
        make_envelope("<html>"),
        last,
    )
    assert results(office, *batch) == [
        "stored",
        "refused:record.unreadable_envelope",
        "refused:record.wrong_hash",
        "quarantined",
        "stored",
    ]
    assert count(office, "visits") == 2


def test_a_refusal_says_why_in_words(office: Office) -> None:
    (result,) = send(
        office.store, office.settings, office.phone, make_envelope("{}", sha256="0" * 64)
    )
    assert result.get("message") == PROBLEMS["record.wrong_hash"][1]
    assert result["missing_files"] == []


def test_another_officers_record_is_refused_and_left_as_it_is(office: Office) -> None:
    payload = office.receive()
    before = office.row(payload["id"])
    stranger = enrol_phone(office.store, office.settings, add_person(office.store, "joko"))
    same, changed = make_envelope(payload), make_envelope({**payload, "note": "x"}, base=HASH)
    expected = "refused:record.foreign_officer"
    assert results(office, same, changed, phone=stranger) == [expected, expected]
    others = (make_comment(payload["id"]), make_withdrawal(payload["id"]))
    assert results(office, *others, phone=stranger) == [expected, expected]
    assert office.row(payload["id"]) == before


# --- corrections and conflicts


def test_a_correction_of_the_head_becomes_the_head(office: Office) -> None:
    payload = office.receive()
    corrected = office.correct(payload, note="jembatan putus")
    row = office.row(payload["id"])
    assert (row["state"], row["revision"], row["note"]) == ("edited", 2, "jembatan putus")
    assert row["head_sha256"] == make_envelope(corrected)["sha256"]


def test_a_correction_may_follow_its_first_revision_in_one_batch(office: Office) -> None:
    payload = make_visit_payload()
    first = make_envelope(payload)
    second = make_envelope({**payload, "note": "x"}, revision=2, base=first["sha256"])
    third = make_envelope({**payload, "note": "y"}, revision=3, base=second["sha256"])
    assert results(office, first, second, third) == ["stored"] * 3
    row = office.row(payload["id"])
    assert (row["note"], row["state"], row["revision"]) == ("y", "edited", 3)


@pytest.mark.parametrize("base", [None, HASH, "nonsense"])
def test_what_corrects_something_else_is_a_side_branch(office: Office, base: str | None) -> None:
    payload = office.receive()
    branch = make_envelope({**payload, "note": "x"}, revision=2, base=base)
    assert results(office, branch) == ["conflict"]
    assert ask(office, "SELECT visit_id, cause, choice FROM conflicts") == [
        (payload["id"], "base_not_head", None)
    ]
    row = office.row(payload["id"])
    assert (row["state"], row["note"]) == ("received", None)
    assert office.audit(payload["id"]) == ["visit.received", "visit.in_conflict"]
    assert results(office, branch) == ["already_stored"]


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_correction_of_a_decided_visit_is_a_side_branch(office: Office, decision: str) -> None:
    payload = office.receive()
    review_id = office.decide(payload["id"], decision, "begitu")
    late = make_envelope(
        {**payload, "note": "x"},
        base=office.row(payload["id"])["head_sha256"],
        seen_review=review_id,
    )
    assert results(office, late) == ["conflict"]
    assert ask(office, "SELECT cause FROM conflicts") == [("already_decided",)]
    assert office.row(payload["id"])["state"] == decision


def test_a_correction_that_has_not_seen_the_newest_review_is_a_side_branch(office: Office) -> None:
    payload = office.receive()
    base = office.row(payload["id"])["head_sha256"]
    office.decide(payload["id"], "has_issues", "foto kabur")
    assert results(office, make_envelope({**payload, "note": "x"}, base=base)) == ["conflict"]
    assert ask(office, "SELECT cause FROM conflicts") == [("review_not_seen",)]


def test_a_correction_whose_visit_never_came_is_shown_and_is_a_question(office: Office) -> None:
    payload = make_visit_payload()
    assert results(office, make_envelope(payload, revision=2, base=HASH)) == ["conflict"]
    assert office.row(payload["id"])["state"] == "received"
    assert ("record.base_unknown",) in ask(office, "SELECT code FROM flags")
    assert count(office, "conflicts") == 1


# --- withdrawals and comments


@pytest.mark.parametrize("state", ["received", "has_issues", "edited"])
def test_an_undecided_visit_can_be_withdrawn(office: Office, state: str) -> None:
    payload = office.receive()
    if state != "received":
        office.decide(payload["id"], "has_issues", "foto kabur")
    if state == "edited":
        office.correct(payload, note="x")
    assert results(office, make_withdrawal(payload["id"])) == ["stored"]
    assert office.row(payload["id"])["state"] == "withdrawn"
    assert ask(office, "SELECT visit_id, reason FROM withdrawals") == [
        (payload["id"], "salah jorong")
    ]


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_withdrawing_a_decided_visit_is_a_question(office: Office, decision: str) -> None:
    payload = office.receive()
    office.decide(payload["id"], decision, "begitu")
    seq = office.row(payload["id"])["changed_seq"]
    withdrawal = make_withdrawal(payload["id"])
    assert results(office, withdrawal, withdrawal) == ["conflict", "already_stored"]
    row = office.row(payload["id"])
    assert row["state"] == decision
    assert row["changed_seq"] > seq
    assert ask(office, "SELECT visit_id, cause FROM conflicts") == [
        (payload["id"], "already_decided")
    ]
    assert count(office, "withdrawals") == 0


def test_a_visit_and_its_withdrawal_may_come_in_one_batch_or_turned_round(office: Office) -> None:
    one, other, third = (make_visit_payload() for _ in range(3))
    assert (
        results(
            office,
            make_envelope(one),
            make_withdrawal(one["id"]),
            make_withdrawal(other["id"]),
            make_envelope(other),
            make_withdrawal(third["id"]),
        )
        == ["stored"] * 5
    )
    assert results(office, make_envelope(third)) == ["stored"]
    for payload in (one, other, third):
        assert office.row(payload["id"])["state"] == "withdrawn"


def test_a_correction_of_a_withdrawn_visit_is_a_side_branch(office: Office) -> None:
    payload = office.receive()
    office.withdraw(payload["id"])
    base = office.row(payload["id"])["head_sha256"]
    assert results(office, make_envelope({**payload, "note": "x"}, base=base)) == ["conflict"]
    assert office.row(payload["id"])["state"] == "withdrawn"


def test_a_comment_reaches_the_office_and_the_feed(office: Office) -> None:
    payload = office.receive()
    comment = make_comment(payload["id"])
    assert results(office, comment, comment) == ["stored", "already_stored"]
    assert ask(office, "SELECT id, visit_id, text FROM comments") == [
        (comment["id"], payload["id"], "jalan putus")
    ]
    assert office.feed("comment") == [comment["id"]]


@pytest.mark.parametrize("visit_id", ["nonsense", None, 5])
def test_a_comment_on_nothing_is_kept_only(office: Office, visit_id: Any) -> None:
    assert results(office, make_comment(visit_id)) == ["stored"]
    assert (count(office, "comments"), count(office, "revisions")) == (0, 1)


# --- tracks


def test_a_track_and_its_parts_come_in_any_order(office: Office) -> None:
    track = make_track()
    late, early = make_part(track["id"], 2), make_part(track["id"], 1)
    assert results(office, late, track, early) == ["stored"] * 3
    assert ask(office, "SELECT id, day, parts, withdrawn FROM tracks") == [
        (track["id"], "2026-05-04", 1, 0)
    ]
    parts = ask(office, "SELECT number, points FROM track_parts ORDER BY number")
    assert parts == [(1, 2), (2, 2)]


def test_a_track_is_corrected_by_its_next_revision_and_otherwise_branches(office: Office) -> None:
    track = make_track()
    payload = json.loads(track["payload"])
    longer = make_envelope({**payload, "parts": 2}, kind="track", base=track["sha256"])
    stray = make_envelope({**payload, "parts": 9}, kind="track", base=track["sha256"])
    assert results(office, track, longer, stray) == ["stored", "stored", "conflict"]
    assert ask(office, "SELECT parts FROM tracks") == [(2,)]


def test_of_two_parts_with_one_number_the_first_stays(office: Office) -> None:
    track_id = new_id()
    one, other = make_part(track_id), make_part(track_id, segment_starts=[0])
    assert results(office, one) == ["stored"]
    assert results(office, other) == ["conflict"]
    both = make_part(track_id, 2), make_part(track_id, 2, segment_starts=[0])
    assert results(office, *both) == ["stored", "conflict"]
    assert count(office, "track_parts") == 2


def test_parts_of_another_officers_track_are_refused(office: Office) -> None:
    track, headless = make_track(), new_id()
    results(office, track, make_part(headless))
    stranger = enrol_phone(office.store, office.settings, add_person(office.store, "joko"))
    expected = ["refused:record.foreign_officer"] * 2
    parts = make_part(track["id"]), make_part(headless, 2)
    assert results(office, *parts, phone=stranger) == expected


def test_a_track_can_be_withdrawn_by_its_officer(office: Office) -> None:
    track = make_track()
    payload = {"id": new_id(), "track_id": track["id"], "reason": "lupa dimatikan"}
    withdrawal = make_envelope(payload, kind="withdrawal")
    assert results(office, track, withdrawal) == ["stored", "stored"]
    assert ask(office, "SELECT withdrawn FROM tracks") == [(1,)]


@pytest.mark.parametrize("kind", ["jorong_profile", "radio_log"])
def test_other_kinds_are_kept_and_ask_for_their_files(office: Office, kind: str) -> None:
    record = make_envelope({"id": new_id(), "sha256": HASH, "households": 41}, kind=kind)
    (result,) = send(office.store, office.settings, office.phone, record)
    assert (result["result"], result["missing_files"]) == ("stored", [HASH])


# --- what cannot be read


@pytest.mark.parametrize(
    ("payload", "kind", "why"),
    [
        ("{", "visit", "not_json"),
        ("[]", "visit", "not_object"),
        ('{"note": "\\ud800"}', "visit", "surrogate"),
        ('{"note": "\ud800"}', "visit", "surrogate"),
        ('{"note": "\\u0000"}', "visit", "nul"),
        ('{"a": ' + "[" * 10_000 + "]" * 10_000 + "}", "visit", "too_deep"),
        ("{}", "poem", "unknown_kind"),
        ("{", "track_part", "not_json"),
    ],
)
def test_an_unreadable_payload_is_quarantined_byte_for_byte_and_again(
    office: Office, payload: str, kind: str, why: str
) -> None:
    envelope = make_envelope(payload, kind=kind, token=office.phone.token)
    assert results(office, envelope, envelope) == ["quarantined", "quarantined"]
    assert results(office, envelope) == ["quarantined"]
    ((found, kept, described),) = ask(office, "SELECT why, payload, envelope FROM quarantine")
    assert found == why
    assert hashlib.sha256(kept).hexdigest() == envelope["sha256"]
    assert json.loads(described)["seal"] == envelope["seal"]
    assert office.audit(envelope["id"]) == [f"{kind}.quarantined"]


def test_another_officers_quarantined_record_is_refused(office: Office) -> None:
    envelope = make_envelope("{")
    results(office, envelope)
    stranger = enrol_phone(office.store, office.settings, add_person(office.store, "joko"))
    assert results(office, envelope, phone=stranger) == ["refused:record.foreign_officer"]


def test_a_schema_of_a_newer_app_is_quarantined(office: Office) -> None:
    assert results(office, make_envelope(make_visit_payload(), schema=2)) == ["quarantined"]
    assert ask(office, "SELECT why FROM quarantine") == [("unknown_schema",)]


def test_a_record_that_changes_its_kind_is_quarantined(office: Office) -> None:
    payload = office.receive()
    odd = make_envelope({"id": payload["id"], "text": "x"}, kind="comment")
    assert results(office, odd) == ["quarantined"]
    assert ask(office, "SELECT why FROM quarantine") == [("kind_changed",)]


def test_odd_values_are_stored_noted_and_flagged(office: Office) -> None:
    payload = make_visit_payload(note=5)
    payload["position"]["latitude_deg"] = 91
    (result,) = send(office.store, office.settings, office.phone, make_envelope(payload))
    assert result["result"] == "stored"
    assert [each["field"] for each in result["errors"]] == ["position.latitude_deg", "note"]
    row = office.row(payload["id"])
    assert (row["latitude_deg"], row["longitude_deg"], row["note"]) == (None, None, None)
    codes = {code for (code,) in ask(office, "SELECT code FROM flags")}
    assert {"value.out_of_range", "value.wrong_type", "position.none"} <= codes


def test_the_envelope_wins_over_the_id_in_the_payload(office: Office) -> None:
    record_id = new_id()
    assert results(office, make_envelope(make_visit_payload(), id=record_id)) == ["stored"]
    assert office.row(record_id)["state"] == "received"
    assert ("record.id_mismatch",) in ask(office, "SELECT code FROM flags")


# --- erasure


def test_an_erased_visit_stays_erased_and_says_so(office: Office) -> None:
    payload = office.receive()
    envelope = make_envelope(payload)
    erase(
        office.store,
        FileRoom(office.settings.instance),
        lambda connection: find_visit(connection, payload["id"]),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )
    batch = (
        envelope,
        make_envelope({**payload, "note": "x"}, base=envelope["sha256"]),
        make_comment(payload["id"]),
    )
    assert results(office, *batch) == ["refused:record.erased"] * 3
    assert (count(office, "visits"), count(office, "comments")) == (0, 0)


# --- files


def test_missing_files_are_named_thumbnails_first_until_they_are_here(office: Office) -> None:
    photos = [{"sha256": HASH, "thumbnail_sha256": OTHER_HASH, "kind": "site"}]
    envelope = make_envelope(make_visit_payload(photos=photos))
    (first,) = send(office.store, office.settings, office.phone, envelope)
    assert first["missing_files"] == [OTHER_HASH, HASH]
    add_file(office, OTHER_HASH)
    (again,) = send(office.store, office.settings, office.phone, envelope)
    assert (again["result"], again["missing_files"]) == ("already_stored", [HASH])
    broken = {**json.loads(envelope["payload"]), "note": "x"}
    (branch,) = send(office.store, office.settings, office.phone, make_envelope(broken))
    assert (branch["result"], branch["missing_files"]) == ("conflict", [HASH])


def add_file(office: Office, sha256: str) -> None:
    office.store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="image/jpeg",
            size=5,
            officer_key=office.officer.key,
            device_key=None,
            now=NOW,
        )
    )


# --- seals


def test_a_seal_of_an_earlier_phone_of_the_officer_counts(office: Office) -> None:
    new_phone = enrol_phone(office.store, office.settings, office.officer)
    old = make_envelope(make_visit_payload(), token=office.phone.token)
    assert results(office, old, phone=new_phone) == ["stored"]
    assert ask(office, "SELECT sealed FROM revisions") == [(1,)]


@pytest.mark.parametrize("seal", ["0" * 64, "", "nonsense"])
def test_a_wrong_seal_is_a_question(office: Office, seal: str) -> None:
    assert results(office, make_envelope(make_visit_payload(), seal=seal)) == ["stored"]
    assert ask(office, "SELECT sealed FROM revisions") == [(0,)]
    assert ("record.seal_wrong",) in ask(office, "SELECT code FROM flags")


def test_another_officers_seal_is_wrong(office: Office) -> None:
    stranger = enrol_phone(office.store, office.settings, add_person(office.store, "joko"))
    results(office, make_envelope(make_visit_payload(), token=stranger.token))
    assert ("record.seal_wrong",) in ask(office, "SELECT code FROM flags")


def test_no_seal_is_no_question(office: Office) -> None:
    results(office, make_envelope(make_visit_payload()))
    assert ("record.seal_wrong",) not in ask(office, "SELECT code FROM flags")


# --- devices, import, transactions


def test_what_the_phone_says_of_itself_is_kept_even_without_records(office: Office) -> None:
    device = authenticate_device(office.store, office.phone.token, NOW)
    state = {"unsent_records": 7, "app_version": "1.2"}
    assert store_batch(office.store, office.settings.timezone, device, [], state, NOW) == []
    assert ask(
        office, "SELECT unsent_records, app_version FROM devices WHERE key = ?", device.key
    ) == [(7, "1.2")]


def test_rescue_files_come_in_the_name_of_an_officer_without_a_phone(office: Office) -> None:
    sealed = make_envelope(make_visit_payload(), token=office.phone.token)
    batch = read_batch(json.dumps({"records": [sealed]}).encode())
    zone = office.settings.timezone
    (result,) = store_batch(
        office.store, zone, None, batch.records, None, NOW, officer=office.officer
    )
    assert result["result"] == "stored"
    assert ask(office, "SELECT officer_key, device_key, sealed FROM revisions") == [
        (office.officer.key, None, 1)
    ]
    with pytest.raises(TypeError):
        store_batch(office.store, zone, None, batch.records, None, NOW)


def test_a_batch_is_one_transaction(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("survey.services.intake.record_changes", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        results(office, make_envelope(make_visit_payload()), make_envelope("{"))
    monkeypatch.undo()
    for table in ("revisions", "visits", "quarantine", "readings"):
        assert count(office, table) == 0


# --- records/status


def test_the_status_of_records_says_what_is_here_and_what_files_miss(office: Office) -> None:
    photos = [{"sha256": HASH, "thumbnail_sha256": OTHER_HASH, "kind": "site"}]
    stored = make_envelope(make_visit_payload(photos=photos))
    branch = make_envelope({**json.loads(stored["payload"]), "note": "x"}, base=HASH)
    unreadable = make_envelope("{")
    results(office, stored, branch, unreadable)
    add_file(office, HASH)
    stranger = enrol_phone(office.store, office.settings, add_person(office.store, "joko"))
    foreign = make_envelope(make_visit_payload())
    results(office, foreign, phone=stranger)
    asked = [stored, branch, unreadable, foreign, {"id": stored["id"], "sha256": HASH}, {}, 5]
    device = authenticate_device(office.store, office.phone.token, NOW)
    answers = records_status(office.store, device, asked)
    assert [each["result"] for each in answers] == [
        "stored",
        "conflict",
        "quarantined",
        "unknown",
        "unknown",
        "unknown",
        "unknown",
    ]
    assert [each["known"] for each in answers] == [True] * 3 + [False] * 4
    assert answers[0]["missing_files"] == answers[1]["missing_files"] == [OTHER_HASH]
    assert answers[0]["id"] == stored["id"]
