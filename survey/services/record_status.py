"""What the server holds of records and their files: for the tally and after a restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypedDict

from survey.domain.identifiers import is_sha256, is_uuid
from survey.formats.payloads import UnreadableError, list_files, read_payload
from survey.store import quarantine
from survey.store.files import list_sent
from survey.store.revisions import KnownRevision, get_revision, list_known


class RecordStatus(TypedDict):
    """One record: `result` is stored, conflict, quarantined, erased, or unknown."""

    id: str | None
    sha256: str | None
    known: bool
    result: str
    missing_files: list[str]


def list_record_status(
    connection: sqlite3.Connection, officer_key: int, items: Sequence[object]
) -> list[RecordStatus]:
    """Return the status of each item {"id", "sha256"} of the wire, in order.

    Another officer's record is unknown, and so is what is no id and hash.
    """
    pairs = [_pair(item) for item in items]
    ids = sorted({record_id for record_id, _ in pairs if record_id is not None})
    known = {
        (revision.record_id, revision.sha256): revision
        for revision in list_known(connection, ids)
        if revision.officer_key == officer_key
    }
    quarantined = {
        identity
        for identity, holder in quarantine.list_known(connection, ids).items()
        if holder == officer_key
    }
    files = {identity: _list_files(connection, revision) for identity, revision in known.items()}
    named = {each for hashes in files.values() for each in hashes}
    here = list_sent(connection, named, officer_key)
    answers: list[RecordStatus] = []
    for record_id, sha256 in pairs:
        identity = (str(record_id), str(sha256))
        result = _result(known.get(identity), identity in quarantined)
        answers.append(
            {
                "id": record_id,
                "sha256": sha256,
                "known": result != "unknown",
                "result": result,
                "missing_files": [each for each in files.get(identity, ()) if each not in here],
            }
        )
    return answers


def _pair(item: object) -> tuple[str | None, str | None]:
    if not isinstance(item, dict):
        return None, None
    record_id, sha256 = item.get("id"), item.get("sha256")
    return (
        record_id if is_uuid(record_id) else None,
        sha256 if is_sha256(sha256) else None,
    )


def _result(revision: KnownRevision | None, quarantined: bool) -> str:
    if revision is None:
        return "quarantined" if quarantined else "unknown"
    if revision.erased:
        return "erased"
    return "stored" if revision.conflict is None else "conflict"


def _list_files(connection: sqlite3.Connection, revision: KnownRevision) -> list[str]:
    if revision.kind not in ("visit", "jorong_profile", "radio_log") or revision.erased:
        return []
    kept = get_revision(connection, revision.key)
    try:
        return list_files(read_payload(kept.kind, kept.schema, kept.payload or "").value)
    except UnreadableError:
        return []
