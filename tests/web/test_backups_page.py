"""The page of backups: what is wrong is said in words, and the front page sends there."""

from __future__ import annotations

import html
import json
import shutil
import threading
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.app import create_app
from survey.domain.instants import add_to_instant
from survey.services import backup_health
from survey.services.backing_up import back_up
from survey.services.jobs import JobRunner
from survey.services.nightly_backup import ensure_backups
from survey.services.rehearsing import rehearse
from survey.services.replica_state import DatabaseState, Fault, FilesState, write_state
from survey.services.restore_sources import BackupSource
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import find_job
from survey.store.meta import set_meta
from survey.store.users import User
from tests.backup_kit import put_file
from tests.factories import NOW, FixedClock
from tests.people_kit import add_person, csrf_token, sign_in_as

RED = 'class="notice notice--bad" role="alert"'
"""Of the page itself: the layout may warn of the address of these tests."""

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cadangan"


@pytest.fixture
def backed_up(settings: Settings, folder: Path) -> Settings:
    return replace(settings, backup_dir=folder)


@pytest.fixture
def app(backed_up: Settings, store: Store, clock: FixedClock) -> Flask:
    return create_app(backed_up, store=store, clock=clock)


@pytest.fixture
def admin(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_english(store, "yanti", "admin"))


def add_english(store: Store, username: str, role: str) -> User:
    """Add a person of the office who reads English."""
    user = add_person(store, username, role)
    store.write(
        lambda connection: connection.execute(
            "UPDATE users SET language = 'en' WHERE key = ?", (user.key,)
        ).fetchall()
    )
    return user


def page(client: FlaskClient, path: str = "/backups") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(html.unescape(response.get_data(as_text=True)).split())


def press(client: FlaskClient, path: str) -> None:
    response = client.post(path, data={"csrf_token": csrf_token(client)})
    assert (response.status_code, response.location) == (303, "/backups")


def note(store: Store, **metas: str) -> None:
    def write(connection) -> None:  # type: ignore[no-untyped-def]
        for name, value in metas.items():
            set_meta(connection, name, value)

    store.write(write)


@pytest.fixture
def in_order(store: Store, backed_up: Settings, folder: Path) -> None:
    """A backup of today that was proved by a rehearsal."""
    back_up(store, backed_up, folder, NOW)
    assert rehearse(backed_up, BackupSource(folder), NOW).proved


def test_what_is_in_order_is_said_with_its_facts(
    admin: FlaskClient, store: Store, backed_up: Settings, folder: Path, clock: FixedClock
) -> None:
    officer = add_person(store, "sari")
    put_file(store, FileRoom(backed_up.instance), officer, b"satu")
    ensure_backups(store, backed_up, NOW)
    back_up(store, backed_up, folder, NOW)
    rehearse(backed_up, BackupSource(folder), NOW)
    put_file(store, FileRoom(backed_up.instance), officer, b"dua")
    text = page(admin)
    assert "If this server died now, the survey would come back." in text
    assert RED not in text
    for fact in (str(folder), "survey-20260504T030000000Z", "files 1", "proved", "1 files wait"):
        assert fact in text, fact
    assert f"survey restore '{folder}'" in text
    assert "The backups need a look." not in page(admin, "/queue")


def test_without_a_folder_the_page_and_the_front_page_are_red(
    settings: Settings, store: Store, clock: FixedClock
) -> None:
    app = create_app(settings, store=store, clock=clock)
    admin = sign_in_as(app, add_english(store, "yanti", "admin"))
    assert "set SURVEY_BACKUP_DIR" in page(admin)
    assert "The backups need a look." in page(admin, "/queue")
    assert "The backups need a look." not in page(admin, "/people")
    press(admin, "/backups/now")
    assert find_job(store.reader(), "backup", "now") is None
    viewer = sign_in_as(app, add_english(store, "tuti", "supervisor"))
    assert "The backups need a look." not in page(viewer, "/queue")


def test_a_demo_does_not_nag(settings: Settings, store: Store, clock: FixedClock) -> None:
    app = create_app(replace(settings, demo=True), store=store, clock=clock)
    admin = sign_in_as(app, add_english(store, "yanti", "admin"))
    assert "The backups need a look." not in page(admin, "/queue")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("last_backup_at", add_to_instant(NOW, hours=-37), "more than 36 hours old"),
        ("last_backup_at", add_to_instant(NOW, hours=2), "ahead of the server's clock"),
        ("last_tested_restore", add_to_instant(NOW, days=-91), "more than 90 days ago"),
        (
            "last_backup_error",
            json.dumps(
                {
                    "message": "The folder {folder} cannot be written to.",
                    "params": {"folder": "/mnt/usb"},
                }
            ),
            "The last backup failed: The folder /mnt/usb cannot be written to.",
        ),
        (
            "last_backup_error",
            json.dumps({"message": "odd {braces} <b>of the system</b>", "params": {"x": "y"}}),
            "odd {braces} <b>of the system</b>",
        ),
        (
            "rehearsal_backup",
            json.dumps({"at": NOW, "ok": False, "damage": 2}),
            "The last rehearsal of a restore found faults.",
        ),
    ],
)
def test_each_thing_that_is_wrong_is_red_and_in_words(
    admin: FlaskClient, store: Store, in_order: None, name: str, value: str, words: str
) -> None:
    assert RED not in page(admin)
    note(store, **{name: value})
    text = page(admin)
    assert RED in text
    assert words in text
    assert "The backups need a look." in page(admin, "/queue")


@pytest.mark.parametrize(
    ("name", "hours"),
    [("last_backup_at", -35), ("last_backup_at", 0.9), ("last_tested_restore", -2_150)],
)
def test_what_is_just_young_enough_is_not_red(
    admin: FlaskClient, store: Store, in_order: None, name: str, hours: float
) -> None:
    note(store, **{name: add_to_instant(NOW, hours=hours)})
    assert RED not in page(admin)


def test_nothing_made_and_nothing_rehearsed_is_said(admin: FlaskClient) -> None:
    text = page(admin)
    assert "No backup was made yet." in text
    assert "No restore was rehearsed yet." in text


def test_a_faulty_error_of_the_page_s_own_data_is_escaped(
    admin: FlaskClient, store: Store, in_order: None
) -> None:
    note(store, last_backup_error=json.dumps({"message": "<script>x</script>", "params": {}}))
    assert b"<script>x" not in admin.get("/backups").data


def test_buttons_ask_the_server_for_the_work(
    admin: FlaskClient,
    store: Store,
    backed_up: Settings,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SURVEY_BACKUP_DIR", str(backed_up.backup_dir))
    press(admin, "/backups/now")
    assert "A backup is being made." in page(admin)
    runner = JobRunner(store, FileRoom(backed_up.instance), backed_up, clock)
    assert runner.run_one()
    assert "A backup is being made." not in page(admin)
    press(admin, "/backups/rehearse")
    assert "A restore is being rehearsed." in page(admin)
    assert runner.run_one()
    text = page(admin)
    assert "A restore is being rehearsed." not in text
    assert "proved" in text


def test_a_folder_that_lost_its_mark_offers_to_begin_anew(
    admin: FlaskClient, store: Store, backed_up: Settings, folder: Path, clock: FixedClock
) -> None:
    runner = JobRunner(store, FileRoom(backed_up.instance), backed_up, clock)
    press(admin, "/backups/now")
    runner.run_one()
    assert "/backups/new-folder" not in page(admin)
    shutil.rmtree(folder)
    press(admin, "/backups/now")
    runner.run_one()
    text = page(admin)
    assert "Is its disk not mounted?" in text
    assert "/backups/new-folder" in text
    press(admin, "/backups/new-folder")
    runner.run_one()
    assert "Is its disk not mounted?" not in page(admin)


def test_disks_are_told_and_red_when_little_is_left(
    admin: FlaskClient, in_order: None, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(500_000_000_000, 0, 1_400_000_000))
    text = page(admin)
    assert f"Little room is left on the disk of {folder}." in text
    assert "1.4 GB" in text
    assert f"{folder} is on the same disk as the survey" in text


def test_a_disk_that_never_answers_does_not_hold_the_page_up(
    admin: FlaskClient, in_order: None, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    real = shutil.disk_usage
    answered = threading.Event()

    def hang(path: Path) -> object:
        if path == folder:
            answered.wait(60)
        return real(path)

    monkeypatch.setattr(backup_health, "DISK_WAIT_S", 0.1)
    monkeypatch.setattr(shutil, "disk_usage", hang)
    try:
        assert f"The folder {folder} cannot be read." in page(admin)
    finally:
        answered.set()


@pytest.fixture
def replicated(backed_up: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "replika").mkdir()
    return replace(backed_up, replica=str(tmp_path / "replika"))


def look(store: Store, settings: Settings, clock: FixedClock) -> str:
    app = create_app(settings, store=store, clock=clock)
    users = store.reader().execute("SELECT count(*) FROM users").fetchone()[0]
    return page(sign_in_as(app, add_english(store, f"admin{users}", "admin")))


def test_a_replica_that_follows_is_told_and_one_that_does_not_is_red(
    store: Store, replicated: Settings, clock: FixedClock, in_order: None
) -> None:
    assert "The replica does not follow." in look(store, replicated, clock)
    follows = DatabaseState(NOW, True, NOW, 0, "/mnt/replika/db/x")
    write_state(replicated.instance, follows)
    write_state(replicated.instance, FilesState(NOW, waiting=3))
    clock.tick(20)
    text = look(store, replicated, clock)
    assert RED not in text
    assert "20 s" in text
    assert "3 wait to be copied" in text
    clock.tick(20)  # it says nothing any more
    assert "The replica does not follow." in look(store, replicated, clock)
    write_state(replicated.instance, replace(follows, at=clock.tick(300)))
    assert "more than 5 minutes behind" in look(store, replicated, clock)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            DatabaseState(NOW, False, "", 3, fault=Fault("Litestream 0.5 is not installed.")),
            "The replica does not follow. Litestream 0.5 is not installed.",
        ),
        (DatabaseState(NOW, True, "", 0, fault=Fault("no such bucket")), "5 minutes behind"),
        (FilesState(NOW, fault=Fault("No space left")), "do not follow. No space left"),
        (FilesState(NOW, damaged=2), "2 files are missing or damaged on the server."),
    ],
)
def test_what_a_replica_lacks_is_said(
    store: Store,
    replicated: Settings,
    clock: FixedClock,
    in_order: None,
    state: DatabaseState | FilesState,
    words: str,
) -> None:
    write_state(replicated.instance, DatabaseState(NOW, True, NOW))
    write_state(replicated.instance, state)
    text = look(store, replicated, clock)
    assert RED in text
    assert words in text


def test_a_replica_at_an_address_shows_no_password_and_where_photos_are(
    store: Store, backed_up: Settings, clock: FixedClock, in_order: None, folder: Path
) -> None:
    settings = replace(backed_up, replica="sftp://u:rahasia@host.example/survei")
    place = f"{settings.replica}/abc"
    write_state(settings.instance, DatabaseState(NOW, True, NOW, 0, place))
    text = look(store, settings, clock)
    assert "rahasia" not in text
    assert f"survey restore 'sftp://u:***@host.example/survei/abc' --files '{folder}'" in text
    assert "holds no photos" in text


def test_whoever_decides_is_told_of_a_restore_for_a_while(
    app: Flask, store: Store, clock: FixedClock
) -> None:
    value = {"at": NOW, "as_of": add_to_instant(NOW, hours=-9), "kind": "backup", "name": "x"}
    note(store, restored=json.dumps(value))
    supervisor = sign_in_as(app, add_english(store, "tuti", "supervisor"))
    viewer = sign_in_as(app, add_english(store, "vina", "viewer"))
    assert "please look through the queue again" in page(supervisor, "/queue")
    assert "please look through the queue again" not in page(viewer, "/queue")
    clock.now = add_to_instant(NOW, days=15)
    assert "please look through the queue again" not in page(supervisor, "/queue")


def test_the_page_speaks_indonesian(app: Flask, store: Store) -> None:
    admin = sign_in_as(app, add_person(store, "yanti", "admin"))
    text = page(admin)
    assert "Belum ada cadangan." in text
    assert "Pemulihan belum pernah dilatih." in text


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 kB"),
        (900, "0.9 kB"),
        (487_424, "487 kB"),
        (1_400_000, "1.4 MB"),
        (82e9, "82 GB"),
        (5e15, "5,000 TB"),
    ],
)
def test_sizes_are_said_as_people_say_them(app: Flask, size: float, words: str) -> None:
    with app.test_request_context(headers={"Cookie": "language=en"}):
        assert app.jinja_env.filters["size"](int(size)) == words
