"""Settings: the environment wins, a bad value stops with its name, the key stays private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from survey.settings import SETTINGS, WAL_PAGES, SettingsError, load_settings


def test_defaults_are_usable(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.timezone.key == "Asia/Jakarta"
    assert settings.database == tmp_path / "survey.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "survey.cfg").write_text(
        "# office\nSURVEY_TIMEZONE = Asia/Makassar\nSURVEY_PUBLIC_URL = https://a.example\n"
    )
    settings = load_settings({"SURVEY_PUBLIC_URL": "https://b.example"}, tmp_path)
    assert settings.timezone.key == "Asia/Makassar"
    assert settings.public_url == "https://b.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SURVEY_PUBLIC_URL", "survei.example"),
        ("SURVEY_PUBLIC_URL", "http://survei.example"),
        ("SURVEY_PUBLIC_URL", "https://survei.example/app"),
        ("SURVEY_TIMEZONE", "Mars/Olympus"),
        ("SURVEY_TIMEZONE", "../../etc/passwd"),
        ("SURVEY_PUBLIC_URL", "https://user:secret@survei.example"),
        ("SURVEY_PUBLIC_URL", "https://survei.example:99999"),
        ("SURVEY_PUBLIC_URL", "https://survei.example; script-src"),
        ("SURVEY_PUBLIC_URL", "https://[::1"),
        ("SURVEY_TILE_URL", "https://tiles.example/{z}/{x}"),
        ("SURVEY_TILE_URL", "https://tiles.example; script-src */{z}/{x}/{y}"),
        ("SURVEY_TILE_URL", "javascript:{z}{x}{y}"),
        ("SURVEY_BACKUP_DIR", "relative/path"),
        ("SURVEY_BACKUP_DAYS", "6"),
        ("SURVEY_BACKUP_DAYS", "many"),
        ("SURVEY_BACKUP_MONTHS", "-1"),
        ("SURVEY_BACKUP_MONTHS", "1001"),
        ("SURVEY_REPLICA", "relative/path"),
        ("SURVEY_REPLICA", "http://files.example/x"),
        ("SURVEY_REPLICA", "s3://"),
        ("SURVEY_TRUSTED_PROXIES", "-1"),
        ("SURVEY_TRUSTED_PROXIES", "many"),
        ("SURVEY_DEMO", "perhaps"),
        ("SURVEY_KILL_SWITCH", "on fire"),
    ],
)
def test_a_bad_value_stops_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value}, tmp_path)


@pytest.mark.parametrize("value", ["", "/mnt/disk", "s3://bucket/survei", "sftp://u@host/x"])
def test_a_replica_is_a_folder_or_an_address(tmp_path: Path, value: str) -> None:
    settings = load_settings({"SURVEY_REPLICA": value}, tmp_path)
    assert settings.replica == value
    assert (settings.wal_pages == WAL_PAGES) is (value == "")


def test_a_misspelt_setting_stops_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SURVEY_PUBLIC_URI"):
        load_settings({"SURVEY_PUBLIC_URI": "https://a.example"}, tmp_path)
    (tmp_path / "survey.cfg").write_text("SURVEY_TIMEZON = Asia/Jakarta\n")
    with pytest.raises(SettingsError, match="line 1"):
        load_settings({}, tmp_path)


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = load_settings({}, tmp_path)
    again = load_settings({}, tmp_path)
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_damaged_secret_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"short")
    with pytest.raises(SettingsError, match="secret_key"):
        load_settings({}, tmp_path)


def test_an_instance_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="SURVEY_INSTANCE"):
        load_settings({"SURVEY_INSTANCE": str(tmp_path / "file")})


def test_the_tile_origin_is_what_the_policy_needs(tmp_path: Path) -> None:
    url = "https://tiles.example:8443/osm/{z}/{x}/{y}.png"
    settings = load_settings({"SURVEY_TILE_URL": url}, tmp_path)
    assert settings.tile_origin == "https://tiles.example:8443"


def test_settings_are_frozen_and_documented(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    with pytest.raises(AttributeError):
        settings.public_url = "https://c.example"  # type: ignore[misc]
    assert all(setting.doc.endswith(".") for setting in SETTINGS)


def test_a_file_of_settings_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "survey.cfg").write_bytes(b"\xff\xfeS\x00")
    with pytest.raises(SettingsError, match=r"survey\.cfg"):
        load_settings({}, tmp_path)


def test_tiles_may_come_from_this_server(tmp_path: Path) -> None:
    settings = load_settings({"SURVEY_TILE_URL": "/tiles/{z}/{x}/{y}.png"}, tmp_path)
    assert settings.tile_origin == ""
