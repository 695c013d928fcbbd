"""Which format a log is, by its content and the names of its columns; never by its file name."""

from __future__ import annotations

import re
from typing import Final

from survey.formats.radio import (
    geopackage,
    gnettrack,
    neostumbler,
    network_survey,
    phone_state,
    towercollector,
    wigle,
)
from survey.formats.radio.tables import HEADER_LINES, split_header, split_row
from survey.formats.radio.texts import decode_head
from survey.formats.radio.tower_lists import OPENCELLID, is_clf, is_netmonster, is_opencellid

FORMAT_NAMES: Final[dict[str, str]] = {
    "towercollector": "TowerCollector CSV",
    "network_survey_lte": "Network Survey LTE CSV",
    "network_survey_nr": "Network Survey NR CSV",
    "network_survey_umts": "Network Survey UMTS CSV",
    "network_survey_gsm": "Network Survey GSM CSV",
    "network_survey_phone_state": "Network Survey PhoneState CSV",
    "network_survey_wifi": "Network Survey Wi-Fi CSV",
    "network_survey_bluetooth": "Network Survey Bluetooth CSV",
    "network_survey_gpkg": "Network Survey GeoPackage",
    "gnettrack": "G-NetTrack CSV",
    "gnettrack_pro": "G-NetTrack Pro TXT",
    "neostumbler": "NeoStumbler CSV",
    "wigle": "WiGLE CSV",
    "geosubmit": "Geosubmit v2 JSON",
    "termux": "Termux:API JSON",
    "opencellid": "OpenCellID / MLS CSV",
    "netmonster": "NetMonster .ntm",
    "clf": "CLF 3.0",
}
"""Each format's key and what people call it."""

TOWER_LISTS: Final = ("opencellid", "netmonster", "clf")

_HEADERS: Final = (
    ("network_survey_phone_state", phone_state.SIGNATURE),
    *network_survey.SIGNATURES.items(),
    *network_survey.DROPPED_SIGNATURES.items(),
    ("towercollector", towercollector.SIGNATURE),
    ("wigle", wigle.SIGNATURE),
    ("gnettrack", gnettrack.SIGNATURE),
    ("neostumbler", neostumbler.SIGNATURE),
    ("opencellid", tuple(OPENCELLID[:8])),
)
_GEOSUBMIT: Final = re.compile(r'"cellTowers"\s*:|^\s*\{\s*"items"\s*:\s*\[')
_TERMUX: Final = re.compile(r'"registered"\s*:\s*(true|false)')
_RESCUE: Final = '"jejak-sinyal-rescue"'


def recognise(head: bytes, name: str = "") -> str | None:
    """Return the format's key of a file by its first 64 kB, None when it is no radio log.

    `name` decides nothing; a phone's share sheet renames what it shares.
    """
    if head.startswith(geopackage.SIGNATURE):
        return "network_survey_gpkg"
    text = decode_head(head)
    start = text.lstrip("\ufeff \t\n")
    if start[:1] in "{[" and start:
        return _recognise_json(start)
    for number, line in enumerate(text.split("\n")):
        if number >= HEADER_LINES:
            break
        found = _recognise_line(line)
        if found is not None:
            return found
    return None


def _recognise_json(text: str) -> str | None:
    if _RESCUE in text[:1000]:
        return None
    if _GEOSUBMIT.search(text):
        return "geosubmit"
    if _TERMUX.search(text) or text.strip() == "[]":
        return "termux"
    return None


def _recognise_line(line: str) -> str | None:
    delimiter, names = split_header(line)
    have = set(names)
    for key, signature in _HEADERS:
        if have.issuperset(signature):
            return key
    if names[:3] == list(gnettrack.PRO_SIGNATURE) and len(names) >= gnettrack.PRO_WIDTH:
        return "gnettrack_pro"
    if is_netmonster(line):
        return "netmonster"
    if is_clf(line):
        return "clf"
    return "opencellid" if is_opencellid(split_row(line, delimiter) or []) else None


def find_missing(head: bytes) -> tuple[str, list[str]] | None:
    """Return the format that a table nearly is and the columns it lacks, None when it is none."""
    best: tuple[str, list[str]] | None = None
    for line in decode_head(head).split("\n")[:HEADER_LINES]:
        have = set(split_header(line)[1])
        for key, signature in _HEADERS:
            missing = [name for name in signature if name not in have]
            near = len(signature) - len(missing) >= 4 and len(missing) <= len(signature) // 2
            if near and (best is None or len(missing) < len(best[1])):
                best = key, missing
    return best
