"""The history of one visit: its events in the order of the audit, replayed to a standing.

Every state in the store is the outcome of `replay`, at intake, after a decision and in a
rebuild alike. Knows nothing of storage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from survey.domain.instants import Instant
from survey.domain.review import UNDECIDED_STATES, state_after_revision

EventKind = Literal["revision", "branch", "review", "withdrawal", "question", "settled", "layer"]


class Event(NamedTuple):
    """One thing that happened to a visit.

    `revision_key` and `sha256` name a revision (revision, branch, settled); `word` is the
    decision (review), the choice (settled); `subject` the review's id, or the kind of record
    that was settled. `seq` is the position in the audit.
    """

    seq: int
    kind: EventKind
    at: Instant
    revision_key: int = 0
    sha256: str = ""
    word: str = ""
    subject: str = ""


@dataclass(slots=True)
class Standing:
    """Where a visit stands after its events; `first_key` names its oldest revision."""

    first_key: int
    head_key: int
    head_sha256: str
    state: str
    latest_review: str | None
    changed_seq: int
    changed_at: Instant
    first_received_at: Instant


def replay(events: Iterable[Event]) -> Standing | None:
    """Return where a visit stands after events in the order of the audit; None before any
    revision came.

    A side branch of a visit that has no head yet is its head, so that nothing is invisible; a
    withdrawal that came before its visit holds once the visit is there.
    """
    standing: Standing | None = None
    withdrawn_early = False
    for event in events:
        if standing is not None:
            _apply(standing, event)
        elif event.kind in ("revision", "branch"):
            standing = Standing(
                first_key=event.revision_key,
                head_key=event.revision_key,
                head_sha256=event.sha256,
                state="withdrawn" if withdrawn_early else "received",
                latest_review=None,
                changed_seq=event.seq,
                changed_at=event.at,
                first_received_at=event.at,
            )
        elif event.kind == "withdrawal":
            withdrawn_early = True
    return standing


def _apply(standing: Standing, event: Event) -> None:
    standing.changed_seq = event.seq
    standing.changed_at = event.at
    if event.kind == "revision":
        standing.head_key, standing.head_sha256 = event.revision_key, event.sha256
        standing.state = state_after_revision(standing.state, first=False)
    elif event.kind == "review":
        standing.state, standing.latest_review = event.word, event.subject
    elif event.kind == "withdrawal":
        standing.state = "withdrawn"
    elif event.kind == "settled" and event.word == "take_branch":
        if event.subject == "withdrawal":
            standing.state = "withdrawn"
        else:
            # The supervisor took the officer's other version: it waits for a decision anew.
            standing.head_key, standing.head_sha256 = event.revision_key, event.sha256
            standing.state = "edited"


def may_withdraw(state: str | None) -> bool:
    """Tell whether an officer may take a visit back: before approval; None is not here yet."""
    return state is None or state in UNDECIDED_STATES
