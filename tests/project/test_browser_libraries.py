"""The third-party files of the pages: pinned by hash, installed whole, working together."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from survey import browser_libraries
from tests.browser.browser_process import QUIET

ROOT = Path(__file__).resolve().parents[2]
LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
PINS = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))

PAGE = """<!doctype html><meta charset="utf-8"><title>libraries</title><div id="root"></div>
<script type="importmap">{import_map}</script><script type="module" src="/page.js"></script>"""

PAGE_SCRIPT = """
import { h, render } from "preact";
import { useState } from "preact/hooks";
import htm from "htm";
import { signal, computed } from "@preact/signals";
import { effect } from "@preact/signals-core";
import { downloadZip } from "client-zip";
const html = htm.bind(h);
const visits = signal(1);
const doubled = computed(() => visits.value * 2);
window.seen = [];
effect(() => window.seen.push(visits.value));
function Screen() {
  const [name, rename] = useState("jorong");
  return html`<p id="out">${name} ${visits} ${doubled.value}</p>
    <button id="more" onClick=${() => visits.value++}>+</button>
    <button id="name" onClick=${() => rename("nagari")}>n</button>`;
}
render(html`<${Screen} />`, document.getElementById("root"));
window.zipSize = async () =>
  (await downloadZip([{ name: "a.txt", input: "abc" }]).blob()).size;
"""


@pytest.fixture
def copy_of_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    vendor = tmp_path / "vendor"
    shutil.copytree(ROOT / "static" / "vendor", vendor)
    monkeypatch.setattr(browser_libraries, "vendor_folder", lambda: vendor)
    return vendor


def test_every_library_is_pinned_to_one_version() -> None:
    for name, version in {**PINS["dependencies"], **PINS["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not pinned: {version}"
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_the_lock_file_holds_a_hash_and_no_address_of_every_package() -> None:
    for name, entry in LOCK["packages"].items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name


def test_every_library_that_pages_load_is_a_dependency() -> None:
    assert set(browser_libraries.FILES) == set(PINS["dependencies"])


def test_the_installed_libraries_are_whole() -> None:
    assert browser_libraries.check() is None


def test_every_library_comes_with_its_licence() -> None:
    vendor = browser_libraries.vendor_folder()
    for package in browser_libraries.FILES:
        assert list((vendor / package).glob("LICENSE*")), package


def test_a_missing_file_is_named_with_the_remedy(copy_of_vendor: Path) -> None:
    (copy_of_vendor / "preact/dist/preact.mjs").unlink()
    problem = browser_libraries.check()
    assert problem == (
        "The browser library file static/vendor/preact/dist/preact.mjs is missing. "
        "Run `python -m survey.browser_libraries` once, with a network."
    )


def test_an_altered_file_is_named_with_the_remedy(copy_of_vendor: Path) -> None:
    (copy_of_vendor / "htm/dist/htm.mjs").write_text("export default 1;")
    problem = browser_libraries.check()
    assert problem is not None
    assert "static/vendor/htm/dist/htm.mjs was altered" in problem


def test_libraries_that_were_never_installed_are_said_to_be(copy_of_vendor: Path) -> None:
    shutil.rmtree(copy_of_vendor)
    problem = browser_libraries.check()
    assert problem is not None
    assert problem.startswith("The browser libraries are not installed. Run ")


def test_libraries_of_another_lock_file_are_not_taken_for_these(copy_of_vendor: Path) -> None:
    stamp = json.loads((copy_of_vendor / "installed.json").read_text())
    (copy_of_vendor / "installed.json").write_text(
        json.dumps({**stamp, "pins": {"preact": "sha512-0"}})
    )
    problem = browser_libraries.check()
    assert problem is not None
    assert "another version" in problem


def test_a_damaged_stamp_counts_as_not_installed(copy_of_vendor: Path) -> None:
    (copy_of_vendor / "installed.json").write_text("[")
    assert browser_libraries.check() is not None


def test_installing_again_changes_nothing(copy_of_vendor: Path) -> None:
    assert browser_libraries.install() is False


def test_an_altered_file_is_put_right_by_installing_again(copy_of_vendor: Path) -> None:
    original = (copy_of_vendor / "htm/dist/htm.mjs").read_bytes()
    (copy_of_vendor / "htm/dist/htm.mjs").write_bytes(b"altered")
    assert browser_libraries.install() is True
    assert (copy_of_vendor / "htm/dist/htm.mjs").read_bytes() == original
    assert browser_libraries.check() is None


def test_a_failed_download_keeps_the_old_libraries_and_says_what_to_do(
    copy_of_vendor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy_of_vendor / "htm/dist/htm.mjs").write_bytes(b"altered")
    # A lock file whose hash no package can have: what a changed package looks like to npm.
    project = copy_of_vendor.parent / "project"
    project.mkdir()
    for name in ("package.json", ".npmrc"):
        shutil.copy(ROOT / name, project)
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    wrong = re.sub(r'"sha512-[^"]{8}', '"sha512-AAAAAAAA', text)
    (project / "package-lock.json").write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(browser_libraries, "project_folder", lambda: project)
    with pytest.raises(browser_libraries.InstallError, match="Check the network and try again"):
        browser_libraries.install()
    assert (copy_of_vendor / "htm/dist/htm.mjs").read_bytes() == b"altered"
    assert (copy_of_vendor / "preact/dist/preact.mjs").is_file()


def test_every_bare_import_of_a_library_is_in_the_import_map() -> None:
    vendor = browser_libraries.vendor_folder()
    known = browser_libraries.import_map("/s")["imports"]
    for path in browser_libraries.MODULES.values():
        text = (vendor / path).read_text(encoding="utf-8")
        for name in re.findall(r'\bfrom\s*"([^"./][^"]*)"', text):
            assert name in known, f"{path} imports {name}"


def test_the_import_map_names_files_under_the_base_address() -> None:
    imports = browser_libraries.import_map("/static/3f9a/")["imports"]
    assert imports["preact/hooks"] == "/static/3f9a/vendor/preact/hooks/dist/hooks.mjs"
    assert set(imports) == set(browser_libraries.MODULES)


class _Pages(http.server.SimpleHTTPRequestHandler):
    """Serves static/ and, beside it, one page that uses every library."""

    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def do_GET(self) -> None:
        import_map = json.dumps(browser_libraries.import_map("/static"))
        made = {
            "/": ("text/html", PAGE.format(import_map=import_map)),
            "/page.js": ("text/javascript", PAGE_SCRIPT),
        }.get(self.path)
        if made is None:
            super().do_GET()
            return
        body = made[1].encode()
        self.send_response(200)
        self.send_header("Content-Type", made[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Pages, directory=str(ROOT))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_a_component_with_a_signal_renders_and_updates_in_the_browser(
    pages: str, playwright: Playwright
) -> None:
    problems: list[str] = []
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=QUIET
    )
    try:
        page = browser.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(pages)
        expect(page.locator("#out")).to_have_text("jorong 1 2")
        page.click("#more")
        expect(page.locator("#out")).to_have_text("jorong 2 4")
        page.click("#name")
        expect(page.locator("#out")).to_have_text("nagari 2 4")
        assert page.evaluate("window.seen") == [1, 2]
        assert page.evaluate("window.zipSize()") > 100
    finally:
        browser.close()
    assert problems == []
