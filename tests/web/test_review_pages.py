"""The review pages: what they show to whom, what their forms do, without any script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.comments import list_comments
from survey.store.connection import Store
from survey.store.reviews import list_reviews
from tests.factories import FixedClock, make_service_test
from tests.office_kit import Office, claimed_area, open_office
from tests.people_kit import add_person, csrf_token, enrol_phone, sign_in_as


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def desk(app: Flask, office: Office) -> FlaskClient:
    """The supervisor's browser, in English so that words can be read in the tests."""
    client = sign_in_as(app, office.supervisor)
    client.set_cookie("language", "en")
    return client


def send_form(
    client: FlaskClient, path: str, data: dict[str, Any] | None = None, **options: Any
) -> Any:
    return client.post(path, data={"csrf_token": csrf_token(client), **(data or {})}, **options)


def seq_of(page: str) -> str:
    match = re.search(r'name="seq" value="(\d+)"', page)
    assert match is not None
    return match[1]


def cards_of(page: str) -> list[str]:
    return re.findall(r'<a href="/visits/([0-9a-f-]+)[^"]*" data-step', page)


def test_office_leads_to_the_queue(desk: FlaskClient) -> None:
    answer = desk.get("/office")
    assert (answer.status_code, answer.location) == (302, "/queue")


def test_empty_queue_says_that_nothing_waits(desk: FlaskClient) -> None:
    assert "Nothing waits for you." in desk.get("/queue").text


def test_a_new_admin_is_led_to_the_first_officer_until_a_visit_came(
    app: Flask, desk: FlaskClient, office: Office, store: Store
) -> None:
    admin = sign_in_as(app, add_person(store, "ratna", "admin", "supervisor"))
    led = 'class="button button--main" href="/people"'
    assert led in admin.get("/queue").text
    assert led not in desk.get("/queue").text, "a supervisor may not add people"
    office.receive()
    assert led not in admin.get("/queue?from=2020-01-01&to=2020-01-02").text
    assert led not in admin.get("/queue").text


def test_queue_shows_what_waits_newest_first_and_no_practice(
    desk: FlaskClient, office: Office
) -> None:
    first, second, third = (office.receive()["id"] for _ in range(3))
    practice = office.receive(practice=True)["id"]
    office.decide(second, "approved")
    assert cards_of(desk.get("/queue").text) == [third, first]
    assert cards_of(desk.get("/queue?state=approved").text) == [second]
    assert cards_of(desk.get("/queue?state=all").text) == [second, third, first]
    assert cards_of(desk.get("/queue?practice=1").text) == [practice]


def test_queue_is_filtered_by_each_field(desk: FlaskClient, office: Office) -> None:
    here = office.receive(position=None)["id"]
    claimed = office.receive(area=claimed_area("Entah", "13.11.01.2001"))["id"]
    other = enrol_phone(office.store, office.settings, add_person(office.store, "sari"))
    foreign = office.receive(other)["id"]
    queries = {
        f"officer={other.officer_id}": [foreign],
        "unmapped=1": [claimed],
        "nagari=13.11.01.2001": [claimed],
        "kecamatan=13.11.01": [claimed],
        "flag=position.none": [here],
        "from=2026-05-04&to=2026-05-04": [foreign, claimed, here],
        "to=2026-05-03": [],
        "campaign=latihan": [],
        "conflict=1": [],
    }
    shown = {query: cards_of(desk.get(f"/queue?{query}").text) for query in queries}
    jorong = [one for one in shown["kecamatan=13.11.01"] if one != claimed]
    assert set(jorong) <= {here, foreign}
    shown["kecamatan=13.11.01"] = [claimed]
    shown["nagari=13.11.01.2001"] = [one for one in shown["nagari=13.11.01.2001"] if one == claimed]
    assert shown == queries


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "from=yesterday&to=2026-02-30",
        "officer=nobody",
        "flag=x",
        "before=-1",
        "before=99999999999999999999999",
        "kecamatan=%00",
    ],
)
def test_filter_that_makes_no_sense_is_no_error(
    desk: FlaskClient, office: Office, query: str
) -> None:
    office.receive()
    assert desk.get(f"/queue?{query}").status_code == 200


def test_second_page_goes_on_where_the_first_ended(desk: FlaskClient, office: Office) -> None:
    ids = [office.receive()["id"] for _ in range(52)]
    first = desk.get("/queue?state=all").text
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    second = desk.get(link[1].replace("&amp;", "&")).text
    assert cards_of(first) + cards_of(second) == ids[::-1]
    assert 'rel="next"' not in second


def test_visit_shows_values_words_and_raw_times(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive(
        note="Di halaman surau",
        companions=["Ibu Ani"],
        service_tests=[make_service_test("telkomsel", "data", technology="lte", proof="proven")],
        readings=[
            {
                "operator": "telkomsel",
                "technology": "lte",
                "handset": "own",
                "sim_slot": 1,
                "rsrp_dbm": -112.0,
                "raw_text": "-112 dBm 28 asu",
                "source": "typed",
            }
        ],
    )["id"]
    page = desk.get(f"/visits/{visit_id}").text
    for words in (
        "Dedi Kurnia", "Di halaman surau", "Ibu Ani", "Internet works", "Weak internet", "−112",
        "-112 dBm 28 asu", "± 6.2 m", "-1.541671, 101.243342", "4 May 2026 09:14:41",
        "2026-05-04T02:14:41.003Z", "0.8 s fast", "Redmi 9A", "Absensi online", "Full proof",
    ):  # fmt: skip
        assert words in page, words


def test_approval_needs_one_press_and_leads_to_the_next_of_the_queue(
    desk: FlaskClient, office: Office
) -> None:
    older, newer = office.receive()["id"], office.receive()["id"]
    page = desk.get(f"/visits/{newer}").text
    answer = send_form(
        desk, f"/visits/{newer}/review", {"decision": "approved", "seq": seq_of(page)}
    )
    assert answer.status_code == 303
    assert answer.location == f"/visits/{older}?after={newer}"
    assert office.row(newer)["state"] == "approved"
    assert "Back to the visit decided just now" in desk.get(answer.location).text


def test_last_decision_leads_back_to_the_queue(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    page = desk.get(f"/visits/{visit_id}").text
    answer = send_form(
        desk, f"/visits/{visit_id}/review", {"decision": "approved", "seq": seq_of(page)}
    )
    assert answer.location.startswith("/queue?")


def test_filter_is_kept_from_visit_to_visit(desk: FlaskClient, office: Office) -> None:
    ids = [office.receive()["id"] for _ in range(3)]
    query = f"kecamatan=&officer={office.officer.id}&state=all"
    page = desk.get(f"/visits/{ids[1]}?{query}").text
    kept = f"officer={office.officer.id}&amp;state=all"
    assert f'href="/visits/{ids[2]}?{kept}"' in page
    assert f'href="/visits/{ids[0]}?{kept}"' in page
    assert f'action="/visits/{ids[1]}/review?{kept}"' in page


def test_return_without_a_reason_shows_the_page_again_and_says_so(
    desk: FlaskClient, office: Office
) -> None:
    visit_id = office.receive()["id"]
    page = desk.get(f"/visits/{visit_id}").text
    answer = send_form(
        desk, f"/visits/{visit_id}/review", {"decision": "has_issues", "seq": seq_of(page)}
    )
    assert answer.status_code == 422
    assert "Please give a reason." in answer.text
    assert list_reviews(office.store.reader(), visit_id) == []


def test_visit_changed_meanwhile_is_shown_anew_and_the_reason_is_kept(
    desk: FlaskClient, office: Office
) -> None:
    payload = office.receive()
    old = seq_of(desk.get(f"/visits/{payload['id']}").text)
    office.correct(payload, note="baru saja diperbaiki")
    data = {"decision": "has_issues", "reason": "akurasi <80 m>", "seq": old}
    answer = send_form(desk, f"/visits/{payload['id']}/review", data)
    assert answer.status_code == 409
    assert "Somebody changed this visit meanwhile." in answer.text
    assert "akurasi &lt;80 m&gt;" in answer.text
    assert "baru saja diperbaiki" in answer.text
    again = send_form(desk, f"/visits/{payload['id']}/review", {**data, "seq": seq_of(answer.text)})
    assert again.status_code == 303
    assert office.row(payload["id"])["state"] == "has_issues"


@pytest.mark.parametrize("seq", ["", "x", "9" * 40])
def test_form_without_a_readable_position_decides_nothing(
    desk: FlaskClient, office: Office, seq: str
) -> None:
    visit_id = office.receive()["id"]
    answer = send_form(desk, f"/visits/{visit_id}/review", {"decision": "approved", "seq": seq})
    assert answer.status_code in (409, 422)
    assert office.row(visit_id)["state"] == "received"


def test_form_without_token_decides_nothing(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    seq = seq_of(desk.get(f"/visits/{visit_id}").text)
    answer = desk.post(f"/visits/{visit_id}/review", data={"decision": "approved", "seq": seq})
    assert answer.status_code == 400
    assert office.row(visit_id)["state"] == "received"


def test_own_visit_has_no_decision_and_takes_none(app: Flask, office: Office) -> None:
    both = add_person(office.store, "rina", "officer", "supervisor")
    visit_id = office.receive(enrol_phone(office.store, office.settings, both))["id"]
    client = sign_in_as(app, both)
    client.set_cookie("language", "en")
    page = client.get(f"/visits/{visit_id}").text
    assert "somebody else decides" in page
    assert f"/visits/{visit_id}/review" not in page
    seq = office.row(visit_id)["changed_seq"]
    answer = send_form(client, f"/visits/{visit_id}/review", {"decision": "approved", "seq": seq})
    assert answer.status_code == 403
    assert office.row(visit_id)["state"] == "received"


@pytest.mark.parametrize("roles", [("viewer",), ("admin",)])
def test_who_is_no_supervisor_looks_and_has_no_form(
    app: Flask, office: Office, roles: tuple[str, ...]
) -> None:
    visit_id = office.receive()["id"]
    client = sign_in_as(app, add_person(office.store, "tamu", *roles))
    page = client.get(f"/visits/{visit_id}").text
    main = page[page.index("<main") :]
    assert 'method="post"' not in main


def test_viewer_sees_no_personal_data(app: Flask, office: Office) -> None:
    payload = office.receive(
        companions=["Ibu Ani"], area=claimed_area("Entah"), phone={"model": "Redmi 9A"}
    )
    office.correct(payload, companions=["Pak Budi"], phone={"model": "Oppo A17"})
    client = sign_in_as(app, add_person(office.store, "tamu", "viewer"))
    text = client.get(f"/visits/{payload['id']}").text + client.get("/queue").text
    for personal in ("Dedi", "Ibu Ani", "Pak Budi", "Pak Wali", "Redmi", "Oppo"):
        assert personal not in text, personal
    assert "petugas-" in text


def test_unknown_visit_is_a_page_with_404(desk: FlaskClient) -> None:
    answer = desk.get("/visits/nothing")
    assert answer.status_code == 404
    assert "This visit is not known." in answer.text


def test_claimed_place_is_mapped_in_two_steps(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive(area=claimed_area("Simancuang Ateh"))["id"]
    page = desk.get(f"/visits/{visit_id}?find=gunuang+pasia").text
    found = re.findall(r'type="radio" name="value" value="([^"]+)"', page)
    assert found
    answer = send_form(
        desk,
        f"/visits/{visit_id}/layers",
        {"field": "area_id", "value": found[0], "reason": "nama lama", "seq": seq_of(page)},
    )
    assert answer.status_code == 303
    assert office.row(visit_id)["area_id"] == found[0]
    assert "nama lama" in desk.get(answer.location).text


def test_correction_without_a_reason_is_asked_again_and_keeps_the_text(
    desk: FlaskClient, office: Office
) -> None:
    visit_id = office.receive()["id"]
    seq = seq_of(desk.get(f"/visits/{visit_id}").text)
    data = {"field": "note", "value": "catatan kantor", "reason": "", "seq": seq}
    answer = send_form(desk, f"/visits/{visit_id}/layers", data)
    assert answer.status_code == 422
    assert "Please give a reason." in answer.text
    assert "catatan kantor" in answer.text


def test_comment_is_kept_and_an_empty_one_is_not(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    empty = send_form(desk, f"/visits/{visit_id}/comments", {"text": " "})
    assert (empty.status_code, "Please write something." in empty.text) == (422, True)
    full = send_form(desk, f"/visits/{visit_id}/comments", {"text": "Terima kasih"})
    assert full.status_code == 303
    (comment,) = list_comments(office.store.reader(), visit_id)
    assert comment["text"] == "Terima kasih"
    assert "Terima kasih" in desk.get(f"/visits/{visit_id}").text


def test_two_versions_are_shown_with_their_differences_and_settled(
    desk: FlaskClient, office: Office
) -> None:
    payload = office.receive(note="pertama")
    office.decide(payload["id"], "approved")
    office.correct(payload, seen=False, note="kedua")
    page = desk.get(f"/visits/{payload['id']}?state=all").text
    assert "<del>pertama</del>" in page
    assert "<ins>kedua</ins>" in page
    action = re.search(r'action="(/visits/[^"]+/conflicts/\d+)', page)
    assert action is not None
    answer = send_form(
        desk,
        action[1],
        {"choice": "take_branch", "reason": "petugas benar", "seq": seq_of(page)},
    )
    assert answer.status_code == 303
    assert office.row(payload["id"])["note"] == "kedua"


def test_what_people_type_is_never_markup(desk: FlaskClient, office: Office) -> None:
    bad = '<img src=x onerror="alert(1)">'
    visit_id = office.receive(
        note=bad, companions=[bad], area=claimed_area(bad), incomplete_reason=bad,
        phone={"model": bad}, services_failing=[bad],
        service_tests=[make_service_test(bad, "none")],
    )["id"]  # fmt: skip
    for path in (f"/visits/{visit_id}", "/queue"):
        page = desk.get(path).text
        assert bad not in page
        assert "<img src=x" not in page


def test_no_page_has_inline_script_or_style(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    for path in (f"/visits/{visit_id}", "/queue"):
        page = desk.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert re.search(r"<script(?![^>]* src=)", page) is None
        assert re.search(r"\son\w+=", page) is None


def test_pages_are_whole_in_indonesian(app: Flask, office: Office) -> None:
    payload = office.receive(note="x")
    office.decide(payload["id"], "has_issues", "kurang")
    client = sign_in_as(app, office.supervisor)
    page = client.get(f"/visits/{payload['id']}").text
    for words in ("Setujui", "Dikembalikan", "Tolak", "Riwayat", "Sinyal", "± 6,2 m"):
        assert words in page, words
    assert 'lang="id"' in page
