"""The doors of the phone's app: one public shell with no data, its worker, its references.

Everything here is made once at start and is the same for everybody, so that the worker can
check each file by hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey import __version__, browser_libraries
from survey.domain.problems import Problem
from survey.services.reference import build_reference
from survey.web.context import survey
from survey.web.pack import Part, build_pack

blueprint = Blueprint("shell", __name__)

KILL_SWITCH = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
  for (const client of await self.clients.matchAll()) client.navigate(client.url);
})()));
"""
"""Drops the stored app and the worker; never touches IndexedDB."""


@dataclass(frozen=True, slots=True)
class Page:
    """One ready-made answer of the shell: bytes, type and hash."""

    body: bytes
    content_type: str
    sha256: str


def _page(text: str, content_type: str) -> Page:
    body = text.encode()
    return Page(body, content_type, hashlib.sha256(body).hexdigest())


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def import_map_text() -> str:
    """Return the import map exactly as it stands in the shell."""
    return _to_json(browser_libraries.import_map(survey().static.base))


def import_map_hash() -> str:
    """Return the import map's SHA-256 in base64, as the CSP names it."""
    cached = current_app.extensions.get("import_map_hash")
    if cached is None:
        digest = hashlib.sha256(import_map_text().encode()).digest()
        cached = base64.b64encode(digest).decode()
        current_app.extensions["import_map_hash"] = cached
    return str(cached)


def _build_pages() -> dict[str, Page]:
    """Make every page of the shell: URL to page."""
    here = survey()
    indonesian = here.catalogues["id"]
    context = {
        "static_base": here.static.base,
        "import_map_json": import_map_text(),
        "version": __version__,
        "language": "id",
        "_": indonesian.translate,
        "n_": indonesian.translate_plural,
    }
    pages = {
        "/app": _page(render_template("app/shell.html", **context), "text/html; charset=utf-8"),
        "/app/rescue": _page(
            render_template("app/rescue.html", **context), "text/html; charset=utf-8"
        ),
        "/app/reference.json": _page(
            _to_json(build_reference(here.store, here.settings)), "application/json"
        ),
        "/manifest.webmanifest": _page(
            render_template("app/manifest.json", **context), "application/manifest+json"
        ),
    }
    for language, catalogue in here.catalogues.items():
        pages[f"/app/messages/{language}.json"] = _page(
            _to_json(catalogue.for_phone()), "application/json"
        )
    pages["/sw.js"] = _build_worker(pages)
    return pages


def _list_files(pages: dict[str, Page]) -> tuple[dict[str, str], str]:
    """Return URL to hash of all that the worker keeps, and the version that this is."""
    files = {url: page.sha256 for url, page in pages.items() if url != "/sw.js"}
    files |= survey().static.list_for_phone()
    return files, hashlib.sha256(_to_json(files).encode()).hexdigest()[:16]


def _build_worker(pages: dict[str, Page]) -> Page:
    here = survey()
    if here.settings.kill_switch:
        return _page(KILL_SWITCH, "text/javascript")
    files, version = _list_files(pages)
    build = {"version": version, "app_version": __version__, "files": files}
    source = here.static.files["sw.js"].body.decode("utf-8")
    return _page(f"const BUILD = {_to_json(build)};\n{source}", "text/javascript")


def shell_pages() -> dict[str, Page]:
    """Return the ready-made pages, made on the first call in each process."""
    pages = current_app.extensions.get("shell_pages")
    if pages is None:
        pages = _build_pages()
        current_app.extensions["shell_pages"] = pages
    result: dict[str, Page] = pages
    return result


def _packed() -> tuple[str, bytes]:
    """Return the version and the whole app in one piece, made on the first call."""
    packed: tuple[str, bytes] | None = current_app.extensions.get("shell_pack")
    if packed is None:
        here, pages = survey(), shell_pages()
        files, version = _list_files(pages)
        base = here.static.base + "/"
        parts: dict[str, Part] = {
            url: pages[url] if url in pages else here.static.files[url.removeprefix(base)]
            for url in files
        }
        packed = current_app.extensions["shell_pack"] = (version, build_pack(parts))
    return packed


def _answer_page(url: str) -> Response:
    page = shell_pages().get(url)
    if page is None:
        raise Problem("request.not_found")
    response = Response(page.body, content_type=page.content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(page.sha256[:32])
    if url == "/sw.js":
        response.headers["Service-Worker-Allowed"] = "/app"
    return response.make_conditional(request)


@blueprint.get("/app")
def show_app() -> Response:
    """The app's one page."""
    return _answer_page("/app")


@blueprint.get("/app/")
def show_app_with_slash() -> Response:
    """People type a slash; the worker's scope and the start address have none."""
    return redirect(url_for("shell.show_app"), 308)


@blueprint.get("/app/rescue")
def show_rescue() -> Response:
    """The page that opens even when the app cannot start."""
    return _answer_page("/app/rescue")


@blueprint.get("/app/reference.json")
def show_reference() -> Response:
    """Limits, operators and choices for the phone."""
    return _answer_page("/app/reference.json")


@blueprint.get("/app/messages/<language>.json")
def show_messages(language: str) -> Response:
    """The texts of one language for the phone."""
    return _answer_page(f"/app/messages/{language}.json")


@blueprint.get("/app/pack/<version>")
def show_pack(version: str) -> Response:
    """The whole app in one download; a worker of another version fetches file by file."""
    current, packed = _packed()
    if version != current:
        raise Problem("request.not_found")
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(packed if takes_gzip else gzip.decompress(packed))
    response.content_type = "application/octet-stream"
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.post("/app/share")
def share() -> Response:
    """Where a shared file lands when no worker is installed yet: open the app instead."""
    return redirect(url_for("shell.show_app"), 303)


@blueprint.get("/sw.js")
def show_worker() -> Response:
    """The service worker with the list of what it stores."""
    return _answer_page("/sw.js")


@blueprint.get("/manifest.webmanifest")
def show_manifest() -> Response:
    """What makes the app installable."""
    return _answer_page("/manifest.webmanifest")


@blueprint.get("/favicon.ico")
def show_favicon() -> Response:
    """Browsers ask for it unasked."""
    return redirect(survey().static.url("icons/app-192.png"), 302)


@blueprint.get("/static/<version>/<path:name>")
def show_static(version: str, name: str) -> Response:
    """A static file; of this version it may be kept for ever, of another it is checked."""
    file = survey().static.files.get(name)
    if file is None:
        raise Problem("request.not_found")
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    compressed = file.compressed() if takes_gzip else None
    body = file.body if compressed is None else compressed
    response = Response(body, content_type=file.content_type)
    if file.content_type.startswith("text/"):
        response.headers["Content-Type"] = f"{file.content_type}; charset=utf-8"
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    current = version == survey().static.version
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if current else "no-cache"
    )
    response.set_etag(file.sha256[:32] + ("-gzip" if compressed is not None else ""))
    return response.make_conditional(request, accept_ranges=True, complete_length=len(body))


@blueprint.get("/")
def show_front() -> str:
    """The two ways in: the officer's phone and the office."""
    return render_template("front.html")


def install(app: Flask) -> None:
    """Register the doors and give templates the address of static files."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["static"] = lambda name: survey().static.url(name)
