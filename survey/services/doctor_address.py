"""The doctor's checks of the name: will it last, where does it lead, what leads to it.

An origin is for ever: the phones' data belong to it, so the name is looked at first.
"""

from __future__ import annotations

import errno
import ipaddress
import socket

from survey.services.doctor_probe import Probe, UnreachableError
from survey.services.doctor_target import Finding, Target

INNER_ENDINGS = ("local", "localdomain", "lan", "internal", "intranet", "home.arpa", "test")
LENT_ENDINGS = (
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "trycloudflare.com",
    "loca.lt",
    "localhost.run",
    "serveo.net",
    "nip.io",
    "sslip.io",
    "duckdns.org",
    "no-ip.org",
    "ddns.net",
    "hopto.org",
    "herokuapp.com",
    "pythonanywhere.com",
    "github.dev",
)
"""Names of tunnels and trial hosts: whoever lends them can take them away."""
LASTING = (
    "An origin is for ever: what phones have stored belongs to it. Choose a subdomain of the\n"
    "office's own domain, such as survei.example.go.id, before the first phone is enrolled."
)
MOST_ADDRESSES = 8


def _ends_with(host: str, endings: tuple[str, ...]) -> bool:
    return any(host == ending or host.endswith(f".{ending}") for ending in endings)


def check_name(target: Target) -> list[Finding]:
    """Judge the address by itself: scheme, port, a name that the office will keep."""
    if target.is_loopback:
        return [Finding("address", "ok", f"{target.origin} is this computer only, good for trying")]
    found = []
    if not target.is_https:
        found.append(
            Finding(
                "address",
                "fail",
                f"{target.origin} is not HTTPS: phones refuse to keep the app or any record",
                "Get a certificate: Caddy in front of the server does so by itself (handbook, "
                '"Recipes").',
            )
        )
    if target.address is not None:
        found.append(Finding("address", "warn", f"{target.host} is an address, no name", LASTING))
    elif "." not in target.host or _ends_with(target.host, INNER_ENDINGS):
        said = f"{target.host} is a name of an inner network: phones outside do not find it"
        found.append(Finding("address", "warn", said, LASTING))
    elif _ends_with(target.host, LENT_ENDINGS):
        said = f"{target.host} is a lent name: whoever lends it can end it"
        found.append(Finding("address", "warn", said, LASTING))
    if target.port != (443 if target.is_https else 80):
        said = f"the port {target.port} is part of the origin, and some networks block it"
        found.append(Finding("address", "warn", said, LASTING))
    return found or [Finding("address", "ok", f"{target.origin} is a name under HTTPS")]


def resolve(target: Target) -> tuple[list[str], list[Finding]]:
    """Return the addresses of the name, none when there are none, and what to say of them."""
    try:
        rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        remedy = "Make an A record (and AAAA) for the name, and wait until it is known everywhere."
        said = f"the name {target.host} is not known: {error.strerror or error}"
        return [], [Finding("dns", "fail", said, remedy)]
    addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))[:MOST_ADDRESSES]
    if target.address is not None or target.is_loopback:
        return addresses, []
    inner = [one for one in addresses if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if inner:
        said = f"{target.host} leads to {', '.join(inner)}, which phones outside do not reach"
        remedy = (
            "Point the name at a public address. If only this network resolves it so, ask again\n"
            "from a phone's network."
        )
        return addresses, [Finding("dns", "warn", said, remedy)]
    return addresses, [Finding("dns", "ok", f"{target.host} is {', '.join(addresses)}")]


def check_connections(target: Target, addresses: list[str]) -> tuple[list[str], list[Finding]]:
    """Return the addresses that take a connection, and name those that do not."""
    reached: list[str] = []
    closed: list[str] = []
    unseen: list[str] = []
    for address in addresses:
        try:
            with Probe(target).connect(address, timeout_s=5):
                reached.append(address)
        except UnreachableError as error:
            away = isinstance(error.__context__, OSError) and error.__context__.errno in (
                errno.ENETUNREACH,
                errno.EADDRNOTAVAIL,
                errno.EAFNOSUPPORT,
            )
            (unseen if away and ":" in address else closed).append(f"{address}: {error}")
    found = []
    if closed:
        said = f"port {target.port} is closed at {'; '.join(closed)}"
        remedy = "Is the proxy running, and does the firewall let the port in?"
        if reached:
            remedy = "Take the address out of the DNS, or listen on it: phones wait at it."
        found.append(Finding("connection", "fail", said, remedy))
    elif reached:
        found.append(Finding("connection", "ok", f"{len(reached)} address(es) take connections"))
    if unseen:
        said = (
            f"this machine has no IPv6: {', '.join(one.split(': ')[0] for one in unseen)} not seen"
        )
        found.append(Finding("connection", "ok" if reached else "fail", said))
    return reached, found


def check_plain_http(target: Target) -> list[Finding]:
    """Look what answers under http://, which some people type."""
    if not target.is_https or target.port != 443:
        return []
    probe = Probe(Target("http", target.host, 80))
    try:
        answer = probe.ask("GET", "/app", timeout_s=5)
    except UnreachableError:
        said = "nothing answers at http:// (browsers of today try https:// first)"
        return [Finding("redirect", "ok", said)]
    place = answer.header("Location")
    if 301 <= answer.status <= 308 and place.startswith(f"{target.origin}/"):
        return [Finding("redirect", "ok", "http:// leads to https://")]
    said = f"http:// answers {answer.describe()}" + (f" to {place[:80]}" if place else "")
    remedy = f"Let http:// lead to {target.origin} by 308: nothing can be kept under http://."
    return [Finding("redirect", "warn", said, remedy)]


def check_twin(probe: Probe, store_id: str) -> list[Finding]:
    """Look whether the same server also answers under the name with or without www."""
    target = probe.target
    if not target.is_https or target.address is not None or target.is_loopback:
        return []
    host = (
        target.host.removeprefix("www.") if target.host.startswith("www.") else f"www.{target.host}"
    )
    try:
        answer = Probe(Target("https", host, target.port), probe.context).ask(
            "GET", "/api/v1/ping", timeout_s=5
        )
    except UnreachableError:
        return []
    if (answer.json() or {}).get("store_id") != store_id:
        return []
    said = f"the server also answers under {host}: a second origin, whose phones share nothing"
    remedy = f"Let {host} lead to {target.origin} by 308, or take the name out of the DNS."
    return [Finding("redirect", "warn", said, remedy)]
