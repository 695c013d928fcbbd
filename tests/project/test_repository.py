"""What may lie in the repository: our own work, nothing of others, nothing of one machine."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST_FILE_BYTES = 300_000
# Written in pieces, so that this file does not hold what it looks for.
FOREIGN_CODE = re.compile(
    r"(^|/)(node_modules|vendor|site-packages|bower_components)/|\.min\.(js|css)$|\.(whl|egg|tgz)$"
)
PACKAGE_HOSTS = re.compile(
    r"reg" + r"istry\.(npm|yarn)|py" + r"pi\.org|python" + r"hosted|unp" + r"kg\.com"
    r"|jsde" + r"livr|cdn" + r"js\.|deb\." + r"debian\.org",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.~])/(ho" + r"me|Us" + r"ers|ro" + r"ot|work|farm|workspace)/[\w.-]"
    r"|[A-Z]:\\\\?Us" + r"ers"
)
# A path of the operator's server in its handbook, not of a developer's machine.
ALLOWED_PATHS: tuple[str, ...] = ()


def tracked() -> list[Path]:
    """The tracked files; in an unpacked source archive, where git knows nothing, no file."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listing.stdout.split("\0") if name]


TRACKED = [path for path in tracked() if path.is_file()]


def text_lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return [] if b"\0" in data else data.decode("utf-8").splitlines()


def test_the_list_of_tracked_files_is_not_empty() -> None:
    assert ROOT / "setup.cfg" in TRACKED


def test_no_third_party_code_is_tracked() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in TRACKED]
    assert [name for name in names if FOREIGN_CODE.search(name)] == []


def test_no_tracked_file_is_large() -> None:
    large = {path.name: path.stat().st_size for path in TRACKED}
    assert {name: size for name, size in large.items() if size > LARGEST_FILE_BYTES} == {}


@pytest.mark.parametrize("pattern", [PACKAGE_HOSTS, MACHINE_PATHS], ids=["hosts", "paths"])
def test_no_file_names_a_package_host_or_a_folder_of_one_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in TRACKED
        for number, line in enumerate(text_lines(path), 1)
        if pattern.search(line) and not any(allowed in line for allowed in ALLOWED_PATHS)
    ]
    assert found == []


def test_nothing_that_a_run_leaves_behind_would_be_committed() -> None:
    for name in (
        ".venv/x",
        "node_modules/x",
        "static/vendor/x",
        "instance/survey.db",
        "instance-demo/survey.db",
        "jejak_sinyal.egg-info/x",
        "build/x",
        "dist/x",
        "survey/__pycache__/x.pyc",
        ".coverage",
    ):
        ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
        assert ignored.returncode == 0, f"{name} is not ignored"


def test_every_folder_with_python_code_is_in_the_list_of_packages() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "survey").rglob("*.py")}
    there = {".".join(folder.parts) for folder in folders}
    assert listed == there | {"survey.static", "survey.templates"}


def test_every_package_has_an_init_module() -> None:
    for path in (ROOT / "survey").rglob("*.py"):
        assert (path.parent / "__init__.py").is_file(), f"{path.parent} is no package"


def test_only_the_core_settings_stand_in_pyproject() -> None:
    headings = re.findall(r"^\[([\w.-]+)", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert {name for name in headings if not name.startswith("tool.ruff")} == {"build-system"}
