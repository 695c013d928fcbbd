"""Where an upload goes on, also when another request went on in the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.store.files import FileRoom
from survey.store.partials import Partial, WrongOffsetError

SHA256 = "a" * 64


def test_a_whole_but_unfinished_upload_gives_up_its_last_byte(tmp_path: Path) -> None:
    room = FileRoom(tmp_path)
    with room.open_partial(1, SHA256, 0) as partial:
        partial.write(b"12345", 5)
    assert room.resumable_size(1, SHA256, 5) == 4
    assert room.partial_of(1, SHA256).read_bytes() == b"1234"


def test_an_upload_finished_in_the_same_moment_starts_at_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = FileRoom(tmp_path)
    with room.open_partial(1, SHA256, 0) as partial:
        partial.write(b"12345", 5)

    def lose_the_race(self: Partial, size: int) -> int:
        room.partial_of(1, SHA256).unlink()
        raise WrongOffsetError(0)

    monkeypatch.setattr(Partial, "shorten", lose_the_race)
    assert room.resumable_size(1, SHA256, 5) == 0
