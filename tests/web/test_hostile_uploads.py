"""Uploads over links that die, lie and come twice: nothing mixes, nothing waits for the dead."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services.enrolling import Device, authenticate_device
from survey.services.files import get_progress, read_upload, receive_chunk
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.partials import Partial
from tests.factories import NOW, enrol_officer

PHOTO = os.urandom(50_000)
SHA256 = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Link:
    """One phone's way to the server, with no HTTP between."""

    store: Store
    room: FileRoom
    device: Device

    def put(self, pieces: Iterator[bytes] | list[bytes], offset: int) -> tuple[str, int]:
        upload = read_upload(SHA256, str(offset), str(len(PHOTO)), "image/jpeg", "photo")
        return receive_chunk(self.store, self.room, self.device, upload, pieces, NOW)

    @property
    def offset(self) -> int:
        progress = get_progress(self.store, self.room, self.device, SHA256)
        return progress.offset if progress else 0

    @property
    def stored(self) -> Path:
        return self.room.path_of(SHA256)


@pytest.fixture
def link(store: Store, settings: Settings) -> Link:
    phone = enrol_officer(store, settings)
    device = authenticate_device(store, phone.token, NOW)
    return Link(store, FileRoom(settings.instance), device)


def test_a_phone_goes_on_while_its_dead_request_still_waits(link: Link) -> None:
    outcomes = []

    def dead() -> Iterator[bytes]:
        yield PHOTO[:20_000]
        outcomes.append(link.put([PHOTO[20_000:]], link.offset))
        yield PHOTO[20_000:30_000]

    with pytest.raises(Problem) as late:
        link.put(dead(), 0)
    assert outcomes == [("stored", len(PHOTO))]
    assert (late.value.code, late.value.params) == ("file.wrong_offset", {"offset": 0})
    assert link.stored.read_bytes() == PHOTO
    assert link.put([PHOTO], 0) == ("known", len(PHOTO))


def test_the_last_byte_of_a_dead_request_does_not_reach_a_stored_file(link: Link) -> None:
    def dead() -> Iterator[bytes]:
        yield PHOTO[:-1]
        assert link.put([PHOTO[-1:]], len(PHOTO) - 1)[0] == "stored"
        yield PHOTO[-1:]

    with pytest.raises(Problem, match="another byte"):
        link.put(dead(), 0)
    assert link.stored.read_bytes() == PHOTO


def test_a_request_overtaken_in_the_middle_is_told_where_the_file_ends(link: Link) -> None:
    def slow() -> Iterator[bytes]:
        yield PHOTO[:10_000]
        assert link.put([PHOTO[10_000:15_000]], 10_000) == ("partial", 15_000)
        yield PHOTO[10_000:20_000]

    with pytest.raises(Problem) as late:
        link.put(slow(), 0)
    assert late.value.params["offset"] == link.offset == 15_000
    assert link.put([PHOTO[15_000:]], 15_000) == ("stored", len(PHOTO))
    assert link.stored.read_bytes() == PHOTO


def test_a_request_at_the_wrong_byte_does_not_disturb_the_one_at_work(link: Link) -> None:
    def steady() -> Iterator[bytes]:
        yield PHOTO[:10_000]
        with pytest.raises(Problem, match="another byte"):
            link.put([b"x" * 100], 5_000)
        yield PHOTO[10_000:]

    assert link.put(steady(), 0) == ("stored", len(PHOTO))
    assert link.stored.read_bytes() == PHOTO


def test_a_started_over_file_is_not_mixed_with_its_first_try(link: Link) -> None:
    """Somebody sent junk there, which was dropped, and began anew; the first still writes."""

    def first() -> Iterator[bytes]:
        yield PHOTO[:10_000]
        with pytest.raises(Problem, match="hash"):
            link.put([bytes(len(PHOTO) - 10_000)], 10_000)
        assert link.put([PHOTO[:10_000]], 0) == ("partial", 10_000)
        yield PHOTO[10_000:]

    with pytest.raises(Problem, match="another byte"):
        link.put(first(), 0)
    assert link.put([PHOTO[10_000:]], link.offset) == ("stored", len(PHOTO))
    assert link.stored.read_bytes() == PHOTO


def test_a_waiting_upload_holds_no_reader_of_the_store(link: Link) -> None:
    before = link.store.reader()
    seen = []

    def waiting() -> Iterator[bytes]:
        yield PHOTO[:1_000]
        seen.append(before in link.store._idle)
        yield PHOTO[1_000:]

    assert link.put(waiting(), 0)[0] == "stored"
    assert seen == [True]


def test_bytes_whose_row_was_lost_to_a_kill_are_not_sent_again(
    link: Link, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as killed:
        killed.setattr(link.store, "write", die)
        with pytest.raises(OSError, match="killed"):
            link.put([PHOTO], 0)
    assert link.stored.read_bytes() == PHOTO
    stranger = enrol_officer(link.store, settings, "budi")
    other = Link(link.store, link.room, authenticate_device(link.store, stranger.token, NOW))
    assert other.put([], 0) == ("partial", 0)
    assert link.put([], 30_000) == ("known", len(PHOTO))
    assert (link.offset, other.offset) == (len(PHOTO), 0)
    assert {path.suffix for path in link.room.partials.iterdir()} == {"", ".length"}


def test_a_whole_file_that_a_kill_left_unfinished_is_not_said_to_be_complete(link: Link) -> None:
    """Killed after the last byte and before the hash: the phone must send something more."""
    assert link.put([PHOTO[:40_000]], 0) == ("partial", 40_000)
    with link.room.partial_of(link.device.key, SHA256).open("ab") as file:
        file.write(PHOTO[40_000:])
    assert link.offset == len(PHOTO) - 1
    assert link.put([PHOTO[-1:]], link.offset) == ("stored", len(PHOTO))
    assert link.stored.read_bytes() == PHOTO


def test_a_phone_at_an_older_byte_of_an_unfinished_file_is_told_the_last_one(link: Link) -> None:
    link.put([PHOTO[:40_000]], 0)
    with link.room.partial_of(link.device.key, SHA256).open("ab") as file:
        file.write(PHOTO[40_000:])
    with pytest.raises(Problem) as wrong:
        link.put([PHOTO[40_000:]], 40_000)
    assert wrong.value.params["offset"] == len(PHOTO) - 1
    assert link.put([PHOTO[-1:]], len(PHOTO) - 1)[0] == "stored"


def test_nobody_shortens_a_file_between_its_last_byte_and_its_end(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone asks where its upload stands just then; it must wait for the end."""
    asked: list[int] = []
    asking = threading.Thread(target=lambda: asked.append(link.offset))
    finish = Partial.finish

    def finish_late(partial: Partial, sha256: str, target: Path, proof: Path) -> bool:
        asking.start()
        asking.join(0.05)
        assert asking.is_alive()
        return finish(partial, sha256, target, proof)

    monkeypatch.setattr(Partial, "finish", finish_late)
    assert link.put([PHOTO], 0) == ("stored", len(PHOTO))
    asking.join(5)
    assert asked in ([0], [len(PHOTO)])


def test_a_file_longer_than_it_now_is_said_to_be_starts_again(link: Link) -> None:
    link.put([PHOTO[:40_000]], 0)
    shorter = read_upload(SHA256, "100", "30000", "image/jpeg", "photo")
    with pytest.raises(Problem) as wrong:
        receive_chunk(link.store, link.room, link.device, shorter, [PHOTO[:10]], NOW)
    assert wrong.value.params["offset"] == 0


@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_file_taken_away_at_its_very_end_is_no_fault_of_the_server(
    link: Link, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """By an erasure, or because another phone of the officer completed it."""
    take_away = link.room.remove
    if step == "open":
        write = Partial.write

        def write_last(partial: Partial, piece: bytes, limit: int) -> None:
            write(partial, piece, limit)
            take_away(SHA256)

        monkeypatch.setattr(Partial, "write", write_last)
    else:
        monkeypatch.setattr("survey.store.partials.os.fsync", lambda _: take_away(SHA256))
    with pytest.raises(Problem) as late:
        link.put([PHOTO], 0)
    assert (late.value.code, late.value.params) == ("file.wrong_offset", {"offset": 0})
    assert not link.stored.exists()
