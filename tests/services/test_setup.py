"""Making and upgrading an instance: before an upgrade the store is copied as it was."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey import __version__
from survey.cli import main
from survey.domain.problems import Problem
from survey.services.folder_marks import MARK
from survey.services.setup import initialise
from survey.settings import Settings, load_settings
from survey.store import copies
from survey.store.connection import connect
from survey.store.meta import find_meta, set_meta
from survey.store.migrations import STEPS, list_applied, list_pending, migrate
from tests.factories import NOW

LAST = STEPS[-1][0]
COPY = f"before-{__version__}-{LAST}.db"


@pytest.fixture
def older(tmp_path: Path) -> Settings:
    """An instance that has not had the last step, with something in it."""
    settings = load_settings({}, tmp_path / "instance")
    with closing(connect(settings.database)) as connection:
        migrate(connection, stop_before=LAST)
        set_meta(connection, "store_id", "ab" * 16)
    return settings


def steps_of(database: Path) -> list[str]:
    with closing(connect(database, read_only=True)) as connection:
        return list_applied(connection)


def test_an_older_store_is_copied_as_it_was_before_it_is_changed(older: Settings) -> None:
    outcome = initialise(older, NOW)
    copy = older.instance / COPY
    assert (outcome.before, outcome.steps) == (copy, (LAST,))
    assert steps_of(copy) == [name for name, _ in STEPS[:-1]]
    assert steps_of(older.database) == [name for name, _ in STEPS]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(connect(copy, read_only=True)) as connection:
        assert find_meta(connection, "store_id") == "ab" * 16


def test_the_copy_goes_to_the_backups_when_they_are_there(older: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "luar" / "cadangan"
    folder.mkdir(parents=True)
    (folder / MARK).write_text("{}")
    assert initialise(replace(older, backup_dir=folder), NOW).before == folder / COPY
    assert (folder / COPY).is_file()
    assert not (older.instance / COPY).exists()


def test_a_disk_of_backups_that_is_not_mounted_gets_no_copy_below_it(
    older: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "luar" / "cadangan"
    settings = replace(older, backup_dir=folder)
    assert initialise(settings, NOW).before == older.instance / COPY
    assert not folder.exists()


def test_a_new_instance_and_one_of_this_version_are_not_copied(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / "instance")
    for _ in range(2):
        assert initialise(settings, NOW).before is None
    assert list(settings.instance.glob("before-*")) == []


def test_without_room_for_the_copy_the_store_is_left_as_it_is(
    older: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(copies, "copy_database", full)
    with pytest.raises(Problem) as caught:
        initialise(older, NOW)
    assert caught.value.code == "backup.disk_full"
    with closing(connect(older.database)) as connection:
        assert list_pending(connection) == [LAST]


def test_init_says_where_the_copy_is(older: Settings) -> None:
    result = CliRunner().invoke(main, ["init"], env={"SURVEY_INSTANCE": str(older.instance)})
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"The store as it was before: {older.instance / COPY}\n" in result.stdout
