"""One visit with everything a supervisor looks at, read in one moment.

Values, photos with their files' state, questions, place, history with differences. Reads only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from survey.domain.areas import Area, list_ancestors
from survey.domain.classes import class_of_operator, class_of_reading, class_of_test, read_cuts
from survey.domain.differences import Difference, compare_payloads
from survey.domain.problems import Problem
from survey.domain.visit import Reading, ServiceTest
from survey.store import visit_page
from survey.store.area_boundaries import find_boundary
from survey.store.areas import list_areas
from survey.store.comments import list_comments
from survey.store.conflicts import list_conflicts
from survey.store.connection import Store, snapshot
from survey.store.erasures import is_erased
from survey.store.files import list_known
from survey.store.layers import list_layers
from survey.store.reviews import list_reviews
from survey.store.rules import find_latest_rule

NEIGHBOURS = 12


@dataclass(frozen=True, slots=True)
class PhotoOnPage:
    """A photo's row and whether its bytes, or at least its thumbnail's, have arrived."""

    row: sqlite3.Row
    stored: bool
    thumbnail_stored: bool


@dataclass(frozen=True, slots=True)
class RevisionOnPage:
    """One version that came in, and what it changed against the version it corrects."""

    row: sqlite3.Row
    differences: list[Difference]
    compared_with: int | None
    correction_reason: str | None


@dataclass(frozen=True, slots=True)
class ConflictOnPage:
    """A question, open or settled, and how its branch differs from the head of now."""

    row: sqlite3.Row
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit is said to be: its area and those above it, nearest first, and an edge."""

    path: list[Area]
    boundary: dict[str, Any] | None
    boundary_of: Area | None


@dataclass(frozen=True, slots=True)
class Signal:
    """Tests and readings each with its class, the class of each operator, the rule's cuts."""

    tests: list[tuple[ServiceTest, str | None]]
    readings: list[tuple[Reading, str | None]]
    operators: dict[str, str | None]
    cuts: dict[str, float]
    rule_version: int | None


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit with everything around it."""

    visit: sqlite3.Row
    companions: list[str]
    services_failing: list[str]
    signal: Signal
    photos: list[PhotoOnPage]
    flags: list[tuple[str, dict[str, Any]]]
    place: Place
    neighbours: list[sqlite3.Row]
    revisions: list[RevisionOnPage]
    reviews: list[sqlite3.Row]
    layers: list[sqlite3.Row]
    comments: list[sqlite3.Row]
    conflicts: list[ConflictOnPage]
    withdrawal: sqlite3.Row | None

    @property
    def open_conflicts(self) -> list[ConflictOnPage]:
        """The questions that wait for a supervisor."""
        return [conflict for conflict in self.conflicts if conflict.row["choice"] is None]


def browse_visit(store: Store, visit_id: str) -> VisitPage:
    """Return one visit with everything around it.

    Raises visit.not_found for an unknown one, record.erased for one the office erased.
    """
    with snapshot(store.reader()) as connection:
        if is_erased(connection, "visit", visit_id):
            raise Problem("record.erased")
        visit = visit_page.get_visit_row(connection, visit_id)
        revisions = visit_page.list_revisions(connection, visit_id)
        names = visit_page.list_public_service_names(connection)
        area_id = visit["area_id"]
        return VisitPage(
            visit=visit,
            companions=_texts(visit["companions"]),
            services_failing=[names.get(k, k) for k in _texts(visit["services_failing"])],
            signal=_read_signal(connection, visit["key"]),
            photos=_read_photos(connection, visit["key"]),
            flags=[
                (row["code"], json.loads(row["evidence"]))
                for row in visit_page.list_flags(connection, visit["key"])
            ],
            place=_read_place(connection, area_id or visit["claimed_nagari_id"]),
            neighbours=(
                visit_page.list_area_visits(connection, area_id, visit_id, NEIGHBOURS)
                if area_id
                else []
            ),
            revisions=_compare_revisions(revisions),
            reviews=list_reviews(connection, visit_id),
            layers=list_layers(connection, visit_id),
            comments=list_comments(connection, visit_id),
            conflicts=_compare_conflicts(
                list_conflicts(connection, visit_id), revisions, visit["head_sha256"]
            ),
            withdrawal=visit_page.find_withdrawal(connection, visit_id),
        )


def _texts(text: str) -> list[str]:
    return [str(value) for value in json.loads(text)]


def _read_signal(connection: sqlite3.Connection, visit_key: int) -> Signal:
    tests = visit_page.list_service_tests(connection, visit_key)
    readings = visit_page.list_readings(connection, visit_key)
    rule = find_latest_rule(connection)
    cuts = read_cuts(json.loads(rule["content"]) if rule else {})
    brought = [*(test.operator for test in tests), *(reading.operator for reading in readings)]
    named = [operator for operator in dict.fromkeys(brought) if operator]
    return Signal(
        tests=[(test, class_of_test(test, readings, cuts)) for test in tests],
        readings=[(reading, class_of_reading(reading, cuts)) for reading in readings],
        operators={name: class_of_operator(name, tests, readings, cuts) for name in named},
        cuts=cuts,
        rule_version=rule["version"] if rule else None,
    )


def _read_photos(connection: sqlite3.Connection, visit_key: int) -> list[PhotoOnPage]:
    rows = visit_page.list_photos(connection, visit_key)
    thumbnails = list_known(
        connection, [row["thumbnail_sha256"] for row in rows if row["thumbnail_sha256"]]
    )
    return [
        PhotoOnPage(
            row,
            stored=row["stored_at"] is not None and row["erased_at"] is None,
            thumbnail_stored=row["thumbnail_sha256"] in thumbnails,
        )
        for row in rows
    ]


def _read_place(connection: sqlite3.Connection, area_id: str | None) -> Place:
    areas = list_areas(connection)
    if area_id is None or area_id not in areas:
        return Place([], None, None)
    path = [areas[area_id], *list_ancestors(areas, area_id)]
    for area in path:
        boundary = find_boundary(connection, area.id)
        if boundary is not None:
            return Place(path, boundary, area)
    return Place(path, None, None)


def _compare_revisions(rows: Iterable[sqlite3.Row]) -> list[RevisionOnPage]:
    """Return the versions with what each changed against its base, else the one before it."""
    payloads: dict[str, tuple[int, Any]] = {}
    pages = []
    last: str | None = None
    for row in rows:
        payload = _read_payload(row["payload"])
        reason = payload.get("correction_reason") if isinstance(payload, dict) else None
        if row["kind"] != "visit":
            pages.append(RevisionOnPage(row, [], None, None))
            continue
        base = row["base_sha256"] if row["base_sha256"] in payloads else last
        compared, before = payloads[base] if base else (None, None)
        pages.append(
            RevisionOnPage(
                row,
                compare_payloads(before, payload),
                compared,
                reason if isinstance(reason, str) and reason.strip() else None,
            )
        )
        payloads[row["sha256"]] = (row["revision"], payload)
        last = row["sha256"]
    return pages


def _compare_conflicts(
    conflicts: Iterable[sqlite3.Row], revisions: Iterable[sqlite3.Row], head_sha256: str
) -> list[ConflictOnPage]:
    heads = [row["payload"] for row in revisions if row["sha256"] == head_sha256]
    head = _read_payload(heads[0]) if heads else None
    return [
        ConflictOnPage(
            row,
            compare_payloads(head, _read_payload(row["payload"])) if row["kind"] == "visit" else [],
        )
        for row in conflicts
    ]


def _read_payload(text: str | None) -> Any:
    """Return a payload's JSON value, None when it was erased."""
    return json.loads(text) if text is not None else None
