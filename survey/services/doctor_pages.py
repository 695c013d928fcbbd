"""The doctor's checks of the way down: the app arrives unchanged, packed, under its policy.

A phone takes the app all or nothing and by hash: one changed byte, and it has none offline.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from survey.services.doctor_probe import Answer, Probe, UnreachableError
from survey.services.doctor_server import Met
from survey.services.doctor_target import Finding

CONNECTIONS = 6
"""As many as a browser opens to one host."""
BUILD = re.compile(rb"\Aconst BUILD = (\{.*\});\n")
IMPORT_MAP = re.compile(rb'<script type="importmap"[^>]*>(.*?)</script>', re.DOTALL)
SCRIPT_TYPES = ("text/javascript", "application/javascript", "application/x-javascript")
GZIP = {"Accept-Encoding": "gzip"}
UNTOUCHED = (
    "Nothing may change pages, scripts or headers on the way: switch off minifying, script\n"
    "injection, e-mail hiding and rewriting for this name (CDN, firewall, operator's proxy)."
)
HEADERS_REMEDY = (
    "The program sets its own headers: take `add_header` and `header` lines for them out of the\n"
    "proxy."
)


def unpack(answer: Answer) -> bytes | None:
    """Return the body without its gzip, None when the coding is another or broken."""
    coding = answer.header("Content-Encoding").lower()
    if coding in ("", "identity"):
        return answer.body
    try:
        return gzip.decompress(answer.body) if coding == "gzip" else None
    except (OSError, EOFError, zlib.error):
        return None


def check_worker(probe: Probe, met: Met) -> tuple[dict[str, str], list[Finding]]:
    """Return the files that a phone stores, URL to SHA-256, and what is to say of /sw.js."""
    try:
        answer = probe.ask("GET", "/sw.js", GZIP)
    except UnreachableError as error:
        return {}, [Finding("worker", "fail", f"/sw.js: {error}")]
    body = unpack(answer)
    if answer.status != 200 or body is None:
        said = f"/sw.js gives {answer.describe()}"
        remedy = "Let the proxy lead the whole name to the program, not only /app and /api."
        return {}, [Finding("worker", "fail", said, remedy)]
    faults = []
    if answer.content_type not in SCRIPT_TYPES:
        faults.append(f"its type is {answer.content_type or 'missing'}, so browsers refuse it")
    control = answer.header("Cache-Control").lower()
    if not any(word in control for word in ("no-cache", "no-store", "max-age=0")):
        faults.append(f"Cache-Control is {control or 'missing'}, so updates stay away")
    allowed = answer.header("Service-Worker-Allowed") or "/"
    if not "/app".startswith(allowed):
        faults.append(f"Service-Worker-Allowed is {allowed}, so the scope /app is refused")
    expected = met.arrival.get("worker_sha256")
    if expected and hashlib.sha256(body).hexdigest() != expected:
        faults.append("its bytes are not those that the server sent")
    if faults:
        return {}, [Finding("worker", "fail", f"/sw.js: {'; '.join(faults)}", UNTOUCHED)]
    build = BUILD.match(body)
    if build is None:
        said = "the kill switch is on: phones drop the stored app"
        remedy = "Take SURVEY_KILL_SWITCH out again once the phones have the new app."
        return {}, [Finding("worker", "warn", said, remedy)]
    files: dict[str, str] = json.loads(build[1])["files"]
    return files, [Finding("worker", "ok", "/sw.js arrives as script, fresh, for /app")]


def check_files(
    probe: Probe, files: dict[str, str], progress: Callable[[str, int, int], None]
) -> list[Finding]:
    """Load all that a phone stores, as a phone does, and compare each with its hash."""
    changed, late, sizes, packed = [], [], 0, 0

    def load(url: str) -> Answer | UnreachableError:
        try:
            return probe.ask("GET", url, GZIP)
        except UnreachableError as error:
            return error

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for number, (url, answer) in enumerate(
            zip(files, pool.map(load, files), strict=True), start=1
        ):
            progress("files", number, len(files))
            if isinstance(answer, UnreachableError):
                late.append(f"{url}: {answer}")
                continue
            body = unpack(answer)
            sizes += len(answer.body)
            packed += answer.header("Content-Encoding").lower() == "gzip"
            if answer.status != 200:
                late.append(f"{url}: {answer.describe()}")
            elif body is None or hashlib.sha256(body).hexdigest() != files[url]:
                changed.append(url + _why_changed(answer, body))
    if late:
        said = f"{len(late)} of {len(files)} files of the app do not come: {late[0]}"
        remedy = "Phones load them all at once: lift limits of requests and connections there."
        return [Finding("files", "fail", said, remedy)]
    if changed:
        said = f"{len(changed)} of {len(files)} files of the app arrive changed: {changed[0]}"
        return [Finding("files", "fail", said, UNTOUCHED)]
    said = f"all {len(files)} files of the app arrive unchanged, {sizes // 1000} kB"
    found = [Finding("files", "ok", said)]
    if packed < len(files) // 2:
        said = "the app arrives without gzip, three times as large over a thin link"
        remedy = "Let Accept-Encoding and Content-Encoding pass; nginx: no `gunzip on;`."
        return [*found, Finding("gzip-down", "warn", said, remedy)]
    return [*found, Finding("gzip-down", "ok", "the app arrives packed, once")]


def _why_changed(answer: Answer, body: bytes | None) -> str:
    if body is None:
        return f" (Content-Encoding {answer.header('Content-Encoding')}, not readable)"
    if body[:2] == b"\x1f\x8b":
        return " (packed twice)"
    return f" ({len(body)} bytes)"


def check_shell(probe: Probe) -> list[Finding]:
    """Look at the headers that come with the app's page."""
    try:
        answer = probe.ask("GET", "/app")
    except UnreachableError as error:
        return [Finding("shell", "fail", f"/app: {error}")]
    if answer.status != 200 or answer.content_type != "text/html":
        place = answer.header("Location")
        said = f"/app gives {answer.describe()}" + (f" to {place[:80]}" if place else "")
        return [Finding("shell", "fail", said, "Let /app lead to the program as it is, no slash.")]
    faults = list(_policy_faults(answer))
    if answer.headers.get("Clear-Site-Data"):
        faults.append("Clear-Site-Data tells phones to delete what officers recorded")
    for feature in ("geolocation", "camera"):
        allowed = _allowed_by(", ".join(answer.headers.get_all("Permissions-Policy", [])), feature)
        if allowed is not None and not re.search(r"\bself\b|\*", allowed):
            faults.append(f"Permissions-Policy forbids {feature}")
    if not re.search(r"no-cache|no-store|max-age=0", answer.header("Cache-Control").lower()):
        faults.append("Cache-Control lets old pages live on")
    if faults:
        return [Finding("shell", "fail", f"/app: {'; '.join(faults)}", HEADERS_REMEDY)]
    found = [Finding("shell", "ok", "/app comes with the program's own policy")]
    if answer.headers.get("Set-Cookie"):
        said = "something in front adds a cookie to the app's public page"
        found.append(Finding("shell", "warn", said, HEADERS_REMEDY))
    return found


def _policy_faults(answer: Answer) -> list[str]:
    policies = answer.headers.get_all("Content-Security-Policy", [])
    import_map = IMPORT_MAP.search(answer.body)
    if not policies:
        return ["Content-Security-Policy is missing"]
    if len(policies) > 1:
        return ["a second Content-Security-Policy was added, and both hold"]
    if import_map is None:
        return ["the page has lost its import map"]
    digest = base64.b64encode(hashlib.sha256(import_map[1]).digest()).decode()
    if f"'sha256-{digest}'" not in policies[0]:
        return ["Content-Security-Policy does not name the page's import map"]
    return []


def _allowed_by(policy: str, feature: str) -> str | None:
    """Return what a Permissions-Policy says of a feature; the last word counts."""
    found = re.findall(rf"(?:^|,)\s*{feature}\s*=\s*(\([^)]*\)|\*|self)", policy)
    return found[-1] if found else None


def check_office(probe: Probe) -> list[Finding]:
    """Look at cookies, at HSTS, and whether pages with secrets are packed by the proxy."""
    try:
        answer = probe.ask("GET", "/sign-in", {"Accept-Encoding": "gzip, br, zstd"})
    except UnreachableError as error:
        return [Finding("office", "fail", f"/sign-in: {error}")]
    found = []
    coding = answer.header("Content-Encoding").lower()
    if coding not in ("", "identity"):
        said = f"the proxy packs office pages ({coding}), which betrays secrets by their size"
        remedy = "Leave packing to the program: Caddy without `encode`, nginx `gzip off;`."
        found.append(Finding("office", "warn", said, remedy))
    for cookie in answer.headers.get_all("Set-Cookie", []):
        words = {word.strip().partition("=")[0].lower() for word in cookie.split(";")[1:]}
        needed = {"httponly", "samesite"} | ({"secure"} if probe.target.is_https else set())
        if missing := sorted(needed - words):
            said = f"the cookie {cookie.partition('=')[0]} lacks {', '.join(missing)}"
            remedy = "Set SURVEY_PUBLIC_URL to the https:// name; the proxy must not touch cookies."
            found.append(Finding("office", "fail", said, remedy))
    if probe.target.is_https and not answer.header("Strict-Transport-Security"):
        said = "answers lack Strict-Transport-Security, so the server does not know of HTTPS"
        remedy = "The proxy must set X-Forwarded-Proto, and SURVEY_TRUSTED_PROXIES must count it."
        found.append(Finding("office", "warn", said, remedy))
    return found or [Finding("office", "ok", "office pages: cookies and packing as they should be")]


def check_ranges(probe: Probe, files: dict[str, str]) -> list[Finding]:
    """Ask for a part of a file: a download that was cut goes on from there."""
    address = next((url for url in files if url.startswith("/static/")), None)
    if address is None:
        return []
    try:
        answer = probe.ask("GET", address, {"Range": "bytes=1-100"})
    except UnreachableError as error:
        return [Finding("ranges", "fail", f"{address}: {error}")]
    if answer.status == 206 and answer.header("Content-Range").startswith("bytes 1-100/"):
        return [Finding("ranges", "ok", "parts of files are given (206)")]
    said = f"a part of a file is answered by {answer.describe()}"
    remedy = "Let Range pass: a download that was cut begins anew (nginx: no `max_ranges 0;`)."
    return [Finding("ranges", "warn", said, remedy)]
