"""What each field of each payload must be: one table that both readers of payloads follow.

The strict reader makes msgspec types of it, the lenient one walks it field by field. Bounds
and words come from the domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from survey.domain.limits import (
    CLOCK_STATES,
    LIMITS,
    NAME_CHARACTERS,
    NOTE_CHARACTERS,
    PHOTO_KINDS,
    PLACE_KINDS,
    POSITION_METHODS,
    POWER_STATES,
    PROOFS,
    READING_SOURCES,
    SERVICE_RESULTS,
    SETTINGS_OF_STAND,
    TECHNOLOGIES,
    TRACK_PART_POINTS,
    USUALLY_SIGNAL,
    Limit,
)
from survey.domain.records import Comment, KeptRecord, NamedFile, Withdrawal
from survey.domain.track import PARTS, Track, TrackColumns, TrackPart
from survey.domain.visit import (
    ChosenArea,
    ClaimedArea,
    Clock,
    OriginalPhoto,
    Phone,
    Photo,
    Position,
    Reading,
    ServiceTest,
    Visit,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within a limit; `whole` has no fraction."""

    limit: Limit
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One of a list of words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Text for people; longer text is cut."""

    characters: int = NAME_CHARACTERS


@dataclass(frozen=True, slots=True)
class Name:
    """An id or key of something; a longer one is none."""

    characters: int = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant; any ISO 8601 text with a zone is brought to the project's form."""


@dataclass(frozen=True, slots=True)
class Hash:
    """A SHA-256 in lower-case hex."""


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false; `absent` is what stands for nothing."""

    absent: bool | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """An object of its own shape; `needed` is made empty when it is absent."""

    shape: type[Any]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list of at most `most` items; null and absence are an empty list."""

    item: Rule
    most: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A list of integers or nulls of at most `most`, read by formats/tracks.py."""

    most: int


Rule = Number | Word | Text | Name | Moment | Hash | Truth | Part | Items | Columns

COUNT = Limit(0, 10**9, "", "a number of a version or of points")
SIM = Number(LIMITS["sim_slot"], whole=True)
TECHNOLOGY = Word(TECHNOLOGIES)


def _limit(name: str, whole: bool = False) -> Number:
    return Number(LIMITS[name], whole)


SHAPES: Final[dict[type[Any], dict[str, Rule]]] = {
    ClaimedArea: {"name": Text(), "nagari_id": Name(), "said_by": Text()},
    ChosenArea: {"id": Name(), "claimed": Part(ClaimedArea)},
    Clock: {
        "server_offset_ms": _limit("clock_offset_ms"),
        "server_contact_at": Moment(),
        "state": Word(CLOCK_STATES),
        "step_ms": _limit("clock_offset_ms"),
    },
    Position: {
        "latitude_deg": _limit("latitude_deg"),
        "longitude_deg": _limit("longitude_deg"),
        "accuracy_m": _limit("accuracy_m"),
        "altitude_m": _limit("altitude_m"),
        "fixes": _limit("fixes", whole=True),
        "position_time": Moment(),
        "method": Word(POSITION_METHODS),
        "reason": Text(NOTE_CHARACTERS),
    },
    Phone: {"model": Text(), "app_version": Text()},
    ServiceTest: {
        "operator": Name(),
        "handset": Text(),
        "sim_slot": SIM,
        "result": Word(SERVICE_RESULTS),
        "proof": Word(PROOFS),
        "technology": TECHNOLOGY,
        "waited_s": _limit("waited_s"),
        "airplane_toggled": Truth(),
        "networks_heard": Items(Text(), 100),
        "at": Moment(),
    },
    Reading: {
        "operator": Name(),
        "technology": TECHNOLOGY,
        "handset": Text(),
        "sim_slot": SIM,
        "rsrp_dbm": _limit("rsrp_dbm"),
        "rsrq_db": _limit("rsrq_db"),
        "sinr_db": _limit("sinr_db"),
        "rssi_dbm": _limit("rssi_dbm"),
        "rscp_dbm": _limit("rscp_dbm"),
        "ecno_db": _limit("ecno_db"),
        "bars": _limit("bars", whole=True),
        "source": Word(READING_SOURCES),
        "raw_text": Text(),
        "at": Moment(),
    },
    OriginalPhoto: {
        "sha256": Hash(),
        "bytes": Number(Limit(0, 10**12, "B", "size of a file"), whole=True),
        "exif_time": Text(40),
        "exif_latitude_deg": _limit("latitude_deg"),
        "exif_longitude_deg": _limit("longitude_deg"),
        "model": Text(),
    },
    Photo: {
        "sha256": Hash(),
        "thumbnail_sha256": Hash(),
        "kind": Word(PHOTO_KINDS),
        "bytes": _limit("photo_bytes", whole=True),
        "width_px": _limit("image_side_px", whole=True),
        "height_px": _limit("image_side_px", whole=True),
        "taken_at": Moment(),
        "original": Part(OriginalPhoto),
    },
    Visit: {
        "id": Name(),
        "campaign_id": Name(),
        "practice": Truth(absent=False),
        "config_version": Number(COUNT, whole=True),
        "area": Part(ChosenArea, needed=True),
        "place_kind": Word(PLACE_KINDS),
        "setting": Word(SETTINGS_OF_STAND),
        "power": Word(POWER_STATES),
        "usually_signal": Word(USUALLY_SIGNAL),
        "started_at": Moment(),
        "saved_at": Moment(),
        "utc_offset_min": _limit("utc_offset_min", whole=True),
        "clock": Part(Clock, needed=True),
        "position": Part(Position),
        "phone": Part(Phone, needed=True),
        "companions": Items(Text(), 50),
        "service_tests": Items(Part(ServiceTest), 200),
        "readings": Items(Part(Reading), 500),
        "services_failing": Items(Text(), 100),
        "photos": Items(Part(Photo), 200),
        "note": Text(NOTE_CHARACTERS),
        "incomplete_reason": Text(NOTE_CHARACTERS),
    },
    Comment: {
        "id": Name(),
        "visit_id": Name(),
        "text": Text(NOTE_CHARACTERS),
        "saved_at": Moment(),
    },
    Withdrawal: {
        "id": Name(),
        "visit_id": Name(),
        "track_id": Name(),
        "reason": Text(NOTE_CHARACTERS),
        "saved_at": Moment(),
    },
    NamedFile: {"sha256": Hash(), "thumbnail_sha256": Hash()},
    KeptRecord: {
        "id": Name(),
        "sha256": Hash(),
        "photos": Items(Part(NamedFile), 200),
        "files": Items(Part(NamedFile), 200),
    },
    Track: {
        "id": Name(),
        "campaign_id": Name(),
        "practice": Truth(absent=False),
        "started_at": Moment(),
        "ended_at": Moment(),
        "saved_at": Moment(),
        "utc_offset_min": _limit("utc_offset_min", whole=True),
        "clock": Part(Clock, needed=True),
        "phone": Part(Phone, needed=True),
        "parts": Number(PARTS, whole=True),
        "points": Number(COUNT, whole=True),
    },
    TrackColumns: {
        name: Columns(TRACK_PART_POINTS)
        for name in ("time_ms", "latitude_e6", "longitude_e6", "altitude_dm", "accuracy_dm")
    },
    TrackPart: {
        "id": Name(),
        "track_id": Name(),
        "number": Number(PARTS, whole=True),
        "segment_starts": Items(
            Number(Limit(0, TRACK_PART_POINTS, "point", "index"), True), TRACK_PART_POINTS
        ),
        "columns": Part(TrackColumns, needed=True),
    },
}
"""Dataclass of the domain -> the rule of each of its fields."""
