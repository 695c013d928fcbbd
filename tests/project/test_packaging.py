"""The package as strangers get it: built from its source archive, installed afresh, served."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey import browser_libraries
from survey.web.static_files import leave_out_comments

ROOT = Path(__file__).resolve().parents[2]
START_DEADLINE_S = 60

# One worker does them all: they share one build.
pytestmark = pytest.mark.xdist_group("packaging")


def copy_project(target: Path, *, libraries: bool) -> None:
    """Copy what git tracks or would track, and the installed browser libraries if wanted."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if libraries:
        shutil.copytree(ROOT / "static" / "vendor", target / "static" / "vendor")


def build(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", "--no-isolation", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def make_environment(folder: Path) -> Path:
    """Make a fresh environment that sees only the dependencies of this one; return its python.

    A line of a .pth file adds a folder without running the .pth files inside it, so an editable
    install of the project itself stays out of sight.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    site_packages = next(folder.glob("lib/python*/site-packages"))
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (site_packages / "dependencies.pth").write_text("\n".join(dependencies) + "\n")
    return folder / "bin" / "python"


def pip_install(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-deps", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel that was built from it."""
    project = tmp_path_factory.mktemp("project")
    copy_project(project, libraries=True)
    result = build(project, "--outdir", str(project / "dist"))
    assert result.returncode == 0, result.stdout + result.stderr
    return project / "dist"


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a fresh environment with the wheel installed."""
    python = make_environment(tmp_path_factory.mktemp("fresh") / "venv")
    result = pip_install(python, str(wheel))
    assert result.returncode == 0, result.stderr
    return python.parent


def environment_of(instance: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SURVEY_")}
    return {**kept, "SURVEY_INSTANCE": str(instance), "PYTHONPATH": ""}


@pytest.fixture(scope="session")
def served(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs from the installed wheel, far from the checkout."""
    folder = tmp_path_factory.mktemp("served")
    environment = environment_of(folder / "instance")
    init = subprocess.run(
        [installed / "survey", "init"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert init.returncode == 0, init.stdout + init.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [installed / "survey", "serve", "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its log when it stops or the deadline passes."""
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            fetch(f"{address}/api/v1/ping")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)  # the only way to await another process's port
    pytest.fail(f"the server did not answer:\n{log.read_text(errors='replace')}")


def fetch(url: str) -> tuple[str, bytes]:
    """The content type and the bytes at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers.get_content_type(), answer.read()


def test_the_wheel_holds_code_templates_static_files_libraries_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, inside in (("templates", "survey/templates"), ("static", "survey/static")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" in names
    for path in (ROOT / "survey").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    for package in browser_libraries.FILES:
        assert any(name.startswith(f"survey/static/vendor/{package}/LICENSE") for name in names)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"survey"}


def test_the_source_archive_holds_what_a_build_and_a_test_run_need(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        ".npmrc",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "package-lock.json",
        "package.json",
        "pyproject.toml",
        "setup.cfg",
        "static/vendor/installed.json",
        "tests/project/test_packaging.py",
    }
    assert not [name for name in names if name.startswith(("node_modules", "instance/"))]


def test_an_installed_wheel_brings_the_app_its_scripts_and_its_libraries(served: str) -> None:
    kind, page = fetch(f"{served}/app")
    assert kind == "text/html"
    script = re.search(r'src="(/static/[^"]+/)boot\.js"', page.decode())
    assert script, "the shell loads no boot.js"
    kind, body = fetch(f"{served}{script.group(1)}app.js")
    assert kind == "text/javascript"
    assert body.decode() == leave_out_comments((ROOT / "static" / "app.js").read_text("utf-8"))
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page.decode(), re.DOTALL)
    assert found, "the shell has no import map"
    for url in json.loads(found.group(1))["imports"].values():
        kind, body = fetch(served + url)
        assert kind == "text/javascript", url
        file = ROOT / "static" / "vendor" / url.split("/vendor/")[1]
        assert hashlib.sha256(body).digest() == hashlib.sha256(file.read_bytes()).digest(), url


def test_the_server_runs_the_installed_package_not_the_checkout(installed: Path) -> None:
    command = [installed / "python", "-c", "import survey; print(survey.__file__)"]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert Path(result.stdout.strip()).is_relative_to(installed.parent)


@pytest.mark.parametrize("kind", ["--sdist", "--wheel"])
def test_a_build_without_the_browser_libraries_fails_with_the_remedy(
    kind: str, tmp_path: Path
) -> None:
    copy_project(tmp_path, libraries=False)
    result = build(tmp_path, kind)
    assert result.returncode != 0
    said = result.stdout + result.stderr
    assert "The browser libraries are not installed. Run `python -m survey.browser_lib" in said
    assert not list(tmp_path.glob("dist/*"))


def test_an_editable_install_needs_no_browser_libraries(tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_project(project, libraries=False)
    python = make_environment(tmp_path / "venv")
    result = pip_install(python, "--no-build-isolation", "--editable", str(project))
    assert result.returncode == 0, result.stderr
    command = [python, "-c", "import survey.settings; print(survey.settings.__file__)"]
    found = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).is_relative_to(project)
