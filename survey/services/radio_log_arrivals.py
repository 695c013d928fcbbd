"""Radio logs that phones sent: taken in in the background, with what their visit knows.

The file comes after the record that names it (text before files). A log of practice is never
taken in. What is no log stays a file, and the audit says why.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from survey.domain.instants import Instant, add_to_instant
from survey.domain.problems import Problem
from survey.services.files import RADIO_LOG_JOB
from survey.services.jobs import JobRunner
from survey.services.radio_importing import Origin, import_logs, is_radio_log
from survey.store.audit import append_audit
from survey.store.files import find_file
from survey.store.jobs import enqueue_job
from survey.store.samples import LogRecord, find_log_record
from survey.store.visits import find_visit_row

log = logging.getLogger("survey.radio_logs")

WAIT_HOURS: Final = 24
"""So long a file waits for the record that names it; then it is taken in without."""


def take_arrived(runner: JobRunner, sha256: str) -> None:
    """Take in a radio log that arrived; twice does no harm."""
    reader, now = runner.store.reader(), runner.clock()
    row = find_file(reader, sha256)
    path = runner.files.path_of(sha256)
    if row is None or row["erased_at"] is not None or not path.is_file():
        return
    record = find_log_record(reader, sha256, row["officer_key"])
    if record is None and now < add_to_instant(row["stored_at"], hours=WAIT_HOURS):
        again = add_to_instant(now, hours=1)
        runner.store.write(lambda c: enqueue_job(c, RADIO_LOG_JOB, sha256, again))
        return
    payload = _payload_of(record)
    origin = _find_origin(runner, row["officer_key"], record, payload)
    if origin is None:
        return
    name = _name_of(payload, sha256)
    try:
        with path.open("rb") as stream:
            if not is_radio_log(stream, name):
                raise Problem("import.unreadable")
            import_logs(runner.store, runner.settings, stream, name, origin, now)
    except Problem as problem:
        if problem.status >= 500:
            raise  # the server's own trouble says nothing of the log: it is tried again
        log.warning("radio log %s was not taken in: %s", sha256, problem.code)
        code = problem.code
        runner.store.write(
            lambda c: append_audit(c, now, "system", "radio_log.unreadable", sha256, code)
        )


def _payload_of(record: LogRecord | None) -> dict[str, Any]:
    if record is None:
        return {}
    payload = json.loads(record.payload)
    return payload if isinstance(payload, dict) else {}


def _find_origin(
    runner: JobRunner, officer_key: int, record: LogRecord | None, payload: dict[str, Any]
) -> Origin | None:
    """Return whose log it is and where its visit stood, None for practice."""
    if payload.get("practice") is True:
        return None
    record_id = record.record_id if record is not None else None
    visit_id = payload.get("visit_id")
    visit = find_visit_row(runner.store.reader(), visit_id) if isinstance(visit_id, str) else None
    if visit is None or visit.officer_key != officer_key:
        return Origin("system", officer_key=officer_key, record_id=record_id)
    if visit.practice:
        return None
    at: Instant = visit.occurred_at
    return Origin(
        "system",
        officer_key=officer_key,
        record_id=record_id,
        at=at,
        latitude_deg=visit.latitude_deg,
        longitude_deg=visit.longitude_deg,
        accuracy_m=visit.accuracy_m,
    )


def _name_of(payload: dict[str, Any], sha256: str) -> str:
    """Return what the phone called the file, bounded and printable."""
    files = payload.get("files")
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict) and file.get("sha256") == sha256:
            name = file.get("name")
            if isinstance(name, str) and name.strip():
                return "".join(letter for letter in name if letter.isprintable())[:120] or "?"
    return f"{sha256[:12]}.log"
