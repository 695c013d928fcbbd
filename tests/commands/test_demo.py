"""`survey demo`: plausible, marked, repeatable, never mixed with real work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from survey.cli import main
from survey.domain.exports import ExportFilters
from survey.domain.review import STATES
from survey.services.demo import load_demo
from survey.services.demo_world import EVERYBODY, OFFICERS, PASSWORD
from survey.services.exporting import open_export
from survey.services.signing_in import sign_in
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from tests.factories import NOW, enrol_officer, make_visit_payload
from tests.gpx_rules import check_gpx
from tests.sending import send_visit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that `survey demo` made; tests only look."""
    made = tmp_path_factory.mktemp("demo") / "instance-demo"
    result = CliRunner().invoke(main, ["demo"], env={"SURVEY_INSTANCE": str(made)})
    assert result.exit_code == 0, result.output
    return made


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Store]:
    """The store of the demo."""
    store = Store.open(folder / "survey.db")
    yield store
    store.close()


def settings_of(store: Store) -> Settings:
    return load_settings({}, store.path.parent)


def counts(store: Store, sql: str) -> dict[str, int]:
    return {row[0]: row[1] for row in store.reader().execute(sql)}


def number(store: Store, sql: str) -> int:
    found: int = store.reader().execute(sql).fetchone()[0]
    return found


def test_every_state_is_there(demo: Store) -> None:
    states = counts(demo, "SELECT state, count(*) FROM visits GROUP BY state")

    assert set(states) == set(STATES)
    assert 150 <= sum(states.values()) <= 200


def test_it_covers_39_jorong_and_six_officers(demo: Store) -> None:
    assert number(demo, "SELECT count(DISTINCT chosen_area_id) FROM visits") == 39
    assert number(demo, "SELECT count(DISTINCT officer_key) FROM visits") == len(OFFICERS) == 6


def test_several_operators_and_all_results_were_met(demo: Store) -> None:
    assert number(demo, "SELECT count(DISTINCT operator) FROM service_tests") == 5
    assert number(demo, "SELECT count(DISTINCT result) FROM service_tests") == 5


def test_there_are_conflicts_settled_and_open(demo: Store) -> None:
    causes = counts(demo, "SELECT cause, count(*) FROM conflicts GROUP BY cause")

    assert set(causes) == {"already_decided", "base_not_head", "review_not_seen"}
    assert number(demo, "SELECT count(*) FROM conflicts WHERE choice IS NOT NULL") == 1


def test_there_are_questions_of_many_kinds(demo: Store) -> None:
    codes = counts(demo, "SELECT code, count(*) FROM flags GROUP BY code")

    assert {"area.claimed", "clock.offset", "photo.shared", "position.none"} <= set(codes)
    assert len(codes) >= 10


def test_returned_visits_say_why(demo: Store) -> None:
    sql = "SELECT count(*) FROM reviews WHERE decision <> 'approved' AND ifnull(reason, '') = ''"

    assert number(demo, sql) == 0
    assert number(demo, "SELECT count(*) FROM reviews WHERE decision = 'has_issues'") > 5


def test_every_photo_that_a_visit_names_is_there(demo: Store) -> None:
    sql = """
        SELECT count(*) FROM visit_photos p WHERE NOT EXISTS (
          SELECT 1 FROM files f WHERE f.sha256 = p.sha256)
    """
    assert number(demo, sql) == 0
    folder = demo.path.parent / "files"
    assert sum(path.is_file() for path in folder.rglob("*")) == number(
        demo, "SELECT count(*) FROM files"
    )


def test_everything_is_marked_as_demo(demo: Store) -> None:
    sql = "SELECT count(*) FROM revisions r JOIN users u ON u.key = r.officer_key WHERE NOT u.demo"

    assert number(demo, sql) == 0
    assert number(demo, "SELECT count(*) FROM campaigns WHERE demo") == 1


def test_everybody_can_sign_in(demo: Store) -> None:
    for person in EVERYBODY:
        user = sign_in(demo, person.username, PASSWORD, "127.0.0.1", NOW)
        assert user.roles == set(person.roles)


def test_the_gpx_has_waypoints_and_tracks_with_gaps(demo: Store) -> None:
    export = open_export(demo, settings_of(demo), "gpx", ExportFilters())
    root = check_gpx(b"".join(export.chunks))

    assert export.file_name == "demo-jejak-sinyal-solok-selatan-2026-05-27-visits.gpx"
    assert len(root.findall("{*}wpt")) == export.visits - 1
    tracks = root.findall("{*}trk")
    assert len(tracks) == 12
    assert all(len(track.findall("{*}trkseg")) >= 2 for track in tracks)


def story(store: Store, settings: Settings) -> list[Any]:
    """Return what the demo says but for the ids that the server makes for people and campaign."""
    export = open_export(store, settings, "geojson", ExportFilters())
    features = json.loads(b"".join(export.chunks))["features"]
    for feature in features:
        for name in ("officer", "campaign_id", "revision_sha256", "demo"):
            del feature["properties"][name]
    found: list[Any] = features
    return found


def test_two_loads_tell_the_same_story(demo: Store, store: Store, settings: Settings) -> None:
    load_demo(store, settings)

    assert story(store, settings) == story(demo, settings_of(demo))


def test_a_second_run_changes_nothing_and_says_who_can_sign_in(demo: Store, folder: Path) -> None:
    before = number(demo, "SELECT max(seq) FROM audit")
    result = CliRunner().invoke(main, ["demo"], env={"SURVEY_INSTANCE": str(folder)})

    assert result.exit_code == 0
    assert number(demo, "SELECT max(seq) FROM audit") == before
    for words in (f"password {PASSWORD}", "syafril", "mardiana", "tamu", "rina"):
        assert words in result.stdout


def test_the_instance_marks_itself(folder: Path) -> None:
    assert load_settings({}, folder).demo


def test_an_instance_with_a_real_visit_is_refused(store: Store, settings: Settings) -> None:
    send_visit(store, settings, enrol_officer(store, settings), make_visit_payload())
    environment = {"SURVEY_INSTANCE": str(settings.instance)}
    result = CliRunner().invoke(main, ["demo"], env=environment)

    assert result.exit_code == 1
    assert "This instance holds real visits" in result.stderr
    assert number(store, "SELECT count(*) FROM users WHERE demo") == 0
    assert not load_settings({}, settings.instance).demo
