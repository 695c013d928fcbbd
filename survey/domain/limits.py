"""Every limit of the survey, once, with unit and source.

The store's CHECKs, the wire, the forms and the phone take their bounds from here. A value
outside its limits is never refused on the wire: it is kept in the payload and flagged.
Sources: 3GPP TS 36.133, 38.133, 38.215, 25.133, 27.007 and the ranges Android accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """A closed interval for one quantity: `minimum` and `maximum` are both allowed."""

    minimum: float
    maximum: float
    unit: str
    source: str

    def allows(self, value: float) -> bool:
        """Tell whether a value lies within the interval; NaN does not."""
        return self.minimum <= value <= self.maximum


LIMITS: Final[dict[str, Limit]] = {
    "latitude_deg": Limit(-90, 90, "deg", "WGS 84"),
    "longitude_deg": Limit(-180, 180, "deg", "WGS 84"),
    "accuracy_m": Limit(0, 100_000, "m", "Geolocation API: never negative; above is no position"),
    "altitude_m": Limit(-11_000, 100_000, "m", "Mozilla Location Service's own bounds"),
    "fixes": Limit(0, 100_000, "fixes", "count of positions averaged"),
    "rsrp_dbm": Limit(-156, -31, "dBm", "TS 36.133 9.1.4 and TS 38.133 10.1.6 (NR is wider)"),
    "rsrq_db": Limit(-43, 20, "dB", "TS 36.133 9.1.7 and TS 38.133 10.1.11 (NR is wider)"),
    "sinr_db": Limit(-23, 40, "dB", "TS 38.133 10.1.16; LTE as reported by Android -20..30"),
    "rssi_dbm": Limit(-113, -25, "dBm", "TS 27.007 8.5 lower bound; RSSI of strong cells"),
    "rscp_dbm": Limit(-120, -24, "dBm", "TS 25.133 9.1.1"),
    "ecno_db": Limit(-24, 1, "dB", "TS 25.133 9.1.2"),
    "rxlev_dbm": Limit(-113, -40, "dBm", "TS 27.007 8.5, TS 45.008 8.1.4"),
    "bars": Limit(0, 5, "bars", "Android shows 0-4, some makers 5"),
    "sim_slot": Limit(1, 4, "slot", "slots of one handset"),
    "waited_s": Limit(0, 86_400, "s", "a test within a day"),
    "utc_offset_min": Limit(-720, 840, "min", "time zones of the world"),
    "clock_offset_ms": Limit(-4e12, 4e12, "ms", "a phone set to 1900 or 2150 still says so"),
    "photo_bytes": Limit(1, 25_000_000, "B", "largest file a phone may send"),
    "image_side_px": Limit(1, 30_000, "px", "longest side of an image that is opened"),
    "schema": Limit(1, 1, "version", "payload schemas released"),
    "revision": Limit(1, 100_000, "revision", "a number for people"),
}

TECHNOLOGY_LIMITS: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "gsm": {"rssi_dbm": (-113, -47), "rxlev_dbm": (-113, -47)},
    "wcdma": {"rscp_dbm": (-120, -24), "ecno_db": (-24, 1), "rssi_dbm": (-113, -51)},
    "lte": {
        "rsrp_dbm": (-140, -43),
        "rsrq_db": (-34, 3),
        "sinr_db": (-20, 30),
        "rssi_dbm": (-113, -25),
    },
    "nr_nsa": {"rsrp_dbm": (-156, -31), "rsrq_db": (-43, 20), "sinr_db": (-23, 40)},
    "nr_sa": {"rsrp_dbm": (-156, -31), "rsrq_db": (-43, 20), "sinr_db": (-23, 40)},
}
"""Narrower bounds by radio technology: outside is a question to the officer and a flag."""

MAIN_QUANTITY: Final[dict[str, str]] = {
    "gsm": "rssi_dbm",
    "wcdma": "rscp_dbm",
    "lte": "rsrp_dbm",
    "nr_nsa": "rsrp_dbm",
    "nr_sa": "rsrp_dbm",
}
"""The value that tells coverage in each technology."""

TECHNOLOGIES: Final = ("gsm", "wcdma", "lte", "nr_nsa", "nr_sa")
SERVICE_RESULTS: Final = ("none", "emergency_only", "voice", "voice_sms", "data")
PROOFS: Final = ("quick", "proven")
PLACE_KINDS: Final = (
    "centre",
    "last_house",
    "school",
    "health",
    "mosque",
    "office",
    "market",
    "road",
    "signal_spot",
    "other",
)
SETTINGS_OF_STAND: Final = ("outdoor", "indoor", "vehicle")
POWER_STATES: Final = ("on", "off", "none", "unknown")
USUALLY_SIGNAL: Final = ("yes", "weak", "no", "unknown")
CLOCK_STATES: Final = ("measured", "never", "changed", "doubtful")
POSITION_METHODS: Final = ("averaged", "single", "manual")
HANDSETS: Final = ("own", "office", "borrowed", "other")
READING_SOURCES: Final = ("typed", "imported")
PHOTO_KINDS: Final = (
    "proof_screen",
    "site",
    "access_road",
    "tower",
    "power",
    "berita_acara",
    "other",
)
FILE_KINDS: Final = ("photo", "thumbnail", "radio_log", "track_file", "attachment")
RECORD_KINDS: Final = (
    "visit",
    "track",
    "track_part",
    "jorong_profile",
    "comment",
    "radio_log",
    "withdrawal",
)

# The wire (see docs/api.md): counts and sizes, in records, bytes or points.
BATCH_RECORDS: Final = 50
BATCH_BYTES: Final = 256_000
SINGLE_RECORD_BYTES: Final = 1_000_000
TRACK_PART_POINTS: Final = 3_000
FILE_BYTES: Final = 25_000_000
THUMBNAIL_BYTES: Final = 12_000
PHOTO_SIDE_PX: Final = 1_600
PHOTO_TARGET_BYTES: Final = 350_000
CHUNK_BYTES: Final = (64_000, 256_000)

# Questions, not refusals (see domain/flags.py).
ACCURACY_TARGET_M: Final = 10
ACCURACY_POOR_M: Final = 50
ACCURACY_APPROXIMATE_M: Final = 1_000
AREA_DISTANCE_M: Final = 5_000
SAME_PLACE_M: Final = 100
CLOCK_OFFSET_MS: Final = 600_000
SPEED_M_S: Final = 50
PHOTO_DISTANCE_M: Final = 1_000
FIX_PATIENCE_S: Final = 120

# Text that people type; longer text stays in the payload and is cut in the projection.
NOTE_CHARACTERS: Final = 10_000
REASON_CHARACTERS: Final = 2_000
NAME_CHARACTERS: Final = 200
