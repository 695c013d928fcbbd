"""What is left over: given to whoever wants it, and removed late, in steps, by no single clock."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image

from survey.domain.instants import add_to_instant, parse_instant
from survey.services import leftovers
from survey.services.erasing import erase, find_photo
from survey.services.files import read_upload, receive_chunk
from survey.services.leftovers import PARTIAL_DAYS, Cleaned, clean_leftovers, clean_partials
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.devices import list_devices
from survey.store.files import FileRoom, find_file, has_sent
from tests.backup_kit import put_file
from tests.factories import NOW, FixedClock, make_envelope
from tests.office_kit import Office, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few looks instead of months of them."""
    monkeypatch.setattr(leftovers, "STRAY_LOOKS", 3)
    monkeypatch.setattr(leftovers, "ASIDE_LOOKS", 5)


def put_stray(room: FileRoom, data: bytes) -> Path:
    """Let bytes be in their place without a row, as a kill or a restore leaves them."""
    path = room.path_of(hashlib.sha256(data).hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def look(office: Office, room: FileRoom, times: int = 1) -> Cleaned:
    """Clean once a day for some days; return what the last day did."""
    for _ in range(times):
        cleaned = clean_leftovers(office.store, room, office.clock.tick(86_400))
    return cleaned


def make_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(buffer, "JPEG")
    return buffer.getvalue()


def age(path: Path, now: str, days: float) -> None:
    moment = parse_instant(now).timestamp() - days * 86_400
    os.utime(path, (moment, moment))


# ---- uploads -------------------------------------------------------------------------------


@pytest.fixture
def partial(office: Office, room: FileRoom) -> Path:
    """An upload that was cut in the middle."""
    data = os.urandom(1_000)
    sha256 = hashlib.sha256(data).hexdigest()
    upload = read_upload(sha256, "0", "1000", "image/jpeg", "photo")
    device = list_devices(office.store.reader(), office.officer.key)[0]
    receive_chunk(office.store, room, device, upload, [data[:400]], NOW)
    return room.partial_of(device.key, sha256)


def test_an_abandoned_upload_goes_with_its_notes(
    office: Office, room: FileRoom, partial: Path
) -> None:
    assert len(list(room.partials.iterdir())) == 2
    for path in room.partials.iterdir():
        age(path, NOW, PARTIAL_DAYS + 1)
    assert clean_partials(room, NOW) == 1
    assert list(room.partials.iterdir()) == []


def test_an_upload_whose_bytes_or_notes_are_young_stays_whole(
    office: Office, room: FileRoom, partial: Path
) -> None:
    for young in (partial, partial.with_suffix(".length")):
        for path in room.partials.iterdir():
            age(path, NOW, PARTIAL_DAYS + 1)
        age(young, NOW, 1)
        assert clean_partials(room, NOW) == 0
        assert len(list(room.partials.iterdir())) == 2


def test_an_upload_that_a_phone_goes_on_with_is_left_to_it(
    office: Office, room: FileRoom, partial: Path
) -> None:
    for path in room.partials.iterdir():
        age(path, NOW, PARTIAL_DAYS + 1)
    with partial.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert clean_partials(room, NOW) == 0
    assert partial.exists()
    assert clean_partials(room, NOW) == 1


# ---- strays --------------------------------------------------------------------------------


def test_bytes_that_a_visit_shows_get_their_row_and_are_nobody_s_to_read(
    office: Office, room: FileRoom
) -> None:
    photo, thumbnail = put_stray(room, make_picture()), put_stray(room, b"\x89PNG\r\n\x1a\nkecil")
    office.receive(
        photos=[{"sha256": photo.name, "thumbnail_sha256": thumbnail.name, "kind": "site"}]
    )
    assert look(office, room) == Cleaned(adopted=2)
    rows = [find_file(office.store.reader(), path.name) for path in (photo, thumbnail)]
    assert [(row["kind"], row["content_type"]) for row in rows if row is not None] == [
        ("photo", "image/jpeg"),
        ("thumbnail", "image/png"),
    ]
    assert not has_sent(office.store.reader(), photo.name, office.officer.key)
    report = verify(office.store, room, office.clock.now)
    assert (report.damage, report.leftovers) == ([], [])
    assert look(office, room, 9) == Cleaned()


def test_damaged_bytes_are_given_to_no_visit_and_not_removed_either(
    office: Office, room: FileRoom
) -> None:
    photo = put_stray(room, b"foto")
    photo.write_bytes(b"fotp")
    office.receive(photos=[{"sha256": photo.name, "kind": "site"}])
    assert look(office, room, 9) == Cleaned()
    assert photo.exists()


@pytest.mark.parametrize("how", ["quarantined", "side branch"])
def test_bytes_that_an_unreadable_record_or_a_side_branch_names_stay_for_ever(
    office: Office, room: FileRoom, how: str
) -> None:
    photo = put_stray(room, b"foto")
    if how == "quarantined":
        office.send(make_envelope('{"photos": [{"sha256": "' + photo.name + '"'))
    else:
        payload = office.receive()
        office.decide(payload["id"], "approved")
        office.correct(payload, photos=[{"sha256": photo.name, "kind": "site"}])
    assert look(office, room, 20) == Cleaned()
    assert photo.exists()


def test_bytes_that_nobody_names_are_set_aside_and_go_later(office: Office, room: FileRoom) -> None:
    stray = put_stray(room, b"sisa")
    aside = room.files.with_name("strays") / stray.name
    assert look(office, room, 3) == Cleaned()
    assert stray.exists()
    assert look(office, room) == Cleaned(set_aside=1)
    assert (stray.exists(), aside.read_bytes()) == (False, b"sisa")
    assert look(office, room) == Cleaned()
    assert look(office, room) == Cleaned(removed=1)
    assert not aside.exists()
    assert look(office, room, 3) == Cleaned()


def test_what_was_set_aside_comes_back_when_a_record_names_it(
    office: Office, room: FileRoom
) -> None:
    stray = put_stray(room, b"sisa")
    assert look(office, room, 4) == Cleaned(set_aside=1)
    office.receive(photos=[{"sha256": stray.name, "kind": "site"}])
    assert look(office, room).brought_back == 1
    assert look(office, room) == Cleaned(adopted=1)
    assert find_file(office.store.reader(), stray.name) is not None


def test_what_a_phone_claimed_in_the_very_moment_comes_back(office: Office, room: FileRoom) -> None:
    stray = put_stray(room, b"sisa")
    assert look(office, room, 4) == Cleaned(set_aside=1)
    put_file(office.store, room, office.officer, b"sisa").unlink()  # a row, and no bytes
    assert look(office, room) == Cleaned(brought_back=1)
    assert stray.read_bytes() == b"sisa"
    assert verify(office.store, room, office.clock.now).damage == []


def test_bytes_that_a_phone_is_on_its_way_with_are_not_set_aside(
    office: Office, room: FileRoom
) -> None:
    stray = put_stray(room, b"sisa")
    room.partials.mkdir(exist_ok=True)
    note = room.partial_of(7, stray.name).with_suffix(".sent")
    for _ in range(9):
        note.touch()
        age(note, office.clock.now, 1)
        assert look(office, room) == Cleaned()
    assert stray.exists()


def test_one_look_of_a_clock_that_jumped_removes_no_stray(office: Office, room: FileRoom) -> None:
    stray = put_stray(room, b"sisa")
    office.clock.now = add_to_instant(office.clock.now, days=30_000)
    assert look(office, room) == Cleaned()
    assert stray.exists()


def test_an_erased_file_that_came_back_by_a_restore_goes_again(
    office: Office, room: FileRoom
) -> None:
    photo = put_file(office.store, room, office.officer, make_picture())
    office.receive(photos=[{"sha256": photo.name, "kind": "site"}])
    erase(
        office.store,
        room,
        lambda connection: find_photo(connection, photo.name),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )
    office.store.write(
        lambda c: (
            c.execute("DELETE FROM file_officers").fetchall()
            + c.execute("DELETE FROM files").fetchall()
        )
    )
    stray = put_stray(room, make_picture())
    assert look(office, room) == Cleaned(removed=1)
    assert not stray.exists()


def test_an_erasure_takes_bytes_that_were_set_aside_too(office: Office, room: FileRoom) -> None:
    stray = put_stray(room, make_picture())
    assert look(office, room, 4) == Cleaned(set_aside=1)
    office.receive(photos=[{"sha256": stray.name, "kind": "site"}])
    erase(
        office.store,
        room,
        lambda connection: find_photo(connection, stray.name),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )
    assert not (room.strays / stray.name).exists()


def test_copies_that_a_kill_cut_off_go_and_young_ones_stay(
    office: Office, room: FileRoom, settings: Settings
) -> None:
    (room.files / "ab").mkdir(parents=True)
    old = [room.files / "ab" / "abc.tmp", settings.instance / "before-1-x.db.tmp"]
    young = room.files / "ab" / "abd.tmp"
    for path in (*old, young):
        path.write_bytes(b"x")
        age(path, office.clock.now, 0)
    for path in old:
        age(path, office.clock.now, 5)
    assert look(office, room) == Cleaned(temporary=2)
    assert young.exists()


def test_names_that_are_not_ours_are_left_alone(office: Office, room: FileRoom) -> None:
    (room.files / "ab").mkdir(parents=True)
    odd = [room.files / "ab" / "catatan.txt", room.files / "ab" / ("0" * 64)]
    for path in odd:
        path.write_bytes(b"x")
    assert look(office, room, 20) == Cleaned()
    assert [path.exists() for path in odd] == [True, True]
