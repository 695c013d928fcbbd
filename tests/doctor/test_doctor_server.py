"""Who answers: another program, two of ours, a wrong clock, a proxy that is not believed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from survey.domain.instants import add_to_instant, system_now
from survey.services import doctor_server
from survey.services.doctor_probe import Probe
from survey.services.doctor_server import Met
from survey.services.doctor_target import Finding, Target
from tests.doctor.certificates import NAME
from tests.doctor.meddler import Meddler, Reply, html

HERE = ["127.0.0.1"]


@pytest.fixture
def met(probe: Probe) -> Met:
    """What an unhindered look at the server has taught."""
    found, _ = doctor_server.check_ping(probe)
    assert found is not None
    found.arrival = probe.ask("GET", "/api/v1/doctor").json() or {}
    return found


def rewrite(path: str, **changes: Any) -> Callable[[str, Reply], None]:
    """Return what changes members of the JSON at a path; a function makes the new value."""

    def alter(asked: str, reply: Reply) -> None:
        if asked == path and reply.status == 200:
            body = json.loads(reply.body)
            for name, value in changes.items():
                body[name] = value() if callable(value) else value
            reply.body = json.dumps(body).encode()

    return alter


def answer_ping(reply: Reply) -> Callable[[str, str, object], Reply | None]:
    return lambda method, path, headers: reply if path == "/api/v1/ping" else None


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (html(200), "portal's sign-in"),
        (html(401), "asks for a sign-in"),
        (html(403), "asks for a sign-in"),
        (html(502), "does not reach the program"),
        (html(404), "somebody's page"),
        (Reply(302, [("Location", "https://hotel.example/login")]), "https://hotel.example/login"),
        (Reply(200, [("Content-Type", "application/json")], b'{"ok": true}'), "Another program"),
        (Reply(200, [("Content-Type", "application/json")], b"[1"), "Another program"),
        (Reply(200, [("Content-Type", "application/json")], b"[" * 100_000), "Another program"),
        (Reply(200, []), "Another program"),
    ],
)
def test_who_is_not_ours_is_named_with_what_it_probably_is(
    meddler: Meddler, probe: Probe, reply: Reply, remedy: str
) -> None:
    meddler.answer = answer_ping(reply)
    met, found = doctor_server.check_ping(probe)
    assert met is None
    assert one(found).status == "fail"
    assert remedy in one(found).remedy


def test_a_server_that_says_nothing_http_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(4_096)
                client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        target = Target("http", "127.0.0.1", listener.getsockname()[1])
        met, found = doctor_server.check_ping(Probe(target))
        thread.join()
    assert met is None
    assert one(found).status == "fail"


@pytest.mark.parametrize(
    ("seconds", "status", "word"),
    [(-3_600, "fail", "behind"), (20, "warn", "ahead"), (-1, "ok", "behind"), (86_400, "fail", "")],
)
def test_a_wrong_clock_is_said_with_its_side(
    meddler: Meddler, probe: Probe, seconds: float, status: str, word: str
) -> None:
    wrong = rewrite("/api/v1/ping", time=lambda: add_to_instant(system_now(), seconds=seconds))
    meddler.alter = wrong
    met, found = doctor_server.check_ping(probe)
    assert met is not None
    clock = next(finding for finding in found if finding.name == "clock")
    assert clock.status == status
    assert word in clock.said
    assert (status == "ok") is (clock.remedy == "")


def test_two_stores_under_one_name_are_found(meddler: Meddler, probe: Probe, met: Met) -> None:
    turns = count()
    other = rewrite(
        "/api/v1/ping", store_id=lambda: "f" * 32 if next(turns) % 3 == 2 else met.store_id
    )
    meddler.alter = other
    finding = one(doctor_server.check_instances(probe, met, HERE))
    assert (finding.name, finding.status) == ("instances", "fail")
    assert "2 stores" in finding.said


def test_a_cache_is_found_by_its_old_answers(meddler: Meddler, probe: Probe, met: Met) -> None:
    meddler.alter = rewrite("/api/v1/ping", time="2026-11-24T02:00:00.000Z")
    finding = one(doctor_server.check_instances(probe, met, HERE))
    assert finding.status == "fail"
    assert "cache" in finding.said


def test_two_versions_and_a_balancers_cookie_are_worth_a_look(
    meddler: Meddler, probe: Probe, met: Met
) -> None:
    turns = count()
    change = rewrite("/api/v1/ping", version=lambda: f"0.{next(turns) % 2}")

    def alter(path: str, reply: Reply) -> None:
        change(path, reply)
        reply.set("Set-Cookie", "SERVERID=a; path=/")

    meddler.alter = alter
    found = doctor_server.check_instances(probe, met, HERE)
    assert [finding.status for finding in found] == ["warn", "warn"]


def test_an_address_that_fails_now_and_then_is_found(
    meddler: Meddler, probe: Probe, met: Met
) -> None:
    found = doctor_server.check_instances(
        Probe(Target("http", "127.0.0.1", meddler.port)), met, ["127.0.0.1", "127.0.0.1"]
    )
    assert one(found).status == "ok"
    gone = Probe(Target("http", "127.0.0.1", 1))
    assert one(doctor_server.check_instances(gone, met, HERE)).status == "fail"


def test_another_public_address_is_a_warning_here_and_a_failure_on_the_internet(
    meddler: Meddler, probe: Probe, met: Met
) -> None:
    here = doctor_server.check_beliefs(probe, met, HERE)
    assert [finding.status for finding in here] == ["warn", "ok"]
    assert f"https://{NAME}" in here[0].remedy
    away = doctor_server._judge_public_url(Probe(Target("https", "other.id", 443)), "https://x.id")
    assert away.status == "fail"


def drop(*names: str) -> Callable[[dict[str, str]], None]:
    def change(headers: dict[str, str]) -> None:
        for name in names:
            headers.pop(name, None)

    return change


def believe(headers: dict[str, str]) -> None:
    """Pass on what the caller claims, as a proxy does that only adds when nothing is there."""
    headers["X-Forwarded-For"] = doctor_server.INVENTED_ADDRESS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (believe, "believes X-Forwarded headers of anybody"),
        (lambda headers: headers.update({"X-Forwarded-Proto": "https"}), "to be asked by https"),
        (lambda headers: headers.update({"X-Forwarded-Host": "10.0.0.5"}), "asked as 10.0.0.5"),
        (
            lambda headers: (
                headers.update(Host="127.0.0.1:8000"),
                drop("X-Forwarded-Host")(headers),
            ),
            "asked as 127.0.0.1:8000",
        ),
    ],
)
def test_a_proxy_that_says_the_wrong_thing_is_found(
    meddler: Meddler, probe: Probe, met: Met, change: Callable[[dict[str, str]], None], said: str
) -> None:
    meddler.change_up = change
    forwarded = doctor_server.check_beliefs(probe, met, HERE)[1]
    assert (forwarded.name, forwarded.status) == ("forwarded", "fail")
    assert said in forwarded.said
    assert "SURVEY_TRUSTED_PROXIES" in forwarded.remedy


def test_callers_that_all_look_alike_are_found(meddler: Meddler, probe: Probe, met: Met) -> None:
    meddler.change_up = drop("X-Forwarded-For")
    forwarded = doctor_server.check_beliefs(probe, met, ["203.0.113.80"])[1]
    assert forwarded.status == "fail"
    assert "throttle" in forwarded.said


def test_an_older_server_without_the_doctors_door_is_said(
    meddler: Meddler, probe: Probe, met: Met
) -> None:
    meddler.answer = lambda method, path, headers: html(404) if path == "/api/v1/doctor" else None
    met.arrival = {}
    finding = one(doctor_server.check_beliefs(probe, met, HERE))
    assert (finding.name, finding.status) == ("forwarded", "warn")
    assert met.arrival == {}


@pytest.mark.parametrize(
    ("change", "answer", "said"),
    [
        (drop("Authorization"), None, "does not arrive"),
        (lambda headers: None, html(401), "401"),
        (lambda headers: None, html(200), "200"),
    ],
)
def test_a_token_that_does_not_get_through_is_found(
    meddler: Meddler,
    probe: Probe,
    change: Callable[[dict[str, str]], None],
    answer: Reply | None,
    said: str,
) -> None:
    assert one(doctor_server.check_token(probe)).status == "ok"
    meddler.change_up = change
    meddler.answer = lambda method, path, headers: answer
    finding = one(doctor_server.check_token(probe))
    assert finding.status == "fail"
    assert said in finding.said
