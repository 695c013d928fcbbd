"""The projection of visits: made by one function (`visit_rows.build_rows`) whatever happened.

`project_visit` is what every service calls after it changed anything about a visit; intake
projects new visits in bulk; `rebuild` makes all of it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from survey.domain.history import Event, Standing, replay
from survey.domain.instants import Instant
from survey.domain.records import Comment, Withdrawal
from survey.domain.visit import Visit
from survey.formats.payloads import ReadPayload, UnreadableError, read_payload
from survey.services.applying import apply_revision
from survey.services.flagging import Neighbourhood, flag_rows, list_concerned
from survey.services.surroundings import Surroundings
from survey.services.visit_rows import NO_LAYERS, build_rows, find_time
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.histories import list_events
from survey.store.layers import read_layers_in_force
from survey.store.meta import find_meta, set_meta
from survey.store.neighbours import list_photo_hashes
from survey.store.revisions import Revision, get_revision, iter_revisions, list_visit_ids
from survey.store.tracks import delete_tracks, list_withdrawn
from survey.store.visits import (
    VisitRow,
    VisitRows,
    delete_projection,
    delete_visit,
    find_visit_row,
    insert_visits,
    list_ids_of_areas,
    replace_visit,
)

DEFAULT_ZONE: Final = "Asia/Jakarta"

OTHER_KINDS: Final = ("track", "track_part", "comment", "withdrawal")
"""Kinds of records that a rebuild applies in order of arrival."""

Progress = Callable[[int, int], None]
"""Told how many visits are done, of how many."""


class Arrival(NamedTuple):
    """A revision that was just written; `subject` is the visit or track it speaks of.

    `first` says that it is the first revision of its record.
    """

    revision: Revision
    read: ReadPayload
    subject: str | None
    first: bool

    @property
    def visit_id(self) -> str | None:
        """The visit that this record is of or speaks of, or None."""
        if self.revision.kind == "visit":
            return self.revision.record_id
        value = self.read.value
        if isinstance(value, Comment | Withdrawal) and value.visit_id == self.subject:
            return self.subject
        return None


def get_zone(connection: sqlite3.Connection) -> ZoneInfo:
    """Return the zone whose days the projection counts, as intake last noted it."""
    return ZoneInfo(find_meta(connection, "timezone") or DEFAULT_ZONE)


def set_zone(connection: sqlite3.Connection, zone: ZoneInfo) -> None:
    """Note the zone of the settings, so that every later projection counts the same days."""
    if find_meta(connection, "timezone") != zone.key:
        set_meta(connection, "timezone", zone.key)


def project_new_visits(
    connection: sqlite3.Connection, arrivals: Sequence[Arrival], zone: ZoneInfo
) -> list[str]:
    """Insert the rows of visits whose only event is their arrival, all at once.

    Returns the ids of those that have a longer history (withdrawn before they came, a branch
    of what never came): they are left to `project_visits`.
    """
    if not arrivals:
        return []
    withdrawn = list_withdrawn(connection, [each.revision.record_id for each in arrivals])
    simple, others = [], []
    for arrival in arrivals:
        if arrival.revision.record_id in withdrawn or arrival.revision.conflict is not None:
            others.append(arrival.revision.record_id)
        else:
            simple.append(arrival)
    surroundings, neighbourhood = Surroundings(connection), Neighbourhood(connection)
    visits = [visit for each in simple if isinstance(visit := each.read.value, Visit)]
    neighbourhood.prepare_photos(
        photo.sha256 for visit in visits for photo in visit.photos if photo.sha256
    )
    made = []
    for revision, read, _, _ in simple:
        event = Event(
            revision.audit_seq, "revision", revision.received_at, revision.key, revision.sha256
        )
        standing = replay([event])
        assert standing is not None  # noqa: S101 - a revision makes a standing
        rows = build_rows(revision, read, standing, NO_LAYERS, surroundings, zone)
        add_flags(rows, neighbourhood)
        neighbourhood.add(rows)
        made.append(rows)
    if made:
        insert_visits(connection, made)
    return others


def project_visit(connection: sqlite3.Connection, visit_id: str) -> None:
    """Make a visit's rows anew, and the flags of visits that are compared with it.

    A visit without a readable head (erased) has no rows afterwards.
    """
    project_visits(connection, [visit_id])


def project_visits(connection: sqlite3.Connection, visit_ids: Iterable[str]) -> None:
    """Make the rows of some visits anew, and then those whose questions they alter.

    One that is altered by a visit after it in `visit_ids` is made once more.
    """
    own = list(dict.fromkeys(visit_ids))
    if not own:
        return
    zone = get_zone(connection)
    surroundings = Surroundings(connection)
    concerned: dict[str, None] = {}
    for visit_id in own:
        concerned.pop(visit_id, None)
        before = find_visit_row(connection, visit_id)
        hashes = set() if before is None else list_photo_hashes(connection, before.key)
        rows = project_alone(connection, visit_id, surroundings, zone)
        after = None if rows is None else rows.visit
        hashes ^= set() if rows is None else {photo[2] for photo in rows.photos}
        if before is None or after is None or _compared(before) != _compared(after) or hashes:
            concerned |= dict.fromkeys(list_concerned(connection, before, after, hashes))
    for visit_id in concerned:
        project_alone(connection, visit_id, surroundings, zone)


def project_area(connection: sqlite3.Connection, area_ids: Iterable[str]) -> None:
    """Make the visits of some areas anew, after their point, boundary or merge changed."""
    project_visits(connection, list_ids_of_areas(connection, list(area_ids)))


def _compared(visit: VisitRow) -> tuple[object, ...]:
    return (
        visit.occurred_at,
        visit.day,
        visit.practice,
        visit.area_id,
        visit.latitude_deg,
        visit.longitude_deg,
        visit.accuracy_m,
    )


def project_alone(
    connection: sqlite3.Connection, visit_id: str, surroundings: Surroundings, zone: ZoneInfo
) -> VisitRows | None:
    """Make one visit's rows anew and return them; None when nothing of it can be shown."""
    standing = replay(list_events(connection, visit_id))
    revision = None if standing is None else get_revision(connection, standing.head_key)
    if standing is None or revision is None or revision.payload is None:
        delete_visit(connection, visit_id)
        return None
    try:
        read = read_payload("visit", revision.schema, revision.payload)
    except UnreadableError:
        delete_visit(connection, visit_id)
        return None
    layers = read_layers_in_force(connection, visit_id)
    first_time = _first_time(connection, standing)
    rows = build_rows(revision, read, standing, layers, surroundings, zone, first_time)
    neighbourhood = Neighbourhood(connection)
    neighbourhood.prepare_photos(photo[2] for photo in rows.photos)
    add_flags(rows, neighbourhood)
    replace_visit(connection, rows)
    return rows


def _first_time(
    connection: sqlite3.Connection, standing: Standing
) -> tuple[Instant, str | None] | None:
    """Return when the first revision of a corrected visit says it was, or None."""
    if standing.first_key == standing.head_key:
        return None
    first = get_revision(connection, standing.first_key)
    if first.payload is None:
        return None
    try:
        visit = read_payload("visit", first.schema, first.payload).value
    except UnreadableError:
        return None
    if not isinstance(visit, Visit):
        return None
    saved_at = visit.saved_at or visit.started_at
    return find_time(saved_at, visit.clock.server_offset_ms, first.received_at)


def add_flags(rows: VisitRows, neighbourhood: Neighbourhood) -> None:
    """Add the questions that compare a visit with others to those it raises by itself."""
    flags = neighbourhood.flag(rows)
    if flags:
        first = len(rows.flags)
        for key, number, code, evidence in flag_rows(rows.visit.key, flags):
            rows.flags.append((key, first + number, code, evidence))


def rebuild(
    store: Store,
    now: Instant,
    progress: Progress | None = None,
    *,
    zone: ZoneInfo | None = None,
) -> int:
    """Drop the projection and make it again in one transaction; return the number of visits.

    Whoever reads meanwhile sees the old rows, a kill leaves them, what phones send waits. The
    office's comments stay; those of phones are added where they are missing. `zone` is that of
    the settings; without one the zone of the last intake counts.
    """

    def write(connection: sqlite3.Connection) -> int:
        days = zone or get_zone(connection)
        set_zone(connection, days)
        delete_projection(connection)
        delete_tracks(connection)
        for revision in iter_revisions(connection, OTHER_KINDS):
            if revision.conflict is None and revision.payload is not None:
                try:
                    read = read_payload(revision.kind, revision.schema, revision.payload)
                except UnreadableError:
                    continue
                apply_revision(connection, revision, read.value, days)
        surroundings = Surroundings(connection)
        visit_ids = list_visit_ids(connection)
        for done, visit_id in enumerate(visit_ids, start=1):
            project_alone(connection, visit_id, surroundings, days)
            if progress is not None:
                progress(done, len(visit_ids))
        append_audit(connection, now, "cli", "store.rebuilt", "visits", str(len(visit_ids)))
        return len(visit_ids)

    return store.write(write)
