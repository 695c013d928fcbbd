"""Verifying: each damage that is planted is found and named, and nothing else is."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.services import verifying
from survey.services.erasing import erase, find_photo
from survey.services.verifying import Receipt, read_receipts, verify
from survey.settings import Settings
from survey.store import copies
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file
from survey.store.jobs import enqueue_job
from tests.factories import NOW, FixedClock, make_envelope
from tests.office_kit import Office, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


def put_file(office: Office, room: FileRoom, data: bytes) -> Path:
    """Let a photo be here as intake leaves it; return its path."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = room.path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    office.store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="image/jpeg",
            size=len(data),
            officer_key=office.officer.key,
            device_key=None,
            now=NOW,
        )
    )
    return path


def spoil(office: Office, *statements: str) -> None:
    """Change rows behind the back of every guard, as a bad disk or hand would."""
    with closing(sqlite3.connect(office.store.path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def damage(office: Office, room: FileRoom, *receipts: Receipt) -> list[str]:
    return verify(office.store, room, NOW, receipts).damage


def test_a_store_in_use_is_whole_and_the_counts_say_what_was_looked_at(
    office: Office, room: FileRoom
) -> None:
    payload = office.receive(note="satu")
    office.correct(payload, note="dua")
    office.decide(payload["id"], "has_issues", "foto kabur")
    office.withdraw(office.receive()["id"])
    put_file(office, room, b"foto")
    report = verify(office.store, room, NOW)
    assert (report.damage, report.leftovers, report.notes) == ([], [], [])
    counts = dict(report.checked)
    assert (counts["records"], counts["files"]) == (4, 1)
    assert counts["visits against their records"] == 2
    assert counts["audit rows"] > 4


def test_a_flipped_byte_a_short_and_a_missing_file_are_each_named(
    office: Office, room: FileRoom
) -> None:
    flipped = put_file(office, room, b"satu")
    short = put_file(office, room, b"dua")
    gone = put_file(office, room, b"tiga")
    put_file(office, room, b"empat")
    flipped.write_bytes(b"satv")
    short.write_bytes(b"du")
    gone.unlink()
    assert sorted(damage(office, room)) == sorted(
        [
            f"files: {flipped.name} has other bytes than its hash says",
            f"files: {short.name} has 2 bytes instead of 3",
            f"files: {gone.name} is missing",
        ]
    )


def test_an_erased_file_must_be_gone(office: Office, room: FileRoom) -> None:
    path = put_file(office, room, b"wajah")
    erase(
        office.store,
        room,
        lambda connection: find_photo(connection, path.name),
        "permintaan warga",
        NOW,
        actor="cli",
    )
    assert damage(office, room) == []
    path.write_bytes(b"wajah")
    assert damage(office, room) == [f"files: {path.name} was erased and is still here"]


def test_bytes_without_a_row_are_leftovers_and_no_damage(office: Office, room: FileRoom) -> None:
    path = put_file(office, room, b"foto")
    stray = path.with_name("catatan.txt")
    stray.write_text("x")
    report = verify(office.store, room, NOW)
    assert (report.damage, report.leftovers) == ([], [f"{path.parent.name}/catatan.txt"])


def test_a_changed_payload_and_one_that_is_gone_are_named(office: Office, room: FileRoom) -> None:
    changed, gone = office.receive(note="jujur")["id"], office.receive()["id"]
    spoil(
        office,
        "DROP TRIGGER revisions_keep_their_payload",
        "UPDATE revisions SET payload = replace(payload, 'jujur', 'palsu')"
        f" WHERE record_id = '{changed}'",
        f"UPDATE revisions SET payload = NULL WHERE record_id = '{gone}'",
    )
    found = damage(office, room)
    assert f"records: visit {changed} revision 1: the payload does not match its hash" in found
    assert f"records: visit {gone} revision 1: the payload is gone without an erasure" in found


def test_a_payload_changed_together_with_its_hash_is_known_by_the_audit(
    office: Office, room: FileRoom
) -> None:
    record_id = office.receive(note="jujur")["id"]
    text = office.store.reader().execute("SELECT payload FROM revisions").fetchone()[0]
    forged = text.replace("jujur", "palsu")
    spoil(
        office,
        "DROP TRIGGER revisions_keep_their_payload",
        f"UPDATE revisions SET payload = '{forged}',"
        f" sha256 = '{hashlib.sha256(forged.encode()).hexdigest()}'",
    )
    found = damage(office, room)
    assert (
        found[0] == f"records: visit {record_id} revision 1: the audit knows another hash or none"
    )


def test_a_changed_audit_row_and_the_break_of_the_chain_are_named(
    office: Office, room: FileRoom
) -> None:
    office.receive()
    spoil(
        office,
        "DROP TRIGGER audit_is_append_only_update",
        "UPDATE audit SET actor = 'siluman' WHERE seq = 2",
    )
    assert damage(office, room) == ["audit rows: row 2 does not follow from the row before it"]


def test_a_spoiled_quarantined_record_is_named(office: Office, room: FileRoom) -> None:
    envelope = make_envelope("bukan json")
    office.send(envelope)
    assert damage(office, room) == []
    spoil(office, "UPDATE quarantine SET payload = x'00'")
    record_id = envelope["id"]
    assert damage(office, room) == [
        f"quarantined records: quarantined {record_id}: the payload does not match its hash"
    ]


def test_rows_that_their_records_do_not_give_are_named(office: Office, room: FileRoom) -> None:
    for _ in range(3):
        office.receive()
    spoil(
        office,
        "UPDATE visits SET note = 'palsu' WHERE key = 1",
        "DELETE FROM readings WHERE visit_key = 2",
        "INSERT INTO flags VALUES (3, 99, 'palsu', '{}')",
    )
    found = [line.removeprefix("visits against their records: ") for line in damage(office, room)]
    assert found == [
        "visits (key 1) differs from its records",
        "readings (visit_key 2, number 0) is missing",
        "flags (visit_key 3, number 99) does not come from any record",
    ]


def test_a_row_that_points_to_nothing_is_named(office: Office, room: FileRoom) -> None:
    path = put_file(office, room, b"foto")
    spoil(office, f"DELETE FROM files WHERE sha256 = '{path.name}'")
    found = damage(office, room)
    assert len(found) == 1
    assert found[0].startswith("references between tables: file_officers, row ")


def test_a_damaged_page_and_an_index_that_lacks_a_row_are_named(
    office: Office, room: FileRoom
) -> None:
    for _ in range(40):
        office.receive()
    reader = office.store.reader()
    size = reader.execute("PRAGMA page_size").fetchone()[0]
    page = reader.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'revisions_by_officer'"
    ).fetchone()[0]
    spoil(office, "PRAGMA wal_checkpoint(TRUNCATE)")
    office.store.close()
    data = bytearray(office.store.path.read_bytes())
    start = (page - 1) * size
    assert data[start] in (2, 10), "a page of an index"
    data[start + 3 : start + 5] = b"\x00\x00"  # it says that it holds no entry
    office.store.path.write_bytes(data)
    office.store = Store.open(office.store.path)
    try:
        found = damage(office, room)
    finally:
        office.store.close()
    assert any(line.startswith("database pages: ") for line in found), found


def test_a_file_that_is_not_readable_as_a_database_any_more_is_damage_and_no_crash(
    office: Office, room: FileRoom
) -> None:
    office.receive()
    reader = office.store.reader()
    size = reader.execute("PRAGMA page_size").fetchone()[0]
    page = reader.execute("SELECT rootpage FROM sqlite_master WHERE name = 'visits'").fetchone()[0]
    spoil(office, "PRAGMA wal_checkpoint(TRUNCATE)")
    office.store.close()
    data = bytearray(office.store.path.read_bytes())
    data[(page - 1) * size : page * size] = os.urandom(size)
    office.store.path.write_bytes(data)
    office.store = Store.open(office.store.path)
    try:
        found = damage(office, room)
    finally:
        office.store.close()
    assert any(line.startswith("database pages: ") for line in found), found
    assert any("malformed" in line for line in found), found


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("tracks", "UPDATE tracks SET parts = 99", "tracks (key "),
        ("withdrawals", "UPDATE withdrawals SET reason = 'palsu'", "withdrawals (visit_id "),
        ("comments", "UPDATE comments SET text = 'palsu'", "comments (key "),
    ],
)
def test_rows_of_every_other_kind_are_compared_with_their_records_too(
    office: Office, room: FileRoom, table: str, change: str, words: str
) -> None:
    visit = office.receive()
    office.send(
        make_envelope(
            {"id": new_id(), "parts": 1, "points": 0, "started_at": NOW, "saved_at": NOW},
            kind="track",
        ),
        make_envelope(
            {"id": new_id(), "visit_id": visit["id"], "text": "halo", "saved_at": NOW},
            kind="comment",
        ),
    )
    office.withdraw(visit["id"])
    assert damage(office, room) == []
    assert office.store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 1
    spoil(office, change)
    (line,) = damage(office, room)
    assert line.startswith(f"visits against their records: {words}")


def test_of_much_damage_some_is_named_and_the_rest_is_counted(
    office: Office, room: FileRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "MOST_LINES", 2)
    for number in range(5):
        put_file(office, room, b"%d" % number).unlink()
    found = damage(office, room)
    assert (len(found), found[-1]) == (3, "files: and 3 more")


def test_areas_that_wait_for_their_projection_are_said_instead_of_called_damage(
    office: Office, room: FileRoom
) -> None:
    office.receive()
    spoil(office, "UPDATE visits SET note = 'lama'")
    office.store.write(lambda connection: enqueue_job(connection, "project_area", "13.11", NOW))
    report = verify(office.store, room, NOW)
    assert report.damage == []
    assert report.notes == ["The projection was not compared: 1 areas wait for theirs."]


def test_no_room_for_the_copy_is_said_and_not_called_damage(
    office: Office, room: FileRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(copies, "copy_database", full)
    with pytest.raises(Problem) as caught:
        verify(office.store, room, NOW)
    assert caught.value.code == "verify.no_room"


def test_verifying_changes_nothing_and_leaves_nothing_behind(
    office: Office, room: FileRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.receive()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = (sorted(tmp_path.iterdir()), list(office.store.reader().iterdump()))
    verify(office.store, room, NOW)
    assert (sorted(tmp_path.iterdir()), list(office.store.reader().iterdump())) == before


def test_each_receipt_must_be_held_in_full_or_in_quarantine(office: Office, room: FileRoom) -> None:
    stored, odd = make_envelope(office.receive()), make_envelope("bukan json")
    office.send(odd)
    row = office.row(stored["id"])
    held = [Receipt(stored["id"], row["head_sha256"]), Receipt(odd["id"], odd["sha256"])]
    assert damage(office, room, *held) == []
    lost, other = Receipt(new_id(), "ab" * 32), Receipt(stored["id"], "cd" * 32)
    assert damage(office, room, *held, lost, other) == [
        f"receipts: {each.record_id} {each.sha256} was acknowledged and is not here"
        for each in (lost, other)
    ]


FIRST, SECOND = ({"id": name, "sha256": name * 64} for name in "ab")


@pytest.mark.parametrize(
    "text",
    [json.dumps([FIRST, SECOND]), f"{json.dumps(FIRST)}\n\n{json.dumps({**SECOND, 'x': 1})}\n"],
)
def test_receipts_are_a_list_or_a_line_each(text: str) -> None:
    assert read_receipts(text) == [Receipt("a", "a" * 64), Receipt("b", "b" * 64)]


@pytest.mark.parametrize("text", ["{", "[1]", '{"id": "a"}', '[{"id": "a", "sha256": "zz"}]'])
def test_receipts_that_nobody_can_read_are_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_receipts(text)
    assert caught.value.code == "receipts.unreadable"
