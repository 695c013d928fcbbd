"""What each record of a batch is to what the store holds already: new, known, a side branch.

Looks everything up once a batch and keeps up with the batch itself, so that a record sees
those before it. Decides only; writes nothing.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from survey.domain.history import may_withdraw
from survey.domain.records import Withdrawal
from survey.domain.review import conflict_cause, state_after_revision
from survey.domain.track import TrackPart
from survey.formats.wire import Envelope
from survey.services.record_reading import Received
from survey.store import quarantine
from survey.store.revisions import KnownRevision, list_erased, list_known
from survey.store.tracks import find_part_officer, find_part_revision, list_withdrawn
from survey.store.visits import Head, list_heads

Outcome = Literal["stored", "already_stored", "conflict", "quarantined", "refused"]


class Verdict(NamedTuple):
    """What becomes of a record: `word` is the cause, code or reason of its outcome.

    `first` says that nothing of this record was here; `known` that it need not be kept again.
    """

    outcome: Outcome
    word: str = ""
    first: bool = False
    known: bool = False


@dataclass(slots=True)
class Admission:
    """The lookups of one batch of one officer."""

    connection: sqlite3.Connection
    officer_key: int
    revisions: dict[str, list[KnownRevision]] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    parts: set[tuple[str, int]] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)

    def prepare(self, batch: Sequence[Received]) -> None:
        """Look up all that the records of a batch and what they speak of are here."""
        mentions = Counter(received.envelope.id for received in batch)
        mentions.update(received.subject for received in batch if received.subject is not None)
        self.repeated = {record_id for record_id, times in mentions.items() if times > 1}
        if self.repeated:
            self.withdrawn = list_withdrawn(self.connection, sorted(self.repeated))
        wanted = sorted(mentions)
        for known in list_known(self.connection, wanted):
            self.revisions.setdefault(known.record_id, []).append(known)
        self.erased = list_erased(self.connection, wanted)
        if self.revisions:
            here = sorted(set(wanted) & self.revisions.keys())
            self.heads = {head.id: head for head in list_heads(self.connection, here)}
        unreadable = [r.envelope.id for r in batch if r.read is None or self.revisions]
        if unreadable:
            self.quarantined = quarantine.list_known(self.connection, unreadable)

    def judge(self, received: Received) -> Verdict:
        """Return what becomes of one record; what it adds is noted by `accept`."""
        envelope = received.envelope
        known = self.revisions.get(envelope.id, [])
        if known and known[0].officer_key != self.officer_key:
            return Verdict("refused", "record.foreign_officer")
        if envelope.id in self.erased:
            return Verdict("refused", "record.erased")
        for revision in known:
            if revision.sha256 == envelope.sha256:
                if revision.erased:
                    return Verdict("refused", "record.erased")
                return Verdict("already_stored", known=True)
        if received.read is None:
            return self._judge_unreadable(received, received.unreadable)
        if known and known[0].kind != envelope.kind:
            return self._judge_unreadable(received, "kind_changed")
        subject = received.subject
        if subject is not None and self._belongs_to_another(subject, envelope.kind):
            return Verdict("refused", "record.foreign_officer")
        if subject is not None and subject in self.erased:
            return Verdict("refused", "record.erased")
        cause = self._cause(received, known)
        outcome: Outcome = "stored" if cause is None else "conflict"
        return Verdict(outcome, cause or "", first=not known)

    def accept(self, received: Received, verdict: Verdict, revision_key: int) -> None:
        """Let the records that follow see one that was stored, as head or as side branch."""
        envelope = received.envelope
        if envelope.kind == "visit" and envelope.id not in self.repeated:
            return
        conflict = verdict.word or None
        self.revisions.setdefault(envelope.id, []).append(
            KnownRevision(
                envelope.id,
                envelope.sha256,
                revision_key,
                envelope.kind,
                self.officer_key,
                conflict,
                0,
            )
        )
        head = self.heads.get(envelope.id)
        if envelope.kind == "visit" and (conflict is None or head is None):
            state = state_after_revision(head.state if head else "", first=head is None)
            self.heads[envelope.id] = Head(
                revision_key if head is None else head.key,
                envelope.id,
                self.officer_key,
                envelope.sha256,
                "withdrawn" if envelope.id in self.withdrawn and head is None else state,
                head.latest_review if head else None,
            )
        value = received.read.value if received.read else None
        if isinstance(value, Withdrawal) and conflict is None and value.visit_id is not None:
            self.withdrawn.add(value.visit_id)
            if value.visit_id in self.heads:
                self.heads[value.visit_id] = self.heads[value.visit_id]._replace(state="withdrawn")
        if isinstance(value, TrackPart) and value.track_id and value.number is not None:
            self.parts.add((value.track_id, value.number))

    def _judge_unreadable(self, received: Received, why: str) -> Verdict:
        identity = (received.envelope.id, received.envelope.sha256)
        holder = self.quarantined.get(identity)
        if holder is not None and holder != self.officer_key:
            return Verdict("refused", "record.foreign_officer")
        self.quarantined[identity] = self.officer_key
        return Verdict("quarantined", why, known=holder is not None)

    def _belongs_to_another(self, subject: str, kind: str) -> bool:
        known = self.revisions.get(subject)
        if known:
            return known[0].officer_key != self.officer_key
        if kind == "track_part":
            holder = find_part_officer(self.connection, subject)
            return holder is not None and holder != self.officer_key
        return False

    def _cause(self, received: Received, known: list[KnownRevision]) -> str | None:
        envelope = received.envelope
        value = received.read.value if received.read else None
        if envelope.kind == "visit":
            return self._visit_cause(envelope)
        if isinstance(value, Withdrawal) and value.visit_id is not None:
            head = self.heads.get(value.visit_id)
            state = head.state if head else None
            if not may_withdraw(state) and state != "withdrawn":
                return "already_decided"
        main = [revision.sha256 for revision in known if revision.conflict is None]
        if main and envelope.base != main[-1]:
            return "base_not_head"
        if isinstance(value, TrackPart) and value.track_id and value.number is not None:
            place = (value.track_id, value.number)
            if main or place in self.parts or find_part_revision(self.connection, *place):
                return "base_not_head"
        return None

    def _visit_cause(self, envelope: Envelope) -> str | None:
        head = self.heads.get(envelope.id)
        return conflict_cause(
            base=envelope.base,
            head=head.sha256 if head else None,
            state=head.state if head else "",
            seen_review=envelope.seen_review,
            latest_review=head.latest_review if head else None,
        )
