"""What phones send besides visits and tracks: comments, withdrawals, records only kept.

Values as the phone froze them; every field may be missing. Source: docs/api.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Comment:
    """A remark of the officer on a visit of theirs."""

    id: str | None = None
    visit_id: str | None = None
    text: str | None = None
    saved_at: str | None = None


@dataclass(slots=True)
class Withdrawal:
    """An officer takes a visit back before approval, or a track at any time."""

    id: str | None = None
    visit_id: str | None = None
    track_id: str | None = None
    reason: str | None = None
    saved_at: str | None = None


@dataclass(slots=True)
class NamedFile:
    """A file that a kept record names by the SHA-256 of its bytes."""

    sha256: str | None = None
    thumbnail_sha256: str | None = None


@dataclass(slots=True)
class KeptRecord:
    """A profile of a jorong or a radio log: kept as it is; only its files are looked for."""

    id: str | None = None
    sha256: str | None = None
    photos: list[NamedFile] = field(default_factory=list)
    files: list[NamedFile] = field(default_factory=list)
