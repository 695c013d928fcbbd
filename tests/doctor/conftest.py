"""Fixtures of the doctor's tests: a server meant for the internet, and an internet without one."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey.services import doctor_uploads
from survey.services.doctor_probe import Probe
from survey.services.doctor_target import Target
from tests.browser.server_process import ServerProcess
from tests.doctor.certificates import NAME, Pair, Workshop
from tests.doctor.meddler import Meddler

PUBLIC = "93.184.216.34"
"""What the name is said to lead to; nobody ever connects to it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/doctor/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("doctor"))


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server as it stands behind one proxy under its public name."""
    process = ServerProcess(tmp_path_factory.mktemp("doctor") / "instance")
    process.environ |= {"SURVEY_PUBLIC_URL": f"https://{NAME}", "SURVEY_TRUSTED_PROXIES": "1"}
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here, so no certificates can be made")
    return Workshop(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_uploads, "PAUSE_S", 0.3)


class Internet:
    """Which port of this machine answers for a name and port; nothing else is reached."""

    def __init__(self) -> None:
        self.ports: dict[tuple[str, int], int] = {}
        self.addresses: dict[str, list[str]] = {"127.0.0.1": ["127.0.0.1"]}

    def put(self, name: str, port: int, real: int, *addresses: str) -> None:
        """Let a name lead to a server of the test."""
        self.addresses.setdefault(name, list(addresses or (PUBLIC,)))
        for place in (name, *self.addresses[name]):
            self.ports[place, port] = real


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet()
    connect = socket.create_connection

    def look_up(host: str, port: int, *_: object, **__: object) -> list[Any]:
        if host not in made.addresses:
            raise socket.gaierror(-2, "Name or service not known")
        kinds = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in made.addresses[host]]
        pairs = zip(kinds, made.addresses[host], strict=True)
        return [(kind, socket.SOCK_STREAM, 6, "", (one, port)) for kind, one in pairs]

    def dial(place: tuple[str, int], timeout: float, *rest: Any) -> socket.socket:
        if place[0] == "127.0.0.1":
            return connect(place, timeout, *rest)
        if place not in made.ports:
            raise ConnectionRefusedError(111, "Connection refused")
        return connect(("127.0.0.1", made.ports[place]), timeout)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", dial)
    return made


def tls_of(pair: Pair) -> ssl.SSLContext:
    """Return the server's side of TLS with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


@pytest.fixture
def trusted(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The workshop's authority is one that this system knows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(workshop.root.certificate))
    monkeypatch.setenv("SSL_CERT_DIR", str(Path(workshop.root.certificate).parent / "none"))
    return workshop


@pytest.fixture
def meddler(upstream: ServerProcess) -> Iterator[Meddler]:
    with Meddler(upstream.port) as made:
        yield made


@pytest.fixture
def probe(meddler: Meddler) -> Probe:
    """A probe that reaches the server through the meddler, without TLS."""
    return Probe(Target("http", "127.0.0.1", meddler.port))
