"""Importing rescue files: author kept, seals told, nothing twice, nothing revived."""

from __future__ import annotations

import hashlib
import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.services import erasing
from survey.services.enrolling import authenticate_device
from survey.services.files import get_progress, read_upload, receive_chunk
from survey.services.import_report import Report
from survey.services.importing import NO_PICTURE, import_rescue
from survey.services.intake import records_status
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, has_sent
from survey.store.visit_page import get_visit_row
from tests.factories import (
    NOW,
    Enrolled,
    add_officer,
    add_staff,
    enrol_officer,
    enrol_phone,
    make_envelope,
    make_visit_payload,
)
from tests.rescuing import file_line, officer_line, record_line, rescue_text, zipped
from tests.sending import send

PHOTO = random.Random(4).randbytes(60_000)
PHOTO_HASH = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


def take(store: Store, settings: Settings, content: bytes, officer: str | None = None) -> Report:
    room = FileRoom(settings.instance)
    stream = io.BytesIO(content)
    return import_rescue(store, room, settings, stream, "a.txt", "cli", NOW, officer)


def visit_with_photo(token: str | None, **changes: Any) -> dict[str, Any]:
    photo = {"sha256": PHOTO_HASH, "thumbnail_sha256": None, "kind": "site"}
    return make_envelope(make_visit_payload(photos=[photo], **changes), token=token)


def told(report: Report) -> list[tuple[str, str]]:
    return [(row.result, row.seal) for row in report.rows]


def count(store: Store, table: str) -> int:
    found: int = store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def test_an_import_keeps_the_author_and_the_photo(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    envelope = visit_with_photo(phone.token)
    report = take(
        store,
        settings,
        rescue_text(
            officer_line(phone.officer_id),
            record_line(envelope, phone.officer_id),
            {"type": "draft", "officer_id": phone.officer_id, "draft": {}},
            file_line(PHOTO, phone.officer_id),
        ),
    )
    (row,) = report.rows
    assert (row.record_id, row.kind, row.result, row.seal) == (
        envelope["id"],
        "visit",
        "stored",
        "sealed",
    )
    assert (row.officer_name, row.reason, row.place.line) == ("Sari", "", 3)
    assert row.area_name
    assert dict(report.files) == {"stored": 1}
    assert report.drafts == 1
    visit = get_visit_row(store.reader(), envelope["id"])
    assert visit["officer_id"] == phone.officer_id
    assert room.path_of(PHOTO_HASH).read_bytes() == PHOTO
    assert list(room.partials.iterdir()) == []
    jobs = store.reader().execute("SELECT subject FROM jobs WHERE kind = 'thumbnail'").fetchall()
    assert [job[0] for job in jobs] == [PHOTO_HASH]


def test_the_same_file_again_changes_nothing(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    lines = [
        record_line(make_envelope(make_visit_payload(), token=phone.token), phone.officer_id)
        for _ in range(60)
    ]
    content = rescue_text(*lines, file_line(PHOTO, phone.officer_id))
    assert take(store, settings, content).results == {"stored": 60}
    again = take(store, settings, content)
    assert again.results == {"already_stored": 60}
    assert dict(again.files) == {"known": 1}
    assert count(store, "revisions") == count(store, "visits") == 60


def test_a_file_mixed_with_what_was_synced_adds_only_what_is_new(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    synced, fresh = (make_envelope(make_visit_payload(), token=phone.token) for _ in range(2))
    send(store, settings, phone, synced)
    content = rescue_text(*(record_line(e, phone.officer_id) for e in (synced, fresh)))
    assert sorted(told(take(store, settings, content))) == [
        ("already_stored", "sealed"),
        ("stored", "sealed"),
    ]


def test_a_phone_that_syncs_after_the_import_learns_that_all_is_here(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    envelope = visit_with_photo(phone.token)
    lines = (record_line(envelope, phone.officer_id), file_line(PHOTO, phone.officer_id))
    take(store, settings, rescue_text(*lines))
    (answer,) = send(store, settings, phone, envelope)
    assert (answer["result"], answer["missing_files"]) == ("already_stored", [])
    device = authenticate_device(store, phone.token, NOW)
    progress = get_progress(store, room, device, PHOTO_HASH)
    assert progress is not None
    assert progress.offset == progress.length == len(PHOTO)
    asked = [{"id": envelope["id"], "sha256": envelope["sha256"]}]
    assert len(records_status(store, device, asked)) == 1
    feed = store.reader().execute(
        "SELECT count(*) FROM changes WHERE kind = 'visit' AND subject = ?", (envelope["id"],)
    )
    assert feed.fetchone()[0] == 1


def test_revisions_come_in_their_order_whatever_their_order_in_the_file(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    first = make_envelope(payload, token=phone.token)
    second = make_envelope(
        {**payload, "note": "dua"}, revision=2, base=first["sha256"], token=phone.token
    )
    withdrawal = make_envelope(
        {
            "id": new_id(),
            "visit_id": payload["id"],
            "reason": "salah",
            "saved_at": NOW,
            "utc_offset_min": 420,
            "clock": {"server_offset_ms": 0, "server_contact_at": None},
        },
        kind="withdrawal",
        base=second["sha256"],
        token=phone.token,
    )
    lines = [
        record_line(envelope, phone.officer_id, order=order)
        for envelope, order in ((withdrawal, 3), (second, 2), (first, 1))
    ]
    report = take(store, settings, rescue_text(*lines))
    assert [row.result for row in report.rows] == ["stored"] * 3
    assert get_visit_row(store.reader(), payload["id"])["state"] == "withdrawn"


def test_seals_are_told_apart(store: Store, settings: Settings, phone: Enrolled) -> None:
    other = enrol_phone(store, settings, phone.officer_id, phone.username)
    tokens = (phone.token, other.token, "no phone of this office", None)
    envelopes = [make_envelope(make_visit_payload(), token=token) for token in tokens]
    broken = make_envelope(make_visit_payload(), seal="not hex é")
    lines = [
        record_line(envelope, phone.officer_id, order=n)
        for n, envelope in enumerate([*envelopes, broken])
    ]
    report = take(store, settings, rescue_text(*lines))
    assert told(report) == [
        ("stored", "sealed"),
        ("stored", "sealed"),
        ("stored", "unknown"),
        ("stored", "unsealed"),
        ("stored", "unknown"),
    ]
    sealed = store.reader().execute("SELECT sealed FROM revisions ORDER BY key").fetchall()
    assert [row[0] for row in sealed] == [1, 1, 0, 0, 0]


def test_a_record_that_another_officer_sent_is_refused(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger = enrol_officer(store, settings, "budi")
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    send(store, settings, phone, envelope)
    report = take(store, settings, rescue_text(record_line(envelope, stranger.officer_id)))
    (row,) = report.rows
    assert (row.result, row.reason) == ("refused", "This record belongs to another officer.")
    assert get_visit_row(store.reader(), envelope["id"])["officer_id"] == phone.officer_id


def test_a_changed_payload_is_refused(store: Store, settings: Settings, phone: Enrolled) -> None:
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    line = record_line(envelope, phone.officer_id)
    line["payload"] = line["payload"].replace("-108", "-110")
    (row,) = take(store, settings, rescue_text(line)).rows
    assert row.result == "refused"
    assert "hash" in row.reason
    assert count(store, "revisions") == 0


def test_what_was_erased_stays_erased(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    envelope = visit_with_photo(phone.token)
    content = rescue_text(
        record_line(envelope, phone.officer_id), file_line(PHOTO, phone.officer_id)
    )
    take(store, settings, content)
    find = lambda connection: erasing.find_visit(connection, envelope["id"])  # noqa: E731
    erasing.erase(store, room, find, "diminta", NOW, actor="cli")
    report = take(store, settings, content)
    (row,) = report.rows
    assert (row.result, row.reason) == ("refused", "This record was erased by the office.")
    assert dict(report.files) == {"erased": 1}
    assert room.stored_size(PHOTO_HASH) is None


def test_an_unknown_officer_is_refused_unless_somebody_is_named(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger, nobody = (make_envelope(make_visit_payload()) for _ in range(2))
    lines = (record_line(nobody, None), record_line(stranger, new_id()))
    content = rescue_text(*lines, file_line(PHOTO, new_id()))
    refused = take(store, settings, content)
    assert [row.reason for row in refused.rows] == [
        "The file names no officer. Say whose records these are.",
        "The officer named in the file is not known here.",
    ]
    assert dict(refused.files) == {"refused": 1}
    taken = take(store, settings, content, officer="sari")
    assert taken.results == {"stored": 2}
    assert {row.officer_name for row in taken.rows} == {"Sari"}
    assert dict(taken.files) == {"stored": 1}


def test_naming_somebody_never_changes_the_author_the_file_names(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    add_officer(store, "budi")
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    content = rescue_text(record_line(envelope, phone.officer_id))
    take(store, settings, content, officer="budi")
    assert get_visit_row(store.reader(), envelope["id"])["officer_id"] == phone.officer_id


def test_only_an_officer_can_be_named(store: Store, settings: Settings) -> None:
    add_staff(store, "yanti", "supervisor")
    for name, code in (("yanti", "import.not_an_officer"), ("tiada", "user.not_found")):
        with pytest.raises(Problem) as caught:
            take(store, settings, rescue_text(), officer=name)
        assert caught.value.code == code


def test_faulty_photos_are_told_and_the_others_kept(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    me = phone.officer_id
    report = take(
        store,
        settings,
        rescue_text(
            file_line(b"other bytes", me, sha256=PHOTO_HASH),
            file_line(b"of no kind", me, kind="film"),
            file_line(b"", me),
            file_line(b"gone", me, data=None),
            file_line(b"of an odd type", me, content_type="text/html<script>"),
            file_line(PHOTO, me),
        ),
    )
    assert dict(report.files) == {"refused": 3, "without_bytes": 1, "stored": 2}
    assert [(place.line, reason) for place, reason in report.file_faults[:3]] == [
        (2, "The file's hash does not match its bytes. Send it again."),
        (3, "The request is not readable."),
        (4, "The request is not readable."),
    ]
    assert {(place.line, reason) for place, reason in report.file_faults[3:]} == {
        (6, NO_PICTURE),
        (7, NO_PICTURE),
    }
    assert room.stored_size(PHOTO_HASH) == len(PHOTO)


def test_a_photo_whose_row_a_kill_prevented_is_noted_by_the_next_import(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    content = rescue_text(file_line(PHOTO, phone.officer_id))
    take(store, settings, content)
    store.write(lambda c: c.execute("DELETE FROM file_officers"))
    store.write(lambda c: c.execute("DELETE FROM files"))
    assert dict(take(store, settings, content).files) == {"known": 1}
    assert count(store, "files") == count(store, "file_officers") == 1


def test_a_full_disk_stops_the_import_and_leaves_no_half_photo(
    store: Store,
    settings: Settings,
    phone: Enrolled,
    room: FileRoom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    envelope = visit_with_photo(phone.token)
    lines = (record_line(envelope, phone.officer_id), file_line(PHOTO, phone.officer_id))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("survey.store.partials.os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            take(store, settings, rescue_text(*lines))
    assert list(room.partials.iterdir()) == []
    again = take(store, settings, rescue_text(*lines))
    assert (again.results, dict(again.files)) == ({"already_stored": 1}, {"stored": 1})


def test_a_file_sent_twice_at_once_is_taken_once(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    visits = [make_envelope(make_visit_payload(), token=phone.token) for _ in range(5)]
    content = rescue_text(
        *(record_line(visit, phone.officer_id) for visit in visits),
        *(file_line(bytes([n]) * 50_000, phone.officer_id) for n in range(5)),
    )
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: take(store, settings, content), range(3)))
    assert sum(report.results["stored"] for report in reports) == 5
    assert all(report.files.keys() <= {"stored", "known"} for report in reports)
    assert count(store, "visits") == count(store, "files") == 5


def test_a_half_sent_photo_of_the_phone_is_whole_after_the_import(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    device = authenticate_device(store, phone.token, NOW)
    half = read_upload(PHOTO_HASH, "0", str(len(PHOTO)), "image/jpeg", "photo")
    receive_chunk(store, room, device, half, [PHOTO[:10_000]], NOW)
    take(store, settings, rescue_text(file_line(PHOTO, phone.officer_id)))
    rest = read_upload(PHOTO_HASH, "10000", str(len(PHOTO)), "image/jpeg", "photo")
    assert receive_chunk(store, room, device, rest, [PHOTO[10_000:]], NOW)[0] == "known"


def test_a_hash_without_its_bytes_opens_no_photo_to_anybody(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger = add_officer(store, "budi")
    take(store, settings, rescue_text(file_line(PHOTO, phone.officer_id)))
    take(store, settings, rescue_text(file_line(b"guess", stranger.id, sha256=PHOTO_HASH)))
    assert not has_sent(store.reader(), PHOTO_HASH, stranger.key)


def test_a_zip_of_two_officers_keeps_each_ones_own(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    other = enrol_officer(store, settings, "budi")
    files = {}
    for officer in (phone, other):
        envelope = make_envelope(make_visit_payload(), token=officer.token)
        files[f"{officer.username}__txt"] = rescue_text(record_line(envelope, officer.officer_id))
    report = take(store, settings, zipped(**files, catatan__txt=b"halo\n"))
    assert {(row.officer_name, row.place.entry) for row in report.rows} == {
        ("Sari", "sari.txt"),
        ("Budi", "budi.txt"),
    }
    assert report.seals == {"sealed": 2}
    assert report.bad_count == 1


def test_a_cut_file_gives_what_is_whole_and_names_the_cut(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    lines = [
        record_line(make_envelope(make_visit_payload(), token=phone.token), phone.officer_id)
        for _ in range(3)
    ]
    report = take(store, settings, rescue_text(*lines)[:-200])
    assert report.results == {"stored": 2}
    assert [(bad.place.line, bad.why) for bad in report.bad_lines] == [(4, "cut")]


@pytest.mark.parametrize(
    "content", [b"", b'<?xml version="1.0"?>\n<gpx/>\n', b"a;b\n1;2\n", b"\x89PNG\r\n\x1a\n"]
)
def test_other_files_are_refused_and_the_answer_says_what_is_accepted(
    store: Store, settings: Settings, content: bytes
) -> None:
    with pytest.raises(Problem) as caught:
        take(store, settings, content)
    assert caught.value.code == "import.unreadable"
    assert "ZIP" in caught.value.errors[0].message


def test_too_large_a_file_is_not_even_read(
    store: Store, settings: Settings, tmp_path: Path, room: FileRoom
) -> None:
    path = tmp_path / "a.txt"
    with path.open("w+b") as file:
        file.truncate(500_000_001)
        with pytest.raises(Problem, match="500 MB"):
            import_rescue(store, room, settings, file, "a.txt", "cli", NOW)


def test_an_import_is_in_the_audit_with_who_did_it(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    content = rescue_text(record_line(envelope, phone.officer_id))
    take(store, settings, content)
    row = store.reader().execute("SELECT actor, action, subject FROM audit ORDER BY seq DESC")
    sha256 = hashlib.sha256(content).hexdigest()
    assert tuple(row.fetchone()) == ("cli", "rescue.imported", sha256)


def test_an_unreadable_payload_is_quarantined_as_from_a_phone(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    envelope = make_envelope("{", token=phone.token)
    line = record_line(envelope, phone.officer_id)
    assert told(take(store, settings, rescue_text(line))) == [("quarantined", "sealed")]
