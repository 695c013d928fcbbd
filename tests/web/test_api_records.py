"""Records on the wire: every result, and what hostile or broken bodies get."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload

URL = "/api/v1/records"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def send(client: FlaskClient, phone: Enrolled, *envelopes: object) -> list[dict[str, Any]]:
    answer = client.post(URL, json={"records": list(envelopes)}, headers=phone.headers)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json["results"]
    assert len(results) == len(envelopes)
    return results


def count_visits(store: Store) -> int:
    count: int = store.reader().execute("SELECT count(*) FROM visits").fetchone()[0]
    return count


def test_a_visit_is_stored_with_the_hash_the_phone_knows(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    result = send(client, phone, envelope)[0]
    assert (result["result"], result["sha256"], result["id"]) == (
        "stored",
        envelope["sha256"],
        envelope["id"],
    )
    row = store.reader().execute("SELECT payload, sealed FROM revisions").fetchone()
    assert (row["payload"], row["sealed"]) == (envelope["payload"], 1)


def test_the_same_visit_sent_twice_is_stored_once(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    results = [send(client, phone, envelope)[0]["result"] for _ in range(3)]
    assert results == ["stored", "already_stored", "already_stored"]
    assert count_visits(store) == 1


def test_the_same_visit_twice_in_one_batch_is_stored_once(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    envelope = make_envelope(make_visit_payload())
    results = [result["result"] for result in send(client, phone, envelope, envelope)]
    assert results == ["stored", "already_stored"]
    assert count_visits(store) == 1


def test_a_bad_record_among_good_ones_fails_alone(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    good = [make_envelope(make_visit_payload()) for _ in range(2)]
    wrong_hash = make_envelope(make_visit_payload(), sha256="0" * 64)
    unreadable = {"id": 7}
    not_json = make_envelope("{this is not json")
    results = send(client, phone, good[0], wrong_hash, unreadable, "text", not_json, good[1])
    assert [result["result"] for result in results] == [
        "stored",
        "refused",
        "refused",
        "refused",
        "quarantined",
        "stored",
    ]
    assert results[1]["code"] == "record.wrong_hash"
    assert results[2]["code"] == "record.unreadable_envelope"
    assert count_visits(store) == 2


def test_another_officers_record_is_refused_and_unharmed(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    send(client, phone, make_envelope(payload))
    thief = enrol_officer(store, settings, "budi")
    theft = make_envelope({**payload, "note": "mine now"}, revision=2)
    result = send(client, thief, theft)[0]
    assert (result["result"], result["code"]) == ("refused", "record.foreign_officer")
    assert store.reader().execute("SELECT count(*) FROM revisions").fetchone()[0] == 1


def test_a_correction_becomes_the_head(client: FlaskClient, store: Store, phone: Enrolled) -> None:
    payload = make_visit_payload()
    first = make_envelope(payload)
    second = make_envelope({**payload, "note": "better"}, revision=2, base=first["sha256"])
    assert [result["result"] for result in send(client, phone, first, second)] == [
        "stored",
        "stored",
    ]
    row = store.reader().execute("SELECT note, revision, state FROM visits").fetchone()
    assert tuple(row) == ("better", 2, "edited")


def test_two_corrections_of_one_revision_are_both_kept(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    payload = make_visit_payload()
    first = make_envelope(payload)
    send(client, phone, first)
    for note in ("one", "two"):
        branch = make_envelope({**payload, "note": note}, revision=2, base=first["sha256"])
        result = send(client, phone, branch)[0]["result"]
    assert result == "conflict"
    assert store.reader().execute("SELECT note FROM visits").fetchone()[0] == "one"
    assert store.reader().execute("SELECT cause FROM conflicts").fetchone()[0] == "base_not_head"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"id": "\\ud800"}',
        '{"note": "a\\u0000b"}',
        '{"x": ' + "[" * 20_000 + "]" * 20_000 + "}",
    ],
    ids=["empty", "list", "null", "cut", "lone surrogate", "NUL", "deep"],
)
def test_an_unreadable_payload_is_kept_for_rescue(
    client: FlaskClient, store: Store, phone: Enrolled, text: str
) -> None:
    envelope = make_envelope(text)
    assert send(client, phone, envelope)[0]["result"] == "quarantined"
    assert send(client, phone, envelope)[0]["result"] in ("already_stored", "quarantined")
    rows = store.reader().execute("SELECT payload FROM quarantine").fetchall()
    assert [bytes(row[0]).decode() for row in rows] == [text]


@pytest.mark.parametrize(
    "changes",
    [
        {"position": {"latitude_deg": 91, "longitude_deg": 101.2}},
        {"position": {"latitude_deg": "-1.5", "longitude_deg": "101.2"}},
        {"position": "here"},
        {"saved_at": "1980-01-06T00:00:00.000Z", "started_at": "1980-01-06T00:00:00.000Z"},
        {"saved_at": "2099-01-01T00:00:00.000Z"},
        {"saved_at": "yesterday"},
        {"service_tests": "none"},
        {"service_tests": [7, None, {"operator": 5, "result": "superb"}]},
        {"readings": [{"operator": "xl", "technology": "lte", "rsrp_dbm": -1e300}]},
        {"practice": "yes"},
        {"area": {"id": "13.11/unknown"}},
        {"area": None},
        {"unknown_field": {"kept": True}},
        {"note": "x" * 200_000},
        {"photos": [{"sha256": "../../etc/passwd", "kind": "site"}]},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_odd_values_are_stored_never_refused(
    client: FlaskClient, store: Store, phone: Enrolled, changes: dict[str, Any]
) -> None:
    envelope = make_envelope(make_visit_payload(**changes))
    assert send(client, phone, envelope)[0]["result"] == "stored"
    assert (
        store.reader().execute("SELECT payload FROM revisions").fetchone()[0]
        == (envelope["payload"])
    )
    assert count_visits(store) == 1


def test_not_a_number_is_no_json_and_kept_for_rescue(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    text = json.dumps(make_visit_payload(note=float("nan")))
    assert send(client, phone, make_envelope(text))[0]["result"] == "quarantined"


def test_a_compressed_batch_is_the_same(client: FlaskClient, phone: Enrolled) -> None:
    body = gzip.compress(json.dumps({"records": [make_envelope(make_visit_payload())]}).encode())
    answer = client.post(
        URL,
        data=body,
        headers={**phone.headers, "Content-Encoding": "gzip", "Content-Type": "application/json"},
    )
    assert answer.json["results"][0]["result"] == "stored"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "request.malformed"),
        (b"[]", {}, 400, "request.malformed"),
        (b'{"records": 7}', {}, 400, "request.malformed"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "request.wrong_type"),
        (b"{}", {"Content-Encoding": "br"}, 415, "request.wrong_type"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "request.malformed"),
        (b'{"records": []}' + b" " * 10_000_000, {}, 413, "request.too_large"),
        (gzip.compress(b" " * 200_000_000), {"Content-Encoding": "gzip"}, 413, "request.too_large"),
        (b"\xff\xfe", {}, 400, "request.malformed"),
    ],
    ids=["cut", "list", "number", "type", "brotli", "no gzip", "10 MB", "bomb", "not UTF-8"],
)
def test_a_bad_body_gets_its_code(
    client: FlaskClient,
    phone: Enrolled,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = client.post(
        URL, data=body, headers={**phone.headers, "Content-Type": "application/json", **headers}
    )
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_too_many_records_are_refused_whole(client: FlaskClient, phone: Enrolled) -> None:
    many = [make_envelope(make_visit_payload()) for _ in range(51)]
    answer = client.post(URL, json={"records": many}, headers=phone.headers)
    assert (answer.status_code, answer.json["code"]) == (413, "request.too_large")


def test_a_lost_answer_costs_nothing(client: FlaskClient, store: Store, phone: Enrolled) -> None:
    """The phone never saw the answer: it sends the same batch again, and more."""
    first = make_envelope(make_visit_payload())
    send(client, phone, first)
    second = make_envelope(make_visit_payload())
    results = [result["result"] for result in send(client, phone, first, second)]
    assert results == ["already_stored", "stored"]
    assert count_visits(store) == 2
