"""Taking in a phone's rescue file: the same intake as the wire's, in the name of its officers.

The author stays who the file names. Again the same file changes nothing; what a phone sent
meanwhile is known by its hash. Knows no form of the file (see formats/rescue_files.py).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.limits import BATCH_BYTES, BATCH_RECORDS, FILE_BYTES, SINGLE_RECORD_BYTES
from survey.domain.problems import PROBLEMS, Problem
from survey.formats.images import looks_like_picture
from survey.formats.rescue_files import RESCUE_BYTES, read_rescue, unreadable_file
from survey.formats.rescue_items import BadLine, RescueFile, RescueNote, RescueRecord
from survey.formats.wire import Envelope, payload_bytes, seal_fits
from survey.services.files import Upload, receive_whole
from survey.services.files import read_upload as check_upload
from survey.services.import_report import Report, Row
from survey.services.intake import store_batch
from survey.settings import Settings
from survey.store.areas import find_area
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.devices import Device, list_devices
from survey.store.files import FileRoom, list_known
from survey.store.users import User, find_user, find_user_by_name

PENDING_BYTES: Final = 64_000_000
PENDING_RECORDS: Final = 20_000
"""So much text of records waits to be put in order; then it is stored as it is."""

LARGEST_BYTES: Final = 4_000_000_000
"""The largest rescue file that the command takes; a ZIP of more has another form."""

BAD_LINES_SHOWN: Final = 500
NO_PICTURE: Final = N_("It was taken in, but is no picture that can be shown.")
UNKNOWN_TYPE: Final = "application/octet-stream"

_LAST: Final = ("comment", "withdrawal")
"""Kinds that speak of other records, and so come after them."""


def import_rescue(
    store: Store,
    files_room: FileRoom,
    settings: Settings,
    stream: BinaryIO,
    name: str,
    actor: str,
    now: Instant,
    officer: str | None = None,
    progress: Callable[[int], None] | None = None,
    largest: int = RESCUE_BYTES,
) -> Report:
    """Take in what a rescue file holds and return what became of each record.

    `stream` must seek; `officer` (a user name) owns what names no officer of this instance;
    `progress` is told the bytes read so far. Raises import.unreadable, import.too_large,
    import.not_an_officer, user.not_found; whatever was taken in before stays.
    """
    if stream.seek(0, io.SEEK_END) > largest:
        raise Problem("import.too_large", limit=largest // 1_000_000)
    stream.seek(0)
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    job = _Import(store, files_room, settings, now, _find_stand_in(store, officer), Report(name))
    understood = False
    for item in read_rescue(stream):
        understood = understood or not isinstance(item, BadLine)
        job.take(item)
        if progress is not None:
            progress(stream.tell())
    if not understood:
        raise unreadable_file(job.report.bad_lines)
    job.store_records()
    content = json.dumps({"name": name, **job.report.results})
    store.write(lambda c: append_audit(c, now, actor, "rescue.imported", sha256, content))
    return job.report


def count_photos(store: Store, reports: Sequence[Report]) -> None:
    """Note in each row which of its photos are not here, after all files were taken in."""
    wanted = {sha256 for report in reports for row in report.rows for sha256 in row.photos}
    here = list_known(store.reader(), wanted)
    for report in reports:
        for row in report.rows:
            row.photos_missing = sum(sha256 not in here for sha256 in row.photos)


def _find_stand_in(store: Store, username: str | None) -> User | None:
    if username is None:
        return None
    user = find_user_by_name(store.reader(), username)
    if user is None:
        raise Problem("user.not_found")
    if "officer" not in user.roles:
        raise Problem("import.not_an_officer", name=user.name)
    return user


class _Import:
    """One run: whose what is, what waits to be stored, what was done."""

    def __init__(
        self,
        store: Store,
        room: FileRoom,
        settings: Settings,
        now: Instant,
        stand_in: User | None,
        report: Report,
    ) -> None:
        self.store, self.room, self.settings, self.now = store, room, settings, now
        self.stand_in, self.report = stand_in, report
        self.users: dict[str, User | None] = {}
        self.devices: dict[int, list[Device]] = {}
        self.owners: dict[str, User] = {}
        self.authors: dict[int, User] = {}
        self.pending: list[tuple[User, RescueRecord]] = []
        self.pending_bytes = 0

    def take(self, item: RescueRecord | RescueFile | RescueNote | BadLine) -> None:
        """Take one item of the file; records wait, because the file has them in no order."""
        if isinstance(item, BadLine):
            self.report.bad_count += 1
            if len(self.report.bad_lines) < BAD_LINES_SHOWN:
                self.report.bad_lines.append(item)
        elif isinstance(item, RescueNote):
            self.report.drafts += item.kind == "draft"
        elif isinstance(item, RescueFile):
            self.store_records()  # text before pictures, as phones send them
            self._take_file(item)
        else:
            self._take_record(item)

    def _officer_of(self, officer_id: str | None) -> User | str:
        """Return the author, or the code of why there is none."""
        if officer_id is not None and officer_id not in self.users:
            self.users[officer_id] = find_user(self.store.reader(), officer_id)
        named = self.users.get(officer_id) if officer_id is not None else None
        if named is not None:
            return named
        if self.stand_in is not None:
            return self.stand_in
        return "import.no_officer" if officer_id is None else "import.unknown_officer"

    def _take_record(self, record: RescueRecord) -> None:
        officer = self._officer_of(record.officer_id)
        if isinstance(officer, str):
            self._note(record, "", "refused", "unsealed", PROBLEMS[officer][1])
            return
        size = _size(record)
        if size > SINGLE_RECORD_BYTES:
            self._note(record, officer.name, "refused", "unsealed", PROBLEMS["file.too_large"][1])
            return
        self.authors[officer.key] = officer
        for sha256 in record.files:
            self.owners.setdefault(sha256, officer)
        self.pending.append((officer, record))
        self.pending_bytes += size
        if self.pending_bytes > PENDING_BYTES or len(self.pending) >= PENDING_RECORDS:
            self.store_records()

    def store_records(self) -> None:
        """Store what waits: each revision after the one it corrects, in the wire's batches."""
        pending, self.pending, self.pending_bytes = self.pending, [], 0
        by_officer: dict[int, list[tuple[User, RescueRecord]]] = {}
        for officer, record in pending:
            by_officer.setdefault(officer.key, []).append((officer, record))
        for group in by_officer.values():
            officer = group[0][0]
            batch: list[RescueRecord] = []
            size = 0
            for record in sorted((each for _, each in group), key=_place_in_order):
                more = _size(record)
                if batch and (len(batch) == BATCH_RECORDS or size + more > BATCH_BYTES):
                    self._store_batch(officer, batch)
                    batch, size = [], 0
                batch.append(record)
                size += more
            self._store_batch(officer, batch)

    def _store_batch(self, officer: User, batch: list[RescueRecord]) -> None:
        results = store_batch(
            self.store,
            self.settings.timezone,
            None,
            [record.envelope for record in batch],
            None,
            self.now,
            officer=officer,
        )
        for record, result in zip(batch, results, strict=True):
            seal = self._seal_of(officer, record)
            self._note(record, officer.name, result["result"], seal, result.get("message", ""))

    def _seal_of(self, officer: User, record: RescueRecord) -> str:
        """Tell whether one of the officer's phones sealed this payload, and may still send."""
        envelope = record.envelope
        if not isinstance(envelope, Envelope) or envelope.seal is None:
            return "unsealed"
        data = payload_bytes(envelope)
        if officer.key not in self.devices:
            self.devices[officer.key] = list_devices(self.store.reader(), officer.key)
        for device in self.devices[officer.key] if data is not None else []:
            if seal_fits(envelope.seal, data or b"", device.token_hash):
                revoked = device.revoked_at or device.user_disabled_at
                return "revoked" if revoked else "sealed"
        return "unknown"

    def _note(
        self, record: RescueRecord, officer_name: str, result: str, seal: str, reason: str
    ) -> None:
        envelope = record.envelope
        kind = envelope.kind if isinstance(envelope, Envelope) else ""
        area_name = record.area_name or ""
        if record.area_id is not None:
            area = find_area(self.store.reader(), record.area_id)
            area_name = area.name if area is not None else area_name
        row = Row(
            record.place, envelope.id or "", kind, area_name, officer_name, result, seal, reason
        )
        if result != "refused":
            row.photos = record.photos
        self.report.rows.append(row)

    def _take_file(self, file: RescueFile) -> None:
        if file.data is None:
            self.report.files["without_bytes"] += 1
            return
        officer = self._owner_of(file)
        try:
            if isinstance(officer, str):
                raise Problem(officer)
            outcome: str = receive_whole(
                self.store,
                self.room,
                officer.key,
                file.data,
                _declared(file, len(file.data)),
                self.now,
            )
        except Problem as problem:
            if problem.status >= 500:
                raise
            outcome = "refused"
            self._note_fault(file, problem.template)
        self.report.files[outcome] += 1
        if outcome == "stored" and file.kind == "photo" and not looks_like_picture(file.data):
            self._note_fault(file, NO_PICTURE)

    def _owner_of(self, file: RescueFile) -> User | str:
        """Return whose file it is: as its line says, else whose record names it."""
        if file.officer_id is None:
            if file.sha256 in self.owners:
                return self.owners[file.sha256]
            if len(self.authors) == 1:
                return next(iter(self.authors.values()))
        return self._officer_of(file.officer_id)

    def _note_fault(self, file: RescueFile, reason: str) -> None:
        if len(self.report.file_faults) < BAD_LINES_SHOWN:
            self.report.file_faults.append((file.place, reason))


def _declared(file: RescueFile, length: int) -> Upload:
    """Return what a phone would have declared; a type that says nothing refuses no photo."""
    if length > FILE_BYTES:
        raise Problem("file.too_large")
    try:
        return check_upload(file.sha256, "0", str(length), file.content_type, file.kind)
    except Problem:
        return check_upload(file.sha256, "0", str(length), UNKNOWN_TYPE, file.kind)


def _size(record: RescueRecord) -> int:
    envelope = record.envelope
    return len(envelope.payload) if isinstance(envelope, Envelope) else 0


def _place_in_order(record: RescueRecord) -> tuple[bool, int, int]:
    envelope = record.envelope
    if not isinstance(envelope, Envelope):
        return (True, 0, record.order)
    return (envelope.kind in _LAST, envelope.revision, record.order)
