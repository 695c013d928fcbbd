"""The way up: what blocks, shortens, holds back or rewrites what phones send is found."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from survey.services import doctor_server, doctor_uploads
from survey.services.doctor_probe import Probe
from survey.services.doctor_server import Met
from survey.services.doctor_target import Finding
from tests.doctor.meddler import Meddler, Reply, html

Answer = Callable[[str, str, Any], Reply | None]


@pytest.fixture
def met(probe: Probe) -> Met:
    found, _ = doctor_server.check_ping(probe)
    assert found is not None
    found.arrival = probe.ask("GET", "/api/v1/doctor").json() or {}
    return found


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    assert finding.status == "ok" or finding.remedy
    return finding


def named(found: list[Finding], name: str) -> Finding:
    return one([finding for finding in found if finding.name == name])


def block(*methods: str, status: int = 405) -> Answer:
    return lambda method, path, headers: html(status) if method in methods else None


def limit(size: int) -> Answer:
    """Answer as nginx does, by the length that is declared, before the body."""
    return lambda method, path, headers: (
        html(413) if int(headers.get("Content-Length") or 0) > size else None
    )


def test_all_methods_pass_a_good_proxy(probe: Probe, met: Met) -> None:
    assert one(doctor_uploads.check_methods(probe, met)).status == "ok"


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_blocked_put_is_bearable_because_phones_then_post(
    meddler: Meddler, probe: Probe, met: Met, status: int
) -> None:
    meddler.answer = block("PUT", status=status)
    methods = one(doctor_uploads.check_methods(probe, met))
    assert methods.status == "warn"
    assert f"PUT is answered by {status} text/html from portal/1.0" in methods.said
    assert named(doctor_uploads.check_chunk(probe), "body").status == "ok"


@pytest.mark.parametrize(
    ("blocked", "status"),
    [(("PUT", "POST"), 403), (("HEAD",), 405), (("PUT",), 200), (("PUT",), 500), (("POST",), 405)],
)
def test_methods_that_phones_cannot_do_without_fail(
    meddler: Meddler, probe: Probe, met: Met, blocked: tuple[str, ...], status: int
) -> None:
    meddler.answer = block(*blocked, status=status)
    methods = one(doctor_uploads.check_methods(probe, met))
    assert methods.status == "fail"
    assert all(method in methods.said for method in blocked)


def test_a_head_that_somebody_else_answers_is_found(
    meddler: Meddler, probe: Probe, met: Met
) -> None:
    forged = Reply(401, [("Content-Type", "application/json")])
    meddler.answer = lambda method, path, headers: forged if method == "HEAD" else None
    assert one(doctor_uploads.check_methods(probe, met)).status == "fail"


def test_a_whole_chunk_arrives_piece_by_piece(probe: Probe) -> None:
    found = doctor_uploads.check_chunk(probe)
    assert {finding.name: finding.status for finding in found} == {"body": "ok", "buffering": "ok"}


def test_a_proxy_that_holds_bodies_back_is_found(
    meddler: Meddler, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_uploads, "PAUSE_S", 2.0)  # longer than a busy machine hesitates
    meddler.hold = True
    found = doctor_uploads.check_chunk(probe)
    assert named(found, "body").status == "ok"
    held = named(found, "buffering")
    assert held.status == "warn"
    assert "proxy_request_buffering off" in held.remedy
    # Held back, the largest record is answered all the same, only later.
    assert one(doctor_uploads.check_large_record(probe)).status == "ok"


def test_a_limit_of_100_kb_refuses_chunks_and_records(meddler: Meddler, probe: Probe) -> None:
    meddler.answer = limit(100_000)
    for finding in (
        one(doctor_uploads.check_chunk(probe)),
        one(doctor_uploads.check_large_record(probe)),
    ):
        assert finding.status == "fail"
        assert "413 text/html" in finding.said
        assert "client_max_body_size" in finding.remedy


def test_a_limit_of_1_mb_as_nginx_has_refuses_the_largest_record_only(
    meddler: Meddler, probe: Probe
) -> None:
    meddler.answer = limit(1 << 20)
    assert named(doctor_uploads.check_chunk(probe), "body").status == "ok"
    assert one(doctor_uploads.check_large_record(probe)).status == "fail"


def test_the_largest_record_is_answered_before_it_is_sent(probe: Probe) -> None:
    record = doctor_uploads.check_large_record(probe)
    assert one(record).status == "ok"


def test_a_body_that_is_rewritten_is_found(meddler: Meddler, probe: Probe) -> None:
    meddler.change_body = lambda body: body[:-1] + b"\0"
    assert one(doctor_uploads.check_chunk(probe)).status == "fail"
    meddler.change_body = lambda body: body[:1_000]
    cut = one(doctor_uploads.check_chunk(probe))
    assert cut.status == "fail"
    assert "1000 bytes" in cut.said


@pytest.mark.parametrize("way", ["up", "down"])
def test_headers_of_an_upload_that_do_not_pass_are_named(
    meddler: Meddler, probe: Probe, way: str
) -> None:
    def drop_up(headers: dict[str, str]) -> None:
        for name in ("Upload-Offset", "X-File-Kind"):
            headers.pop(name, None)

    if way == "up":
        meddler.change_up = drop_up
    else:
        meddler.alter = lambda path, reply: reply.set("Upload-Offset", None)
    lost = [one for one in doctor_uploads.check_chunk(probe) if one.status == "fail"]
    assert len(lost) == 1
    assert "Upload-Offset" in lost[0].said
    assert ("X-File-Kind" in lost[0].said) is (way == "up")


def test_packed_bodies_pass_a_good_proxy(probe: Probe) -> None:
    assert one(doctor_uploads.check_packed_body(probe)).status == "ok"


def test_a_firewall_against_packed_bodies_is_found(meddler: Meddler, probe: Probe) -> None:
    meddler.answer = lambda method, path, headers: (
        html(415) if headers.get("Content-Encoding") else None
    )
    finding = one(doctor_uploads.check_packed_body(probe))
    assert (finding.name, finding.status) == ("gzip-up", "fail")


def test_unpacking_on_the_way_is_worth_a_look_and_half_of_it_fails(
    meddler: Meddler, probe: Probe
) -> None:
    meddler.change_body = gzip.decompress
    assert one(doctor_uploads.check_packed_body(probe)).status == "fail"
    meddler.change_up = lambda headers: headers.pop("Content-Encoding", None) and None
    assert one(doctor_uploads.check_packed_body(probe)).status == "warn"


def test_a_slow_body_comes_through_and_one_that_is_cut_is_found(
    meddler: Meddler, probe: Probe
) -> None:
    waits: list[float] = []
    probe.wait = waits.append
    assert one(doctor_uploads.check_slow_body(probe)).status == "ok"
    assert sum(waits) > 60
    meddler.answer = lambda method, path, headers: html(408)
    slow = one(doctor_uploads.check_slow_body(probe))
    assert slow.status == "fail"
    assert "408" in slow.said


def test_other_doctors_at_work_are_no_fault_of_the_server(meddler: Meddler, probe: Probe) -> None:
    busy = b'{"ok": false, "code": "server.busy", "message": "", "errors": [], "status": 503}'
    meddler.answer = lambda method, path, headers: Reply(
        503, [("Content-Type", "application/json")], busy
    )
    assert one(doctor_uploads.check_chunk(probe)).status == "warn"
