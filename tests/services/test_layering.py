"""Corrections by the office: only its fields, with a reason, over a payload that stays."""

from __future__ import annotations

import pytest

from survey.domain.problems import Problem
from survey.domain.review import LAYER_FIELDS
from survey.services.campaigns import create_campaign
from survey.services.layering import lay_correction, suggest_areas
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.layers import list_layers
from survey.store.users import User
from survey.store.visit_page import list_revisions
from tests.factories import FixedClock
from tests.office_kit import Office, claimed_area, open_office, payload_text
from tests.people_kit import add_person, enrol_phone

PHOTO = {
    "sha256": "a" * 64,
    "thumbnail_sha256": "b" * 64,
    "kind": "site",
    "bytes": 1_000,
    "width_px": 1_200,
    "height_px": 900,
    "taken_at": "2026-05-04T02:13:40.000Z",
    "original": None,
}


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def lay(
    office: Office,
    visit_id: str,
    field: str,
    value: str | None,
    reason: str | None = "salah pilih di HP",
    *,
    subject: str = "",
    by: User | None = None,
    seq: int | None = None,
) -> bool:
    expected = office.row(visit_id)["changed_seq"] if seq is None else seq
    return lay_correction(
        office.store,
        visit_id,
        field,
        value,
        reason,
        by or office.supervisor,
        expected,
        office.clock.tick(),
        subject=subject,
    )


def add_campaign(office: Office) -> str:
    return create_campaign(
        office.store,
        name="Survei kedua",
        starts_on=None,
        ends_on=None,
        actor=office.supervisor.id,
        now=office.clock.tick(),
    )


def problem_of(office: Office, *arguments: object, **named: object) -> str:
    with pytest.raises(Problem) as caught:
        lay(office, *arguments, **named)  # type: ignore[arg-type]
    return caught.value.code


def test_jorong_is_corrected_and_the_payload_stays(office: Office) -> None:
    payload = office.receive()
    other = office.jorong[3]
    assert lay(office, payload["id"], "area_id", other)
    row = office.row(payload["id"])
    assert row["area_id"] == other
    assert row["chosen_area_id"] == payload["area"]["id"]
    (revision,) = list_revisions(office.store.reader(), payload["id"])
    assert revision["payload"] == payload_text(payload)
    assert row["state"] == "received"


def test_correction_has_author_reason_audit_and_news_for_the_phone(office: Office) -> None:
    visit_id = office.receive()["id"]
    lay(office, visit_id, "place_kind", "school", "foto menunjukkan sekolah")
    (layer,) = list_layers(office.store.reader(), visit_id)
    assert (layer["author_name"], layer["reason"]) == ("Yanti Oktavia", "foto menunjukkan sekolah")
    assert office.audit(visit_id)[-1] == "visit.layer.place_kind"
    assert office.row(visit_id)["changed_seq"] == layer["audit_seq"]
    assert office.feed("visit")[-1] == visit_id


def test_claimed_place_is_mapped_to_a_jorong_and_keeps_its_name(office: Office) -> None:
    payload = office.receive(area=claimed_area("Simancuang Ateh"))
    assert office.row(payload["id"])["area_id"] is None
    lay(office, payload["id"], "area_id", office.jorong[0])
    row = office.row(payload["id"])
    assert (row["area_id"], row["claimed_name"]) == (office.jorong[0], "Simancuang Ateh")


def test_mapping_may_be_taken_back(office: Office) -> None:
    payload = office.receive(area=claimed_area("Simancuang Ateh"))
    lay(office, payload["id"], "area_id", office.jorong[0])
    lay(office, payload["id"], "area_id", None, "ternyata jorong lain")
    assert office.row(payload["id"])["area_id"] is None


def test_correction_outlives_the_officers_next_version(office: Office) -> None:
    payload = office.receive()
    lay(office, payload["id"], "area_id", office.jorong[3])
    office.correct(payload, note="diperbaiki")
    assert office.row(payload["id"])["area_id"] == office.jorong[3]


def test_note_campaign_and_photo_kind_are_corrected(office: Office) -> None:
    campaign = add_campaign(office)
    visit_id = office.receive(photos=[PHOTO])["id"]
    lay(office, visit_id, "note", "  tanpa nama orang ")
    lay(office, visit_id, "campaign_id", campaign)
    lay(office, visit_id, "photo_kind", "tower", subject=PHOTO["sha256"])  # type: ignore[arg-type]
    row = office.row(visit_id)
    (kind,) = office.store.reader().execute("SELECT kind FROM visit_photos").fetchone()
    assert (row["note"], row["campaign_id"], kind) == ("tanpa nama orang", campaign, "tower")


@pytest.mark.parametrize("field", ["latitude_deg", "position", "rsrp_dbm", "result", "state", ""])
def test_measured_values_and_position_are_never_corrected(office: Office, field: str) -> None:
    visit_id = office.receive()["id"]
    assert problem_of(office, visit_id, field, "1") == "layer.unknown_field"


@pytest.mark.parametrize(
    ("field", "value", "subject", "code"),
    [
        ("area_id", "99.99/j9999", "", "area.not_found"),
        ("area_id", "13.11", "", "layer.bad_value"),
        ("campaign_id", "nothing", "", "campaign.not_found"),
        ("campaign_id", "latihan", "", "layer.bad_value"),
        ("place_kind", "moon", "", "layer.bad_value"),
        ("place_kind", "school", "a" * 64, "layer.bad_value"),
        ("photo_kind", "tower", "", "layer.bad_value"),
        ("photo_kind", "tower", "c" * 64, "layer.bad_value"),
        ("photo_kind", "moon", "a" * 64, "layer.bad_value"),
        ("photo_kind", "", "a" * 64, "layer.bad_value"),
    ],
)
def test_value_that_makes_no_sense_is_refused(
    office: Office, field: str, value: str, subject: str, code: str
) -> None:
    visit_id = office.receive(photos=[PHOTO])["id"]
    assert problem_of(office, visit_id, field, value, subject=subject) == code
    assert list_layers(office.store.reader(), visit_id) == []


@pytest.mark.parametrize(("extra", "allowed"), [(-1, True), (0, True), (1, False)])
def test_note_just_below_on_and_above_its_length(office: Office, extra: int, allowed: bool) -> None:
    visit_id = office.receive()["id"]
    note = "x" * (10_000 + extra)
    if allowed:
        assert lay(office, visit_id, "note", note)
    else:
        assert problem_of(office, visit_id, "note", note) == "layer.bad_value"


@pytest.mark.parametrize("field", LAYER_FIELDS)
def test_every_correction_needs_a_reason(office: Office, field: str) -> None:
    visit_id = office.receive()["id"]
    assert problem_of(office, visit_id, field, "x", " ") == "review.reason_missing"


def test_same_value_again_writes_nothing(office: Office) -> None:
    visit_id = office.receive()["id"]
    assert not lay(office, visit_id, "place_kind", "centre")
    assert not lay(office, visit_id, "note", "")
    assert list_layers(office.store.reader(), visit_id) == []


def test_practice_visit_never_moves_into_a_campaign(office: Office) -> None:
    campaign = add_campaign(office)
    visit_id = office.receive(practice=True, campaign_id="latihan")["id"]
    assert problem_of(office, visit_id, "campaign_id", campaign) == "layer.bad_value"


def test_correction_of_what_somebody_changed_meanwhile_is_not_taken(office: Office) -> None:
    visit_id = office.receive()["id"]
    seen = office.row(visit_id)["changed_seq"]
    lay(office, visit_id, "note", "satu")
    assert problem_of(office, visit_id, "note", "dua", seq=seen) == "visit.changed"


def test_only_supervisors_correct_and_nobody_their_own(office: Office) -> None:
    viewer = add_person(office.store, "tamu", "viewer", "admin")
    both = add_person(office.store, "rina", "officer", "supervisor")
    visit_id = office.receive(enrol_phone(office.store, office.settings, both))["id"]
    assert problem_of(office, visit_id, "note", "x", by=viewer) == "auth.forbidden"
    assert problem_of(office, visit_id, "note", "x", by=both) == "visit.own"


def test_claimed_name_in_another_spelling_finds_the_jorong(office: Office) -> None:
    found = suggest_areas(office.store, "Gunuang Pasia")
    assert {"Gunung Pasia", "Gunung Pasir"} <= {one.area.name for one in found}
    assert all(one.suggested and one.above for one in found[:2])
    assert all(one.area.level in ("jorong", "nagari") for one in found)
    assert suggest_areas(office.store, None) == []
    assert suggest_areas(office.store, "???") == []
