"""Exports of a real store: what goes out, in which order, with which bytes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import gpxpy
import pytest

from survey.domain.exports import ExportFilters
from survey.domain.privacy import list_fields
from survey.domain.problems import Problem
from survey.services.areas import add_area, merge_areas
from survey.services.campaigns import create_campaign
from survey.services.exporting import FORMATS, Export, open_export
from survey.services.layering import lay_correction
from survey.services.reviewing import decide
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.exports import CHUNK
from survey.store.users import get_user
from survey.store.visit_page import get_visit_row
from tests.factories import (
    NOW,
    Enrolled,
    add_staff,
    enrol_officer,
    make_envelope,
    make_service_test,
    make_visit_payload,
)
from tests.gpx_rules import GPX, check_gpx
from tests.sending import send, send_visit

EVERYTHING = ExportFilters()
LATER = "2026-05-06T04:00:00.000Z"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


class Office:
    """Exports of one instance, read back."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.opened: list[Export] = []

    def open(self, name: str, filters: ExportFilters = EVERYTHING, **options: Any) -> Export:
        export = open_export(self.store, self.settings, name, filters, **options)
        self.opened.append(export)
        return export

    def read(self, name: str, filters: ExportFilters = EVERYTHING, **options: Any) -> bytes:
        return b"".join(self.open(name, filters, **options).chunks)

    def features(self, **filters: Any) -> list[dict[str, Any]]:
        collection = json.loads(self.read("geojson", replace(EVERYTHING, **filters)))
        found: list[dict[str, Any]] = collection["features"]
        return found

    def ids(self, **filters: Any) -> list[str]:
        return [feature["id"] for feature in self.features(**filters)]

    def rows(self, **options: Any) -> list[dict[str, str]]:
        text = self.read("csv", **options).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def office(store: Store, settings: Settings) -> Iterator[Office]:
    made = Office(store, settings)
    yield made
    for export in made.opened:
        export.chunks.close()


def decide_on(store: Store, visit_id: str, decision: str, reason: str | None = None) -> None:
    reviewer = get_user(store.reader(), add_staff(store, f"sup-{decision}", "supervisor").id)
    seq = get_visit_row(store.reader(), visit_id)["changed_seq"]
    decide(store, visit_id, decision, reason, reviewer, seq, LATER)


@pytest.mark.parametrize("name", FORMATS)
def test_a_stored_visit_goes_out(
    office: Office, store: Store, settings: Settings, phone: Enrolled, name: str
) -> None:
    payload = make_visit_payload()
    send_visit(store, settings, phone, payload)

    export = office.open(name)
    data = b"".join(export.chunks)

    assert payload["id"] in data.decode()
    assert export.size == len(data)
    assert export.visits == 1
    assert export.as_of == NOW
    assert export.file_name == f"jejak-sinyal-solok-selatan-2026-05-04-visits.{name}"


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_data_gives_the_same_bytes_later(
    office: Office, store: Store, settings: Settings, phone: Enrolled, name: str
) -> None:
    for _ in range(3):
        send_visit(store, settings, phone, make_visit_payload())

    assert office.read(name) == office.read(name)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_store_gives_an_empty_file_of_its_kind(office: Office, name: str) -> None:
    export = office.open(name)

    assert export.visits == 0
    assert export.as_of is None
    assert "-empty-visits." in export.file_name
    assert b"".join(export.chunks)


def test_every_column_reaches_its_field(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload(
        note="jembatan putus",
        companions=["Datuak"],
        photos=[{"sha256": "c" * 64, "kind": "site", "bytes": 10, "width_px": 3, "height_px": 4}],
    )
    sha256 = send_visit(store, settings, phone, payload)

    properties = json.loads(office.read("geojson", personal=True))["features"][0]["properties"]
    told = {
        name: properties[name]
        for name in list_fields("visits", "public", "personal")
        if name in properties and name in payload
    }

    assert told == {name: payload[name] for name in told}
    assert {"power", "setting", "place_kind", "usually_signal", "companions"} <= set(told)
    assert properties["revision_sha256"] == sha256
    assert properties["occurred_at"] == "2026-05-04T02:14:40.153Z"
    assert properties["officer"] == "Sari"
    assert properties["phone_model"] == "Redmi 9A"
    assert properties["note"] == "jembatan putus"
    assert properties["photos"] == [{"sha256": "c" * 64, "kind": "site"}]
    (reading,) = properties["readings"]
    sent = {name: value for name, value in payload["readings"][0].items() if value is not None}
    assert reading == sent
    test = properties["service_tests"][1]
    assert (test["operator"], test["result"], test["waited_s"]) == ("xl", "voice_sms", 20)


def test_order_is_by_day_officer_and_time(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    other = enrol_officer(store, settings, "budi")
    sent = {}
    for sender in (other, phone):
        for time_ in ("2026-05-04T02:00:00.000Z", "2026-05-03T05:00:00.000Z"):
            payload = make_visit_payload(saved_at=time_, clock={})
            send_visit(store, settings, sender, payload)
            sent[payload["id"]] = (time_[:10], sender.officer_id, time_)

    ids = office.ids()

    assert [sent[visit_id] for visit_id in ids] == sorted(sent.values())


def test_more_visits_than_are_read_at_once_all_go_out(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    envelopes = [make_envelope(make_visit_payload(readings=[])) for _ in range(CHUNK + 7)]
    for start in range(0, len(envelopes), 50):
        send(store, settings, phone, *envelopes[start : start + 50])

    assert sorted(office.ids()) == sorted(envelope["id"] for envelope in envelopes)
    assert len(office.rows()) == 3 * len(envelopes)


def test_practice_never_goes_out(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_visit(store, settings, phone, make_visit_payload(practice=True))
    send_visit(store, settings, phone, make_visit_payload(campaign_id="latihan"))

    assert office.ids() == []
    with pytest.raises(Problem, match="check the marked fields"):
        office.ids(campaign="latihan")


def test_rejected_and_withdrawn_go_out_only_when_asked_for(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    rejected, withdrawn, kept = (make_visit_payload() for _ in range(3))
    hashes = {p["id"]: send_visit(store, settings, phone, p) for p in (rejected, withdrawn, kept)}
    decide_on(store, rejected["id"], "rejected", "not a survey")
    withdrawal = {"id": make_visit_payload()["id"], "visit_id": withdrawn["id"], "reason": "twice"}
    base = hashes[withdrawn["id"]]
    send(store, settings, phone, make_envelope(withdrawal, kind="withdrawal", base=base))

    assert office.ids() == [kept["id"]]
    assert office.ids(states=("rejected",)) == [rejected["id"]]
    assert office.ids(states=("withdrawn",)) == [withdrawn["id"]]


def test_the_head_revision_goes_out(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    base = send_visit(store, settings, phone, payload)
    again = {**payload, "service_tests": [make_service_test("tri", "voice", technology="gsm")]}
    send(store, settings, phone, make_envelope(again, revision=2, base=base))

    (feature,) = office.features()
    assert feature["properties"]["revision"] == 2
    assert [test["operator"] for test in feature["properties"]["service_tests"]] == ["tri"]


def test_a_decision_moves_the_as_of(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    send_visit(store, settings, phone, payload)
    decide_on(store, payload["id"], "approved")

    assert office.open("csv").as_of == LATER
    assert {row["review_decision"] for row in office.rows()} == {"approved"}
    assert {row["reviewed_at"] for row in office.rows()} == {LATER}


def test_an_area_stands_for_all_below_it(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    send_visit(store, settings, phone, payload)
    (feature,) = office.features()
    path = feature["properties"]

    for level in ("kabupaten", "kecamatan", "jorong"):
        assert office.ids(area=path[level]["id"]) == [payload["id"]]
    assert office.ids(area="13.11.07") == []


def test_a_claimed_area_counts_to_the_nagari_named_with_it(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    claimed = {"name": "Lubuak Aluang", "nagari_id": "13.11.01.2001", "said_by": "Wali"}
    payload = make_visit_payload(area={"id": None, "claimed": claimed})
    send_visit(store, settings, phone, payload)

    assert office.ids(area="13.11.01.2001") == [payload["id"]]
    row = office.rows()[0]
    assert (row["claimed_area"], row["nagari"], row["jorong"]) == (
        "Lubuak Aluang",
        "Lubuk Gadang",
        "",
    )


def test_a_merged_area_counts_to_its_successor(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    old, new = (
        add_area(store, name=name, level="jorong", parent_id="13.11.01.2001", actor="cli", now=NOW)
        for name in ("Koto Lamo", "Koto Baru Sekali")
    )
    payload = make_visit_payload(area={"id": old, "claimed": None})
    send_visit(store, settings, phone, payload)
    merge_areas(store, old, new, "cli", NOW)

    assert office.ids(area=new) == office.ids(area=old) == [payload["id"]]
    assert {row["jorong"] for row in office.rows()} == {"Koto Baru Sekali"}


def test_the_layers_of_the_office_go_out(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    send_visit(store, settings, phone, payload)
    author = get_user(store.reader(), add_staff(store, "sup", "supervisor").id)
    seq = get_visit_row(store.reader(), payload["id"])["changed_seq"]
    lay_correction(
        store, payload["id"], "place_kind", "school", "it is the school", author, seq, LATER
    )

    assert {row["place_kind"] for row in office.rows()} == {"school"}


def test_filters_by_campaign_officer_and_local_days(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    campaign = create_campaign(
        store, name="May", starts_on=None, ends_on=None, actor="cli", now=NOW
    )
    # 22:30 UTC on the 3rd is half past five on the 4th in Jakarta.
    payload = make_visit_payload(
        campaign_id=campaign, saved_at="2026-05-03T22:30:00.000Z", clock={}
    )
    send_visit(store, settings, phone, payload)
    send_visit(store, settings, enrol_officer(store, settings, "budi"), make_visit_payload())

    mine = [payload["id"]]
    assert office.ids(campaign=campaign) == office.ids(campaign="May") == mine
    assert office.ids(officer="sari") == office.ids(officer=phone.officer_id) == mine
    day = date(2026, 5, 4)
    assert len(office.ids(first_day=day, last_day=day)) == 2
    assert office.ids(last_day=date(2026, 5, 3)) == []
    assert office.ids(first_day=date(2026, 5, 5)) == []


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"area": "99"}, "area.not_found"),
        ({"officer": "nobody"}, "user.not_found"),
        ({"campaign": "never"}, "campaign.not_found"),
        ({"states": ("lost",)}, "field.invalid"),
        ({"states": ()}, "field.invalid"),
        ({"first_day": date(2026, 5, 5), "last_day": date(2026, 5, 4)}, "field.invalid"),
    ],
)
def test_a_filter_that_fits_nothing_known_is_a_problem(
    office: Office, filters: dict[str, Any], code: str
) -> None:
    with pytest.raises(Problem) as caught:
        office.ids(**filters)
    assert caught.value.code == code


def test_an_unknown_format_is_a_problem(office: Office) -> None:
    with pytest.raises(Problem, match="format is not known"):
        office.open("shp")


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_personal_goes_out_unasked(
    office: Office, store: Store, settings: Settings, phone: Enrolled, name: str
) -> None:
    claimed = {"name": "Lubuak", "nagari_id": None, "said_by": "Wali Jorong Basri"}
    payload = make_visit_payload(companions=["Datuak Basa"], area={"id": None, "claimed": claimed})
    send_visit(store, settings, phone, payload)

    plain, full = office.read(name).decode(), office.read(name, personal=True).decode()
    secrets = ("Sari", "sari", "Datuak Basa", "Basri", "Redmi 9A")

    assert not [secret for secret in secrets if secret in plain]
    assert "Sari" in full
    assert "Datuak Basa" in full
    assert office.open(name, personal=True).file_name.endswith(f"-personal.{name}")


@pytest.mark.parametrize("name", FORMATS)
def test_demo_data_is_marked(store: Store, settings: Settings, phone: Enrolled, name: str) -> None:
    send_visit(store, settings, phone, make_visit_payload())
    office = Office(store, replace(settings, demo=True))
    export = office.open(name)
    text = b"".join(export.chunks).decode()

    assert export.file_name.startswith("demo-jejak-sinyal-")
    marks = {"gpx": "[DEMO] Jejak Sinyal", "csv": ",true\r\n", "geojson": '"demo":true,"features"'}
    assert marks[name] in text


def test_an_export_is_of_one_moment_and_holds_no_transaction(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    first = make_visit_payload()
    send_visit(store, settings, phone, first)
    export = office.open("geojson")
    send_visit(store, settings, phone, make_visit_payload())

    assert not store.reader().in_transaction
    features = json.loads(b"".join(export.chunks))["features"]
    assert [feature["id"] for feature in features] == [first["id"]]


def test_a_problem_leaves_no_transaction_open(office: Office, store: Store) -> None:
    with pytest.raises(Problem):
        office.ids(area="99")

    assert not store.reader().in_transaction


def test_an_export_leaves_no_file_in_the_instance(
    office: Office,
    store: Store,
    settings: Settings,
    phone: Enrolled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("survey.services.exporting.MEMORY_BYTES", 10)
    send_visit(store, settings, phone, make_visit_payload())
    before = set(settings.instance.rglob("*"))
    export = office.open("gpx")

    assert set(settings.instance.rglob("*")) - before <= {settings.instance / "cache"}
    export.chunks.close()


def test_progress_is_told_with_the_total(
    office: Office,
    store: Store,
    settings: Settings,
    phone: Enrolled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("survey.services.export_reading.PROGRESS_EVERY", 2)
    for _ in range(5):
        send_visit(store, settings, phone, make_visit_payload())
    told: list[tuple[int, int]] = []
    office.read("csv", progress=lambda done, total: told.append((done, total)))

    assert told == [(2, 5), (4, 5)]


# Tracks.


def send_track(
    store: Store,
    settings: Settings,
    phone: Enrolled,
    *parts: tuple[int, list[int], int],
    start_ms: int = 1_777_860_000_000,
    **changes: Any,
) -> str:
    """Send a track; each part is its number, its segment starts and its count of points."""
    header = {
        "id": make_visit_payload()["id"],
        "campaign_id": None,
        "practice": False,
        "started_at": "2026-05-04T02:00:00.000Z",
        "ended_at": "2026-05-04T04:00:00.000Z",
        "saved_at": "2026-05-04T04:00:00.000Z",
        "utc_offset_min": 420,
        "clock": {},
        "parts": len(parts),
        "points": sum(points for _, _, points in parts),
        **changes,
    }
    envelopes = [make_envelope(header, kind="track")]
    for number, starts, points in parts:
        first = start_ms + number * 100_000_000
        part = {
            "id": make_visit_payload()["id"],
            "track_id": header["id"],
            "number": number,
            "segment_starts": starts,
            "columns": {
                "time_ms": [first, *[1_000] * (points - 1)],
                "latitude_e6": [-1_541_000, *[7] * (points - 1)],
                "longitude_e6": [101_243_000, *[5] * (points - 1)],
                "altitude_dm": [4_310, *[None] * (points - 1)],
                "accuracy_dm": [62, *[1] * (points - 1)],
            },
        }
        envelopes.append(make_envelope(part, kind="track_part"))
    results = send(store, settings, phone, *envelopes)
    assert {result["result"] for result in results} == {"stored"}, results
    track_id: str = header["id"]
    return track_id


def segment_lengths(data: bytes) -> list[list[int]]:
    root = check_gpx(data)
    return [
        [len(segment) for segment in track.iterfind(f"{{{GPX}}}trkseg")]
        for track in root.iterfind(f"{{{GPX}}}trk")
    ]


def test_a_track_is_cut_at_its_gaps_and_goes_on_over_its_parts(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [4], 10), (2, [], 5))

    assert segment_lengths(office.read("gpx")) == [[4, 11]]


def test_a_part_that_has_not_arrived_is_a_gap(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [], 3), (3, [], 4))

    assert segment_lengths(office.read("gpx")) == [[3, 4]]


def test_tracks_of_one_officer_and_day_are_one_track(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [], 3))
    send_track(store, settings, phone, (1, [], 4), start_ms=1_777_870_000_000)
    send_track(store, settings, enrol_officer(store, settings, "budi"), (1, [], 5))

    assert sorted(segment_lengths(office.read("gpx"))) == [[3, 4], [5]]


def test_a_track_without_points_or_of_practice_stays(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone)
    send_track(store, settings, phone, (1, [], 3), practice=True)

    assert segment_lengths(office.read("gpx")) == []


def test_tracks_follow_the_visits_when_a_place_is_asked_for(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [], 3))
    send_track(store, settings, enrol_officer(store, settings, "budi"), (1, [], 5))
    send_visit(store, settings, phone, make_visit_payload())

    assert segment_lengths(office.read("gpx", ExportFilters(area="13.11"))) == [[3]]
    assert segment_lengths(office.read("gpx", ExportFilters(states=("approved",)))) == []


def test_who_may_not_see_walks_gets_waypoints_only(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [], 3))
    send_visit(store, settings, phone, make_visit_payload())
    root = check_gpx(office.read("gpx", tracks=False))

    assert root.find(f"{{{GPX}}}trk") is None
    assert root.find(f"{{{GPX}}}wpt") is not None


def test_gpxpy_reads_the_points_the_phone_recorded(
    office: Office, store: Store, settings: Settings, phone: Enrolled
) -> None:
    send_track(store, settings, phone, (1, [], 3))
    other = gpxpy.parse(office.read("gpx"))

    points = other.tracks[0].segments[0].points
    assert [(point.latitude, point.longitude) for point in points] == [
        (-1.541, 101.243),
        (-1.540993, 101.243005),
        (-1.540986, 101.24301),
    ]
    assert [point.elevation for point in points] == [431.0, None, None]
    assert [point.time.timestamp() for point in points] == [
        1_777_960_000.0 + second for second in range(3)
    ]


@pytest.mark.skipif(shutil.which("gpsbabel") is None, reason="gpsbabel is not installed")
def test_gpsbabel_reads_the_same_points_and_times(
    office: Office, store: Store, settings: Settings, phone: Enrolled, tmp_path: Path
) -> None:
    send_visit(store, settings, phone, make_visit_payload(note="<&> ré ☂ 𝕏"))
    send_track(store, settings, phone, (1, [4], 10), (2, [], 5))
    path = tmp_path / "ours.gpx"
    path.write_bytes(office.read("gpx"))
    copy = subprocess.run(
        ["gpsbabel", "-w", "-t", "-i", "gpx", "-f", str(path), "-o", "gpx", "-F", "-"],
        check=True,
        capture_output=True,
    ).stdout

    ours, theirs = gpxpy.parse(path.read_bytes()), gpxpy.parse(copy)
    assert points_of(ours) == points_of(theirs)
    assert len(points_of(ours)) == 16
    assert ours.waypoints[0].description == theirs.waypoints[0].description


def points_of(gpx: gpxpy.gpx.GPX) -> list[tuple[float, float, float | None, Any, str | None]]:
    points = [*gpx.waypoints, *(point for point, *_ in gpx.walk())]
    return [(p.latitude, p.longitude, p.elevation, p.time, p.name) for p in points]
