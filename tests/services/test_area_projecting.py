"""Questions on visits stay true when areas change: the projection equals one made anew."""

from __future__ import annotations

from typing import Any

import pytest

from survey.domain.areas import Area
from survey.services.area_importing import import_areas, undo_import
from survey.services.areas import learn_point, merge_areas
from survey.services.jobs import JobRunner
from survey.services.projecting import rebuild
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.users import get_user
from tests.area_places import (
    OTHER_VILLAGE,
    VILLAGE,
    boundary_file,
    list_file,
    put_area,
    put_user,
    set_columns,
)
from tests.factories import NOW, FixedClock, make_visit_payload
from tests.people_kit import enrol_phone
from tests.sending import send_visit

HAMLET = "13.11/j9001"


@pytest.fixture
def visit_id(store: Store, settings: Settings) -> str:
    """A visit at 1.541671 S, 101.243342 E in a jorong without a point."""
    put_area(store, Area(HAMLET, "jorong", "Ujung", VILLAGE))
    return send(store, settings, "budi")


def send(store: Store, settings: Settings, officer: str, latitude_deg: float = -1.541671) -> str:
    phone = enrol_phone(
        store, settings, get_user(store.reader(), put_user(store, officer, "officer"))
    )
    payload = make_visit_payload(area={"id": HAMLET, "claimed": None})
    payload["position"]["latitude_deg"] = latitude_deg
    send_visit(store, settings, phone, payload)
    return str(payload["id"])


def flags(store: Store, visit_id: str) -> set[str]:
    rows = store.reader().execute(
        "SELECT code FROM flags JOIN visits ON visits.key = flags.visit_key WHERE visits.id = ?",
        (visit_id,),
    )
    return {row["code"] for row in rows}


def projection(store: Store) -> dict[str, list[Any]]:
    reader = store.reader()
    return {
        table: [tuple(row) for row in reader.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for table in ("visits", "flags")
    }


def run_jobs(store: Store, settings: Settings) -> int:
    runner = JobRunner(store, FileRoom(settings.instance), settings, FixedClock(NOW))
    done = 0
    while runner.run_one():
        done += 1
    return done


def assert_made_anew_is_the_same(store: Store) -> None:
    before = projection(store)
    rebuild(store, NOW)
    assert projection(store) == before


def test_a_point_learned_near_by_asks_nothing(store: Store, visit_id: str) -> None:
    set_columns(store, visit_id, state="approved")
    store.write(lambda connection: learn_point(connection, HAMLET))
    assert "area.far" not in flags(store, visit_id)


def test_a_visit_far_from_the_learned_point_is_asked_about(
    store: Store, settings: Settings, visit_id: str
) -> None:
    far = send(store, settings, "sari", -1.7)
    set_columns(store, visit_id, state="approved")
    store.write(lambda connection: learn_point(connection, HAMLET))
    assert "area.far" in flags(store, far)
    set_columns(store, visit_id, state="received")
    store.write(lambda connection: learn_point(connection, HAMLET))
    assert "area.far" not in flags(store, far)


def test_a_boundary_is_followed_in_the_background_and_back(
    store: Store, settings: Settings, visit_id: str
) -> None:
    content = boundary_file((VILLAGE, 101.0, -1.5, 101.1, -1.4))
    outcome = import_areas(store, "batas.geojson", content, "admin", NOW)
    assert "area.outside" not in flags(store, visit_id)
    assert run_jobs(store, settings) == 1
    assert "area.outside" in flags(store, visit_id)
    assert_made_anew_is_the_same(store)
    undo_import(store, str(outcome.import_id), "admin", NOW)
    run_jobs(store, settings)
    assert "area.outside" not in flags(store, visit_id)
    assert_made_anew_is_the_same(store)


def test_a_jorong_moved_by_a_list_is_asked_by_its_new_nagari(
    store: Store, settings: Settings, visit_id: str
) -> None:
    content = boundary_file((OTHER_VILLAGE, 101.0, -1.5, 101.1, -1.4))
    import_areas(store, "batas.geojson", content, "admin", NOW)
    rows = list_file(f"{HAMLET},jorong,Ujung,{OTHER_VILLAGE}", header="id,level,name,parent")
    import_areas(store, "daftar.csv", rows, "admin", NOW)
    run_jobs(store, settings)
    assert "area.outside" in flags(store, visit_id)
    assert_made_anew_is_the_same(store)


def test_a_merged_jorong_is_asked_by_its_successor_at_once(
    store: Store, settings: Settings, visit_id: str
) -> None:
    put_area(
        store,
        Area("13.11/j9002", "jorong", "Hujung", OTHER_VILLAGE, latitude_deg=-1.7,
             longitude_deg=101.24, point_source="office"),
    )  # fmt: skip
    merge_areas(store, HAMLET, "13.11/j9002", "admin", NOW)
    assert "area.far" in flags(store, visit_id)
    assert_made_anew_is_the_same(store)


def test_a_job_of_an_area_without_visits_is_done(store: Store, settings: Settings) -> None:
    import_areas(store, "daftar.csv", list_file("jorong,Baru Sekali,Abai"), "admin", NOW)
    assert run_jobs(store, settings) == 1
