"""The events of one visit, gathered from revisions, reviews, withdrawals, questions, layers."""

from __future__ import annotations

import sqlite3
from typing import Final

from survey.domain.history import Event

_EVENTS: Final = """
SELECT audit_seq AS seq, CASE WHEN conflict IS NULL THEN 'revision' ELSE 'branch' END AS kind,
  received_at AS at, key AS revision_key, sha256, '' AS word, '' AS subject
FROM revisions WHERE record_id = :visit AND kind = 'visit'
UNION ALL
SELECT audit_seq, 'review', at, 0, revision_sha256, decision, id
FROM reviews WHERE visit_id = :visit
UNION ALL
SELECT revisions.audit_seq, 'withdrawal', revisions.received_at, revisions.key,
  revisions.sha256, '', ''
FROM withdrawals JOIN revisions ON revisions.key = withdrawals.revision_key
WHERE withdrawals.visit_id = :visit AND revisions.conflict IS NULL
UNION ALL
SELECT revisions.audit_seq, 'question', revisions.received_at, revisions.key,
  revisions.sha256, '', revisions.kind
FROM conflicts JOIN revisions ON revisions.key = conflicts.revision_key
WHERE conflicts.visit_id = :visit AND revisions.kind = 'withdrawal'
UNION ALL
SELECT conflicts.audit_seq, 'settled', conflicts.settled_at, revisions.key, revisions.sha256,
  conflicts.choice, revisions.kind
FROM conflicts JOIN revisions ON revisions.key = conflicts.revision_key
WHERE conflicts.visit_id = :visit AND conflicts.choice IS NOT NULL
UNION ALL
SELECT audit_seq, 'layer', at, 0, '', '', field
FROM office_layers WHERE visit_id = :visit
ORDER BY seq
"""


def list_events(connection: sqlite3.Connection, visit_id: str) -> list[Event]:
    """Return what happened to a visit, in the order of the audit."""
    return [Event(*row) for row in connection.execute(_EVENTS, {"visit": visit_id})]
