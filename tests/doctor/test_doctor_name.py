"""The name and its certificate: what does not last, leads nowhere or is not trusted is found."""

from __future__ import annotations

import datetime
import ssl

import pytest

from survey.services import doctor_address, doctor_tls
from survey.services.doctor_probe import Probe
from survey.services.doctor_target import Finding, Target, read_target
from tests.doctor.certificates import NAME, YEAR, Workshop
from tests.doctor.conftest import PUBLIC, Internet, tls_of
from tests.doctor.meddler import Meddler, Reply, html

TARGET = Target("https", NAME, 443)


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("https://survei.example.go.id", ["ok"]),
        ("http://127.0.0.1:8000", ["ok"]),
        ("http://localhost:8000", ["ok"]),
        ("http://survei.example.go.id", ["fail"]),
        ("http://192.168.1.5:8000", ["fail", "warn", "warn"]),
        ("https://203.0.113.5", ["warn"]),
        ("https://survei.example.go.id:8443", ["warn"]),
        ("https://survei", ["warn"]),
        ("https://survei.lan", ["warn"]),
        ("https://a1b2.ngrok-free.app", ["warn"]),
        ("https://203-0-113-5.sslip.io:444", ["warn", "warn"]),
    ],
)
def test_a_name_is_judged_by_whether_it_lasts(text: str, statuses: list[str]) -> None:
    found = doctor_address.check_name(read_target(text))
    assert [finding.status for finding in found] == statuses
    assert all(finding.remedy for finding in found if finding.status != "ok")


@pytest.mark.parametrize(
    ("addresses", "status"),
    [(["93.184.216.34"], "ok"), (["192.168.1.10"], "warn"), (["93.184.216.34", "::1"], "warn")],
)
def test_a_name_that_leads_into_an_inner_network_is_found(
    internet: Internet, addresses: list[str], status: str
) -> None:
    internet.put(NAME, 443, 1, *addresses)
    found, said = doctor_address.resolve(TARGET)
    assert found == addresses
    assert one(said).status == status


def test_an_address_that_is_closed_beside_one_that_is_open_is_found(internet: Internet) -> None:
    with Meddler(0) as open_one:
        internet.put(NAME, 443, open_one.port, PUBLIC)
        reached, found = doctor_address.check_connections(TARGET, [PUBLIC, "203.0.113.80"])
    assert reached == [PUBLIC]
    assert one(found).status == "fail"
    assert "203.0.113.80" in one(found).said


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(308, [("Location", f"https://{NAME}/app")]), "ok"),
        (Reply(301, [("Location", f"https://{NAME}/app")]), "ok"),
        (Reply(302, [("Location", "https://other.example/app")]), "warn"),
        (html(200), "warn"),
        (html(404), "warn"),
    ],
)
def test_what_answers_without_https_must_lead_to_it(
    internet: Internet, reply: Reply, status: str
) -> None:
    with Meddler(0, answer=lambda method, path, headers: reply) as plain:
        internet.put(NAME, 80, plain.port)
        internet.ports["survei.example.go.id", 80] = plain.port
        assert one(doctor_address.check_plain_http(TARGET)).status == status


def test_nothing_without_https_is_fine(internet: Internet) -> None:
    assert one(doctor_address.check_plain_http(TARGET)).status == "ok"


def test_the_same_server_under_www_is_a_second_origin(
    internet: Internet, trusted: Workshop
) -> None:
    ping = Reply(200, [("Content-Type", "application/json")], b'{"store_id": "abc"}')
    context = tls_of(trusted.server(f"www.{NAME}"))
    with Meddler(0, context, answer=lambda method, path, headers: ping) as twin:
        internet.put(f"www.{NAME}", 443, twin.port)
        probe = Probe(TARGET, doctor_tls.browser_like_context("http/1.1"))
        second = one(doctor_address.check_twin(probe, "abc"))
        assert second.status == "warn"
        assert f"www.{NAME}" in second.said
        assert doctor_address.check_twin(probe, "another store") == []
    assert doctor_address.check_twin(Probe(Target("https", "www.alone.id", 443)), "abc") == []


def soon(days: float) -> str:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return f"{moment:%Y%m%d%H%M%SZ}"


def look(internet: Internet, context: ssl.SSLContext) -> list[Finding]:
    with Meddler(0, context) as server:
        internet.put(NAME, 443, server.port)
        _, found = doctor_tls.check_tls(TARGET, PUBLIC)
    return found


def certificate(found: list[Finding]) -> Finding:
    return one([finding for finding in found if finding.name == "certificate"])


def test_a_trusted_certificate_is_well(trusted: Workshop, internet: Internet) -> None:
    found = look(internet, tls_of(trusted.server()))
    assert {finding.status for finding in found} == {"ok"}
    assert "whole chain" in certificate(found).said


def test_every_fault_of_a_certificate_has_its_own_words(
    trusted: Workshop, internet: Internet
) -> None:
    pairs = {
        "has expired": trusted.server(term=("20250101000000Z", "20250201000000Z")),
        "not valid yet": trusted.server(term=("20480101000000Z", "20490101000000Z")),
        "is for DNS:other.example, not": trusted.server("other.example"),
        "intermediate one is missing": trusted.server(alone=True),
        "self-signed": trusted.self_signed(),
    }
    for words, pair in pairs.items():
        finding = certificate(look(internet, tls_of(pair)))
        assert finding.status == "fail", words
        assert words.replace("DNS:", "") in finding.said
        assert finding.remedy


def test_an_authority_that_this_system_does_not_know_is_said(
    workshop: Workshop, internet: Internet
) -> None:
    finding = certificate(look(internet, tls_of(workshop.server())))
    assert finding.status == "fail"
    assert "does not know" in finding.said


@pytest.mark.parametrize(("days", "status"), [(10, "warn"), (45, "ok")])
def test_a_certificate_that_should_have_been_renewed_is_worth_a_look(
    trusted: Workshop, internet: Internet, days: int, status: str
) -> None:
    term = (soon(days - 90), soon(days))
    finding = certificate(look(internet, tls_of(trusted.server(term=term))))
    assert finding.status == status
    assert (f"{days - 0.0:.1f} days" in finding.said) or status == "ok"


def test_http_2_and_old_protocols_are_told_apart(trusted: Workshop, internet: Internet) -> None:
    context = tls_of(trusted.server())
    context.set_alpn_protocols(["h2", "http/1.1"])
    modern = [finding for finding in look(internet, context) if finding.name == "protocol"]
    assert "HTTP/2" in one(modern).said
    old = tls_of(trusted.server(term=YEAR))
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    ancient = [finding for finding in look(internet, old) if finding.name == "protocol"]
    assert [finding.status for finding in ancient] == ["ok", "warn"]
    assert "TLSv1" in ancient[1].said


def test_a_port_without_tls_ends_the_examination(internet: Internet) -> None:
    with Meddler(0) as plain:
        internet.put(NAME, 443, plain.port)
        context, found = doctor_tls.check_tls(TARGET, PUBLIC)
    assert context is None
    assert one(found).status == "fail"
