"""`survey doctor URL` as people run it: against real servers, in one go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.services.doctor_target import read_target
from tests.browser.server_process import ServerProcess
from tests.doctor.certificates import NAME, Workshop
from tests.doctor.conftest import Internet, tls_of
from tests.doctor.meddler import Meddler, Reply, html

EVERYWHERE = {
    *("address", "connection", "ping", "clock", "instances", "public-url", "forwarded", "token"),
    *("methods", "record", "body", "buffering", "gzip-up", "shell", "worker", "files"),
    *("gzip-down", "ranges", "office"),
}
ON_THE_INTERNET = {"dns", "certificate", "protocol", "redirect"}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words], catch_exceptions=False)


def findings(result: Result) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for check in json.loads(result.stdout)["checks"]:
        found.setdefault(check["name"], []).append(check)
    return found


def test_our_own_server_on_this_computer_will_do(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "instance")
    server.start()
    try:
        result = run(server.url, "--json")
        text = run(f"127.0.0.1:{server.port}/app")
    finally:
        server.stop()
    found = findings(result)
    bad = [check for checks in found.values() for check in checks if check["status"] != "ok"]
    assert bad == []
    assert set(found) == EVERYWHERE
    assert json.loads(result.stdout)["ok"] is True
    assert result.exit_code == text.exit_code == 0
    assert text.stdout.splitlines()[-1] == f"{server.url} will do for phones."


def test_a_server_behind_a_good_proxy_on_the_internet_will_do(
    upstream: ServerProcess, trusted: Workshop, internet: Internet
) -> None:
    def lead(method: str, path: str, headers: object) -> Reply:
        return Reply(308, [("Location", f"https://{NAME}{path}")])

    with (
        Meddler(upstream.port, tls=tls_of(trusted.server())) as proxy,
        Meddler(0, answer=lead) as plain,
    ):
        internet.put(NAME, 443, proxy.port)
        internet.put(NAME, 80, plain.port)
        result = run(NAME, "--json")
    found = findings(result)
    bad = [check for checks in found.values() for check in checks if check["status"] != "ok"]
    assert bad == []
    assert set(found) == EVERYWHERE | ON_THE_INTERNET
    assert result.exit_code == 0
    assert "HTTP/1.1 only" in found["protocol"][0]["said"]


def test_a_refused_certificate_fails_and_the_rest_is_looked_at_all_the_same(
    upstream: ServerProcess, trusted: Workshop, internet: Internet
) -> None:
    with Meddler(upstream.port, tls=tls_of(trusted.self_signed())) as proxy:
        internet.put(NAME, 443, proxy.port)
        result = run(f"https://{NAME}")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    failed = [line for line in lines if line.startswith("fail")]
    assert len(failed) == 1
    assert "self-signed" in failed[0]
    assert lines[lines.index(failed[0]) + 1].startswith("    ")
    assert any(line.startswith("ok   files") for line in lines)
    assert lines[-1] == f"https://{NAME} will not do for phones yet: 1 failed, 0 to look at."


def test_a_portal_is_known_for_one_and_nothing_more_is_asked_of_it() -> None:
    with Meddler(0, answer=lambda method, path, headers: html()) as portal:
        result = run(f"http://127.0.0.1:{portal.port}")
    assert result.exit_code == 1
    assert "portal's sign-in" in result.stdout
    assert portal.seen == [("GET", "/api/v1/ping")]


def test_a_dead_server_and_an_unknown_name_are_said(internet: Internet) -> None:
    internet.put(NAME, 1, 1)
    internet.put("127.0.0.1", 1, 1, "127.0.0.1")
    assert run(f"https://{NAME}").exit_code == 1
    unknown = run("https://unknown.example.go.id")
    assert unknown.exit_code == 1
    assert "is not known" in unknown.stdout
    silent = run("http://127.0.0.1:1", "--json")
    assert silent.exit_code == 1
    assert findings(silent)["connection"][0]["status"] == "fail"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://survei.example.go.id",
        "https://",
        "https://survei.example.go.id/app/rescue",
        "https://survei.example.go.id?x=1",
        "https://survei.example.go.id:0",
        "https://survei.example.go.id:99999",
        "https://budi:rahasia@survei.example.go.id",
        "https://survei example.go.id",
        f"https://{'a' * 64}.id",
        "https://[::1",
        "file:///etc/passwd",
        "https://x\r\nHost: y",
    ],
)
def test_what_is_no_address_is_a_mistake_of_usage(text: str) -> None:
    result = run(text)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("survei.example.go.id", "https://survei.example.go.id"),
        ("HTTPS://Survei.Example.go.id/app", "https://survei.example.go.id"),
        ("https://survei.example.go.id:443/", "https://survei.example.go.id"),
        ("https://survei.example.go.id:8443", "https://survei.example.go.id:8443"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_addresses_are_read_as_people_type_them(text: str, origin: str) -> None:
    assert read_target(text).origin == origin
