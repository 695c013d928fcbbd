"""A server in this process as phones and office reach it: by the wire and by the services.

It may be closed and opened again, backed up, and made anew from a backup.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from survey.app import create_app
from survey.domain.instants import parse_instant
from survey.services import conflicts, layering, reviewing
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.erasing import erase, find_visit
from survey.services.leftovers import clean_leftovers
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.services.setup import initialise
from survey.services.verifying import verify
from survey.settings import load_settings
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store
from survey.store.devices import find_device
from survey.store.files import FileRoom
from survey.store.users import User, get_user
from survey.store.visit_page import get_visit_row
from tests.factories import NOW, Enrolled, FixedClock, add_staff, enrol_officer, enrol_phone


@dataclass(frozen=True)
class People:
    """Who there is: phones by a short name with their officers, and a supervisor."""

    phones: dict[str, Enrolled]
    supervisor_id: str

    def officer_of(self, phone: str) -> str:
        return self.phones[phone].username


def make_instance(folder: Path) -> People:
    """Make an instance with two officers, one of them with two phones, and a supervisor."""
    settings = load_settings({}, folder)
    initialise(settings, NOW)
    store = Store.open(settings.database)
    try:
        sari = enrol_officer(store, settings, "sari")
        second = enrol_phone(store, settings, sari.officer_id, sari.username)
        budi = enrol_officer(store, settings, "budi")
        supervisor = add_staff(store, "yanti", "supervisor")
    finally:
        store.close()
    return People({"sari 1": sari, "sari 2": second, "budi": budi}, supervisor.id)


class Server:
    """One server at one address; its instance may change under it."""

    def __init__(self, folder: Path, people: People) -> None:
        self.clock = FixedClock(NOW)
        self.people = people
        self._root = folder.parent
        self._backups = self._root / "cadangan"
        self._restored = 0
        self._open(folder)

    def _open(self, folder: Path) -> None:
        self.settings = load_settings({}, folder)
        self.store = Store.open(self.settings.database)
        self.room = FileRoom(folder)
        app = create_app(self.settings, store=self.store, clock=self.clock)
        self._client = app.test_client()

    def close(self) -> None:
        self.store.close()

    def restart(self) -> None:
        """Stop and start on the same instance."""
        self.close()
        self._open(self.settings.instance)

    # Phones

    def send(self, phone: str, envelopes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self.ask(phone, "POST", "/records", json={"records": envelopes})
        results: list[dict[str, Any]] = answer["results"]
        return results

    def status(self, phone: str, items: list[tuple[str, str]]) -> list[dict[str, Any]]:
        asked = [{"id": record_id, "sha256": sha256} for record_id, sha256 in items]
        answer = self.ask(phone, "POST", "/records/status", json={"records": asked})
        records: list[dict[str, Any]] = answer["records"]
        return records

    def ask(self, phone: str, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Return the JSON of an answer."""
        answer = self._call(phone, method, path, **more)
        body: dict[str, Any] = answer.get_json()
        return {"status": answer.status_code, **body}

    def _call(self, phone: str, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self.people.phones[phone].headers, **more.pop("headers", {})}
        response: TestResponse = self._client.open(
            f"/api/v1{path}", method=method, headers=headers, **more
        )
        return response

    def put(
        self, phone: str, sha256: str, length: int, offset: int, data: bytes
    ) -> tuple[int, int | None]:
        """Send a chunk; return the status and the offset that is answered."""
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
        headers |= {"Content-Type": "image/jpeg", "X-File-Kind": "attachment"}
        answer = self._call(phone, "PUT", f"/files/{sha256}", data=data, headers=headers)
        self._date_uploads(phone, sha256)
        said = answer.headers.get("Upload-Offset")
        return answer.status_code, None if said is None else int(said)

    def _date_uploads(self, phone: str, sha256: str) -> None:
        """Give what an upload left the time of the test's clock."""
        enrolled = self.people.phones[phone]
        reader = self.store.reader()
        device = find_device(reader, enrolled.device_id, get_user(reader, enrolled.officer_id).key)
        assert device is not None
        for path in self.room.partials.glob(f"{device.key}-{sha256}*"):
            os.utime(path, (self.seconds, self.seconds))

    @property
    def seconds(self) -> float:
        """The time of the test's clock."""
        return parse_instant(self.clock.now).timestamp()

    def head(self, phone: str, sha256: str) -> int | None:
        answer = self._call(phone, "HEAD", f"/files/{sha256}")
        return None if answer.status_code == 404 else int(answer.headers["Upload-Offset"])

    def get(self, phone: str, sha256: str) -> bytes | None:
        with self._call(phone, "GET", f"/files/{sha256}") as answer:
            return answer.data if answer.status_code == 200 else None

    # The office

    @property
    def supervisor(self) -> User:
        return get_user(self.store.reader(), self.people.supervisor_id)

    def seq(self, visit_id: str) -> int:
        seq: int = get_visit_row(self.store.reader(), visit_id)["changed_seq"]
        return seq

    def decide(self, visit_id: str, decision: str) -> str:
        """Decide on a visit; return the review's id."""
        return reviewing.decide(
            self.store, visit_id, decision, "alasan", self.supervisor, self.seq(visit_id),
            self.clock.tick(),
        )  # fmt: skip

    def settle(self, conflict_key: int, visit_id: str, choice: str) -> None:
        conflicts.settle(
            self.store, conflict_key, choice, "alasan", self.supervisor, self.seq(visit_id),
            self.clock.tick(),
        )  # fmt: skip

    def lay(self, visit_id: str, field: str, value: str | None) -> None:
        layering.lay_correction(
            self.store, visit_id, field, value, "alasan", self.supervisor, self.seq(visit_id),
            self.clock.tick(),
        )  # fmt: skip

    def erase(self, visit_id: str) -> None:
        erase(
            self.store, self.room, lambda c: find_visit(c, visit_id), "salah", self.clock.tick(),
            actor="cli",
        )  # fmt: skip

    def clean(self) -> None:
        """Look after leftovers, as the server does once a day."""
        clean_leftovers(self.store, self.room, self.clock.now)

    def back_up(self) -> str:
        """Make a backup and return its name."""
        return back_up(self.store, self.settings, self._backups, self.clock.tick()).manifest.name

    def backup_names(self) -> set[str]:
        """Return the backups that were not thinned out."""
        return {manifest.name for manifest in BackupFolder(self._backups).list_manifests()}

    def restore(self, name: str) -> None:
        """Make a new instance of a backup and serve that."""
        self.close()
        self._restored += 1
        folder = self._root / f"baru-{self._restored}"
        restore(load_settings({}, folder), BackupSource(self._backups, name), self.clock.tick())
        self._open(folder)

    # What is there

    def visits(self) -> dict[str, tuple[str, str, str | None]]:
        """Return head, state and newest review of each visit."""
        rows = self.store.reader().execute(
            "SELECT visits.id, sha256, state, latest_review FROM visits"
            " JOIN revisions ON revisions.key = head_key"
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def questions(self) -> list[tuple[int, str, str]]:
        """Return key, visit and branch of each open question, oldest first."""
        rows = self.store.reader().execute(
            "SELECT conflicts.key, visit_id, sha256 FROM conflicts"
            " JOIN revisions ON revisions.key = revision_key"
            " WHERE choice IS NULL ORDER BY conflicts.key"
        )
        return [tuple(row) for row in rows]

    def revisions(self) -> dict[tuple[str, str], tuple[str | None, str | None]]:
        """Return payload and conflict of each revision."""
        rows = self.store.reader().execute(
            "SELECT record_id, sha256, payload, conflict FROM revisions"
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    def quarantined(self) -> dict[tuple[str, str], str]:
        rows = self.store.reader().execute("SELECT record_id, sha256, payload FROM quarantine")
        return {(row[0], row[1]): bytes(row[2]).decode() for row in rows}

    def damage(self) -> list[str]:
        """Return all that `survey verify` finds: files, projection, audit, references."""
        return verify(self.store, self.room, self.clock.now, workspace=self._root).damage

    def chain_breaks(self) -> list[int]:
        return list(find_chain_breaks(self.store.reader()))
