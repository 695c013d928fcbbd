"""The doctor's checks of who answers: our program, one of it, its clock, what it believes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from survey.domain.instants import parse_instant
from survey.services.doctor_probe import Answer, Probe, UnreachableError
from survey.services.doctor_target import Finding

NAME = "Jejak Sinyal"
PINGS = 6
APART_S = 0.02
"""Enough for two answers that nobody kept to bear different times."""
CLOCK_WARN_S = 5.0
CLOCK_FAIL_S = 60.0
INVENTED_ADDRESS = "192.0.2.77"
INVENTED_HOST = "doctor.invalid"
INVENTED_TOKEN = "x" * 43
PROXY_HEADERS = (
    "The proxy must set X-Forwarded-For, -Proto and -Host itself, and SURVEY_TRUSTED_PROXIES\n"
    "must say how many proxies do so: 1 behind one, 0 without any."
)
GATEWAY = {502, 503, 504}


@dataclass(slots=True)
class Met:
    """What is known of the server once it has answered."""

    store_id: str
    version: str
    arrival: dict[str, Any] = field(default_factory=dict)
    """The answer of /api/v1/doctor; empty when the server has no such door."""


def check_ping(probe: Probe) -> tuple[Met | None, list[Finding]]:
    """Return who answers, None when it is not our program, and what was seen."""
    try:
        answer = probe.ask("GET", "/api/v1/ping")
    except UnreachableError as error:
        remedy = "Is `survey serve` running, and does the proxy lead to it?"
        return None, [Finding("ping", "fail", f"/api/v1/ping: {error}", remedy)]
    body = answer.json() or {}
    if answer.status == 200 and body.get("name") == NAME and body.get("store_id"):
        met = Met(str(body["store_id"]), str(body.get("version")))
        said = f"{NAME} {met.version}, store {met.store_id[:8]}"
        return met, [Finding("ping", "ok", said), *_judge_clock(answer)]
    return None, [Finding("ping", "fail", f"/api/v1/ping gives {answer.describe()}", _why(answer))]


def _why(answer: Answer) -> str:
    """Say what probably stands there instead of our program."""
    place = answer.header("Location")
    if place:
        return f"It leads to {place[:80]}: give the doctor, and phones, the last address itself."
    if answer.status in GATEWAY:
        return (
            "The proxy does not reach the program: does `survey serve` run, and the tunnel, if any?"
        )
    if answer.status in (401, 403, 407, 511):
        return (
            "Something in front asks for a sign-in or refuses programs. Switch it off for this\n"
            "name: phones bring a token of their own."
        )
    if answer.content_type == "text/html":
        return (
            "This is somebody's page: a portal's sign-in, a parking page, another site. Ask from\n"
            "another network; then look where name and proxy lead."
        )
    return "Another program answers here. Look where name and proxy lead."


def _judge_clock(answer: Answer) -> list[Finding]:
    middle = answer.asked_at + answer.seconds / 2
    offset = parse_instant(str((answer.json() or {})["time"])).timestamp() - middle
    said = f"the server's clock is {abs(offset):.1f} s {'ahead' if offset > 0 else 'behind'}"
    date = answer.header("Date")
    if date and abs(offset) > CLOCK_WARN_S:
        proxy = parsedate_to_datetime(date).timestamp() - middle
        same = "the same" if abs(proxy - offset) < CLOCK_WARN_S else f"{proxy:+.0f} s"
        said += f" of this machine's (Date header: {same})"
    if abs(offset) <= CLOCK_WARN_S:
        return [Finding("clock", "ok", said)]
    remedy = (
        "Set both clocks by NTP (`timedatectl set-ntp true`): the phones' times are measured\n"
        "against the server's."
    )
    return [Finding("clock", "fail" if abs(offset) > CLOCK_FAIL_S else "warn", said, remedy)]


def check_instances(probe: Probe, met: Met, addresses: list[str]) -> list[Finding]:
    """Ask several times, at each address: is there one store, and does nobody keep answers."""
    stores, versions, times, cookies = {met.store_id}, {met.version}, [], False
    for number in range(max(PINGS, len(addresses))):
        address = addresses[number % len(addresses)]
        probe.wait(APART_S)
        try:
            answer = probe.ask("GET", "/api/v1/ping", address=address)
        except UnreachableError as error:
            said = f"{address} answered not every time: {error}"
            remedy = "Every address of the name must lead to the one server, and hold."
            return [Finding("instances", "fail", said, remedy)]
        body = answer.json() or {}
        stores.add(str(body.get("store_id")))
        versions.add(str(body.get("version")))
        times.append(str(body.get("time")))
        cookies = cookies or bool(answer.header("Set-Cookie"))
    if len(stores) > 1:
        said = f"{len(stores)} stores answer under one name ({', '.join(s[:8] for s in stores)})"
        remedy = (
            "One name, one instance: a phone takes a change of store for a restore and sends\n"
            "everything again. Take the other server out of the balancer or the DNS."
        )
        return [Finding("instances", "fail", said, remedy)]
    found = []
    if len(versions) > 1:
        said = f"two versions of the program answer: {', '.join(sorted(versions))}"
        found.append(Finding("instances", "warn", said, "Restart the one that was left behind."))
    if len(set(times)) < len(times):
        said = "a cache on the way gives an old answer of /api/v1/ping again"
        remedy = "Switch caching off for /api and /app: answers say no-store themselves."
        found.append(Finding("instances", "fail", said, remedy))
    if cookies:
        said = "something in front adds a cookie to every answer, as load balancers do"
        remedy = "Let it lead to one server without a cookie; phones send none."
        found.append(Finding("instances", "warn", said, remedy))
    return found or [Finding("instances", "ok", f"one store in {len(times)} answers, none kept")]


def check_beliefs(probe: Probe, met: Met, addresses: list[str]) -> list[Finding]:
    """Ask the server under which name and from which address it believes to be asked."""
    try:
        answer = probe.ask("GET", "/api/v1/doctor")
        body = answer.json() or {}
        if body.get("name") != NAME:
            said = f"/api/v1/doctor gives {answer.describe()}: some checks are left out"
            remedy = "Bring the server to the version of this doctor."
            return [Finding("forwarded", "warn", said, remedy)]
        met.arrival = body
        lied = _ask_with_lies(probe)
    except UnreachableError as error:
        return [Finding("forwarded", "fail", f"/api/v1/doctor: {error}", PROXY_HEADERS)]
    return [
        _judge_public_url(probe, str(body.get("public_url"))),
        _judge_forwarded(probe, body["request"], lied, addresses),
    ]


def _ask_with_lies(probe: Probe) -> dict[str, Any]:
    lies = {"X-Forwarded-For": INVENTED_ADDRESS, "X-Forwarded-Host": INVENTED_HOST}
    body = probe.ask("GET", "/api/v1/doctor", lies).json() or {}
    seen: dict[str, Any] = body.get("request", {})
    return seen


def _judge_public_url(probe: Probe, setting: str) -> Finding:
    origin = probe.target.origin
    if setting == origin:
        return Finding("public-url", "ok", f"the server means to be {setting}")
    said = f"the server's SURVEY_PUBLIC_URL is {setting}, and you asked for {origin}"
    if probe.target.is_loopback:
        return Finding("public-url", "warn", said, f"Ask the doctor about {setting} too.")
    remedy = (
        "QR codes lead to the setting, and each name has records of its own. Set it to the one\n"
        "name before the first phone is enrolled; afterwards keep the name of the phones."
    )
    return Finding("public-url", "fail", said, remedy)


def _judge_forwarded(
    probe: Probe, seen: dict[str, Any], lied: dict[str, Any], addresses: list[str]
) -> Finding:
    target = probe.target
    faults = []
    if lied.get("address") == INVENTED_ADDRESS or lied.get("host") == INVENTED_HOST:
        faults.append("the server believes X-Forwarded headers of anybody")
    if seen.get("scheme") != target.scheme:
        faults.append(f"the server believes to be asked by {seen.get('scheme')}")
    if str(seen.get("host")).lower() not in (target.netloc, f"{target.host}:{target.port}"):
        faults.append(f"the server believes to be asked as {seen.get('host')}")
    if _is_loopback(str(seen.get("address"))) and not all(map(_is_loopback, addresses)):
        faults.append("the server takes everybody for one caller, so all share one throttle")
    if faults:
        return Finding("forwarded", "fail", "; ".join(faults), PROXY_HEADERS)
    said = f"the server sees {seen['scheme']}, {seen['host']}, and you as {seen['address']}"
    return Finding("forwarded", "ok", said)


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def check_token(probe: Probe) -> list[Finding]:
    """Send a token of nobody: the server must see it, and refuse it."""
    headers = {"Authorization": f"Bearer {INVENTED_TOKEN}"}
    try:
        answer = probe.ask("GET", "/api/v1/changes", headers)
    except UnreachableError as error:
        return [Finding("token", "fail", f"/api/v1/changes: {error}")]
    code = answer.problem()
    if code == "auth.revoked":
        return [Finding("token", "ok", "the phone's token arrives, and an unknown one is refused")]
    if code == "auth.missing":
        said = "the header Authorization does not arrive"
        remedy = "Let the proxy pass it on (Apache: `CGIPassAuth On`; no password of its own)."
        return [Finding("token", "fail", said, remedy)]
    said = f"a request with a token gives {answer.describe()}"
    return [Finding("token", "fail", said, _why(answer))]
