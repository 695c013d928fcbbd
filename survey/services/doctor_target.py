"""What the doctor examines, an origin, and what it says of each check."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Status = Literal["ok", "warn", "fail"]
EXAMPLE = "takes an address such as https://survei.example.go.id"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw; `remedy` says in a line or two what to do about it."""

    name: str
    status: Status
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The origin that is examined."""

    scheme: str
    host: str
    port: int

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"

    @property
    def netloc(self) -> str:
        """Host and, when it is not the usual one, port: what a Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_https else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address, when the host is one and no name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        address = self.address
        return self.host == "localhost" or (address is not None and address.is_loopback)


def read_target(text: str) -> Target:
    """Return the origin of an address as people type it; ValueError says what is wrong."""
    text = text.strip()
    local = re.match(r"(localhost|127\.[0-9.]+|\[::1\])(:|/|$)", text)
    if "://" not in text:
        text = f"{'http' if local else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        if host and ":" not in host:
            host = host.encode("idna").decode()
    except ValueError:  # a port beyond 65535, a label that is too long
        raise ValueError(EXAMPLE) from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise ValueError(EXAMPLE)
    if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host) or parts.username is not None:
        raise ValueError(EXAMPLE)
    if parts.query or parts.fragment or parts.path.rstrip("/") not in ("", "/app"):
        raise ValueError("takes scheme and host only, without a path")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))
