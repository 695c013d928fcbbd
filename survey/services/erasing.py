"""Erasing for good: a visit, a photo, a person's tracks (UU 27/2022, article 8).

What stays is the id, the hash, the reason and who; nothing brings the content back: intake
asks `erasures`. Text goes in one transaction, bytes of files after it; the same command again
finishes what a crash between the two left behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.areas import learn_point
from survey.services.projecting import project_visit
from survey.store import erasures, files, revisions, users
from survey.store.audit import append_audit
from survey.store.changes import record_change
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.visits import find_visit_row

REASON_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Target:
    """What an erasure takes: revisions by key, files by hash; `officer_key` whose they are."""

    kind: str
    subject: str
    revision_keys: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    officer_key: int | None = None


def find_visit(connection: sqlite3.Connection, visit_id: str) -> Target:
    """Return what erasing a visit takes, else raise `visit.not_found`.

    A photo that another visit needs too is left to that visit.
    """
    found = [row for row in revisions.list_revisions(connection, visit_id) if row.kind == "visit"]
    if not found:
        raise Problem("visit.not_found")
    officer_key = found[0].officer_key
    hashes = {sha256 for row in found for sha256 in _photo_hashes(row.payload)}
    hashes -= erasures.list_used_elsewhere(connection, visit_id, officer_key, hashes)
    about = erasures.list_keys_about_visit(connection, visit_id, officer_key)
    return Target(
        kind="visit",
        subject=visit_id,
        revision_keys=(*(row.key for row in found), *about),
        files=tuple(sorted(hashes)),
        officer_key=officer_key,
    )


def _photo_hashes(payload: str | None) -> set[str]:
    """Return the files that a payload of a visit names, whatever else is odd about it."""
    try:
        value = json.loads(payload or "{}")
    except (ValueError, RecursionError):
        return set()
    photos = value.get("photos") if isinstance(value, dict) else None
    return {
        photo[name]
        for photo in (photos if isinstance(photos, list) else [])
        if isinstance(photo, dict)
        for name in ("sha256", "thumbnail_sha256")
        if is_sha256(photo.get(name))
    }


def find_photo(connection: sqlite3.Connection, sha256: str) -> Target:
    """Return what erasing a photo takes: its bytes and small pictures, else `file.not_found`."""
    known = is_sha256(sha256) and (
        files.find_file(connection, sha256) is not None
        or erasures.visit_has_photo(connection, sha256)
    )
    if not known:
        raise Problem("file.not_found")
    small = erasures.list_thumbnails_of(connection, sha256)
    return Target(kind="file", subject=sha256, files=(sha256, *small))


def find_tracks(connection: sqlite3.Connection, username: str) -> Target:
    """Return what erasing a person's tracks takes, else raise `user.not_found`."""
    user = users.find_user_by_name(connection, username)
    if user is None:
        raise Problem("user.not_found")
    keys, records = erasures.list_track_revisions(connection, user.key)
    return Target(
        kind="person_tracks",
        subject=user.id,
        revision_keys=tuple(keys),
        files=tuple(erasures.list_track_files(connection, user.key)),
        records=tuple(records),
        officer_key=user.key,
    )


def erase(
    store: Store,
    room: FileRoom,
    find: Callable[[sqlite3.Connection], Target],
    reason: str,
    now: Instant,
    *,
    actor: str,
) -> Target:
    """Erase what `find` returns for good and return it.

    Raises `erase.reason_missing` and the problems of `find`.
    """
    why = " ".join(reason.split())[:REASON_CHARACTERS]
    if not why or not why.isprintable():
        raise Problem("erase.reason_missing")

    def apply(connection: sqlite3.Connection) -> Target:
        target = find(connection)
        with erasures.overwriting(connection):
            _empty(connection, target, why, now, actor)
        return target

    target = store.write(apply)
    for sha256 in target.files:
        room.remove(sha256)
    return target


def _empty(
    connection: sqlite3.Connection, target: Target, reason: str, now: Instant, actor: str
) -> None:
    erasures.empty_payloads(connection, target.revision_keys)
    if target.kind == "visit":
        for kind, subject in erasures.list_news_of_visit(connection, target.subject):
            # Phones let go of comments, and of the reasons of reviews.
            record_change(connection, kind, subject, target.officer_key)
        erasures.forget_texts_of_visit(connection, target.subject)
        before = find_visit_row(connection, target.subject)
        project_visit(connection, target.subject)
        if before is not None and before.area_id is not None:
            learn_point(connection, before.area_id)
        record_change(connection, "visit", target.subject, target.officer_key, deleted=True)
    elif target.kind == "person_tracks" and target.officer_key is not None:
        erasures.delete_tracks_of(connection, target.officer_key)
    marks = [(target.kind, target.subject)]
    marks += [("track", record) for record in target.records]
    marks += [("file", sha256) for sha256 in target.files if sha256 != target.subject]
    for kind, subject in marks:
        erasures.insert_erasure(connection, kind, subject, reason=reason, actor=actor, now=now)
    for sha256 in target.files:
        files.mark_erased(connection, sha256, now)
    append_audit(connection, now, actor, f"{target.kind}.erased", target.subject, reason)
