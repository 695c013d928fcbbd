"""The one function from payload, layers and standing to the rows of a visit: `build_rows`.

Used at intake, after every act of the office and in a rebuild. Reads nothing but the
surroundings it is given, writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from survey.domain.flag_rules import Case, flag_visit
from survey.domain.history import Standing
from survey.domain.instants import Instant, add_to_instant
from survey.domain.limits import CLOCK_OFFSET_MS
from survey.domain.visit import ClaimedArea, Photo, Position, Visit
from survey.formats.payloads import ReadPayload
from survey.services.flagging import flag_rows
from survey.services.surroundings import Surroundings
from survey.store.revisions import Revision
from survey.store.visits import VisitRow, VisitRows

EARLIEST: Final = "2020-01-01T00:00:00.000Z"
"""No phone of this survey saved anything before; an older time is a lost clock."""

LATEST: Final = "9000-01-01T00:00:00.000Z"

Layers = Mapping[tuple[str, str], str | None]
NO_LAYERS: Final[Layers] = {}
_NO_CLAIM: Final = ClaimedArea()
_NO_POSITION: Final = Position()


def build_rows(
    revision: Revision,
    read: ReadPayload,
    standing: Standing,
    layers: Layers,
    surroundings: Surroundings,
    zone: ZoneInfo,
    first_time: tuple[Instant, str | None] | None = None,
) -> VisitRows:
    """Return the rows of a visit whose head is `revision`, with the flags it raises alone.

    `first_time` is what `find_time` says of the first revision: a correction written days
    later tells of the same stand, and does not move it to another day.
    """
    visit = read.value
    assert isinstance(visit, Visit)  # noqa: S101 - revisions of kind visit
    key = standing.first_key
    area_id, chosen_known = _find_area(visit, layers, surroundings)
    campaign_id = layers.get(("campaign_id", ""), visit.campaign_id) or None
    campaign_practice = None if campaign_id is None else surroundings.campaign_practice(campaign_id)
    occurred_at, time_problem = first_time or find_time(
        visit.saved_at or visit.started_at, visit.clock.server_offset_ms, revision.received_at
    )
    case = Case(
        received_at=revision.received_at,
        occurred_at=occurred_at,
        time_problem=time_problem,
        area=None if area_id is None else surroundings.area_facts(area_id),
        chosen_known=chosen_known,
        campaign_id=campaign_id,
        campaign_known=campaign_practice is not None,
        record_id=revision.record_id,
        seal_wrong=revision.seal is not None and not revision.sealed,
        base_unknown=revision.conflict is not None and revision.key == key,
    )
    row = _visit_row(revision, visit, standing, layers, case, area_id, local_day(occurred_at, zone))
    if campaign_practice:
        row = row._replace(practice=1)
    return VisitRows(
        row,
        _test_rows(key, visit),
        _reading_rows(key, visit),
        [
            _photo_row(key, number, photo, layers)
            for number, photo in enumerate(visit.photos)
            if photo.sha256 is not None
        ],
        flag_rows(key, flag_visit(visit, read.oddities, case)),
    )


def _find_area(visit: Visit, layers: Layers, surroundings: Surroundings) -> tuple[str | None, bool]:
    """Return the area a visit counts for, and whether the one the phone chose is known."""
    chosen = surroundings.resolve_area(visit.area.id or None)
    if ("area_id", "") in layers:
        return surroundings.resolve_area(layers["area_id", ""]), chosen is not None
    return chosen, chosen is not None


def find_time(
    saved_at: str | None, offset_ms: float | None, received_at: Instant
) -> tuple[Instant, str | None]:
    """Return when something happened by the server's clock, and what is wrong with its time.

    Before 2020, or more than 10 minutes after arrival, cannot be: arrival stands in ("absurd");
    so it does where there is no time at all ("unknown"). Where arrival itself was before 2020
    the server's clock was lost, and the phone's word stands ("server").
    """
    if saved_at is None:
        return received_at, "unknown"
    corrected = _correct(saved_at, offset_ms) if offset_ms else saved_at
    if received_at < EARLIEST:
        candidates = (corrected, saved_at)
        fit = (each for each in candidates if each is not None and EARLIEST <= each < LATEST)
        return next(fit, received_at), "server"
    if corrected is not None and EARLIEST <= corrected <= _latest(received_at):
        return corrected, None
    return received_at, "absurd"


def _correct(instant: Instant, offset_ms: float) -> Instant | None:
    """Return an instant moved by an offset, or None when that leaves the calendar."""
    try:
        moment = datetime.fromisoformat(instant) + timedelta(milliseconds=offset_ms)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


@lru_cache(maxsize=16)
def _latest(received_at: Instant) -> Instant:
    return add_to_instant(received_at, seconds=CLOCK_OFFSET_MS / 1000)


def local_day(instant: Instant, zone: ZoneInfo) -> str:
    """Return the calendar day of an instant in a zone as text."""
    return datetime.fromisoformat(instant).astimezone(zone).date().isoformat()


def _visit_row(
    revision: Revision,
    visit: Visit,
    standing: Standing,
    layers: Layers,
    case: Case,
    area_id: str | None,
    day: str,
) -> VisitRow:
    claimed = visit.area.claimed or _NO_CLAIM
    position = visit.position or _NO_POSITION
    placed = position.latitude_deg is not None and position.longitude_deg is not None
    # By position: it is twice as fast, and every new visit comes by here.
    return VisitRow(
        standing.first_key,
        revision.record_id,
        revision.officer_key,
        revision.key,
        revision.revision,
        standing.state,
        standing.latest_review,
        standing.changed_seq,
        standing.changed_at,
        standing.first_received_at,
        revision.received_at,
        int(visit.practice),
        case.campaign_id,
        visit.config_version,
        area_id,
        visit.area.id or None,
        claimed.name or None,
        claimed.nagari_id or None,
        claimed.said_by or None,
        layers.get(("place_kind", ""), visit.place_kind),
        visit.setting,
        visit.power,
        visit.usually_signal,
        visit.started_at,
        visit.saved_at,
        case.occurred_at,
        day,
        visit.utc_offset_min,
        visit.clock.server_offset_ms,
        position.latitude_deg if placed else None,
        position.longitude_deg if placed else None,
        position.accuracy_m,
        position.altitude_m,
        position.fixes,
        position.position_time,
        position.method,
        position.reason or None,
        visit.phone.model,
        visit.phone.app_version,
        _list_text(visit.companions),
        _list_text(visit.services_failing),
        layers.get(("note", ""), visit.note) or None,
        visit.incomplete_reason or None,
    )


def _list_text(items: list[str]) -> str:
    return msgspec.json.encode(items).decode() if items else "[]"


def _test_rows(key: int, visit: Visit) -> list[tuple[Any, ...]]:
    return [
        (
            key,
            number,
            test.operator,
            test.handset,
            test.sim_slot,
            test.result,
            test.proof,
            test.technology,
            test.waited_s,
            None if test.airplane_toggled is None else int(test.airplane_toggled),
            _list_text(test.networks_heard),
            test.at,
        )
        for number, test in enumerate(visit.service_tests)
    ]


def _reading_rows(key: int, visit: Visit) -> list[tuple[Any, ...]]:
    return [
        (
            key,
            number,
            reading.operator,
            reading.technology,
            reading.handset,
            reading.sim_slot,
            reading.rsrp_dbm,
            reading.rsrq_db,
            reading.sinr_db,
            reading.rssi_dbm,
            reading.rscp_dbm,
            reading.ecno_db,
            reading.bars,
            reading.source,
            reading.raw_text,
            reading.at,
        )
        for number, reading in enumerate(visit.readings)
    ]


def _photo_row(key: int, number: int, photo: Photo, layers: Layers) -> tuple[Any, ...]:
    original = photo.original
    return (
        key,
        number,
        photo.sha256,
        photo.thumbnail_sha256,
        layers.get(("photo_kind", photo.sha256 or ""), photo.kind),
        photo.bytes,
        photo.width_px,
        photo.height_px,
        photo.taken_at,
        original.exif_time if original else None,
        original.exif_latitude_deg if original else None,
        original.exif_longitude_deg if original else None,
        original.model if original else None,
    )
