"""The words in what a phone shows of its signal, cut into tokens.

The same words as the phone's `static/core/typed_words.js`; tests hold both to the same answers.
What belongs to what is decided in `typed_statements`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Token:
    """A name, a number, a network or another word; `unclear`: its commas may mean two things."""

    kind: Literal["label", "number", "network", "word"]
    start: int
    end: int
    name: str = ""
    nr: bool = False
    antenna: bool = False
    closed: bool = False
    value: float = 0
    sign: str = ""
    spaced: bool = False
    unit: str = ""
    unclear: bool = False
    networks: tuple[str, ...] = ()


_QUANTITIES: Final = "(?:rsrp|rsrq|rssnr|snr|sinr)"
_OTHERS: Final = "|".join(
    (
        f"csi[ _-]?{_QUANTITIES}",
        "(?:cdma|evdo)(?:dbm|ecio|snr)",
        "m?cqi(?:tableindex)?",
        "csicqi(?:tableindex|report)?",
        "m?ta",
        "m?timing ?advance",
        "pci",
        "psc",
        "bsic",
        "[eun]?u?arfcn(?:dl|ul)?",
        "nr-?arfcn",
        "(?:phys(?:ical)? )?cell[ _-]?(?:id|identity)",
        "(?:freq|frequency|frekuensi)",
        "band",
        "bw",
        "bandwidth",
        "[tlrp]ac",
        "[en]?ci",
        "cid",
        "cell",
        "[eg]nb",
        "[eg]node-?b",
        "mcc",
        "mnc",
        "plmn",
        "m?level",
        "m?ber",
        r"ss(?=\s*[:=])",
        "[du]l(?: ch)?",
        "tx ?(?:pwr|power)?",
        "rx",
        "r[ia]",
        "slot",
        "sim",
        "imsi",
        "imei",
        "id",
        "rrc",
        "mode",
        "node",
        "sector",
        "sektor",
        "jarak",
        "distance",
        "ping",
        "bar(?:s)?",
        "speed",
        "baterai",
        "battery",
        "akurasi",
        "accuracy",
        "lat(?:itude)?",
        "lon(?:gitude)?",
        "alt(?:itude)?",
        "parametersuseforlevel",
        "tdscdma",
    )
)
"""Names of numbers that are no signal: cells, channels, places, batteries."""

_ANTENNA: Final = r"(?:[ _]?(?:rx)?[0-3](?=\s*[:=]|\s*-\d|\s+\d))?"
_LABELS: Final = tuple(
    (name, re.compile(pattern, re.ASCII))
    for name, pattern in (
        ("rsrp", rf"m?(ss|nr|lte)?[ _-]?rsrp{_ANTENNA}(?![a-z])"),
        ("rsrq", rf"m?(ss|nr|lte)?[ _-]?rsrq{_ANTENNA}(?![a-z])"),
        ("rssnr", r"m?(rssnr)(?![a-z])"),
        (
            "sinr",
            r"m?(ss|nr|lte|rs)?[ _-]?(?:sinr|snr)(?:[ _]?(?:rx)?[0-3](?=\s*[:=]))?(?![a-z])",
        ),
        ("rxlev", r"(rx ?lev(?:el)?|rxl)(?![a-z])"),
        ("rssi", r"m?(lte|gsm|carrier)?[ _-]?rssi(?![a-z])"),
        ("rscp", r"m?(rscp)(?![a-z])"),
        ("ecno", r"m?(ec)[ _/-]?(?:no|n0|io|i0)(?![a-z])"),
        ("asu", r"(asu)(?:[ _-]?level)?(?![a-z])"),
        (
            "signal",
            r"(m?signal(?:[ _-]?strength)?|(?:kekuatan[ _-]?)?sin[iy]al|daya|dbm)(?![a-z])",
        ),
        ("other", f"({_OTHERS})(?![a-z])"),
    )
)
"""Name, then how it is written; the first that fits counts. An index means an antenna."""

_CELL: Final = "m?(?:cellsignalstrength|cellinfo)?"
_NETWORKS: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern, re.ASCII), networks)
    for pattern, networks in (
        (
            rf"{_CELL}(?:5g|nr)[ _-]*nsa(?![a-z])|nsa(?![a-z])|non[ -]standalone",
            ("nr_nsa",),
        ),
        (r"(?:5g|nr)[ _-]*sa(?![a-z])|standalone", ("nr_sa",)),
        (rf"{_CELL}(?:5g|nr)(?![a-z0-9])", ("nr_nsa", "nr_sa")),
        (rf"{_CELL}(?:4g|lte)(?:[ _-]?[ap])?(?![a-z0-9])\+?", ("lte",)),
        (
            rf"{_CELL}(?:3g|wcdma|umts)(?![a-z0-9])|hs(?:d|u)?pap?(?![a-z])\+?|h\+",
            ("wcdma",),
        ),
        (rf"{_CELL}(?:2g|gsm)(?![a-z0-9])|edge(?![a-z])|gprs(?![a-z])", ("gsm",)),
        (rf"{_CELL}(?:td-?s)?cdma(?![a-z0-9])", ("cdma",)),
    )
)

_NOISE: Final = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?(?![\d:])|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}(?!\d)"
    r"|0x[0-9a-f]+",
    re.ASCII,
)
"""Clock times, days, hexadecimal ids: digits that are no reading."""
_NUMBER: Final = re.compile(r"([+-]?)(\s?)(\d+(?:[.,]\d+)*)", re.ASCII)
_UNIT: Final = re.compile(r"\s*[(\[]?\s*(dbm|db|asu)(?![a-z])", re.ASCII)
_FOREIGN: Final = re.compile(
    r"\s*(?:db[a-z]+|[kmg]?hz|ms|km|mw|[km]bps|[km]b|[msvw]|bars?|jam|menit|detik)(?![a-z])"
    r"|\s*[%\u00b0]|[a-z][a-z0-9_]*",
    re.ASCII,
)
"""A unit that is none of ours, or letters grown onto the number: no reading."""
_FILLER: Final = re.compile(
    r"(?:is|adalah|nilai|value|val|cur(?:rent)?|max|min|avg|dbm?)(?![a-z])", re.ASCII
)
_BEGINS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+-")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*(?:[.,]\d+)*", re.ASCII)
DIGITS: Final = 12
"""More digits are an id."""
_CLOSED: Final = re.compile(r"\s*(?:[(\[]\s*dbm?\s*[)\]])?\s*[:=-]", re.ASCII)
_NAMES: Final = re.compile(r"\s*[:=]", re.ASCII)

_MINUS: Final = re.compile("[\u02d7\u2010-\u2015\u207b\u2212\ufe58\ufe63\uff0d]")
_WIDE: Final = re.compile("[\uff01-\uff5e]")
_ELSE: Final = re.compile("[^\x20-\x7e\u00b0]")


def plain_text(text: str) -> str:
    """Return a text with plain minus signs and small letters; anything odd is a gap."""
    text = _MINUS.sub("-", text)
    text = _WIDE.sub(lambda found: chr(ord(found[0]) - 0xFEE0), text)
    return _ELSE.sub(" ", text).lower()


def read_tokens(raw: str) -> list[Token]:
    """Cut a text into tokens; fillers, units of others and times are left out."""
    text = plain_text(raw)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] not in _BEGINS:
            at += 1
            continue
        if noise := _NOISE.match(text, at):
            at = noise.end()
            continue
        found = _network_at(text, at) or _label_at(text, at) or _number_at(text, at)
        if found:
            if found.name != "noise":
                tokens.append(found)
            at = found.end
        elif filler := _FILLER.match(text, at):
            at = filler.end()
        elif word := _WORD.match(text, at):
            closed = _NAMES.match(text, word.end()) is not None
            tokens.append(Token("word", at, word.end(), closed=closed))
            at = word.end()
        else:
            at += 1
    return tokens


def _network_at(text: str, at: int) -> Token | None:
    for pattern, networks in _NETWORKS:
        if found := pattern.match(text, at):
            return Token("network", at, found.end(), networks=networks)
    return None


def _label_at(text: str, at: int) -> Token | None:
    for name, pattern in _LABELS:
        found = pattern.match(text, at)
        if found:
            closed = _CLOSED.match(text, found.end()) is not None
            if found[0] == "dbm" and not closed:
                return None
            return Token(
                "label",
                at,
                found.end(),
                name=name,
                nr=found[1] in ("ss", "nr"),
                antenna=found[0][-1].isdigit() and name != "ecno",
                closed=closed,
            )
    return None


def _number_at(text: str, at: int) -> Token | None:
    found = _NUMBER.match(text, at)
    if not found or (not found[1] and found[2]):
        return None
    unit = _UNIT.match(text, found.end())
    end = unit.end() if unit else found.end()
    foreign = None if unit else _FOREIGN.match(text, end)
    if foreign or len(found[3]) > DIGITS:
        return Token("number", at, foreign.end() if foreign else end, name="noise")
    parts = re.split("[.,]", found[3])
    size = float(".".join(parts[:2]))
    return Token(
        "number",
        at,
        end,
        value=-size if found[1] == "-" and size else size,
        sign=found[1],
        spaced=bool(found[2]),
        unit=unit[1] if unit else "",
        unclear=len(parts) > 2 or ("," in found[3] and len(parts[1]) > 1),
    )
