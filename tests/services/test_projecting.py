"""The projection: whatever happened, dropped and made again it is the same, byte for byte."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from survey.domain.identifiers import new_id
from survey.domain.review import STATES
from survey.services.conflicts import settle
from survey.services.erasing import erase, find_visit
from survey.services.layering import lay_correction
from survey.services.projecting import project_visit, rebuild
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.factories import NOW, FixedClock, make_envelope, make_service_test, make_visit_payload
from tests.office_kit import Office, claimed_area, open_office

PROJECTION = (
    "visits",
    "service_tests",
    "readings",
    "visit_photos",
    "flags",
    "tracks",
    "track_parts",
    "withdrawals",
    "comments",
    "conflicts",
)


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def dump(office: Office) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is projection, in the order of its key."""
    return {
        table: [
            tuple(row)
            for row in office.store.reader().execute(f"SELECT * FROM {table} ORDER BY 1, 2")
        ]
        for table in PROJECTION
    }


def live_a_season(office: Office) -> None:
    """Let everything happen that can happen to visits and tracks."""
    maker = random.Random(5)
    payloads = []
    for number in range(25):
        photo = {
            "sha256": f"{number % 7:064x}",
            "thumbnail_sha256": f"{number:064d}",
            "kind": "site",
        }
        payload = office.receive(
            area={"id": maker.choice(office.jorong[:4]), "claimed": None},
            saved_at=f"2026-05-0{1 + number // 9}T0{number % 9}:00:00.000Z",
            position={
                "latitude_deg": -1.5 + maker.random() / maker.choice([100, 1000]),
                "longitude_deg": 101.2,
                "accuracy_m": maker.choice([4, 60, 2_000]),
            },
            photos=[photo],
            note=maker.choice(["", "hujan", 5]),
            power=maker.choice(["on", "off"]),
        )
        payloads.append(payload)
    correct_and_decide(office, payloads)
    lay_layers(office, payloads)
    send_other_records(office)
    erase(
        office.store,
        FileRoom(office.settings.instance),
        lambda connection: find_visit(connection, payloads[20]["id"]),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )


def correct_and_decide(office: Office, payloads: list[dict[str, Any]]) -> None:
    office.correct(payloads[0], note="satu")
    office.decide(payloads[1]["id"], "has_issues", "foto kabur")
    moved = {"latitude_deg": -1.6, "longitude_deg": 101.3, "accuracy_m": 5}
    office.correct(payloads[1], position=moved, photos=[])
    office.decide(payloads[2]["id"], "approved")
    office.correct(payloads[2], note="terlambat")  # a question
    office.correct(payloads[3], note="cabang", base="ab" * 32)
    settle_newest(office, "take_branch")
    office.correct(payloads[4], note="cabang", base="ab" * 32)
    settle_newest(office, "keep_head")
    office.withdraw(payloads[5]["id"])
    office.decide(payloads[6]["id"], "approved")
    office.withdraw(payloads[6]["id"])
    settle_newest(office, "take_branch")
    office.decide(payloads[7]["id"], "rejected", "bukan di sini")
    office.decide(payloads[9]["id"], "has_issues", "foto kabur")
    office.withdraw(payloads[8]["id"])
    office.correct(payloads[8], note="ternyata benar")
    settle_newest(office, "take_branch")
    office.withdraw(payloads[8]["id"])
    office.send(make_envelope(make_visit_payload(), revision=2, base="cd" * 32))


def settle_newest(office: Office, choice: str) -> None:
    key, visit_id = (
        office.store.reader()
        .execute("SELECT key, visit_id FROM conflicts ORDER BY key DESC LIMIT 1")
        .fetchone()
    )
    seq = office.row(visit_id)["changed_seq"]
    settle(office.store, key, choice, "begitu", office.supervisor, seq, office.clock.tick())


def lay_layers(office: Office, payloads: list[dict[str, Any]]) -> None:
    claimed = office.receive(area=claimed_area("Pasia Baru"))
    for visit_id, field, value, subject in (
        (claimed["id"], "area_id", office.jorong[3], ""),
        (payloads[10]["id"], "area_id", None, ""),
        (payloads[11]["id"], "note", "catatan kantor", ""),
        (payloads[11]["id"], "note", "catatan kantor lagi", ""),
        (payloads[12]["id"], "place_kind", "school", ""),
        (payloads[13]["id"], "photo_kind", "tower", payloads[13]["photos"][0]["sha256"]),
    ):
        lay_correction(
            office.store,
            visit_id,
            field,
            value,
            "dari wali jorong",
            office.supervisor,
            office.row(visit_id)["changed_seq"],
            office.clock.tick(),
            subject=subject,
        )
    office.correct(payloads[13], note="sesudah lapisan")


def send_other_records(office: Office) -> None:
    visit_id, early_visit = new_id(), make_visit_payload()
    track = make_envelope({"id": new_id(), "started_at": "2026-05-04T01:00:00.000Z"}, kind="track")
    columns = {name: [5, 1] for name in ("time_ms", "latitude_e6", "longitude_e6")}
    records: list[tuple[str, dict[str, Any]]] = [
        ("track_part", {"track_id": track["id"], "number": 2, "columns": columns}),
        ("track_part", {"track_id": track["id"], "number": 1, "columns": columns}),
        ("track_part", {"track_id": track["id"], "number": 1, "columns": {}}),
        ("comment", {"visit_id": visit_id, "text": "belum datang"}),
        ("withdrawal", {"visit_id": early_visit["id"], "reason": "dulu"}),
        ("withdrawal", {"track_id": track["id"]}),
        ("jorong_profile", {"households": 40}),
        ("radio_log", {}),
    ]
    office.send(
        track, *(make_envelope({"id": new_id(), **body}, kind=kind) for kind, body in records)
    )
    office.send(
        make_envelope(
            {**json.loads(track["payload"]), "parts": 2}, kind="track", base=track["sha256"]
        ),
        make_envelope(early_visit),
        make_envelope("{"),
        make_envelope('{"note": "\\u0000"}'),
    )


def test_a_rebuild_makes_every_row_again_byte_for_byte(office: Office) -> None:
    live_a_season(office)
    before = dump(office)
    states = {row[5] for row in before["visits"]}
    assert states == set(STATES)
    assert {row[2] for row in before["flags"]} >= {"visit.same_place", "photo.shared", "area.none"}
    done: list[tuple[int, int]] = []
    count = rebuild(office.store, office.clock.tick(), lambda *step: done.append(step))
    assert dump(office) == before
    assert count == len(before["visits"]) == len(done)
    assert done[-1] == (count, count)


def test_a_rebuild_mends_what_somebody_spoiled(office: Office) -> None:
    live_a_season(office)
    before = dump(office)

    def spoil(connection: Any) -> None:
        connection.execute("UPDATE visits SET state = 'approved', note = 'palsu'")
        connection.execute("DELETE FROM readings")
        connection.execute("DELETE FROM visits WHERE key % 3 = 0")
        connection.execute("DELETE FROM tracks")
        connection.execute("DELETE FROM withdrawals")

    office.store.write(spoil)
    assert dump(office) != before
    rebuild(office.store, office.clock.tick())
    assert dump(office) == before


def test_projecting_one_visit_again_changes_nothing(office: Office) -> None:
    live_a_season(office)
    before = dump(office)
    for row in before["visits"]:
        office.store.write(lambda connection, visit_id=row[1]: project_visit(connection, visit_id))
    assert dump(office) == before


def test_the_zone_of_a_rebuild_counts_the_days(office: Office) -> None:
    visit_id = office.receive(saved_at="2026-05-03T16:30:00.000Z")["id"]
    assert office.row(visit_id)["day"] == "2026-05-03"
    rebuild(office.store, NOW, zone=ZoneInfo("Asia/Jayapura"))
    assert office.row(visit_id)["day"] == "2026-05-04"
    office.store.write(lambda connection: project_visit(connection, visit_id))
    assert office.row(visit_id)["day"] == "2026-05-04"


# --- whatever a payload says

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "-108", "2026-05-04", "9999-12-31T23:59:59.999Z", "\0", "\ud800", 10**400]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def full_payload() -> dict[str, Any]:
    payload = make_visit_payload(
        area=claimed_area("Pasia"),
        companions=["Budi"],
        photos=[
            {
                "sha256": "ab" * 32,
                "thumbnail_sha256": "cd" * 32,
                "kind": "site",
                "bytes": 5,
                "taken_at": "2026-05-04T02:13:40.000Z",
                "original": {"exif_time": "2026:05:04 09:13:40", "exif_latitude_deg": -1.5},
            }
        ],
    )
    payload["service_tests"].append(make_service_test("tri", "none", networks_heard=["51010"]))
    return payload


def list_places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a payload that can be put something else into."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from list_places(inner, (*path, step))


PLACES = list(list_places(full_payload()))


@effort(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=4))
def test_mutations_of_a_payload_give_a_visit_or_quarantine(
    office: Office, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    payload = copy.deepcopy(full_payload())
    record_id = payload["id"]
    for (*steps, last), value in changes:
        place: Any = payload
        try:
            for step in steps:
                place = place[step]
            place[last] = value
        except (TypeError, KeyError, IndexError):
            continue  # an earlier change took this place away
    (result,) = office.send(make_envelope(json.dumps(payload), id=record_id))
    if result["result"] == "stored":
        before = office.row(record_id)
        office.store.write(lambda connection: project_visit(connection, record_id))
        assert office.row(record_id) == before
    else:
        assert result["result"] == "quarantined"


def test_a_correction_days_later_leaves_the_visit_on_its_day(office: Office) -> None:
    payload = office.receive(saved_at="2026-05-01T03:00:00.000Z", clock={"server_offset_ms": -500})
    before = office.row(payload["id"])
    office.correct(
        payload, note="hujan", saved_at="2026-05-04T01:00:00.000Z", clock={"server_offset_ms": 0}
    )
    after = office.row(payload["id"])
    assert (before["day"], after["revision"]) == ("2026-05-01", 2)
    assert (after["day"], after["occurred_at"]) == (before["day"], before["occurred_at"])
    assert after["saved_at"] == "2026-05-04T01:00:00.000Z"


def test_a_batch_that_mixes_first_and_later_versions_gives_what_a_rebuild_gives(
    office: Office,
) -> None:
    """The second visit is asked about the photo of the first, which is made ready after it."""
    photos = [{"sha256": "a" * 64, "kind": "site"}]
    first = make_visit_payload(photos=photos)
    before = make_envelope(first)
    corrected = make_envelope({**first, "note": "lagi"}, base=before["sha256"], revision=2)
    branch = make_envelope(make_visit_payload(photos=photos), base="f" * 64)
    office.send(before, corrected, branch)
    rows = dump(office)
    assert "photo.shared" in {row[2] for row in rows["flags"]}
    rebuild(office.store, office.clock.tick())
    assert dump(office) == rows


def test_a_visit_withdrawn_before_it_came_is_not_corrected_by_a_later_version(
    office: Office,
) -> None:
    """Whether its versions come in one batch or in two."""
    for together in (True, False):
        payload = make_visit_payload()
        first = make_envelope(payload)
        second = make_envelope({**payload, "note": "lagi"}, base=first["sha256"], revision=2)
        body = {"id": new_id(), "visit_id": payload["id"]}
        withdrawal = make_envelope(body, kind="withdrawal")
        results = office.send(withdrawal)
        results += office.send(first, second) if together else office.send(first)
        results += [] if together else office.send(second)
        assert [one["result"] for one in results] == ["stored", "stored", "conflict"]
        assert office.row(payload["id"])["state"] == "withdrawn"
