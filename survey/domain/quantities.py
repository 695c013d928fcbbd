"""Radio values: what a number from a phone means, and when it means nothing.

Bounds are those of `limits`; here are the bogus values of known makers and the formulas of ASU.
Identities and bands are in `cells`. Sources: 3GPP TS 36.133, 38.133, 25.133, 27.007; AOSP; the
public code and issues of netmonster-core and ichnaea.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from survey.domain.cells import NOT_AVAILABLE
from survey.domain.cells import Cell as Cell
from survey.domain.cells import band_of as band_of
from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGY_LIMITS


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing a phone measures: `step` is the finest difference that the standard reports."""

    field: str
    unit: str
    step: float
    source: str


QUANTITIES: Final[dict[str, tuple[Quantity, ...]]] = {
    "gsm": (Quantity("rxlev_dbm", "dBm", 2, "TS 27.007 8.5 +CSQ; TS 45.008 8.1.4 RXLEV"),),
    "wcdma": (
        Quantity("rscp_dbm", "dBm", 1, "TS 25.133 9.1.1"),
        Quantity("ecno_db", "dB", 0.5, "TS 25.133 9.1.2"),
        Quantity("rssi_dbm", "dBm", 2, "TS 27.007 8.5"),
    ),
    "lte": (
        Quantity("rsrp_dbm", "dBm", 1, "TS 36.133 9.1.4, AOSP down to -43"),
        Quantity("rsrq_db", "dB", 0.5, "TS 36.133 9.1.7 with its later extension"),
        Quantity("sinr_db", "dB", 1, "not reported by 3GPP; Android -20..30"),
        Quantity("rssi_dbm", "dBm", 2, "TS 27.007 8.5; strong cells reach higher"),
    ),
    "nr_nsa": (
        Quantity("rsrp_dbm", "dBm", 1, "as phones say it: mostly the LTE anchor's"),
        Quantity("rsrq_db", "dB", 0.5, "as phones say it"),
        Quantity("sinr_db", "dB", 0.5, "as phones say it"),
    ),
    "nr_sa": (
        Quantity("rsrp_dbm", "dBm", 1, "SS-RSRP, TS 38.133 10.1.6"),
        Quantity("rsrq_db", "dB", 0.5, "SS-RSRQ, TS 38.133 10.1.11"),
        Quantity("sinr_db", "dB", 0.5, "SS-SINR, TS 38.133 10.1.16"),
    ),
}

LEVEL: Final[dict[str, str]] = {**MAIN_QUANTITY, "gsm": "rxlev_dbm"}
"""The value of a sample that tells coverage in each technology."""


def clean_value(technology: str, field: str, value: float | None) -> float | None:
    """Return a radio value as it is, or None when it is a sentinel or outside its range.

    A foreign quantity (RSCP of LTE) is None. An LTE SNR beyond its range is what phones give in
    tenths; within the range a tenth cannot be told from a whole, so it is taken as it is.
    """
    bounds = TECHNOLOGY_LIMITS[technology].get(field)
    if value is None or bounds is None or value in NOT_AVAILABLE:
        return None
    if bounds[0] <= value <= bounds[1]:
        return value
    if technology == "lte" and field == "sinr_db" and float(value).is_integer():
        tenths = value / 10
        return tenths if bounds[0] <= tenths <= bounds[1] else None
    return None


def clean_lte(
    rsrp: float | None, rsrq: float | None, sinr: float | None, rssi: float | None
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return RSRP, RSRQ, SINR and RSSI of LTE without what cannot be.

    RSSI is the power of all of the band: one that (nearly) equals RSRP is Samsung's copy of it.
    """
    rsrp = clean_value("lte", "rsrp_dbm", rsrp)
    rssi = clean_value("lte", "rssi_dbm", rssi)
    if rssi is not None and rsrp is not None and rssi <= rsrp + 1:
        rssi = None
    return (
        rsrp,
        clean_value("lte", "rsrq_db", rsrq),
        clean_value("lte", "sinr_db", sinr),
        rssi,
    )


def clean_nr(
    technology: str, rsrp: float | None, rsrq: float | None, sinr: float | None
) -> tuple[float | None, float | None, float | None]:
    """Return RSRP, RSRQ and SINR of NR: Huawei's lost signs put back, Mediatek's bogus cell out."""
    if rsrp is not None and 31 <= rsrp <= 156:
        rsrp = -rsrp
        rsrq = -rsrq if rsrq is not None and 0 < rsrq <= 43 else rsrq
    if rsrp == -44 and rsrq in (None, -3):
        return None, None, clean_value(technology, "sinr_db", sinr)
    return (
        clean_value(technology, "rsrp_dbm", rsrp),
        clean_value(technology, "rsrq_db", rsrq),
        clean_value(technology, "sinr_db", sinr),
    )


def clean_wcdma(
    rscp: float | None, ecno: float | None, rssi: float | None
) -> tuple[float | None, float | None, float | None]:
    """Return RSCP, Ec/No and RSSI of WCDMA; Ec/No of 0 is what phones say for none."""
    return (
        clean_value("wcdma", "rscp_dbm", rscp),
        clean_value("wcdma", "ecno_db", None if ecno == 0 else ecno),
        clean_value("wcdma", "rssi_dbm", rssi),
    )


def clean_gsm(rxlev: float | None) -> float | None:
    """Return RxLev of GSM; -51 dBm is what Samsung says for "unknown" (ASU 31)."""
    return clean_value("gsm", "rxlev_dbm", None if rxlev == -51 else rxlev)


@dataclass(frozen=True, slots=True)
class AsuFormula:
    """One way to make dBm of an ASU: dBm = factor * ASU + offset for minimum <= ASU <= maximum."""

    label: str
    factor: int
    offset: int
    minimum: int
    maximum: int

    def dbm_of(self, asu: int) -> int | None:
        """Return the level in dBm, None for an ASU that the formula does not know (99, 255)."""
        if not self.minimum <= asu <= self.maximum:
            return None
        return self.factor * asu + self.offset


ASU_FORMULAS: Final[dict[str, tuple[AsuFormula, ...]]] = {
    "gsm": (AsuFormula("2 x ASU - 113 (TS 27.007)", 2, -113, 0, 31),),
    "wcdma": (
        AsuFormula("ASU - 120 (Android 10 and later)", 1, -120, 0, 96),
        AsuFormula("ASU - 116 (Mozilla Location Service)", 1, -116, -5, 91),
        AsuFormula("2 x ASU - 113 (RSSI, older Android)", 2, -113, 0, 31),
    ),
    "lte": (AsuFormula("ASU - 140 (TS 36.133)", 1, -140, 0, 97),),
    "nr_nsa": (AsuFormula("ASU - 140 (Android)", 1, -140, 0, 97),),
    "nr_sa": (AsuFormula("ASU - 140 (Android)", 1, -140, 0, 97),),
}
"""An ASU is kept only as a raw value with the label of its formula: for 3G they contradict."""
