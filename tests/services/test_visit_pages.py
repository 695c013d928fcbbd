"""One visit with everything around it, as of one moment."""

from __future__ import annotations

import pytest

from survey.domain.problems import Problem
from survey.services.browsing import browse_queue, find_beside, list_queue_choices
from survey.services.erasing import erase, find_visit
from survey.services.visit_pages import browse_visit
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file
from survey.store.queue import QueueFilter
from tests.factories import FixedClock, make_envelope, make_service_test
from tests.office_kit import Office, claimed_area, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def photo(letter: str, **changes: object) -> dict[str, object]:
    return {
        "sha256": letter * 64,
        "thumbnail_sha256": None,
        "kind": "site",
        "bytes": 10,
        "width_px": 4,
        "height_px": 3,
        "taken_at": None,
        "original": None,
        **changes,
    }


def test_tests_and_readings_have_their_class_and_operators_their_best(office: Office) -> None:
    visit_id = office.receive(
        service_tests=[
            make_service_test("telkomsel", "none"),
            make_service_test("telkomsel", "data", sim_slot=2, technology="lte"),
            make_service_test("xl", "data", sim_slot=2, technology="lte"),
        ],
        readings=[
            {
                "operator": "xl",
                "technology": "lte",
                "handset": "own",
                "sim_slot": 2,
                "rsrp_dbm": -111,
            }
        ],
    )["id"]
    signal = browse_visit(office.store, visit_id).signal
    assert [letter for _, letter in signal.tests] == ["A", "D", "C"]
    assert [letter for _, letter in signal.readings] == ["C"]
    assert signal.operators == {"telkomsel": "D", "xl": "C"}
    assert (signal.cuts["lte"], signal.rule_version) == (-110.0, 1)


def test_photos_say_whether_their_file_is_here(office: Office) -> None:
    visit_id = office.receive(
        photos=[photo("a"), photo("b", thumbnail_sha256="d" * 64), photo("c")]
    )["id"]
    for letter in ("a", "c", "d"):
        office.store.write(
            lambda connection, letter=letter: insert_file(  # type: ignore[misc]
                connection,
                sha256=letter * 64,
                kind="photo",
                content_type="image/jpeg",
                size=10,
                officer_key=office.officer.key,
                device_key=None,
                now=office.clock(),
            )
        )
    office.store.write(
        lambda connection: connection.execute(
            "UPDATE files SET erased_at = ? WHERE sha256 = ?", (office.clock(), "c" * 64)
        )
    )
    photos = browse_visit(office.store, visit_id).photos
    assert [(one.stored, one.thumbnail_stored) for one in photos] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_versions_show_what_each_changed_against_its_base(office: Office) -> None:
    payload = office.receive(note="pertama")
    office.decide(payload["id"], "has_issues", "akurasi kurang")
    better = {**payload["position"], "accuracy_m": 4.0}
    second = office.correct(
        payload, position=better, correction_reason="diukur ulang", note="pertama"
    )
    office.correct(second, note="ketiga")
    revisions = browse_visit(office.store, payload["id"]).revisions
    changed = [
        [(d.path, d.before, d.after) for d in one.differences if not d.technical]
        for one in revisions
    ]
    assert changed == [
        [],
        [(("position", "accuracy_m"), 6.2, 4.0)],
        [(("note",), "pertama", "ketiga")],
    ]
    assert [one.compared_with for one in revisions] == [None, 1, 2]
    assert revisions[1].correction_reason == "diukur ulang"


def test_side_branch_is_compared_with_the_head_of_now(office: Office) -> None:
    payload = office.receive(note="satu")
    first = office.row(payload["id"])["head_sha256"]
    office.correct(payload, note="dua")
    office.correct(payload, base=first, note="tiga")
    page = browse_visit(office.store, payload["id"])
    (conflict,) = page.open_conflicts
    assert [(d.path, d.before, d.after) for d in conflict.differences] == [
        (("note",), "dua", "tiga")
    ]
    assert page.visit["note"] == "dua"


def test_place_is_the_path_up_and_claimed_ones_begin_at_their_nagari(office: Office) -> None:
    known = browse_visit(office.store, office.receive()["id"]).place.path
    assert known[0].level == "jorong"
    assert known[-1].level == "kabupaten"
    claimed = office.receive(area=claimed_area("Entah di mana", "13.11.01.2001"))
    path = browse_visit(office.store, claimed["id"]).place.path
    assert [area.level for area in path] == ["nagari", "kecamatan", "kabupaten"]
    nowhere = office.receive(area=claimed_area("Entah di mana"))
    assert browse_visit(office.store, nowhere["id"]).place.path == []


def test_other_visits_of_the_jorong_are_shown_without_practice(office: Office) -> None:
    first, second = office.receive()["id"], office.receive()["id"]
    office.receive(practice=True)
    office.receive(area={"id": office.jorong[5], "claimed": None})
    neighbours = browse_visit(office.store, second).neighbours
    assert [row["id"] for row in neighbours] == [first]


def test_unknown_and_erased_visits_are_told_apart(office: Office) -> None:
    visit_id = office.receive()["id"]
    erase(
        office.store,
        FileRoom(office.settings.instance),
        lambda connection: find_visit(connection, visit_id),
        "permintaan warga",
        office.clock.tick(),
        actor=office.supervisor.id,
    )
    codes = []
    for asked in ("0" * 36, visit_id):
        with pytest.raises(Problem) as caught:
            browse_visit(office.store, asked)
        codes.append(caught.value.code)
    assert codes == ["visit.not_found", "record.erased"]


def test_withdrawal_is_shown_with_its_reason(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.withdraw(visit_id, "salah jorong")
    page = browse_visit(office.store, visit_id)
    assert page.withdrawal is not None
    assert page.withdrawal["reason"] == "salah jorong"
    assert [one.row["kind"] for one in page.revisions] == ["visit", "withdrawal"]


def test_failing_public_services_have_their_names(office: Office) -> None:
    visit_id = office.receive(services_failing=["siskeudes", "unknown-one"])["id"]
    names = browse_visit(office.store, visit_id).services_failing
    assert names == ["Siskeudes (keuangan nagari)", "unknown-one"]


def test_cards_have_the_best_result_of_each_operator(office: Office) -> None:
    office.receive(
        service_tests=[
            make_service_test("telkomsel", "none"),
            make_service_test("telkomsel", "voice", sim_slot=2),
            make_service_test("xl", "emergency_only"),
        ]
    )
    (card,) = browse_queue(office.store, QueueFilter()).cards
    assert [(one.operator, one.result, one.letter) for one in card.results] == [
        ("telkomsel", "voice", "B"),
        ("xl", "emergency_only", "A"),
    ]


def test_queue_pages_and_steps_beside(office: Office) -> None:
    ids = [office.receive()["id"] for _ in range(5)]
    page = browse_queue(office.store, QueueFilter(), limit=2)
    assert [card.row["id"] for card in page.cards] == [ids[4], ids[3]]
    assert (page.count, page.more_than_counted) == (5, False)
    last = browse_queue(office.store, QueueFilter(), page.next_seq, limit=3)
    assert [card.row["id"] for card in last.cards] == [ids[2], ids[1], ids[0]]
    assert last.next_seq is None
    middle = office.row(ids[2])["changed_seq"]
    assert find_beside(office.store, QueueFilter(), middle) == (ids[3], ids[1])


def test_choices_of_the_filter_leave_practice_out(office: Office) -> None:
    choices = list_queue_choices(office.store)
    assert len(choices.kecamatan) == 7
    assert sum(len(areas) for _, areas in choices.nagari) == 39
    assert [officer["name"] for officer in choices.officers] == ["Dedi Kurnia"]
    assert "latihan" not in {campaign.id for campaign in choices.campaigns}


def test_resent_record_is_no_second_version(office: Office) -> None:
    payload = office.receive()
    office.send(make_envelope(payload))
    assert len(browse_visit(office.store, payload["id"]).revisions) == 1
