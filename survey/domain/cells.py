"""Who sent a signal: identities of cells, network codes as text, channel numbers and bands.

Values that stand for "not available" become None. Sources: 3GPP TS 24.008, 36.213; AOSP; the
public code of netmonster-core (bands) and ichnaea (ranges).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOT_AVAILABLE: Final = frozenset({2147483647, 2147483646, 2147483645, -2147483648})
"""What Android says for a number it does not have."""

NO_TEXT: Final = frozenset(
    {"", "-", "--", "n/a", "na", "nan", "none", "null", "unknown", "not available", "unavailable"}
)
"""What apps write where they have nothing, in lower case."""


AREA_CODE_MAXIMUM: Final = {
    "gsm": 65_533,
    "wcdma": 65_533,
    "lte": 65_533,
    "nr_nsa": 16_777_214,
    "nr_sa": 16_777_214,
}
"""LAC or TAC: 0 and 65534 are reserved (TS 24.008), 65535 and 16777215 mean "not available"."""

CELL_ID_MAXIMUM: Final = {
    "gsm": 65_534,
    "wcdma": 268_435_454,
    "lte": 268_435_454,
    "nr_nsa": 68_719_476_734,
    "nr_sa": 68_719_476_734,
}
PCI_MAXIMUM: Final = {"gsm": 63, "wcdma": 511, "lte": 503, "nr_nsa": 1007, "nr_sa": 1007}
ARFCN_MAXIMUM: Final = {
    "gsm": 1023,
    "wcdma": 16_383,
    "lte": 262_143,
    "nr_nsa": 3_279_165,
    "nr_sa": 3_279_165,
}
TA_MAXIMUM: Final = {"gsm": 219, "wcdma": -1, "lte": 1282, "nr_nsa": 3846, "nr_sa": 3846}

ECI_MAXIMUM: Final = 268_435_455
"""28 bits: an "NR" cell with such an identity is the LTE anchor of a non-standalone network."""


def clean_identity(maximum: int, value: float | None, minimum: int = 1) -> int | None:
    """Return a whole number between two bounds, else None: -1, 0 and "all ones" are no identity."""
    if value is None or not minimum <= value <= maximum or value in NOT_AVAILABLE:
        return None
    return int(value) if value == int(value) else None


def clean_mcc(text: str) -> str | None:
    """Return a country code as three digits, None when it is none."""
    digits = _whole(text)
    if digits is None or not 1 <= len(digits) <= 3 or int(digits) == 0:
        return None
    return digits.zfill(3)


INDONESIA: Final = "510"


def clean_mnc(mcc: str | None, text: str) -> str | None:
    """Return a network code as text with its leading zeros, None when it is none.

    Lists and logs drop the zero of "01". Indonesia has two digits: "001" is "01", 100 is invalid.
    """
    digits = _whole(text)
    if digits is None or not 1 <= len(digits) <= 3:
        return None
    if mcc == INDONESIA and len(digits) == 3:
        return digits[1:] if digits[0] == "0" else None
    return digits.zfill(2)


def split_plmn(text: str) -> tuple[str | None, str | None]:
    """Return country and network code of "51010", "510-10" or "510 10"; None for what is none."""
    digits = "".join(letter for letter in text if letter not in " -_.,/")
    if not digits.isascii() or not digits.isdigit() or not 5 <= len(digits) <= 6:
        return None, None
    mcc = clean_mcc(digits[:3])
    return mcc, clean_mnc(mcc, digits[3:])


def _whole(text: str) -> str | None:
    """Return the digits of a whole number that was perhaps written as "510.0"."""
    text = text.strip()
    if text.endswith(".0"):
        text = text[:-2]
    return text if text.isascii() and text.isdigit() else None


@dataclass(frozen=True, slots=True)
class Cell:
    """Who sent a signal; `area_code` is TAC or LAC, `cell_id` CI, UTRAN cell id, ECI or NCI."""

    technology: str
    mcc: str | None = None
    mnc: str | None = None
    area_code: int | None = None
    cell_id: int | None = None
    pci: int | None = None
    arfcn: int | None = None

    @property
    def enb(self) -> int | None:
        """The site: eNB of LTE and of an NSA anchor, RNC of WCDMA; the gNB's length is unknown."""
        if self.cell_id is None or self.technology == "gsm" or self.cell_id > ECI_MAXIMUM:
            return None
        if self.technology == "wcdma":
            return self.cell_id >> 16 or None
        return self.cell_id >> 8 if self.technology in ("lte", "nr_nsa") else None

    @property
    def sector(self) -> int | None:
        """The cell within its site."""
        if self.enb is None or self.cell_id is None:
            return None
        return self.cell_id & (0xFFFF if self.technology == "wcdma" else 0xFF)

    @property
    def band(self) -> str | None:
        """The band by its channel number, None when it is none of Indonesia's."""
        return band_of(self.technology, self.arfcn)


_LTE_BANDS: Final = (
    (0, 599, "B1 2100"),
    (1200, 1949, "B3 1800"),
    (2400, 2649, "B5 850"),
    (3450, 3799, "B8 900"),
    (9210, 9659, "B28 700"),
    (38650, 39649, "B40 2300"),
)
_NR_BANDS: Final = (
    (151600, 160600, "n28 700"),
    (185000, 192000, "n8 900"),
    (361000, 376000, "n3 1800"),
    (422000, 434000, "n1 2100"),
    (460000, 480000, "n40 2300"),
    (620000, 653333, "n78 3500"),
)
_BANDS: Final = {
    "gsm": ((0, 124, "900"), (512, 885, "1800"), (955, 1023, "900")),
    "wcdma": ((2937, 3088, "B8 900"), (10562, 10838, "B1 2100")),
    "lte": _LTE_BANDS,
    "nr_sa": _NR_BANDS,
    # An NSA row names its anchor's channel or its own; the numbers do not overlap.
    "nr_nsa": _NR_BANDS + _LTE_BANDS,
}


def band_of(technology: str, arfcn: int | None) -> str | None:
    """Return the band of a downlink channel number used in Indonesia, None for another one."""
    if arfcn is None:
        return None
    for first, last, band in _BANDS.get(technology, ()):
        if first <= arfcn <= last:
            return band
    return None


NR_ARFCN_MINIMUM: Final = 123_400
"""The lowest channel number of NR in use (n71); those of LTE end at 70,655."""


def nr_technology(
    cell_id: int | None, area_code: int | None, arfcn: int | None, own_level: bool
) -> str:
    """Return nr_sa or nr_nsa for a row that says 5G.

    Standalone only where the identity shows it: more than 28 bits, or complete on a channel of
    NR with NR's own level. Everything else may be the anchor's and is labelled so.
    """
    if cell_id is None:
        return "nr_nsa"
    if cell_id > ECI_MAXIMUM:
        return "nr_sa"
    on_nr = arfcn is not None and arfcn >= NR_ARFCN_MINIMUM
    return "nr_sa" if on_nr and own_level and area_code is not None else "nr_nsa"
