"""A backup and a restore that are killed before every one of their durable steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.backup_kit import put_file
from tests.factories import FixedClock
from tests.office_kit import open_office

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = (b"satu", b"dua")
MOMENTS_OF_A_PHOTO = 3
"""fsync of its bytes, rename, fsync of its folder: so many at least."""


def test_whatever_moment_kills_it_the_backups_before_are_whole_and_the_same_again_works(
    store: Store, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    office = open_office(store, settings, clock)
    office.receive()
    for photo in PHOTOS:
        put_file(store, FileRoom(settings.instance), office.officer, photo)
    store.close()
    folders = [settings.instance, tmp_path / "cadangan", tmp_path / "baru"]
    result = subprocess.run(
        [sys.executable, "-m", "tests.killed_backups", *map(str, folders)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-600:]
    backups, restores = (int(line) for line in result.stdout.split())
    assert min(backups, restores) > MOMENTS_OF_A_PHOTO * (len(PHOTOS) + 1)
