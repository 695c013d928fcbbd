"""The promise of backups: any of the last seven days will do, though all newer ones are lost.

Phones let a photo go once it was called safe and seven days after it was sent. Whatever a backup
of the last seven days lacks is therefore still on its phone. The clock is moved through weeks,
and the server is restored from each night's folder as it was in that night.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from flask.testing import FlaskClient

from survey.app import create_app
from survey.domain.instants import Instant, add_to_instant, milliseconds_between
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.leftovers import clean_leftovers
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.factories import NOW, FixedClock, enrol_officer, make_envelope, make_visit_payload
from tests.faults.checker import Save, check
from tests.faults.tally import record_tally

DAYS = 18
SEED = 41
PHOTO_DAYS = 7
"""static/storage/retention.js has the same number; its own tests hold it to it."""

AWAY_DAYS = 40


@dataclass
class Photo:
    """A photo on a phone; `data` is None once the phone let it go."""

    data: bytes | None
    sent_at: Instant | None = None
    safe: bool = False


@dataclass
class RulePhone:
    """A phone that keeps the app's rules of sending, of a new store, and of making room."""

    headers: dict[str, str]
    store_id: str = ""
    cursor: str = ""
    unsent: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    photos: dict[str, Photo] = field(default_factory=dict)

    @property
    def saves(self) -> list[Save]:
        """Everything that was ever saved on this phone."""
        return [
            Save(
                one["id"],
                one["sha256"],
                tuple(photo["sha256"] for photo in json.loads(one["payload"])["photos"]),
            )
            for one in (*self.sent, *self.unsent)
        ]

    def save(self, random: Random) -> None:
        """Record a visit with a photo."""
        data = random.randbytes(random.randint(200, 2_000))
        name = hashlib.sha256(data).hexdigest()
        self.photos[name] = Photo(data)
        photos = [{"sha256": name, "kind": "site", "bytes": len(data)}]
        note = f"kunjungan {random.random()}"
        self.unsent.append(make_envelope(make_visit_payload(photos=photos, note=note)))

    def meet(self, client: FlaskClient, now: Instant) -> None:
        """One run: who is there, records, photos, news, and then room is made."""
        store_id = client.get("/api/v1/ping").json["store_id"]  # type: ignore[index]
        if store_id != self.store_id:
            self.unsent, self.sent, self.cursor = [*self.sent, *self.unsent], [], ""
            for photo in self.photos.values():
                photo.sent_at, photo.safe = None, False
            self.store_id = store_id
        while self.unsent:
            batch, self.unsent = self.unsent[:50], self.unsent[50:]
            answer = self._ask(client, "POST", "/records", json={"records": batch}).json
            assert {one["result"] for one in answer["results"]} <= {"stored", "already_stored"}
            self.sent += batch
        for name, photo in self.photos.items():
            if photo.data is not None and photo.sent_at is None:
                self._send_photo(client, name, photo.data)
                photo.sent_at = now
        self._hear(client)
        for photo in self.photos.values():
            age = milliseconds_between(photo.sent_at, now) if photo.sent_at else 0
            if photo.safe and age >= PHOTO_DAYS * 86_400_000:
                photo.data = None

    def _ask(self, client: FlaskClient, method: str, path: str, **more: Any) -> Any:
        headers = {**self.headers, **more.pop("headers", {})}
        return client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def _send_photo(self, client: FlaskClient, name: str, data: bytes) -> None:
        headers = {
            "Upload-Offset": "0",
            "Upload-Length": str(len(data)),
            "Content-Type": "image/jpeg",
            "X-File-Kind": "photo",
        }
        answer = self._ask(client, "PUT", f"/files/{name}", data=data, headers=headers)
        assert answer.status_code in (200, 201)

    def _hear(self, client: FlaskClient) -> None:
        more = True
        while more:
            page = self._ask(client, "GET", f"/changes?cursor={self.cursor}&limit=500").json
            for change in page["changes"]:
                if change["kind"] == "file_safe" and change["id"] in self.photos:
                    self.photos[change["id"]].safe = not change["deleted"]
            self.cursor, more = page["cursor"], page["more"]


def keep_night(folder: Path, kept: Path) -> None:
    """Keep a folder of backups as it is in one night: a disk that was carried away."""
    shutil.copytree(folder, kept, copy_function=os.link)


def live(
    store: Store, settings: Settings, clock: FixedClock, phones: list[RulePhone], nights: Path
) -> None:
    """Let weeks go by: visits, contacts now and then, a backup each night."""
    client = create_app(settings, store=store, clock=clock).test_client()
    random, folder = Random(SEED), nights / "cadangan"
    for day in range(DAYS):
        for number, phone in enumerate(phones):
            for _ in range(random.randint(1, 2)):
                phone.save(random)
            # The first meets the server daily, the others when there is a network.
            if number == 0 or random.random() < 0.5:
                phone.meet(client, clock.tick(600))
        clock.now = add_to_instant(NOW, days=day, hours=16)
        back_up(store, settings, folder, clock.now)
        keep_night(folder, nights / f"{day:02}")
        clock.now = add_to_instant(NOW, days=day + 1)
    for phone in phones:
        phone.meet(client, clock.tick(600))


def come_back(
    night: Path, clock: FixedClock, phones: list[RulePhone], target: Path
) -> tuple[int, int, list[RulePhone]]:
    """Restore a night, let copies of the phones meet it; return records and files that are lost."""
    settings = load_settings({}, target)
    outcome = restore(settings, BackupSource(night), clock.now)
    assert outcome.lost == outcome.damage == ()  # what was called safe is in every later backup
    store = Store.open(settings.database)
    moved = FixedClock(clock.now)
    client = create_app(load_settings({}, target), store=store, clock=moved).test_client()
    again = deepcopy(phones)
    for number, phone in enumerate(again):
        if number == len(again) - 1:
            moved.now = add_to_instant(clock.now, days=AWAY_DAYS)
        phone.meet(client, moved.tick())
    store.close()
    findings = check(settings, [save for phone in again for save in phone.saves])
    records = sum(line.startswith("lost: record") for line in findings.details)
    assert findings.damaged == findings.duplicated == 0, findings.details
    return records, findings.lost - records, again


def test_any_backup_of_the_last_seven_days_loses_nothing_when_all_newer_ones_are_lost(
    store: Store,
    settings: Settings,
    clock: FixedClock,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    phones = [
        RulePhone(enrol_officer(store, settings, f"petugas{number}").headers) for number in range(3)
    ]
    nights = tmp_path / "malam"
    nights.mkdir()
    live(store, settings, clock, phones, nights)
    saves = [save for phone in phones for save in phone.saves]
    freed = sum(photo.data is None for phone in phones for photo in phone.photos.values())
    assert freed > len(saves) / 4, "the rule let nothing go, so this proves nothing"
    lost = {}
    for day in (DAYS - 11, *range(DAYS - 8, DAYS)):
        made_at = add_to_instant(NOW, days=day, hours=16)
        age_days = milliseconds_between(made_at, clock.now) / 86_400_000
        records, files, _ = come_back(nights / f"{day:02}", clock, phones, tmp_path / f"baru{day}")
        assert records == 0, f"texts stay for 90 days, and a backup was {age_days} days old"
        lost[age_days] = files
    young = {age: files for age, files in lost.items() if age <= PHOTO_DAYS}
    assert len(young) == 7
    assert set(young.values()) == {0}
    assert max(lost.values()) > 0, "older ones must lose something, or the test is blind"
    record_tally(
        record_property,
        fault="every backup of seven days restored, all newer ones lost",
        moments=len(young),
        records=len(saves) * len(young),
        files=len(saves) * len(young),
    )


def test_what_the_folder_of_backups_still_has_comes_back_though_its_newest_store_is_lost(
    store: Store, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    phones = [RulePhone(enrol_officer(store, settings, "petugas").headers)]
    nights = tmp_path / "malam"
    nights.mkdir()
    live(store, settings, clock, phones, nights)
    folder = nights / "cadangan"
    for manifest in BackupFolder(folder).list_manifests():
        if manifest.made_at > add_to_instant(clock.now, days=-10):
            (folder / f"{manifest.name}.db").write_bytes(b"rusak")
    records, files, again = come_back(folder, clock, phones, tmp_path / "baru")
    # The phone let photos go that no row names now: their bytes are there, and are given back.
    assert (records, files > 0) == (0, True)
    restored = load_settings({}, tmp_path / "baru")
    opened = Store.open(restored.database)
    cleaned = clean_leftovers(opened, FileRoom(restored.instance), clock.now)
    opened.close()
    assert cleaned.adopted == files
    assert check(restored, [save for phone in again for save in phone.saves]).details == []
