"""A sample: what a phone's log says of one cell (or of none) at one place and time.

A sample is known by the hash of its normalised row, so that the same measurement in another
export is the same sample. Knows no format and no storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from survey.domain.instants import Instant
from survey.domain.quantities import LEVEL, Cell


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of a log; None is "the log does not say".

    `technology` is None only with `no_service`: registered nowhere or for emergency calls only.
    `serving` False is a neighbour cell. `line` is where it stood in its file.
    """

    at: Instant
    latitude_deg: float
    longitude_deg: float
    line: int = 0
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_m_s: float | None = None
    technology: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    area_code: int | None = None
    cell_id: int | None = None
    pci: int | None = None
    arfcn: int | None = None
    serving: bool = True
    sim_slot: int | None = None
    rsrp_dbm: float | None = None
    rsrq_db: float | None = None
    sinr_db: float | None = None
    rssi_dbm: float | None = None
    rscp_dbm: float | None = None
    ecno_db: float | None = None
    rxlev_dbm: float | None = None
    ta: int | None = None
    no_service: bool = False
    operator: str | None = None

    @property
    def level_dbm(self) -> float | None:
        """The value that tells coverage in this technology."""
        if self.technology is None:
            return None
        value: float | None = getattr(self, LEVEL[self.technology])
        return value

    @property
    def cell(self) -> Cell | None:
        """The cell, None without a technology."""
        if self.technology is None:
            return None
        return Cell(
            self.technology,
            self.mcc,
            self.mnc,
            self.area_code,
            self.cell_id,
            self.pci,
            self.arfcn,
        )


@dataclass(frozen=True, slots=True)
class ReferenceCell:
    """A cell of a public tower list: where somebody thinks it is. Never coverage."""

    technology: str
    mcc: str
    mnc: str
    area_code: int | None
    cell_id: int | None
    latitude_deg: float
    longitude_deg: float
    line: int = 0
    pci: int | None = None
    arfcn: int | None = None
    range_m: float | None = None
    samples: int | None = None
    updated_at: Instant | None = None
    place: str | None = None
    operator: str | None = None

    @property
    def cell(self) -> Cell:
        """The cell itself."""
        return Cell(
            self.technology,
            self.mcc,
            self.mnc,
            self.area_code,
            self.cell_id,
            self.pci,
            self.arfcn,
        )


_KEY_BYTES: Final = 16


def sample_key(sample: Sample) -> str:
    """Return 32 hex digits: the hash of the normalised row.

    Positions count to 1e-6 degrees, accuracy and altitude to 0.1 m, speed to 0.01 m/s, time to
    the millisecond. The line and the operator do not count: one is the file's, the other follows
    from the network code by data that may be corrected.
    """
    s = sample
    row = (
        s.at,
        round(s.latitude_deg * 1_000_000),
        round(s.longitude_deg * 1_000_000),
        _scaled(s.accuracy_m, 10),
        _scaled(s.altitude_m, 10),
        _scaled(s.speed_m_s, 100),
        s.technology,
        s.mcc,
        s.mnc,
        s.area_code,
        s.cell_id,
        s.pci,
        s.arfcn,
        s.serving,
        s.sim_slot,
        _scaled(s.rsrp_dbm, 100),
        _scaled(s.rsrq_db, 100),
        _scaled(s.sinr_db, 100),
        _scaled(s.rssi_dbm, 100),
        _scaled(s.rscp_dbm, 100),
        _scaled(s.ecno_db, 100),
        _scaled(s.rxlev_dbm, 100),
        s.ta,
        s.no_service,
    )
    return blake2b(repr(row).encode(), digest_size=_KEY_BYTES).hexdigest()


def reference_key(cell: ReferenceCell) -> str:
    """Return 32 hex digits: the hash of a tower list's row, its line left out."""
    row = (
        cell.technology,
        cell.mcc,
        cell.mnc,
        cell.area_code,
        cell.cell_id,
        round(cell.latitude_deg * 1_000_000),
        round(cell.longitude_deg * 1_000_000),
        cell.pci,
        cell.arfcn,
        _scaled(cell.range_m, 1),
        cell.samples,
        cell.updated_at,
        cell.place,
    )
    return blake2b(repr(row).encode(), digest_size=_KEY_BYTES).hexdigest()


def _scaled(value: float | None, scale: int) -> int | None:
    return None if value is None else round(value * scale)
