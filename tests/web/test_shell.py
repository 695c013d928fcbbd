"""The app's shell: the same for everybody, checked by hash, under one policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.app import create_app
from survey.settings import Settings, load_settings
from survey.store.connection import Store

PAGES = [
    "/app",
    "/app/rescue",
    "/app/reference.json",
    "/app/messages/id.json",
    "/app/messages/en.json",
    "/manifest.webmanifest",
]


def read_build(client: FlaskClient) -> dict[str, Any]:
    first_line = client.get("/sw.js").text.split("\n", 1)[0]
    build: dict[str, Any] = json.loads(first_line.removeprefix("const BUILD = ").removesuffix(";"))
    return build


def test_the_worker_lists_each_file_with_the_hash_that_is_served(client: FlaskClient) -> None:
    files = read_build(client)["files"]
    assert set(PAGES) <= set(files)
    for url, sha256 in files.items():
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert hashlib.sha256(answer.data).hexdigest() == sha256, url


def test_every_module_that_the_phone_imports_is_stored_by_the_worker(client: FlaskClient) -> None:
    files = read_build(client)["files"]
    base = next(url for url in files if url.endswith("/app.js")).removesuffix("app.js")
    import_map = json.loads(
        re.search(r'<script type="importmap">(.*?)</script>', client.get("/app").text)[1]  # type: ignore[index]
    )["imports"]
    assert set(import_map.values()) <= set(files)
    for url in [url for url in files if url.startswith(base) and "/vendor/" not in url]:
        if not url.endswith(".js") or url.endswith("/sw.js"):
            continue
        for name in re.findall(
            r"""(?:^|\n)\s*(?:import|export)\b[^"'();]*?from\s*["']([^"']+)["']""",
            client.get(url).text,
        ):
            if name.startswith("."):
                parts = url.rsplit("/", 1)[0].split("/")
                for step in name.split("/"):
                    if step == "..":
                        parts.pop()
                    elif step != ".":
                        parts.append(step)
                assert "/".join(parts) in files, f"{url} imports {name}"
            else:
                assert name in import_map, f"{url} imports {name}"


def test_the_pack_holds_every_stored_file_but_the_pages_with_a_policy(client: FlaskClient) -> None:
    build = read_build(client)
    answer = client.get(f"/app/pack/{build['version']}")
    head, rest = answer.data.split(b"\n", 1)
    hashes = {}
    for url, content_type, size in json.loads(head):
        body, rest = rest[:size], rest[size:]
        hashes[url] = hashlib.sha256(body).hexdigest()
        assert client.get(url).content_type.split(";")[0] == content_type.split(";")[0], url
    assert rest == b""
    assert hashes == {
        url: hash_ for url, hash_ in build["files"].items() if url not in ("/app", "/app/rescue")
    }


def test_the_phones_first_load_stays_small(client: FlaskClient) -> None:
    build = read_build(client)
    alone = ("/sw.js", "/app", "/app/rescue")
    sizes = [len(gzip.compress(client.get(url).data, 9)) for url in alone]
    packed = client.get(f"/app/pack/{build['version']}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get(f"/app/pack/{build['version']}").data
    assert sum(sizes) + len(packed.data) <= 200_000


def test_a_worker_of_another_version_gets_no_pack(client: FlaskClient) -> None:
    assert client.get("/app/pack/0123456789abcdef").status_code == 404


def test_the_shell_is_the_same_for_everybody(client: FlaskClient) -> None:
    client.set_cookie("language", "en")
    english = client.get("/app").data
    client.delete_cookie("language")
    assert client.get("/app").data == english
    assert "Set-Cookie" not in client.get("/app").headers


def test_the_policy_allows_our_own_files_and_the_import_map_only(client: FlaskClient) -> None:
    answer = client.get("/app")
    policy = dict(
        part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
    )
    text = re.search(r'<script type="importmap">(.*?)</script>', answer.text)[1]  # type: ignore[index]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\son\w+=|style=", answer.text)


def test_static_files_may_be_kept_for_ever_under_their_version(client: FlaskClient) -> None:
    url = next(url for url in read_build(client)["files"] if url.endswith("/app.js"))
    assert "immutable" in client.get(url).headers["Cache-Control"]
    other = re.sub(r"/static/\w+/", "/static/0000000000000000/", url)
    answer = client.get(other)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name", ["../setup.cfg", "..%2fsetup.cfg", "/etc/passwd", "%2e%2e/setup.cfg", "app.js/"]
)
def test_no_path_leaves_the_static_folder(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code in (308, 404)


def test_a_compressed_file_is_the_same_file(client: FlaskClient) -> None:
    url = next(url for url in read_build(client)["files"] if url.endswith("/app.js"))
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_the_manifest_makes_the_app_installable(client: FlaskClient) -> None:
    manifest = json.loads(client.get("/manifest.webmanifest").text)
    assert (manifest["start_url"], manifest["scope"], manifest["id"]) == ("/app", "/app", "/app")
    assert manifest["display"] == "standalone"
    sizes = {icon["sizes"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).status_code == 200


def test_the_reference_tells_the_domains_limits(client: FlaskClient) -> None:
    reference = client.get("/app/reference.json").json
    assert reference["limits"]["rsrp_dbm"] == {"minimum": -156, "maximum": -31, "unit": "dBm"}
    assert reference["root_area"]["id"] == "13.11"
    assert {operator["key"] for operator in reference["operators"]} >= {"telkomsel", "xl"}
    assert reference["public_services"]


def test_the_kill_switch_drops_the_app_and_never_the_records(
    settings: Settings, store: Store
) -> None:
    off = load_settings({"SURVEY_KILL_SWITCH": "1"}, settings.instance)
    worker = create_app(off, store=store).test_client().get("/sw.js").text
    assert "unregister" in worker
    assert "caches.delete" in worker
    assert "indexedDB" not in worker


def test_the_worker_may_rule_the_app_only(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/app"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"


def test_every_answer_bears_the_safety_headers(app: Flask) -> None:
    client = app.test_client()
    for url in ("/", "/app", "/api/v1/ping", "/nothing", "/sw.js"):
        headers = client.get(url).headers
        assert headers["X-Content-Type-Options"] == "nosniff", url
        assert headers["Referrer-Policy"] == "same-origin", url
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], url
