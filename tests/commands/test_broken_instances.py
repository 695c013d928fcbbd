"""Instances that cannot be served: each is said in one line, with exit code 1."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings

COMMANDS = (
    ["init"],
    ["serve", "--port", "1"],
    ["user", "list"],
    ["device", "list"],
    ["areas", "list"],
    ["rebuild"],
    ["export", "csv", "--out", "-"],
)


def run(settings: Settings, command: list[str]) -> Result:
    """Run a command; anything it raises but the exit fails the test."""
    environ = {"SURVEY_INSTANCE": str(settings.instance)}
    return CliRunner().invoke(main, command, env=environ, catch_exceptions=False)


def spoil(database: Path, how: str) -> None:
    for name in ("survey.db-wal", "survey.db-shm"):
        database.with_name(name).unlink(missing_ok=True)
    size = database.stat().st_size
    with database.open("r+b") as file:
        if how == "head":
            file.write(b"this is no database")
        elif how == "middle":
            file.seek(4_096)
            file.write(os.urandom(160_000))
        else:
            file.truncate(size // 20)


@pytest.mark.parametrize("how", ["head", "middle", "cut"])
def test_a_damaged_store_is_said_by_every_command(settings: Settings, how: str) -> None:
    spoil(settings.database, how)
    for command in COMMANDS:
        result = run(settings, command)
        assert result.exit_code == 1, command
        assert "not usable" in result.stderr, command
        assert len(result.stderr.splitlines()) == 1, command


def test_a_store_of_a_newer_version_is_left_alone(settings: Settings) -> None:
    connection = sqlite3.connect(settings.database)
    with connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('survey', '9999_future', '2099-01-01')"
        )
    connection.close()
    for command in COMMANDS:
        result = run(settings, command)
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert "newer version" in result.stderr, command


def test_a_folder_in_the_store_s_place_is_said(settings: Settings) -> None:
    settings.database.unlink()
    settings.database.mkdir()
    for command in COMMANDS:
        result = run(settings, command)
        assert result.exit_code == 1, command
        assert len(result.stderr.splitlines()) == 1, command
