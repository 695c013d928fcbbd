"""The floors of `survey/`: each imports only floors below it, and does only its own work."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE_LINES = 350
SHAPELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
WEB_PACKAGES = {"flask", "flask_login", "flask_wtf", "werkzeug", "wtforms", "jinja2"}

# Room -> floor. A room may import itself and every room on a floor below its own.
FLOORS = {
    "survey.domain": 0,
    "survey.settings": 0,
    "survey.browser_libraries": 0,
    "survey.store": 1,
    "survey.formats": 1,
    "survey.services": 2,
    "survey.web": 3,
    # Floor 4 is one room: the application, its commands and the server that runs it.
    "survey.app": 4,
    "survey.cli": 4,
    "survey.commands": 4,
    "survey.server": 4,
    "survey.__main__": 4,
    # Run by pip only; nobody imports it.
    "survey.build_backend": 4,
}
TOP_FLOOR = 4


def modules() -> list[tuple[str, Path]]:
    """Name and file of each module of the package."""
    found = []
    for path in sorted((ROOT / "survey").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


MODULES = modules()
NAMES = {name for name, _ in MODULES}


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports_of(name: str, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each module that a module imports, also inside its functions."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([node.module] if node.module else [])])
            base = base if node.level else str(node.module)
            for alias in node.names:
                yield (
                    node.lineno,
                    f"{base}.{alias.name}" if f"{base}.{alias.name}" in NAMES else base,
                )


def faults(path: Path, found: list[tuple[int, str]]) -> str:
    return "\n".join(f"{path.relative_to(ROOT)}:{line}: {text}" for line, text in found)


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_imports_only_its_own_room_and_the_floors_below(name: str, path: Path) -> None:
    if name == "survey":
        return  # its only import of the project is lazy; the test of the lower floors proves it
    room = room_of(name)
    assert room in FLOORS, f"{name} stands on no floor: put it into a room"
    wrong = []
    for line, target in imports_of(name, path):
        if target.split(".")[0] != "survey" or target == "survey":
            continue
        other = room_of(target)
        same = other == room or FLOORS[room] == FLOORS.get(other) == TOP_FLOOR
        if not same and FLOORS.get(other, TOP_FLOOR + 1) >= FLOORS[room]:
            wrong.append((line, f"{room} (floor {FLOORS[room]}) imports {target}"))
    assert not wrong, faults(path, wrong)


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_imports_only_the_packages_of_its_floor(name: str, path: Path) -> None:
    if name in {"survey", "survey.build_backend"}:
        return
    floor = FLOORS.get(room_of(name), TOP_FLOOR)
    wrong = []
    for line, target in imports_of(name, path):
        top = target.split(".")[0]
        if top == "survey" or top in sys.stdlib_module_names:
            continue
        if floor == 0:
            wrong.append((line, f"the domain needs the standard library only, not {top}"))
        if top in {"PIL", "gpxpy"} and room_of(name) != "survey.formats":
            wrong.append((line, f"{top} belongs to survey.formats"))
        if top in WEB_PACKAGES and floor < 3:
            wrong.append((line, f"{top} belongs to floor 3 and above"))
        if top == "sqlite_utils" and room_of(name) != "survey.store":
            wrong.append((line, "sqlite_utils belongs to survey.store"))
        if top in {"click", "granian"} and floor < TOP_FLOOR:
            wrong.append((line, f"{top} belongs to floor {TOP_FLOOR}"))
    assert not wrong, faults(path, wrong)


SQL_IN_A_FILE = {"survey.formats.radio.geopackage"}
"""A GeoPackage is an SQLite file of somebody else: reading it is reading a format."""


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_sql_is_run_in_the_store_only(name: str, path: Path) -> None:
    if room_of(name) == "survey.store" or name in SQL_IN_A_FILE:
        return
    wrong = [
        (node.lineno, f"{node.func.attr}() belongs to survey.store")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"execute", "executemany", "executescript"}
    ]
    assert not wrong, faults(path, wrong)


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_is_a_noun_of_the_trade_with_a_docstring_and_a_bearable_length(
    name: str, path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    assert not SHAPELESS_NAMES & set(name.split(".")), f"{name} says nothing of what it owns"
    assert len(text.splitlines()) <= LONGEST_MODULE_LINES, f"{name} does more than one job"
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{name} has no docstring"


def test_the_floors_below_the_web_import_without_flask() -> None:
    lower = [name for name in sorted(NAMES) if FLOORS.get(room_of(name), TOP_FLOOR) <= 2]
    assert len(lower) > 3
    script = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(WEB_PACKAGES)!r}))\n"
        f"for name in {['survey', *lower]!r}: importlib.import_module(name)\n"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_package_itself_gives_its_version_without_importing_the_application() -> None:
    script = "import survey, sys; assert survey.__version__; assert 'survey.app' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_asking_the_package_for_an_unknown_name_is_an_attribute_error() -> None:
    import survey

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        survey.nothing  # noqa: B018
