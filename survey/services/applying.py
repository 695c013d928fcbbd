"""What records other than visits do when they arrive: tracks, comments, withdrawals.

One revision after the other in order of arrival, at intake and in a rebuild alike.
"""

from __future__ import annotations

import sqlite3
from zoneinfo import ZoneInfo

from survey.domain.identifiers import is_uuid
from survey.domain.records import Comment, Withdrawal
from survey.domain.track import Track, TrackPart
from survey.formats.payloads import Payload
from survey.formats.tracks import pack_part
from survey.services.visit_rows import find_time, local_day
from survey.store.comments import insert_comment
from survey.store.revisions import Revision
from survey.store.tracks import (
    TrackPartRow,
    TrackRow,
    WithdrawalRow,
    insert_parts,
    save_track,
    save_withdrawal,
    withdraw_track,
)


def apply_revision(
    connection: sqlite3.Connection, revision: Revision, value: Payload, zone: ZoneInfo
) -> None:
    """Write what a revision that is no side branch does to tracks, comments and withdrawals.

    A visit's rows are made by `projecting`, also after its withdrawal. What lacks the id of
    the thing it speaks of is kept as a revision only.
    """
    match value:
        case Track():
            save_track(connection, _track_row(revision, value, zone))
        case TrackPart():
            if is_uuid(value.track_id) and value.number is not None:
                insert_parts(connection, [_part_row(revision, value)])
        case Comment():
            _add_comment(connection, revision, value)
        case Withdrawal():
            _withdraw(connection, revision, value)


def _track_row(revision: Revision, track: Track, zone: ZoneInfo) -> TrackRow:
    started_at, _ = find_time(
        track.started_at or track.saved_at, track.clock.server_offset_ms, revision.received_at
    )
    return TrackRow(
        key=revision.key,
        id=revision.record_id,
        officer_key=revision.officer_key,
        revision_key=revision.key,
        practice=int(track.practice),
        campaign_id=track.campaign_id or None,
        started_at=track.started_at,
        ended_at=track.ended_at,
        day=local_day(started_at, zone),
        parts=track.parts,
        withdrawn=0,
        changed_seq=revision.audit_seq,
        changed_at=revision.received_at,
    )


def _part_row(revision: Revision, part: TrackPart) -> TrackPartRow:
    assert part.track_id is not None  # noqa: S101 - asked for by the caller
    assert part.number is not None  # noqa: S101
    return TrackPartRow(
        key=revision.key,
        track_id=part.track_id,
        number=part.number,
        revision_key=revision.key,
        points=len(part.columns),
        columns=pack_part(part),
    )


def _add_comment(connection: sqlite3.Connection, revision: Revision, comment: Comment) -> None:
    if comment.visit_id is None or not is_uuid(comment.visit_id) or not comment.text:
        return
    insert_comment(
        connection,
        comment_id=revision.record_id,
        visit_id=comment.visit_id,
        author_key=revision.officer_key,
        text=comment.text,
        now=revision.received_at,
        revision_key=revision.key,
    )


def _withdraw(connection: sqlite3.Connection, revision: Revision, withdrawal: Withdrawal) -> None:
    if withdrawal.visit_id is not None and is_uuid(withdrawal.visit_id):
        save_withdrawal(
            connection,
            WithdrawalRow(
                withdrawal.visit_id, revision.key, withdrawal.reason, revision.received_at
            ),
        )
    elif withdrawal.track_id is not None:
        withdraw_track(
            connection,
            withdrawal.track_id,
            revision.officer_key,
            revision.audit_seq,
            revision.received_at,
        )
