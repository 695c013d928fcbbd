"""The settings of an instance: typed, frozen, documented, checked at start.

Read from `instance/survey.cfg` (lines NAME = value) and the environment, which wins. A bad
value stops the start with its name. Knows nothing of Flask.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SettingsError(Exception):
    """A setting is not usable; the text names it and says what it takes."""


WAL_PAGES = 1_000
"""SQLite's own default, about 4 MB."""

WAL_PAGES_BESIDE_REPLICA = 65_536
"""256 MiB: twice what the replicating process lets it become while it runs."""

REPLICA_SCHEMES = ("abs", "gs", "nats", "oss", "s3", "sftp", "webdav", "webdavs")
"""The kinds of address that Litestream 0.5 writes to, beside folders."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented setting: its name, what it is for, its default as text, its parser."""

    name: str
    doc: str
    default: str
    parse: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force."""

    instance: Path
    public_url: str
    timezone: ZoneInfo
    tile_url: str
    tile_attribution: str
    backup_dir: Path | None
    backup_days: int
    backup_months: int
    replica: str
    trusted_proxies: int
    demo: bool
    kill_switch: bool
    secret_key: bytes

    @property
    def database(self) -> Path:
        """The path of the store."""
        return self.instance / "survey.db"

    @property
    def wal_pages(self) -> int:
        """How long the write-ahead log may grow before a writer of ours checkpoints it.

        Beside a replica the replicating process does that; ours is for when it is away.
        """
        return WAL_PAGES_BESIDE_REPLICA if self.replica else WAL_PAGES

    @property
    def tile_origin(self) -> str:
        """Scheme and host of the tile source for the CSP, or an empty text."""
        if not self.tile_url:
            return ""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
"""Host and port and nothing else: it goes into QR codes and the content security policy."""


def _has_plain_host(parts: SplitResult) -> bool:
    try:
        return _HOST.fullmatch(parts.netloc) is not None and parts.port != 0
    except ValueError:  # a port beyond 65535
        return False


def _parse_url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme not in ("https", "http") or not _has_plain_host(parts):
        raise ValueError("takes an address such as https://survei.example.go.id")
    if parts.scheme == "http" and not local:
        raise ValueError("must begin with https:// (phones refuse to work offline without it)")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("takes scheme and host only, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _parse_tile_url(text: str) -> str:
    if not text:
        return ""
    if not all(part in text for part in ("{z}", "{x}", "{y}")):
        raise ValueError("needs {z}, {x} and {y}")
    parts = urlsplit(text)
    if parts.scheme in ("https", "http") and _has_plain_host(parts):
        return text
    if not parts.scheme and not parts.netloc and text.startswith("/"):
        return text
    raise ValueError("takes an http(s) address with a plain host, or a path of this server")


def _parse_timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("takes a time zone such as Asia/Jakarta") from None


def _parse_flag(text: str) -> bool:
    if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
        raise ValueError("takes 1 or 0")
    return text.lower() in ("1", "true", "yes")


def _parse_small_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 10:
        raise ValueError("takes a whole number from 0 to 10")
    return int(text)


def _parse_folder(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_absolute():
        raise ValueError("takes an absolute path")
    return path


def _parse_kept(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) > 1_000:
        raise ValueError("takes a whole number from 0 to 1000")
    return int(text)


def _parse_kept_days(text: str) -> int:
    days = _parse_kept(text)
    if days < 7:
        raise ValueError("takes a whole number from 7 to 1000 (phones keep photos for 7 days)")
    return days


def _parse_replica(text: str) -> str:
    if not text or Path(text).is_absolute():
        return text
    parts = urlsplit(text)
    if parts.scheme in REPLICA_SCHEMES and parts.netloc and text.isprintable():
        return text.rstrip("/")
    raise ValueError("takes an absolute path or an address such as s3://bucket/path")


SETTINGS = (
    Setting(
        "SURVEY_INSTANCE",
        "The folder of the store, the files and the secret key.",
        "instance",
        lambda text: Path(text).absolute(),
    ),
    Setting(
        "SURVEY_PUBLIC_URL",
        "The one address phones use, for ever; choose it before the first phone is enrolled.",
        "http://127.0.0.1:8000",
        _parse_url,
    ),
    Setting(
        "SURVEY_TIMEZONE",
        "The time zone whose calendar days the office counts.",
        "Asia/Jakarta",
        _parse_timezone,
    ),
    Setting(
        "SURVEY_TILE_URL",
        "Map tiles for the office pages, with {z}, {x}, {y}; none by default.",
        "",
        _parse_tile_url,
    ),
    Setting(
        "SURVEY_TILE_ATTRIBUTION",
        "Who made the map tiles; shown on the map.",
        "",
        str,
    ),
    Setting(
        "SURVEY_BACKUP_DIR",
        "An absolute path for backups, on another disk; none by default.",
        "",
        _parse_folder,
    ),
    Setting(
        "SURVEY_BACKUP_DAYS",
        "Of how many days the newest backup stays.",
        "14",
        _parse_kept_days,
    ),
    Setting(
        "SURVEY_BACKUP_MONTHS",
        "Of how many months the newest backup stays beside those.",
        "12",
        _parse_kept,
    ),
    Setting(
        "SURVEY_REPLICA",
        "Where every change is copied at once: an absolute path on another disk, or an address"
        " that Litestream knows (s3://...); none by default.",
        "",
        _parse_replica,
    ),
    Setting(
        "SURVEY_TRUSTED_PROXIES",
        "How many reverse proxies in front may set X-Forwarded-For and -Proto.",
        "0",
        _parse_small_count,
    ),
    Setting(
        "SURVEY_DEMO",
        "1 marks every page and export as demo data.",
        "0",
        _parse_flag,
    ),
    Setting(
        "SURVEY_KILL_SWITCH",
        "1 makes phones drop the stored app (never their records) and load it anew.",
        "0",
        _parse_flag,
    ),
)


def _read_file(path: Path) -> dict[str, str]:
    values: dict[str, str] = {}
    known = {setting.name for setting in SETTINGS}
    if not path.is_file():
        return values
    try:
        lines = path.read_text("utf-8").splitlines()
    except (UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path.name} is not readable as UTF-8: {error}") from None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or name not in known:
            raise SettingsError(f"{path.name} line {number}: {name} is no setting")
        values[name] = value.strip().strip("\"'")
    return values


def load_settings(
    environ: Mapping[str, str] | None = None, instance: Path | None = None
) -> Settings:
    """Return the settings in force; a bad or unknown one raises SettingsError with its name.

    Makes the instance folder and its secret key (mode 600) when they do not exist.
    """
    environ = os.environ if environ is None else environ
    folder = instance or Path(environ.get("SURVEY_INSTANCE") or "instance")
    folder = folder.absolute()
    texts = {setting.name: setting.default for setting in SETTINGS}
    texts.update(_read_file(folder / "survey.cfg"))
    texts.update({name: environ[name] for name in texts if environ.get(name)})
    texts["SURVEY_INSTANCE"] = str(folder)
    unknown = sorted(name for name in environ if name.startswith("SURVEY_") and name not in texts)
    if unknown:
        raise SettingsError(f"{unknown[0]} is no setting")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            values[setting.name.removeprefix("SURVEY_").lower()] = setting.parse(
                texts[setting.name]
            )
        except ValueError as error:
            raise SettingsError(f"{setting.name} {error}") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key = _load_secret_key(folder / "secret_key")
    except OSError as error:
        raise SettingsError(f"SURVEY_INSTANCE is not usable: {error}") from None
    return Settings(secret_key=key, **values)


def _load_secret_key(path: Path) -> bytes:
    """Read the secret key, or make one that only its owner can read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) < 32:
            raise SettingsError(f"{path.name} is damaged: fewer than 32 bytes") from None
        return key
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(48))
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()
