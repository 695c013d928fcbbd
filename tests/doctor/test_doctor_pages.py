"""The way down: an app that arrives changed, unpacked or under another policy is found."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from survey.services import doctor_pages, doctor_server
from survey.services.doctor_probe import Probe
from survey.services.doctor_server import Met
from survey.services.doctor_target import Finding
from tests.doctor.meddler import Meddler, Reply, html

Alter = Callable[[str, Reply], None]


def nothing(*_: object) -> None:
    """Say no progress."""


@pytest.fixture
def met(probe: Probe) -> Met:
    found, _ = doctor_server.check_ping(probe)
    assert found is not None
    found.arrival = probe.ask("GET", "/api/v1/doctor").json() or {}
    return found


@pytest.fixture
def files(probe: Probe, met: Met) -> dict[str, str]:
    """The page and three more of the files that a phone stores."""
    found, _ = doctor_pages.check_worker(probe, met)
    static = [url for url in found if url.startswith("/static/")]
    return {url: found[url] for url in ("/app", *static[:3])}


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    assert finding.status == "ok" or finding.remedy
    return finding


def put(path: str, name: str, value: str | None) -> Alter:
    """Return what sets a header of the answer at a path, or takes it out."""
    return lambda asked, reply: reply.set(name, value) if asked == path else None


def add(path: str, name: str, value: str) -> Alter:
    """Return what adds a header beside those that are there."""
    return lambda asked, reply: reply.headers.append((name, value)) if asked == path else None


def change_body(path: str, change: Callable[[bytes], bytes]) -> Alter:
    """Return what changes the unpacked body at a path and packs it again."""

    def alter(asked: str, reply: Reply) -> None:
        if asked == path:
            packed = reply.get("Content-Encoding") == "gzip"
            body = change(gzip.decompress(reply.body) if packed else reply.body)
            reply.body = gzip.compress(body) if packed else body

    return alter


def inject(body: bytes) -> bytes:
    return body.replace(b"</head>", b'<script src="https://ads.example/a.js"></script></head>')


def test_all_is_well_behind_a_good_proxy(probe: Probe, met: Met, files: dict[str, str]) -> None:
    found = [
        *doctor_pages.check_worker(probe, met)[1],
        *doctor_pages.check_files(probe, files, nothing),
        *doctor_pages.check_shell(probe),
        *doctor_pages.check_office(probe),
        *doctor_pages.check_ranges(probe, files),
    ]
    assert {finding.status for finding in found} == {"ok"}


def test_a_script_injected_into_the_page_is_found(
    meddler: Meddler, probe: Probe, files: dict[str, str]
) -> None:
    meddler.alter = change_body("/app", inject)
    finding = one(doctor_pages.check_files(probe, files, nothing))
    assert (finding.name, finding.status) == ("files", "fail")
    assert "1 of 4 files" in finding.said
    assert "/app" in finding.said


@pytest.mark.parametrize("index", [1, 2])
def test_one_changed_byte_of_one_file_is_found(
    meddler: Meddler, probe: Probe, files: dict[str, str], index: int
) -> None:
    meddler.alter = change_body(list(files)[index], lambda body: body[:-1] + b" ")
    finding = one(doctor_pages.check_files(probe, files, nothing))
    assert finding.status == "fail"
    assert list(files)[index] in finding.said


def unpack_all(path: str, reply: Reply) -> None:
    if reply.get("Content-Encoding") == "gzip":
        reply.set("Content-Encoding", None)
        reply.body = gzip.decompress(reply.body)


def test_gzip_that_is_stripped_is_worth_a_look(
    meddler: Meddler, probe: Probe, files: dict[str, str]
) -> None:
    meddler.alter = unpack_all
    found = doctor_pages.check_files(probe, files, nothing)
    assert [(one.name, one.status) for one in found] == [("files", "ok"), ("gzip-down", "warn")]
    meddler.alter = lambda path, reply: None
    meddler.change_up = lambda headers: headers.update({"Accept-Encoding": "identity"})
    assert doctor_pages.check_files(probe, files, nothing)[1].status == "warn"


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "br", ""])
def test_packing_twice_or_by_another_name_is_found(
    meddler: Meddler, probe: Probe, files: dict[str, str], coding: str
) -> None:
    def pack_again(path: str, reply: Reply) -> None:
        if path == "/app":
            reply.body = gzip.compress(reply.body)
            reply.set("Content-Encoding", coding or None)

    meddler.alter = pack_again
    finding = one(doctor_pages.check_files(probe, files, nothing))
    assert finding.status == "fail"
    assert "packed twice" in finding.said or "not readable" in finding.said


def test_a_limit_of_requests_that_stops_the_load_is_found(
    meddler: Meddler, probe: Probe, files: dict[str, str]
) -> None:
    meddler.answer = lambda method, path, headers: (
        html(429) if path.startswith("/static/") else None
    )
    finding = one(doctor_pages.check_files(probe, files, nothing))
    assert finding.status == "fail"
    assert "3 of 4 files" in finding.said
    assert "429" in finding.said


def test_progress_counts_every_file(probe: Probe, files: dict[str, str]) -> None:
    seen: list[tuple[str, int, int]] = []
    doctor_pages.check_files(probe, files, lambda *count: seen.append(count))
    assert seen == [("files", number, 4) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (put("/sw.js", "Content-Type", "text/plain"), "text/plain"),
        (put("/sw.js", "Content-Type", None), "missing"),
        (put("/sw.js", "Cache-Control", "public, max-age=86400"), "updates stay away"),
        (put("/sw.js", "Cache-Control", None), "updates stay away"),
        (put("/sw.js", "Service-Worker-Allowed", "/static"), "scope /app"),
        (change_body("/sw.js", lambda body: body + b"\nself.x = 1;"), "not those that"),
    ],
)
def test_a_worker_with_wrong_headers_or_bytes_is_found(
    meddler: Meddler, probe: Probe, met: Met, alter: Alter, said: str
) -> None:
    meddler.alter = alter
    files, found = doctor_pages.check_worker(probe, met)
    assert files == {}
    assert one(found).status == "fail"
    assert said in one(found).said


def test_a_worker_that_is_not_there_is_found(meddler: Meddler, probe: Probe, met: Met) -> None:
    meddler.answer = lambda method, path, headers: html(404) if path == "/sw.js" else None
    assert one(doctor_pages.check_worker(probe, met)[1]).status == "fail"


def test_the_kill_switch_is_noticed(meddler: Meddler, probe: Probe, met: Met) -> None:
    meddler.alter = change_body("/sw.js", lambda body: b"self.registration.unregister();")
    met.arrival = {}
    finding = one(doctor_pages.check_worker(probe, met)[1])
    assert finding.status == "warn"
    assert "SURVEY_KILL_SWITCH" in finding.remedy


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (put("/app", "Content-Security-Policy", None), "is missing"),
        (put("/app", "Content-Security-Policy", "default-src 'self'"), "import map"),
        (add("/app", "Content-Security-Policy", "script-src 'none'"), "second"),
        (change_body("/app", lambda body: body.replace(b"importmap", b"text")), "import map"),
        (add("/app", "Clear-Site-Data", '"*"'), "delete"),
        (add("/app", "Permissions-Policy", "geolocation=()"), "forbids geolocation"),
        (put("/app", "Permissions-Policy", "camera=(), geolocation=*"), "forbids camera"),
        (put("/app", "Cache-Control", "public, max-age=3600"), "old pages"),
        (put("/app", "Content-Type", "text/plain"), "/app gives 200 text/plain"),
    ],
)
def test_headers_that_a_proxy_must_not_change_are_named(
    meddler: Meddler, probe: Probe, alter: Alter, said: str
) -> None:
    meddler.alter = alter
    finding = one(doctor_pages.check_shell(probe))
    assert finding.status == "fail"
    assert said in finding.said


def test_a_page_that_is_led_elsewhere_is_said_with_where(meddler: Meddler, probe: Probe) -> None:
    meddler.answer = lambda method, path, headers: Reply(301, [("Location", "/app/")])
    assert "to /app/" in one(doctor_pages.check_shell(probe)).said


def test_a_cookie_on_the_public_page_is_worth_a_look(meddler: Meddler, probe: Probe) -> None:
    meddler.alter = add("/app", "Set-Cookie", "route=1")
    assert [finding.status for finding in doctor_pages.check_shell(probe)] == ["ok", "warn"]


@pytest.mark.parametrize(
    ("alter", "status", "said"),
    [
        (add("/sign-in", "Content-Encoding", "br"), "warn", "packs office pages (br)"),
        (add("/sign-in", "Set-Cookie", "session=1; Path=/; SameSite=Lax"), "fail", "httponly"),
        (add("/sign-in", "Set-Cookie", "session=1; HttpOnly"), "fail", "samesite"),
    ],
)
def test_what_endangers_the_office_is_found(
    meddler: Meddler, probe: Probe, alter: Alter, status: str, said: str
) -> None:
    meddler.alter = alter
    finding = one(doctor_pages.check_office(probe))
    assert finding.status == status
    assert said in finding.said


def test_ranges_that_are_ignored_are_worth_a_look(
    meddler: Meddler, probe: Probe, files: dict[str, str]
) -> None:
    meddler.change_up = lambda headers: headers.pop("Range", None) and None
    assert one(doctor_pages.check_ranges(probe, files)).status == "warn"
