"""One row's texts and numbers -> a sample, or the reason why it is none. Shared by all formats."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from survey.domain.cells import (
    AREA_CODE_MAXIMUM,
    ARFCN_MAXIMUM,
    CELL_ID_MAXIMUM,
    PCI_MAXIMUM,
    TA_MAXIMUM,
    clean_identity,
    clean_mcc,
    clean_mnc,
    nr_technology,
)
from survey.domain.instants import Instant, format_instant
from survey.domain.plmns import operator_of_name, operator_of_plmn
from survey.domain.quantities import clean_gsm, clean_lte, clean_nr, clean_wcdma
from survey.domain.samples import Sample
from survey.formats.radio.items import OLDEST, LogContext, Rejected

ACCURACY_M: Final = 1_000
AGE_MS: Final = 20_000
SPEED_M_S: Final = 50
ALTITUDE_M: Final = (-10_911, 100_000)
"""What the Mozilla Location Service believed of a cell's observation."""

TECHNOLOGY_NAMES: Final = {
    **dict.fromkeys(("gsm", "gprs", "edge", "2g", "e", "g"), "gsm"),
    **dict.fromkeys(
        ("umts", "wcdma", "hspa", "hspa+", "hspap", "hsdpa", "hsupa", "h", "h+", "3g"), "wcdma"
    ),
    **dict.fromkeys(("lte", "lteca", "lte_ca", "lte-ca", "lte+", "4g", "4g+"), "lte"),
    **dict.fromkeys(("nr", "5g", "nr_sa", "nr_nsa", "nrnsa", "nrsa"), "nr"),
}
"""What apps call a technology -> gsm, wcdma, lte or nr (standalone or not is seen later)."""


class Fix(NamedTuple):
    """Where and when, believed."""

    at: Instant
    latitude_deg: float
    longitude_deg: float
    accuracy_m: float | None
    altitude_m: float | None
    speed_m_s: float | None


class Levels(NamedTuple):
    """Raw values of a row, in dBm and dB; `level` is what Android's getDbm gave."""

    rsrp: float | None = None
    rsrq: float | None = None
    sinr: float | None = None
    rssi: float | None = None
    rscp: float | None = None
    ecno: float | None = None
    level: float | None = None


class Identity(NamedTuple):
    """Raw identity of a row: codes as texts, the rest as numbers."""

    mcc: str = ""
    mnc: str = ""
    area: float | None = None
    cell: float | None = None
    pci: float | None = None
    arfcn: float | None = None
    ta: float | None = None
    name: str = ""


def parse_time(text: str, zone: tzinfo | None) -> Instant | None:
    """Return the instant of an ISO 8601 text; without a zone of its own it is in `zone`.

    None when it cannot be read, or has no zone and `zone` is None.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            if zone is None:
                return None
            moment = moment.replace(tzinfo=zone)
        return format_instant(moment)
    except (ValueError, OverflowError):
        return None


def time_of_epoch(value: float | None) -> Instant | None:
    """Return the instant of seconds or milliseconds since 1970."""
    if value is None or value <= 0:
        return None
    try:
        return format_instant(datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def find_fix(
    context: LogContext,
    at: Instant | None,
    latitude: float | None,
    longitude: float | None,
    accuracy: float | None = None,
    altitude: float | None = None,
    speed: float | None = None,
) -> Fix | str:
    """Return where and when a row was measured, or the reason why that cannot be believed."""
    if latitude is None or longitude is None:
        return "no_position"
    if latitude == 0 and longitude == 0:
        return "zero_position"
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return "bad_position"
    if accuracy is not None and accuracy > ACCURACY_M:
        return "vague_position"
    if at is None:
        return "bad_time"
    if at < OLDEST:
        return "old_time"
    if at > context.latest:
        return "future_time"
    if altitude is not None and not ALTITUDE_M[0] <= altitude <= ALTITUDE_M[1]:
        altitude = None
    return Fix(
        at,
        latitude,
        longitude,
        accuracy if accuracy is not None and accuracy >= 0 else None,
        altitude,
        speed if speed is not None and 0 <= speed <= SPEED_M_S else None,
    )


def build_sample(
    line: int,
    fix: Fix,
    technology: str | None,
    identity: Identity,
    levels: Levels,
    serving: bool = True,
    slot: float | None = None,
) -> Sample | Rejected:
    """Return the sample of one cell (`technology`: gsm, wcdma, lte, nr, nr_nsa or nr_sa)."""
    if technology is None:
        return Rejected(line, "technology")
    bound = "nr_sa" if technology == "nr" else technology
    area = clean_identity(AREA_CODE_MAXIMUM[bound], identity.area)
    cell = clean_identity(CELL_ID_MAXIMUM[bound], identity.cell)
    arfcn = clean_identity(ARFCN_MAXIMUM[bound], identity.arfcn, 0)
    if technology == "nr":
        technology = nr_technology(cell, area, arfcn, levels.rsrp is not None)
    rsrp, rsrq, sinr, rssi, rscp, ecno, rxlev = clean_levels(technology, levels)
    if rsrp is rscp is rxlev is rssi is rsrq is ecno is sinr is None:
        return Rejected(line, "no_value")
    mcc = clean_mcc(identity.mcc)
    mnc = clean_mnc(mcc, identity.mnc) if mcc is not None else None
    operator = operator_of_plmn(mcc, mnc, fix.at[:10])
    if operator is None and mnc is None and identity.name:
        operator = operator_of_name(identity.name)
    return Sample(
        fix.at,
        fix.latitude_deg,
        fix.longitude_deg,
        line,
        fix.accuracy_m,
        fix.altitude_m,
        fix.speed_m_s,
        technology,
        mcc,
        mnc,
        area,
        cell,
        clean_identity(PCI_MAXIMUM[technology], identity.pci, 0),
        arfcn,
        serving,
        int(slot) if slot is not None and slot in (1, 2, 3, 4) else None,
        rsrp,
        rsrq,
        sinr,
        rssi,
        rscp,
        ecno,
        rxlev,
        clean_identity(TA_MAXIMUM[technology], identity.ta, 0),
        False,
        operator,
    )


def clean_levels(technology: str, raw: Levels) -> tuple[float | None, ...]:
    """Return rsrp, rsrq, sinr, rssi, rscp, ecno, rxlev as they can be believed.

    Where a format has one level only, it is getDbm's: RSRP, SS-RSRP, RSCP or RxLev.
    """
    if technology == "gsm":
        return (None,) * 6 + (clean_gsm(raw.level if raw.rssi is None else raw.rssi),)
    if technology == "wcdma":
        rscp = raw.level if raw.rscp is None else raw.rscp
        rscp, ecno, rssi = clean_wcdma(rscp, raw.ecno, raw.rssi)
        return None, None, None, rssi, rscp, ecno, None
    rsrp = raw.level if raw.rsrp is None else raw.rsrp
    if technology == "lte":
        return (*clean_lte(rsrp, raw.rsrq, raw.sinr, raw.rssi), None, None, None)
    return (*clean_nr(technology, rsrp, raw.rsrq, raw.sinr), None, None, None, None)
