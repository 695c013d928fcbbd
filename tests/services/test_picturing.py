"""Pictures for the office: drawn once, kept, and honest about what cannot be shown."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from survey.domain.problems import Problem
from survey.services import picturing
from survey.services.picturing import draw_picture
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file, mark_erased
from tests.factories import FixedClock
from tests.office_kit import Office, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def files(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


def picture(colour: str = "red", side: int = 900) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), colour).save(out, "PNG")
    return out.getvalue()


def keep_file(office: Office, files: FileRoom, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    path = files.path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    office.store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="image/png",
            size=len(data),
            officer_key=office.officer.key,
            device_key=None,
            now=office.clock(),
        )
    )
    return sha256


def name_in_visit(office: Office, sha256: str, thumbnail: str | None = None) -> None:
    office.receive(photos=[{"sha256": sha256, "thumbnail_sha256": thumbnail, "kind": "site"}])


def width(data: bytes) -> int:
    return Image.open(io.BytesIO(data), formats=("JPEG",)).width


@pytest.mark.parametrize(("size", "pixels"), [("full", 900), ("thumbnail", 320)])
def test_photo_is_drawn_as_jpeg_of_its_size(
    office: Office, files: FileRoom, size: str, pixels: int
) -> None:
    sha256 = keep_file(office, files, picture())
    name_in_visit(office, sha256)
    drawn = draw_picture(office.store, files, sha256, size)
    assert (drawn.state, width(drawn.data)) == ("drawn", pixels)


def test_photo_is_drawn_once(
    office: Office, files: FileRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = keep_file(office, files, picture())
    name_in_visit(office, sha256)
    first = draw_picture(office.store, files, sha256, "full")
    monkeypatch.setattr(picturing, "draw_safe_image", None)
    assert draw_picture(office.store, files, sha256, "full") == first


def test_photo_that_has_not_arrived_is_missing_and_its_thumbnail_stands_in(
    office: Office, files: FileRoom
) -> None:
    thumbnail = keep_file(office, files, picture("blue", 200))
    name_in_visit(office, "a" * 64, thumbnail)
    assert draw_picture(office.store, files, "a" * 64, "full").state == "missing"
    small = draw_picture(office.store, files, "a" * 64, "thumbnail")
    assert (small.state, width(small.data)) == ("drawn", 200)


def test_bytes_that_are_no_picture_are_broken(office: Office, files: FileRoom) -> None:
    sha256 = keep_file(office, files, b"<script>alert(1)</script>")
    name_in_visit(office, sha256)
    assert draw_picture(office.store, files, sha256, "full").state == "broken"


def test_erased_photo_is_not_shown_from_the_cache(office: Office, files: FileRoom) -> None:
    sha256 = keep_file(office, files, picture())
    name_in_visit(office, sha256)
    draw_picture(office.store, files, sha256, "full")
    office.store.write(lambda connection: mark_erased(connection, sha256, office.clock()))
    assert draw_picture(office.store, files, sha256, "full") == picturing.Picture("erased")
    files.remove(sha256)
    assert list(files.cache.iterdir()) == []


def test_file_that_no_visit_names_is_not_shown(office: Office, files: FileRoom) -> None:
    sha256 = keep_file(office, files, picture())
    for asked in (sha256, "../../survey.db", "A" * 64, ""):
        with pytest.raises(Problem) as caught:
            draw_picture(office.store, files, asked, "full")
        assert caught.value.code == "file.not_found"


def test_cache_that_cannot_be_written_costs_only_the_cache(office: Office, files: FileRoom) -> None:
    sha256 = keep_file(office, files, picture())
    name_in_visit(office, sha256)
    files.cache.write_text("a file where the folder should be")
    assert draw_picture(office.store, files, sha256, "full").state == "drawn"
