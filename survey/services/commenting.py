"""Comments of the office on a visit: they reach the officer's phone at the next sync."""

from __future__ import annotations

import sqlite3

from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.domain.roles import may_review
from survey.services.reviewing import Reviewer, clean_text
from survey.store.audit import append_audit
from survey.store.changes import record_change
from survey.store.comments import insert_comment
from survey.store.connection import Store
from survey.store.visit_page import get_visit_row


def comment_on_visit(
    store: Store, visit_id: str, text: str | None, author: Reviewer, now: Instant
) -> str:
    """Add a comment and return its id.

    It changes no state, so it asks for no expected one. Raises visit.not_found, comment.empty,
    auth.forbidden, field.invalid (too long).
    """
    if not may_review(author.roles):
        raise Problem("auth.forbidden")
    words = clean_text(text)
    if words is None:
        raise Problem("comment.empty")

    def write(connection: sqlite3.Connection) -> str:
        visit = get_visit_row(connection, visit_id)
        comment_id = new_id()
        insert_comment(
            connection,
            comment_id=comment_id,
            visit_id=visit_id,
            author_key=author.key,
            text=words,
            now=now,
        )
        append_audit(connection, now, author.id, "visit.commented", visit_id, words)
        record_change(connection, "comment", comment_id, visit["officer_key"])
        return comment_id

    return store.write(write)
