"""The office's corrections: laid over a visit with a reason, the payload stays as it is.

Jorong, campaign, place kind, note and photo kind; never a measured value, never a position.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from survey.domain.areas import Area, list_ancestors
from survey.domain.instants import Instant
from survey.domain.limits import NOTE_CHARACTERS, PHOTO_KINDS, PLACE_KINDS
from survey.domain.problems import Problem
from survey.domain.review import LAYER_FIELDS
from survey.services.areas import search_areas
from survey.services.reviewing import (
    Reviewer,
    get_visit_to_change,
    refresh_visit,
    require_reason,
)
from survey.store.areas import find_area, list_areas
from survey.store.audit import append_audit
from survey.store.campaigns import find_campaign
from survey.store.connection import Store
from survey.store.layers import insert_layer
from survey.store.visit_page import list_photos

VISITABLE_LEVELS: Final = ("jorong", "nagari")
"""Where a visit may lie: a jorong, or the nagari while nobody knows which jorong."""

SUGGESTIONS: Final = 6


def lay_correction(
    store: Store,
    visit_id: str,
    field: str,
    value: str | None,
    reason: str | None,
    author: Reviewer,
    expected_seq: int,
    now: Instant,
    *,
    subject: str = "",
) -> bool:
    """Lay a value over a field of a visit; return False when it stood there already.

    `subject` is the photo's SHA-256 for photo_kind. None or an empty value takes area,
    campaign, place kind or note away. Raises layer.unknown_field, layer.bad_value,
    area.not_found, campaign.not_found and what reviewing.get_visit_to_change raises.
    """
    if field not in LAYER_FIELDS:
        raise Problem("layer.unknown_field")
    wanted = (value or "").replace("\x00", "").strip() or None
    text = require_reason(reason)

    def write(connection: sqlite3.Connection) -> bool:
        visit = get_visit_to_change(connection, visit_id, author, expected_seq)
        standing = _CHECKS[field](connection, visit, wanted, subject)
        if standing == wanted:
            return False
        content = {"field": field, "subject": subject, "value": wanted, "reason": text}
        seq = append_audit(
            connection,
            now,
            author.id,
            f"visit.layer.{field}",
            visit_id,
            json.dumps(content, ensure_ascii=False, sort_keys=True),
        )
        insert_layer(
            connection,
            visit_id=visit_id,
            field=field,
            subject=subject,
            value=wanted,
            reason=text,
            author_key=author.key,
            now=now,
            audit_seq=seq,
        )
        refresh_visit(connection, visit)
        return True

    return store.write(write)


@dataclass(frozen=True, slots=True)
class FoundArea:
    """An area that a name may mean, the names above it, and whether the spelling differs."""

    area: Area
    above: str
    suggested: bool


def suggest_areas(store: Store, name: str | None) -> list[FoundArea]:
    """Return the areas that a claimed name may mean, the likeliest first."""
    if not name:
        return []
    found = [
        one
        for one in search_areas(store, name, limit=SUGGESTIONS * 4)
        if one.area.level in VISITABLE_LEVELS
    ]
    areas = list_areas(store.reader()) if found else {}
    return [
        FoundArea(
            one.area,
            ", ".join(
                above.name
                for above in list_ancestors(areas, one.area.id)
                if above.level != "kabupaten"
            ),
            one.suggested,
        )
        for one in found[:SUGGESTIONS]
    ]


def _check_area(
    connection: sqlite3.Connection, visit: sqlite3.Row, value: str | None, subject: str
) -> str | None:
    _refuse(bool(subject))
    if value is not None:
        area = find_area(connection, value)
        if area is None:
            raise Problem("area.not_found")
        _refuse(not area.is_live or area.level not in VISITABLE_LEVELS)
    standing: str | None = visit["area_id"]
    return standing


def _check_campaign(
    connection: sqlite3.Connection, visit: sqlite3.Row, value: str | None, subject: str
) -> str | None:
    _refuse(bool(subject))
    if value is not None:
        campaign = find_campaign(connection, value)
        if campaign is None:
            raise Problem("campaign.not_found")
        # Practice is what the officer said before the visit: nothing moves in or out of it.
        _refuse(campaign.practice or bool(visit["practice"]))
    standing: str | None = visit["campaign_id"]
    return standing


def _check_place_kind(
    connection: sqlite3.Connection, visit: sqlite3.Row, value: str | None, subject: str
) -> str | None:
    _refuse(bool(subject) or (value is not None and value not in PLACE_KINDS))
    standing: str | None = visit["place_kind"]
    return standing


def _check_note(
    connection: sqlite3.Connection, visit: sqlite3.Row, value: str | None, subject: str
) -> str | None:
    _refuse(bool(subject) or len(value or "") > NOTE_CHARACTERS)
    return visit["note"] or None


def _check_photo_kind(
    connection: sqlite3.Connection, visit: sqlite3.Row, value: str | None, subject: str
) -> str | None:
    kinds = {photo["sha256"]: photo["kind"] for photo in list_photos(connection, visit["key"])}
    _refuse(subject not in kinds or value not in PHOTO_KINDS)
    standing: str | None = kinds[subject]
    return standing


def _refuse(wrong: bool) -> None:
    if wrong:
        raise Problem("layer.bad_value")


_Check = Callable[[sqlite3.Connection, sqlite3.Row, "str | None", str], "str | None"]
_CHECKS: Final[dict[str, _Check]] = {
    "area_id": _check_area,
    "campaign_id": _check_campaign,
    "place_kind": _check_place_kind,
    "note": _check_note,
    "photo_kind": _check_photo_kind,
}
"""Field -> a check of the value that returns what stands there now."""
