"""The wire's doors for records, feed and enrolment in hostile hands: a clear answer, nothing lost.

What single bodies and headers do is in tests/web; here are forged cursors, floods, races, and
batches in which everything is wrong at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import socket
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.services import throttling
from survey.services.enrolling import authenticate_device, create_code, enrol, revoke_device
from survey.services.setup import get_store_id
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.browser.server_process import ServerProcess
from tests.factories import (
    NOW,
    Enrolled,
    add_officer,
    enrol_officer,
    enrol_phone,
    make_envelope,
    make_visit_payload,
    new_device_id,
    new_token,
)
from tests.faults.tally import record_tally

ATTEMPTS = 10_000
ROUNDS = 12
SLOW = 150
WAIT_S = 20
Record = Callable[[str, object], None]


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def send(client: FlaskClient, phone: Enrolled, *envelopes: object) -> list[dict[str, Any]]:
    body = json.dumps({"records": envelopes})
    answer = client.post(
        "/api/v1/records", data=body, content_type="application/json", headers=phone.headers
    )
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json["results"]
    return results


# Cursors


def read_feed(client: FlaskClient, phone: Enrolled, cursor: str) -> Any:
    return client.get(
        "/api/v1/changes", query_string={"cursor": cursor, "limit": 500}, headers=phone.headers
    )


def forge(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_forged_cursor_is_said_and_the_phone_that_forgets_it_misses_nothing(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    """Another officer's, another store's, from the future: each would hide changes in silence."""
    send(client, phone, make_envelope(make_visit_payload()))
    whole = read_feed(client, phone, "").json
    given = base64.urlsafe_b64decode(whole["cursor"] + "==").decode()
    store_id, officer, position = given.split(":")
    assert store_id == get_store_id(store)[:16]
    stranger = enrol_officer(store, settings, "budi")
    forged = [
        read_feed(client, stranger, "").json["cursor"],
        forge(f"{'0' * 16}:{officer}:{position}"),
        forge(f"{store_id}:{int(officer) + 1}:{position}"),
        forge(f"{store_id}:{position}"),
        forge(f"{store_id}:{officer}:{10**6}"),
        forge(f"{store_id}:{officer}:{2**63}"),
        forge(f"{store_id}:{officer}:{'9' * 400}"),
        forge(f"{store_id}:{officer}:-1"),
        forge(f"{store_id}:{officer}:+1"),
        forge(f"{store_id}:{officer}:1.0"),
        forge(f"{store_id}:{officer}:"),
        forge(f"{store_id}:{officer}:\u0661"),
        whole["cursor"] + "AAAA",
        "\U0001f600",
    ]
    for cursor in forged:
        answer = read_feed(client, phone, cursor)
        assert (answer.status_code, answer.json["code"]) == (400, "cursor.unknown"), cursor
    again = read_feed(client, phone, "").json
    assert (again["changes"], again["cursor"]) == (whole["changes"], whole["cursor"])
    assert read_feed(client, phone, whole["cursor"]).json["changes"] == []


# Enrolment


def test_ten_thousand_guesses_write_little_and_keep_no_officer_out(
    client: FlaskClient, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All behind one address, as on a carrier's gateway, where a real officer enrols too.

    Most come to the service itself, which is as near to the door as time allows.
    """
    officer = add_officer(store, "sari")
    code = create_code(store, settings, officer.id, NOW, actor="cli")
    writes = 0
    write = store.write

    def count(function: Any) -> Any:
        nonlocal writes
        writes += 1
        return write(function)

    monkeypatch.setattr(store, "write", count)
    body = {"device_id": new_device_id(), "token": new_token()}
    answers: Counter[str] = Counter()
    for number in range(ATTEMPTS):
        # 32^8 codes: so many guesses find one of a hundred open ones once in a million floods.
        guess = {"code": f"{number:08}", **body}
        if number % 100 == 0:
            answer = client.post("/api/v1/enrol", json=guess)
            answers[answer.json["code"]] += 1  # type: ignore[index]
        else:
            with pytest.raises(Problem) as caught:
                enrol(store, settings, phone=None, address="127.0.0.1", now=NOW, **guess)
            answers[caught.value.code] += 1
    tries = throttling.TRIES["code_address"]
    assert answers == {"enrol.unknown_code": tries, "enrol.throttled": ATTEMPTS - tries}
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert writes == tries
    (rows,) = store.reader().execute("SELECT count(*) FROM sign_in_failures").fetchone()
    assert rows == tries
    statuses = [
        client.post("/api/v1/enrol", json={"code": code, **body}).status_code for _ in range(2)
    ]
    assert statuses == [201, 200]


# Batches


def seal(payload: str, token: str) -> str:
    key = hashlib.sha256(token.encode()).digest()
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()


def sealed_text(text: str, **changes: Any) -> dict[str, Any]:
    """Return the envelope of any text, with its right hash."""
    return make_envelope(text, **changes)


def hostile_records(phone: Enrolled, foreign: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return records that are wrong, each with the result or the code of refusal it gets."""
    visit = make_visit_payload
    nested = "[" * 50_000 + "]" * 50_000
    stolen = {**json.loads(foreign["payload"]), "note": "milik saya"}
    one_id = visit(note="pertama")
    return [
        (make_envelope(visit(), sha256="0" * 64), "record.wrong_hash"),
        (make_envelope(visit(), sha256="A" * 64), "record.unreadable_envelope"),
        (make_envelope(stolen, token=phone.token), "record.foreign_officer"),
        (sealed_text(nested), "quarantined"),
        (sealed_text('{"note": ' + nested + "}"), "quarantined"),
        (sealed_text('{"note": NaN}'), "quarantined"),
        (sealed_text('{"note": "\\u0000"}'), "quarantined"),
        (sealed_text("\ud800"), "quarantined"),
        (sealed_text(""), "quarantined"),
        (sealed_text('{"note": "satu", "note": "dua"}'), "stored"),
        (sealed_text("{}"), "stored"),
        (make_envelope(visit(position={"latitude_deg": "1e999"})), "stored"),
        (make_envelope(visit(), seal="0" * 64), "stored"),
        (make_envelope(visit(), seal="x" * 500), "record.unreadable_envelope"),
        (make_envelope(visit(), revision=-5), "stored"),
        (make_envelope(visit(), revision=10**30), "stored"),
        (make_envelope(visit(), schema=2), "quarantined"),
        (make_envelope(visit(), schema=-1), "record.unreadable_envelope"),
        (make_envelope(visit(), kind="virus"), "quarantined"),
        (make_envelope(visit(), kind=""), "record.unreadable_envelope"),
        (make_envelope(visit(), id=str(uuid.uuid4()).upper()), "record.unreadable_envelope"),
        (make_envelope(visit(), id="../../secret_key"), "record.unreadable_envelope"),
        (make_envelope(visit(), id="{" + str(uuid.uuid4()) + "}"), "record.unreadable_envelope"),
        (make_envelope(one_id), "stored"),
        (make_envelope({**one_id, "note": "kedua"}), "conflict"),
        (make_envelope(one_id), "already_stored"),
        ([], "record.unreadable_envelope"),
        (None, "record.unreadable_envelope"),
        ("x" * 10_000, "record.unreadable_envelope"),
        (10**400, "record.unreadable_envelope"),
    ]


def test_everything_wrong_in_one_batch_harms_no_neighbour(
    client: FlaskClient,
    store: Store,
    settings: Settings,
    phone: Enrolled,
    record_property: Record,
) -> None:
    stranger = enrol_officer(store, settings, "budi")
    foreign = make_envelope(make_visit_payload())
    send(client, stranger, foreign)
    hostile = hostile_records(phone, foreign)
    good = [make_envelope(make_visit_payload(), token=phone.token) for _ in range(10)]
    batch = [*good[:5], *(record for record, _ in hostile), *good[5:]]
    expected = ["stored"] * 5 + [word for _, word in hostile] + ["stored"] * 5
    results = send(client, phone, *batch)
    assert [one.get("code", one["result"]) for one in results] == expected
    kept = Counter(one["result"] for one in results)
    assert kept["refused"] == sum(word.startswith("record.") for word in expected)
    # The same batch again: what is here is here once.
    again = send(client, phone, *batch)
    assert [one.get("code", one["result"]) for one in again] == [
        "already_stored" if word in ("stored", "conflict") else word for word in expected
    ]
    reader = store.reader()
    (revisions,) = reader.execute("SELECT count(*) FROM revisions").fetchone()
    (quarantined,) = reader.execute("SELECT count(*) FROM quarantine").fetchone()
    held = kept["stored"] + kept["conflict"]
    record_tally(
        record_property,
        fault="everything wrong in one batch",
        moments=len(hostile),
        records=held + kept["quarantined"],
        lost=held + 1 - revisions + kept["quarantined"] - quarantined,
    )
    assert (revisions, quarantined) == (held + 1, kept["quarantined"])
    assert verify(store, FileRoom(settings.instance), NOW).damage == []


def test_a_batch_that_is_too_large_passes_in_two_halves(
    client: FlaskClient, phone: Enrolled
) -> None:
    """What a phone does with 413: by number, and by bytes."""
    many = [make_envelope({"id": str(uuid.uuid4())}) for _ in range(51)]
    large = [make_envelope(make_visit_payload(note="x" * 130_000)) for _ in range(2)]
    for batch in (many, large):
        answer = client.post("/api/v1/records", json={"records": batch}, headers=phone.headers)
        assert (answer.status_code, answer.json["code"]) == (413, "request.too_large")  # type: ignore[index]
        half = len(batch) // 2
        results = send(client, phone, *batch[:half]) + send(client, phone, *batch[half:])
        assert {one["result"] for one in results} == {"stored"}


def test_corrections_that_race_from_two_phones_of_one_officer_are_both_kept(
    app: Flask, store: Store, settings: Settings, phone: Enrolled, record_property: Record
) -> None:
    second = enrol_phone(store, settings, phone.officer_id, phone.username)
    clients = [(app.test_client(), phone), (app.test_client(), second)]
    outcomes: Counter[tuple[str, ...]] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            payload = make_visit_payload()
            first = make_envelope(payload)
            send(*clients[0], first)
            branches = [
                make_envelope(
                    {**payload, "note": note}, revision=2, base=first["sha256"], token=each.token
                )
                for note, (_, each) in zip(("satu", "dua"), clients, strict=True)
            ]
            results = pool.map(
                lambda pair: send(*pair[0], pair[1])[0]["result"],
                zip(clients, branches, strict=True),
            )
            outcomes[tuple(sorted(results))] += 1
    rows = store.reader().execute("SELECT count(*), sum(conflict IS NULL) FROM revisions")
    revisions, main = rows.fetchone()
    record_tally(
        record_property,
        fault="two phones correct one visit at once",
        moments=ROUNDS,
        records=3 * ROUNDS,
        lost=3 * ROUNDS - revisions,
    )
    assert outcomes == {("conflict", "stored"): ROUNDS}
    assert (revisions, main) == (3 * ROUNDS, 2 * ROUNDS)
    assert verify(store, FileRoom(settings.instance), NOW).damage == []


class Interrupted(io.BytesIO):
    """A body in the middle of which something happens."""

    def __init__(self, body: bytes, happen: Callable[[], None]) -> None:
        super().__init__(body)
        self._happen: Callable[[], None] | None = happen

    def read(self, size: int | None = -1, /) -> bytes:
        if self._happen is not None:
            happen, self._happen = self._happen, None
            happen()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_phone_revoked_in_the_middle_of_its_batch_is_told_at_the_next(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    """What was under way is kept; sent again after a new code it is known."""
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    body = json.dumps({"records": [envelope]}).encode()
    device = authenticate_device(store, phone.token, NOW)
    answer = client.post(
        "/api/v1/records",
        input_stream=Interrupted(body, lambda: revoke_device(store, device.key, NOW, actor="cli")),
        content_length=len(body),
        content_type="application/json",
        headers=phone.headers,
    )
    assert answer.json["results"][0]["result"] == "stored"  # type: ignore[index]
    refused = client.post("/api/v1/records", json={"records": []}, headers=phone.headers)
    assert (refused.status_code, refused.json["code"]) == (401, "auth.revoked")  # type: ignore[index]
    fresh = enrol_phone(store, settings, phone.officer_id, phone.username)
    assert send(client, fresh, envelope)[0]["result"] == "already_stored"


# A real server and connections that never end


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("slow") / "instance")
    process.start()
    yield process
    process.stop()


def test_heads_and_batches_that_trickle_in_keep_nobody_waiting_and_arrive_in_the_end(
    server: ServerProcess, record_property: Record
) -> None:
    with closing(server.open_store()) as store:
        phone = enrol_officer(store, server.settings, now=system_now())
    envelopes = [make_envelope(make_visit_payload(), token=phone.token) for _ in range(SLOW)]
    requests = [raw_batch(phone, [envelope]) for envelope in envelopes]
    with ExitStack() as stack:
        links = []
        for number, request in enumerate(requests):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), WAIT_S))
            # Half of them stop within their head, half within their body.
            link.sendall(request[: 60 if number % 2 else len(request) - 200])
            links.append(link)
        fast = make_envelope(make_visit_payload(), token=phone.token)
        assert b'"stored"' in talk(server, raw_batch(phone, [fast]))
        for number, (link, request) in enumerate(zip(links, requests, strict=True)):
            link.sendall(request[60 if number % 2 else len(request) - 200 :])
        answers = [read_all(link) for link in links]
    assert all(b'"stored"' in answer for answer in answers)
    with closing(server.open_store()) as store:
        rows = [row[0] for row in store.reader().execute("SELECT sha256 FROM revisions")]
    wanted = {one["sha256"] for one in (*envelopes, fast)}
    record_tally(
        record_property,
        fault="requests that trickle in",
        moments=SLOW,
        records=len(wanted),
        lost=len(wanted - set(rows)),
        duplicated=len(rows) - len(wanted),
    )
    assert sorted(rows) == sorted(wanted)


def raw_batch(phone: Enrolled, envelopes: list[dict[str, Any]]) -> bytes:
    body = json.dumps({"records": envelopes}).encode()
    head = (
        "POST /api/v1/records HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {phone.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def talk(server: ServerProcess, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as link:
        link.sendall(request)
        return read_all(link)


def read_all(link: socket.socket) -> bytes:
    return b"".join(iter(lambda: link.recv(1 << 16), b""))
