"""The doctor's checks of TLS: would a phone's browser trust this, and for how long."""

from __future__ import annotations

import socket
import ssl
import time
import warnings
from typing import Any

from survey.services.doctor_probe import TIMEOUT_S
from survey.services.doctor_target import Finding, Target

DAY_S = 86_400
CODES = {
    9: ("is not valid yet", "Set the server's clock right (NTP), then look at the certificate."),
    10: (
        "has expired",
        "Renew it, and let it be renewed: Caddy does, or `certbot renew` by timer.",
    ),
    18: (
        "is self-signed: no phone trusts it",
        "Get one from an authority that browsers know. Caddy and certbot do so for nothing.",
    ),
    19: (
        "comes from an authority of its own, which no phone knows",
        "Get one from an authority that browsers know. Caddy and certbot do so for nothing.",
    ),
}
UNKNOWN_ISSUER = (2, 20, 21)
"""OpenSSL's codes for an issuer that was neither sent nor is known here."""
WRONG_NAME = (62, 64)


def browser_like_context(*protocols: str) -> ssl.SSLContext:
    """Return a context that trusts what this system trusts."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(list(protocols))
    return context


def blind_context(*protocols: str) -> ssl.SSLContext:
    """Return a context that trusts anybody, to look on after a certificate was refused.

    Nothing secret is ever sent by the doctor.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    return context


def _shake_hands(target: Target, address: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    channel = socket.create_connection((address, target.port), TIMEOUT_S)
    try:
        return context.wrap_socket(channel, server_hostname=target.host)
    except BaseException:
        channel.close()
        raise


def check_tls(target: Target, address: str) -> tuple[ssl.SSLContext | None, list[Finding]]:
    """Return the context for the other checks, None when no TLS came about, and what was seen."""
    try:
        with _shake_hands(target, address, browser_like_context("h2", "http/1.1")) as channel:
            found = [
                _judge_term(channel.getpeercert() or {}),
                _judge_protocol(channel),
            ]
        context = browser_like_context("http/1.1")
    except ssl.SSLCertVerificationError as error:
        found = [_explain(target, address, error)]
        context = blind_context("http/1.1")
    except OSError as error:
        remedy = "Does the proxy speak TLS on this port, with a certificate and TLS 1.2 or 1.3?"
        said = f"no TLS came about: {getattr(error, 'reason', None) or error}"
        return None, [Finding("certificate", "fail", said, remedy)]
    return context, found + _check_old_protocols(target, address)


def _judge_term(certificate: dict[str, Any]) -> Finding:
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    begins = ssl.cert_time_to_seconds(str(certificate["notBefore"]))
    days = (ends - time.time()) / DAY_S
    if ends - time.time() < min((ends - begins) / 5, 30 * DAY_S):
        said = f"the certificate ends in {days:.1f} days, and is renewed by now where that works"
        remedy = "Look why it was not renewed: `journalctl -u caddy`, or `certbot renew --dry-run`."
        return Finding("certificate", "warn", said, remedy)
    return Finding("certificate", "ok", f"trusted, with its whole chain; {days:.0f} days left")


def _judge_protocol(channel: ssl.SSLSocket) -> Finding:
    version = channel.version() or "TLS"
    if channel.selected_alpn_protocol() == "h2":
        return Finding("protocol", "ok", f"{version}, HTTP/2")
    said = f"{version}, HTTP/1.1 only (HTTP/2 makes the first load quicker on a thin link)"
    return Finding("protocol", "ok", said)


def _explain(target: Target, address: str, error: ssl.SSLCertVerificationError) -> Finding:
    """Say what is wrong with a certificate, and what helps."""
    code = error.verify_code
    if code in CODES:
        said, remedy = CODES[code]
        return Finding("certificate", "fail", f"the certificate {said}", remedy)
    if code in UNKNOWN_ISSUER:
        if _count_chain(target, address) == 1:
            said = "the server sends its certificate alone: the intermediate one is missing"
            remedy = (
                "Use the whole chain: fullchain.pem instead of cert.pem (nginx: ssl_certificate)."
            )
        else:
            said = "the certificate comes from an authority that this system does not know"
            remedy = (
                "Get one from an authority that browsers know. Caddy and certbot do so for nothing."
            )
        return Finding("certificate", "fail", said, remedy)
    if code in WRONG_NAME:
        said = f"the certificate is for {_names(target, address)}, not for {target.host}"
        remedy = f"Get one for {target.host}, or give the doctor the name that phones will use."
        return Finding("certificate", "fail", said, remedy)
    return Finding(
        "certificate",
        "fail",
        f"the certificate is refused: {error.verify_message}",
        "Get a new one from an authority that browsers know.",
    )


def _count_chain(target: Target, address: str) -> int | None:
    """Return how many certificates the server sends, None where this Python cannot tell."""
    try:
        with _shake_hands(target, address, blind_context()) as channel:
            # Public since Python 3.13; before it the same hangs on the inner object.
            inner: Any = channel if hasattr(channel, "get_unverified_chain") else channel._sslobj  # type: ignore[attr-defined]
            return len(inner.get_unverified_chain() or ())
    except (OSError, AttributeError):
        return None


def _names(target: Target, address: str) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    try:
        with _shake_hands(target, address, context) as channel:
            certificate: dict[str, Any] = channel.getpeercert() or {}
    except OSError:
        return "another name"
    names = [str(value) for _, value in certificate.get("subjectAltName", ())]
    return ", ".join(names[:4]) or "no name"


def _check_old_protocols(target: Target, address: str) -> list[Finding]:
    context = blind_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the question
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with _shake_hands(target, address, context) as channel:
            version = channel.version()
    except OSError:
        return []
    remedy = "Leave TLS 1.2 and 1.3 only (nginx: ssl_protocols TLSv1.2 TLSv1.3;)."
    return [Finding("protocol", "warn", f"the server still speaks {version}", remedy)]
