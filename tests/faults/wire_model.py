"""What a server must hold after whatever phones and office did: the wire's contract as a model.

Knows no database and no code of the server; written from docs/api.md. A backup of the model is
a deep copy.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

UNDECIDED = ("received", "edited", "has_issues")
PARTIAL_DAYS = 30


@dataclass(frozen=True)
class Record:
    """A record as a phone froze it; `subject` is the visit that it speaks of."""

    id: str
    kind: str
    payload: str
    officer: str
    base: str | None = None
    seen_review: str | None = None
    subject: str | None = None
    photos: tuple[str, ...] = ()
    spoilt: bool = False
    """Sent with the hash of something else."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.payload.encode() + b"x" * self.spoilt).hexdigest()

    @property
    def is_readable(self) -> bool:
        return self.payload.startswith("{")

    def envelope(self, number: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "schema": 1,
            "revision": number,
            "base": self.base,
            "seen_review": self.seen_review,
            "sha256": self.sha256,
            "payload": self.payload,
        }


def make_record(record_id: str, kind: str, officer: str, number: int, **more: Any) -> Record:
    """Return a record whose payload is unlike every other's; `more` as the fields of Record."""
    content: dict[str, Any] = {"id": record_id, "saved_at": "2026-05-04T02:14:41.003Z"}
    if kind == "visit":
        photos = [{"sha256": sha256, "kind": "site"} for sha256 in more.get("photos", ())]
        content |= {"area": {"id": "13.11/j0001"}, "note": f"catatan {number}", "photos": photos}
    elif kind == "comment":
        content |= {"visit_id": more.get("subject"), "text": f"komentar {number}"}
    else:
        content |= {"visit_id": more.get("subject"), "reason": f"alasan {number}"}
    return Record(record_id, kind, json.dumps(content), officer, **more)


@dataclass
class Standing:
    """Where a visit stands; `questions` are the records that wait for a supervisor's choice."""

    officer: str
    head: str
    state: str
    latest_review: str | None = None
    questions: list[Record] = field(default_factory=list)


@dataclass
class Kept:
    """A record that the server has in full; `cause` when it is a side branch."""

    record: Record
    cause: str | None
    erased: bool = False


@dataclass
class Upload:
    """An unfinished file of one phone."""

    size: int
    sound: bool
    touched: float


@dataclass
class World:
    """All that the server must hold."""

    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], str] = field(default_factory=dict)
    visits: dict[str, Standing] = field(default_factory=dict)
    withdrawn_early: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    sent_by: dict[str, set[str]] = field(default_factory=dict)
    erased_files: set[str] = field(default_factory=set)
    uploads: dict[tuple[str, str], Upload] = field(default_factory=dict)

    # Records

    def receive(self, officer: str, record: Record) -> str:
        """Take one record in and return its result, or the code of its refusal."""
        identity = (record.id, record.sha256)
        if record.spoilt:
            return "record.wrong_hash"
        mine = [each for each in self.kept.values() if each.record.id == record.id]
        if mine and mine[0].record.officer != officer:
            return "record.foreign_officer"
        if record.id in self.erased:
            return "record.erased"
        if identity in self.kept:
            return "record.erased" if self.kept[identity].erased else "already_stored"
        if not record.is_readable or (mine and mine[0].record.kind != record.kind):
            if self.quarantined.setdefault(identity, officer) != officer:
                return "record.foreign_officer"
            return "quarantined"
        about = self._officer_of(record.subject)
        if about is not None and about != officer:
            return "record.foreign_officer"
        if record.subject in self.erased:
            return "record.erased"
        if record.kind == "visit":
            cause = self._receive_visit(record)
        elif any(each.cause is None for each in mine):
            cause = "base_not_head"  # a second version which names no version before it
        else:
            cause = self._receive_other(record)
        self.kept[identity] = Kept(record, cause)
        return "stored" if cause is None else "conflict"

    def _officer_of(self, visit_id: str | None) -> str | None:
        standing = self.visits.get(visit_id or "")
        if standing is not None:
            return standing.officer
        kept = [each.record.officer for each in self.kept.values() if each.record.id == visit_id]
        return kept[0] if kept else None

    def _receive_visit(self, record: Record) -> str | None:
        standing = self.visits.get(record.id)
        if standing is None:
            state = "withdrawn" if record.id in self.withdrawn_early else "received"
            self.visits[record.id] = Standing(record.officer, record.sha256, state)
            if record.base is None:
                return None
            # A correction of what never came is shown, and is a question.
            self.visits[record.id].questions.append(record)
            return "base_not_head"
        cause = None
        if record.base != standing.head:
            cause = "base_not_head"
        elif standing.state not in UNDECIDED:
            cause = "already_decided"
        elif record.seen_review != standing.latest_review:
            cause = "review_not_seen"
        if cause is None:
            standing.head, standing.state = record.sha256, "edited"
        else:
            standing.questions.append(record)
        return cause

    def _receive_other(self, record: Record) -> str | None:
        """Take in a comment or a withdrawal."""
        standing = self.visits.get(record.subject or "")
        if record.kind == "withdrawal":
            if standing is None:
                self.withdrawn_early.add(record.subject or "")
            elif standing.state in ("approved", "rejected"):
                standing.questions.append(record)
                return "already_decided"
            else:
                standing.state = "withdrawn"
        return None

    def result_of(self, officer: str, record: Record) -> str:
        """Return what /records/status says of a record."""
        identity = (record.id, record.sha256)
        kept = self.kept.get(identity)
        if kept is not None and kept.record.officer == officer:
            if kept.erased:
                return "erased"
            return "stored" if kept.cause is None else "conflict"
        return "quarantined" if self.quarantined.get(identity) == officer else "unknown"

    def holds(self, record: Record) -> bool:
        """Tell whether a record is here in full, or its content was erased by the office."""
        identity = (record.id, record.sha256)
        return identity in self.kept or identity in self.quarantined or record.id in self.erased

    # Files

    def missing(self, officer: str, record: Record) -> list[str]:
        """Return the files of a record that its officer has not sent, in order."""
        if record.kind != "visit" or not record.is_readable:
            return []
        here = self.erased_files | {s for s, who in self.sent_by.items() if officer in who}
        return [sha256 for sha256 in dict.fromkeys(record.photos) if sha256 not in here]

    def offset(self, officer: str, phone: str, sha256: str, length: int) -> int | None:
        """Return the byte at which HEAD says that an upload goes on, None for 404."""
        if officer in self.sent_by.get(sha256, ()):
            return length
        upload = self.uploads.get((phone, sha256))
        return upload.size if upload is not None and upload.size else None

    def put(
        self, officer: str, phone: str, sha256: str, length: int, offset: int, chunk: int,
        sound: bool, now: float,
    ) -> tuple[int, int | None]:  # fmt: skip
        """Take `chunk` bytes at an offset; return the status and the new offset.

        `sound`: the bytes are those of the file.
        """
        if sha256 in self.erased_files or officer in self.sent_by.get(sha256, ()):
            return 200, length
        upload = self.uploads.get((phone, sha256)) or Upload(0, True, now)
        if offset != upload.size:
            return 409, upload.size
        self.uploads[phone, sha256] = upload
        upload.touched = now
        if upload.size + chunk > length:
            upload.size, upload.sound = 0, True
            return 413, None
        upload.size += chunk
        upload.sound = upload.sound and sound
        if upload.size < length:
            return 204, upload.size
        del self.uploads[phone, sha256]
        if not upload.sound:
            return 422, None
        self.sent_by.setdefault(sha256, set()).add(officer)
        return 201, length

    def clean(self, now: float) -> None:
        """Forget uploads that nobody continued for a month."""
        oldest = now - PARTIAL_DAYS * 86_400
        self.uploads = {key: each for key, each in self.uploads.items() if each.touched >= oldest}

    # The office

    def decide(self, visit_id: str, decision: str, review_id: str) -> None:
        """A supervisor decided on the head."""
        self.visits[visit_id].state = decision
        self.visits[visit_id].latest_review = review_id

    def settle(self, visit_id: str, number: int, choice: str) -> None:
        """A supervisor answered an open question."""
        standing = self.visits[visit_id]
        record = standing.questions.pop(number)
        if choice == "take_branch" and record.kind == "withdrawal":
            standing.state = "withdrawn"
        elif choice == "take_branch":
            standing.head, standing.state = record.sha256, "edited"

    def erase(self, visit_id: str) -> set[str]:
        """The office erased a visit; return the files that went with it."""
        officer = self.visits.pop(visit_id).officer
        self.erased.add(visit_id)
        photos: set[str] = set()
        for kept in self.kept.values():
            if kept.record.id == visit_id:
                photos.update(() if kept.erased else kept.record.photos)
                kept.erased = True
            elif kept.record.subject == visit_id and kept.record.officer == officer:
                kept.erased = True
        for identity in [each for each in self.quarantined if each[0] == visit_id]:
            del self.quarantined[identity]
        gone = {sha256 for sha256 in photos if not self._needed(sha256, officer)}
        self.erased_files |= gone
        for key in [key for key in self.uploads if key[1] in gone]:
            del self.uploads[key]
        return gone

    def _needed(self, sha256: str, officer: str) -> bool:
        """Whether another visit names a file: its head, or any version of the same officer's."""
        return any(
            kept.record.kind == "visit"
            and not kept.erased
            and sha256 in kept.record.photos
            and (
                kept.record.officer == officer
                or self.visits[kept.record.id].head == kept.record.sha256
            )
            for kept in self.kept.values()
        )
