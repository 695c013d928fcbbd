"""Erasing for good: what goes, what stays, and that nothing brings it back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

import pytest

from survey.domain.identifiers import new_id
from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.formats.wire import read_batch
from survey.services import erasing
from survey.services.changes import list_changes_for
from survey.services.enrolling import authenticate_device
from survey.services.erasing import erase, find_photo, find_tracks, find_visit
from survey.services.files import read_upload, receive_chunk
from survey.services.intake import store_batch
from survey.services.projecting import rebuild
from survey.services.reviewing import decide
from survey.services.setup import get_store_id
from survey.settings import Settings
from survey.store.audit import list_audit
from survey.store.connection import Store
from survey.store.erasures import is_erased, list_erasures
from survey.store.files import FileRoom, list_known
from survey.store.visits import find_visit_row
from tests.factories import NOW, Enrolled, make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone

SECRET = "Rumah Pak Zulkifli di belakang surau"
WHY = "Permintaan Pak Zulkifli, 4 Mei 2026"
LATER = add_to_instant(NOW, hours=1)


class Desk:
    """A phone that sends, and the office that erases."""

    def __init__(self, store: Store, settings: Settings, username: str = "sari") -> None:
        self.store, self.settings = store, settings
        self.room = FileRoom(settings.instance)
        self.officer = add_person(store, username)
        self.phone: Enrolled = enrol_phone(store, settings, self.officer)

    def send(self, *envelopes: dict[str, Any]) -> list[Any]:
        batch = read_batch(json.dumps({"records": envelopes}).encode())
        device = authenticate_device(self.store, self.phone.token, NOW)
        return store_batch(
            self.store, self.settings.timezone, device, batch.records, batch.device_state, NOW
        )

    def send_visit(self, **changes: Any) -> dict[str, Any]:
        envelope = make_envelope(make_visit_payload(**changes), token=self.phone.token)
        (result,) = self.send(envelope)
        assert result["result"] == "stored"
        return envelope

    def send_file(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        device = authenticate_device(self.store, self.phone.token, NOW)
        size = str(len(data))
        upload = read_upload(sha256, "0", size, "image/jpeg", "photo")
        receive_chunk(self.store, self.room, device, upload, [data], NOW)
        return sha256

    def erase_visit(self, visit_id: str, reason: str = WHY) -> erasing.Target:
        return erase(
            self.store,
            self.room,
            lambda connection: find_visit(connection, visit_id),
            reason,
            LATER,
            actor="cli",
        )

    def erase_photo(self, sha256: str) -> erasing.Target:
        return erase(
            self.store,
            self.room,
            lambda connection: find_photo(connection, sha256),
            WHY,
            LATER,
            actor="cli",
        )

    def erase_tracks(self) -> erasing.Target:
        return erase(
            self.store,
            self.room,
            lambda connection: find_tracks(connection, self.officer.username),
            WHY,
            LATER,
            actor="cli",
        )

    def dump(self) -> str:
        """Return every value of every table as one text."""
        connection = self.store.reader()
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = [
            tuple(row)
            for (name,) in tables.fetchall()
            for row in connection.execute(f'SELECT * FROM "{name}"')
        ]
        return repr(rows)


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    """Sari's phone and the office."""
    return Desk(store, settings)


def photo(sha256: str, thumbnail: str | None = None) -> dict[str, Any]:
    return {"sha256": sha256, "thumbnail_sha256": thumbnail, "kind": "site"}


def test_an_erased_visit_leaves_id_hash_reason_and_who(desk: Desk) -> None:
    envelope = desk.send_visit(note=SECRET)
    target = desk.erase_visit(envelope["id"])
    assert len(target.revision_keys) == 1
    text = desk.dump()
    assert SECRET not in text
    assert envelope["id"] in text
    assert envelope["sha256"] in text
    (row,) = list_erasures(desk.store.reader())
    assert (row["kind"], row["reason"], row["actor"], row["at"]) == ("visit", WHY, "cli", LATER)
    actions = [row["action"] for row in list_audit(desk.store.reader(), envelope["id"])]
    assert actions[-1] == "visit.erased"
    assert find_visit_row(desk.store.reader(), envelope["id"]) is None


def test_all_revisions_and_all_that_was_written_about_a_visit_go(desk: Desk, store: Store) -> None:
    first = desk.send_visit(note=SECRET)
    reviewer = add_person(store, "rina", "supervisor")
    visit = find_visit_row(store.reader(), first["id"])
    assert visit is not None
    decide(store, first["id"], "has_issues", f"Alasan {SECRET}", reviewer, visit.changed_seq, NOW)
    second = make_envelope(
        make_visit_payload(id=first["id"], note=f"{SECRET} lagi"),
        revision=2,
        base=first["sha256"],
        token=desk.phone.token,
    )
    comment = make_envelope(
        {"id": new_id(), "visit_id": first["id"], "text": f"Kata {SECRET}"},
        kind="comment",
        token=desk.phone.token,
    )
    withdrawal = make_envelope(
        {"id": new_id(), "visit_id": first["id"], "reason": f"Tarik {SECRET}"},
        kind="withdrawal",
        base=second["sha256"],
        token=desk.phone.token,
    )
    results = desk.send(second, comment, withdrawal)
    assert {result["result"] for result in results} <= {"stored", "conflict"}
    assert SECRET in desk.dump()
    desk.erase_visit(first["id"])
    assert SECRET not in desk.dump()


def test_an_erased_visit_does_not_come_back(desk: Desk) -> None:
    envelope = desk.send_visit(note=SECRET)
    desk.erase_visit(envelope["id"])
    correction = make_envelope(
        make_visit_payload(id=envelope["id"], note=SECRET),
        revision=2,
        base=envelope["sha256"],
        token=desk.phone.token,
    )
    results = desk.send(envelope, correction)
    assert [result["result"] for result in results] != ["stored", "stored"]
    assert SECRET not in desk.dump()
    assert find_visit_row(desk.store.reader(), envelope["id"]) is None


def test_photos_of_an_erased_visit_go_and_are_not_wanted_again(desk: Desk) -> None:
    site, small = desk.send_file(b"a photo of a house"), desk.send_file(b"its thumbnail")
    envelope = desk.send_visit(photos=[photo(site, small)])
    desk.room.cache.mkdir(exist_ok=True)
    (desk.room.cache / f"{site}-thumbnail.jpg").write_bytes(b"drawn")
    desk.erase_visit(envelope["id"])
    assert not desk.room.path_of(site).exists()
    assert not desk.room.path_of(small).exists()
    assert list(desk.room.cache.iterdir()) == []
    assert list_known(desk.store.reader(), [site, small]) == {site, small}
    desk.send_file(b"a photo of a house")
    assert not desk.room.path_of(site).exists()


def test_a_photo_that_never_arrived_is_refused_after_the_erasure(desk: Desk) -> None:
    sha256 = hashlib.sha256(b"late").hexdigest()
    envelope = desk.send_visit(photos=[photo(sha256)])
    desk.erase_visit(envelope["id"])
    assert list_known(desk.store.reader(), [sha256]) == {sha256}
    assert desk.send_file(b"late") == sha256
    assert not desk.room.path_of(sha256).exists()


def test_a_photo_of_two_visits_stays_with_the_other(desk: Desk) -> None:
    shared = desk.send_file(b"the same photo twice")
    first = desk.send_visit(photos=[photo(shared)])
    second = desk.send_visit(photos=[photo(shared)])
    desk.erase_visit(first["id"])
    assert desk.room.path_of(shared).exists()
    desk.erase_visit(second["id"])
    assert not desk.room.path_of(shared).exists()


def test_the_phone_learns_that_the_visit_is_gone(desk: Desk) -> None:
    envelope = desk.send_visit()
    desk.erase_visit(envelope["id"])
    row = (
        desk.store.reader()
        .execute("SELECT kind, subject, user_key, deleted FROM changes ORDER BY seq DESC LIMIT 1")
        .fetchone()
    )
    assert tuple(row) == ("visit", envelope["id"], desk.officer.key, 1)


def test_phones_let_go_of_comments_and_reasons_of_a_visit_that_is_gone(desk: Desk) -> None:
    envelope = desk.send_visit()
    reviewer = add_person(desk.store, "rina", "supervisor")
    visit = find_visit_row(desk.store.reader(), envelope["id"])
    assert visit is not None
    review = decide(
        desk.store, envelope["id"], "has_issues", SECRET, reviewer, visit.changed_seq, NOW
    )
    comment = make_envelope(
        {"id": new_id(), "visit_id": envelope["id"], "text": SECRET}, kind="comment"
    )
    desk.send(comment)
    device = authenticate_device(desk.store, desk.phone.token, NOW)
    store_id = get_store_id(desk.store)
    before = list_changes_for(desk.store, device, store_id, "", 10_000)
    desk.erase_visit(envelope["id"])
    after = list_changes_for(desk.store, device, store_id, before.cursor, 10_000)
    news = {change["id"]: change["data"] for change in after.changes}
    assert news[comment["id"]] is None
    assert news[review]["reason"] is None


def test_a_half_sent_photo_goes_too(desk: Desk) -> None:
    data = b"half of it and the other half"
    sha256 = hashlib.sha256(data).hexdigest()
    envelope = desk.send_visit(photos=[photo(sha256)])
    device = authenticate_device(desk.store, desk.phone.token, NOW)
    upload = read_upload(sha256, "0", str(len(data)), "image/jpeg", "photo")
    receive_chunk(desk.store, desk.room, device, upload, [data[:10]], NOW)
    assert list(desk.room.partials.iterdir())
    desk.erase_visit(envelope["id"])
    assert list(desk.room.partials.iterdir()) == []


def test_erasing_a_photo_leaves_the_visit(desk: Desk) -> None:
    site, small = desk.send_file(b"a face"), desk.send_file(b"a small face")
    envelope = desk.send_visit(photos=[photo(site, small)])
    target = desk.erase_photo(site)
    assert target.files == (site, small)
    assert not desk.room.path_of(site).exists()
    assert not desk.room.path_of(small).exists()
    assert find_visit_row(desk.store.reader(), envelope["id"]) is not None
    erased = desk.store.reader().execute("SELECT sha256 FROM files WHERE erased_at = ?", (LATER,))
    assert {row[0] for row in erased} == {site, small}


def track_of(desk: Desk) -> tuple[dict[str, Any], dict[str, Any]]:
    track_id = new_id()
    header = {
        "id": track_id,
        "started_at": NOW,
        "ended_at": LATER,
        "saved_at": LATER,
        "parts": 1,
        "practice": False,
    }
    columns = {
        "time_ms": [1777863600000, 1000],
        "latitude_e6": [-1541671, 10],
        "longitude_e6": [101243342, 10],
        "altitude_dm": [4310, 0],
        "accuracy_dm": [60, 0],
    }
    part = {"id": new_id(), "track_id": track_id, "number": 1, "columns": columns}
    return (
        make_envelope(header, kind="track", token=desk.phone.token),
        make_envelope(part, kind="track_part", token=desk.phone.token),
    )


def test_a_persons_tracks_go_and_do_not_come_back(
    desk: Desk, store: Store, settings: Settings
) -> None:
    other = Desk(store, settings, "budi")
    theirs = track_of(other)
    other.send(*theirs)
    header, part = track_of(desk)
    desk.send(header, part)
    target = desk.erase_tracks()
    assert len(target.revision_keys) == 2
    assert is_erased(store.reader(), "track", header["id"])
    desk.send(header, part)
    payloads = store.reader().execute(
        "SELECT record_id FROM revisions WHERE kind LIKE 'track%' AND payload IS NOT NULL"
    )
    assert {row[0] for row in payloads} == {envelope["id"] for envelope in theirs}
    officers = store.reader().execute("SELECT officer_key FROM tracks").fetchall()
    assert [row[0] for row in officers] == [other.officer.key]


def test_a_new_track_after_the_erasure_is_welcome(desk: Desk) -> None:
    desk.send(*track_of(desk))
    desk.erase_tracks()
    results = desk.send(*track_of(desk))
    assert [result["result"] for result in results] == ["stored", "stored"]
    assert len(desk.erase_tracks().revision_keys) == 2


def test_a_late_part_of_an_erased_track_does_not_arrive(desk: Desk) -> None:
    header, part = track_of(desk)
    desk.send(header)
    desk.erase_tracks()
    desk.send(part)
    count = desk.store.reader().execute("SELECT count(*) FROM track_parts").fetchone()[0]
    assert count == 0


def test_erased_text_is_overwritten_in_the_database_file(desk: Desk, settings: Settings) -> None:
    envelope = desk.send_visit(note=SECRET * 400)
    desk.store.write(lambda connection: None)
    checkpoint(settings)
    assert SECRET.encode() in settings.database.read_bytes()
    desk.erase_visit(envelope["id"])
    checkpoint(settings)
    assert SECRET.encode() not in settings.database.read_bytes()


def checkpoint(settings: Settings) -> None:
    """Bring the write-ahead log into the database file."""
    connection = sqlite3.connect(settings.database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def test_erasing_twice_is_harmless_and_finishes_what_was_left(desk: Desk) -> None:
    site = desk.send_file(b"a photo of a house")
    desk.send_visit(photos=[photo(site)])
    desk.erase_photo(site)
    desk.room.path_of(site).parent.mkdir(parents=True, exist_ok=True)
    desk.room.path_of(site).write_bytes(b"left behind by a crash")
    desk.erase_photo(site)
    assert not desk.room.path_of(site).exists()


@pytest.mark.parametrize("reason", ["", "   ", "\x00"])
def test_an_erasure_needs_a_reason(desk: Desk, reason: str) -> None:
    envelope = desk.send_visit(note=SECRET)
    with pytest.raises(Problem) as caught:
        desk.erase_visit(envelope["id"], reason)
    assert caught.value.code == "erase.reason_missing"
    assert SECRET in desk.dump()


def test_what_is_not_known_cannot_be_erased(desk: Desk) -> None:
    for find, code in (
        (lambda c: find_visit(c, new_id()), "visit.not_found"),
        (lambda c: find_photo(c, "0" * 64), "file.not_found"),
        (lambda c: find_photo(c, "../../secret_key"), "file.not_found"),
        (lambda c: find_tracks(c, "nobody"), "user.not_found"),
    ):
        with pytest.raises(Problem) as caught:
            erase(desk.store, desk.room, find, WHY, NOW, actor="cli")
        assert caught.value.code == code


PROJECTION = ("visits", "service_tests", "readings", "visit_photos", "flags", "tracks")


def projection(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of the tables that a rebuild makes again."""
    connection = store.reader()
    return {
        table: sorted(map(tuple, connection.execute(f"SELECT * FROM {table}")), key=repr)
        for table in PROJECTION
    }


def test_a_rebuild_after_an_erasure_changes_nothing(desk: Desk) -> None:
    shared = desk.send_file(b"the same photo twice")
    first = desk.send_visit(photos=[photo(shared)])
    second = desk.send_visit(photos=[photo(shared)])
    third = desk.send_visit()
    flags = "SELECT count(*) FROM flags"
    before = desk.store.reader().execute(flags).fetchone()[0]
    desk.erase_visit(first["id"])
    assert desk.store.reader().execute(flags).fetchone()[0] < before
    erased = projection(desk.store)
    rebuild(desk.store, LATER, zone=desk.settings.timezone)
    assert projection(desk.store) == erased
    assert {row[1] for row in erased["visits"]} == {second["id"], third["id"]}
