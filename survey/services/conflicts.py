"""Open questions on visits: two versions were kept, a supervisor chooses one."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.reviewing import (
    Reviewer,
    get_visit_to_change,
    refresh_visit,
    require_reason,
)
from survey.store.audit import append_audit
from survey.store.conflicts import get_open_conflict, list_open_conflicts, settle_conflict
from survey.store.connection import Store

CHOICES: Final = ("keep_head", "take_branch")


def list_questions(
    store: Store, before_key: int | None = None, limit: int = 50
) -> list[sqlite3.Row]:
    """Return the open questions of all visits, newest first, page by page by `key`."""
    return list_open_conflicts(store.reader(), before_key, limit)


def settle(
    store: Store,
    conflict_key: int,
    choice: str,
    reason: str | None,
    settler: Reviewer,
    expected_seq: int,
    now: Instant,
) -> str:
    """Keep the head or take the branch of an open question; return the visit's id.

    A taken branch becomes the head and waits for a decision anew; the other version stays in
    the history. Raises conflict.not_found, conflict.unknown_choice, review.reason_missing and
    what reviewing.get_visit_to_change raises.
    """
    if choice not in CHOICES:
        raise Problem("conflict.unknown_choice")
    text = require_reason(reason)

    def write(connection: sqlite3.Connection) -> str:
        conflict = get_open_conflict(connection, conflict_key)
        visit_id: str = conflict["visit_id"]
        visit = get_visit_to_change(connection, visit_id, settler, expected_seq)
        content = {"revision_sha256": conflict["sha256"], "choice": choice, "reason": text}
        seq = append_audit(
            connection,
            now,
            settler.id,
            f"visit.{choice}",
            visit_id,
            json.dumps(content, ensure_ascii=False, sort_keys=True),
        )
        settle_conflict(
            connection,
            key=conflict_key,
            choice=choice,
            reason=text,
            settled_by=settler.key,
            now=now,
            audit_seq=seq,
        )
        refresh_visit(connection, visit)
        return visit_id

    return store.write(write)
