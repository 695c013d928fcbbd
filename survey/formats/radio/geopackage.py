"""Network Survey GeoPackage: a table a technology in an SQLite file that is not trusted.

The file is copied to a temporary one and opened read-only and immutable; only plain tables of
the app are read, by column names, under an authorizer that allows nothing but reading them: no
view, trigger, function, virtual table or attached file of a stranger is ever run.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, Final

from survey.formats.radio.building import (
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
    time_of_epoch,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import normal_name, number, truth

SIGNATURE: Final = b"SQLite format 3\x00"

TABLES: Final = {
    "LTE_MESSAGE": "lte",
    "NR_MESSAGE": "nr",
    "UMTS_MESSAGE": "wcdma",
    "GSM_MESSAGE": "gsm",
}
_DROPPED: Final = {
    "WIFI_BEACON_MESSAGE": "wifi",
    "BLUETOOTH_MESSAGE": "bluetooth",
}
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time", "devicetime"),
    "mcc": ("mcc",),
    "mnc": ("mnc",),
    "area": ("tac", "lac"),
    "cell": ("eci", "nci", "cid", "ci"),
    "channel": ("dlearfcn", "earfcn", "narfcn", "nrarfcn", "uarfcn", "arfcn"),
    "code": ("physcellid", "pci", "psc", "bsic"),
    "rsrp": ("rsrp", "ssrsrp"),
    "rsrq": ("rsrq", "ssrsrq"),
    "sinr": ("snr", "sssinr"),
    "rssi": ("signalstrength",),
    "rscp": ("rscp",),
    "ecno": ("ecno",),
    "ta": ("ta",),
    "serving": ("servingcell",),
    "provider": ("provider",),
    "slot": ("slot",),
    "speed": ("speed",),
    "accuracy": ("accuracy",),
    "altitude": ("altitude",),
    "device": ("deviceserialnumber",),
    "geom": ("geom", "geometry"),
}
_MOST_COLUMNS: Final = 200
_MOST_TABLES: Final = 2_000
_VALUE_BYTES: Final = 1_000_000
_STEPS: Final = 200_000_000
"""Instructions of SQLite's machine for one file: some minutes, far above a million rows."""


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row; `line` is the row's id in its table."""
    context.app = "Network Survey"
    with tempfile.TemporaryDirectory(prefix="jejak-sinyal-gpkg-") as folder:
        path = Path(folder) / "log.gpkg"
        with path.open("w+b") as copy:
            stream.seek(0)
            shutil.copyfileobj(stream, copy, 1 << 20)
            cut = _drop_torn_page(copy)
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            try:
                _harden(connection)
                yield from _read_tables(connection, context)
            except (sqlite3.Error, OverflowError, MemoryError):
                cut = True
            if cut:
                yield Rejected(0, "damaged")


def _drop_torn_page(copy: BinaryIO) -> bool:
    """Tell whether pages are missing, and leave no half one: SQLite would read zeros there."""
    size = copy.tell()
    copy.seek(16)
    page_size, pages = struct.unpack(">H10xI", copy.read(16).ljust(16, b"\0"))
    page_size = 65_536 if page_size == 1 else page_size
    if page_size >= 512 and size % page_size:
        copy.truncate(max(size - size % page_size, 100))
    return bool(page_size < 512 or size < page_size * pages)


def _harden(connection: sqlite3.Connection) -> None:
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA cache_size = -8000")
    left = [_STEPS // 100_000]

    def count() -> int:
        left[0] -= 1
        return left[0] < 0

    connection.set_progress_handler(count, 100_000)
    connection.set_authorizer(_allow)


def _allow(action: int, first: Any, second: Any, database: Any, source: Any) -> int:
    """Allow reading of tables and their description, never from within a view or a trigger."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK if source is None else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and source is None:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _read_tables(connection: sqlite3.Connection, context: LogContext) -> Iterator[Row]:
    listed = connection.execute(
        "SELECT type, name, sql FROM sqlite_master LIMIT ?", (_MOST_TABLES,)
    ).fetchall()
    for kind, name, sql in sorted(listed, key=lambda row: str(row[1])):
        wanted = str(name).upper()
        if wanted not in TABLES and wanted not in _DROPPED:
            continue
        if kind in ("index", "trigger"):
            continue
        plain = kind == "table" and "VIRTUAL" not in str(sql).upper().split("(", 1)[0].split()
        columns = _list_columns(connection, str(name)) if plain else {}
        if not columns:
            yield Rejected(0, "hostile_table")
        elif wanted in _DROPPED:
            count = sum(1 for _ in connection.execute(f"SELECT 1 FROM {_quoted(name)}"))  # noqa: S608
            yield Rejected(0, _DROPPED[wanted], count)
        else:
            yield from _read_table(connection, context, str(name), TABLES[wanted], columns)


def _list_columns(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the normal name of each plain column and its own; {} when one is computed."""
    rows = connection.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    if any(hidden for *_, hidden in rows):
        return {}
    return {normal_name(str(row[1])): str(row[1]) for row in rows}


def _read_table(
    connection: sqlite3.Connection,
    context: LogContext,
    table: str,
    technology: str,
    columns: dict[str, str],
) -> Iterator[Row]:
    chosen = {
        key: next((columns[name] for name in names if name in columns), None)
        for key, names in _NAMES.items()
    }
    wanted = ", ".join(_quoted(name) if name else "NULL" for name in chosen.values())
    numbered = _quoted(columns["id"]) if "id" in columns else "NULL"
    rows = connection.execute(f"SELECT {numbered}, {wanted} FROM {_quoted(table)}")  # noqa: S608
    for count, (line, *values) in enumerate(rows, 1):
        place = line if isinstance(line, int) and 0 <= line < 2**31 else count
        yield _sample(context, place, technology, dict(zip(chosen, values, strict=True)))


def _sample(context: LogContext, line: int, technology: str, row: dict[str, Any]) -> Row:
    longitude, latitude, height = read_point(row["geom"])
    fix = find_fix(
        context,
        _time(row["time"]),
        latitude,
        longitude,
        number(row["accuracy"]),
        number(row["altitude"]) if height is None else height,
        number(row["speed"]),
    )
    if isinstance(fix, str):
        return Rejected(line, fix)
    if context.device is None and isinstance(row["device"], str):
        context.device = row["device"][:100] or None
    rssi = number(row["rssi"])
    levels = Levels(
        number(row["rsrp"]),
        number(row["rsrq"]),
        number(row["sinr"]),
        rssi if technology != "gsm" else None,
        number(row["rscp"]),
        number(row["ecno"]),
        rssi if technology == "gsm" else None,
    )
    slot = number(row["slot"])
    return build_sample(
        line,
        fix,
        technology,
        Identity(
            _code(row["mcc"]),
            _code(row["mnc"]),
            number(row["area"]),
            number(row["cell"]),
            number(row["code"]),
            number(row["channel"]),
            number(row["ta"]),
            row["provider"] if isinstance(row["provider"], str) else "",
        ),
        levels,
        truth(row["serving"]) is not False,
        None if slot is None else slot + 1,
    )


def _time(value: Any) -> str | None:
    return parse_time(value, None) if isinstance(value, str) else time_of_epoch(number(value))


def _code(value: Any) -> str:
    return str(value) if isinstance(value, int | float | str) else ""


def read_point(blob: Any) -> tuple[float | None, float | None, float | None]:
    """Return longitude, latitude and height of a GeoPackage point; None for what it is not."""
    nothing = None, None, None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return nothing
    envelope = (0, 32, 48, 48, 64, 0, 0, 0)[blob[3] >> 1 & 7]
    body = blob[8 + envelope :]
    if len(body) < 21 or body[0] not in (0, 1):
        return nothing
    order = "<" if body[0] else ">"
    kind = struct.unpack_from(f"{order}I", body, 1)[0]
    if kind not in (1, 1001, 0x80000001) or (kind != 1 and len(body) < 29):
        return nothing
    longitude, latitude = struct.unpack_from(f"{order}2d", body, 5)
    height = struct.unpack_from(f"{order}d", body, 21)[0] if kind != 1 else None
    return number(longitude), number(latitude), number(height)


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
