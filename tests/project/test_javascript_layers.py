"""The floors of `static/`: each imports only floors below it, and only the ui touches the page."""

from __future__ import annotations

import itertools
import posixpath
import re
from pathlib import Path

import pytest

from survey import browser_libraries
from tools import javascript

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
LONGEST_MODULE_LINES = 250
SHAPELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
FLOORS = {"core": 0, "storage": 1, "device": 2, "sync": 3, "ui": 4}
ENTRY_FLOOR = 5
PAGE_LIBRARIES = {"preact", "preact/hooks", "htm", "@preact/signals"}
MARKUP_FROM_TEXT = {
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "dangerouslySetInnerHTML",
    "eval",
    "Function",
}
# What the device room may ask of the document: whether it is seen, and an off-page canvas.
DOCUMENT_OF_DEVICE = re.compile(r"visibilityState|hidden|(add|remove)EventListener|createElement")

MODULES = sorted(
    path for path in STATIC.rglob("*.js") if "vendor" not in path.relative_to(STATIC).parts
)
IDS = [path.relative_to(STATIC).as_posix() for path in MODULES]
each_module = pytest.mark.parametrize("path", MODULES, ids=IDS)


def floor_of(relative: str) -> int:
    return FLOORS.get(relative.split("/")[0], ENTRY_FLOOR)


def source_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_there_are_modules_to_look_at() -> None:
    assert {name.split("/")[0] for name in IDS} >= {"core", "device", "ui"}


@each_module
def test_a_module_imports_only_its_own_room_and_the_floors_below(path: Path) -> None:
    relative = path.relative_to(STATIC).as_posix()
    wrong = []
    for line, address in javascript.imports(source_of(path)):
        if not address.startswith("."):
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(relative), address))
        assert (STATIC / target).is_file(), f"{relative}:{line} imports {target}: no such file"
        same_room = target.split("/")[0] == relative.split("/")[0]
        entry_room = floor_of(relative) == floor_of(target) == ENTRY_FLOOR
        if not (same_room or entry_room) and floor_of(target) >= floor_of(relative):
            wrong.append(f"{relative}:{line} imports {target}")
    assert not wrong, wrong


@each_module
def test_a_module_names_only_libraries_that_the_page_knows(path: Path) -> None:
    relative = path.relative_to(STATIC).as_posix()
    known = browser_libraries.import_map("")["imports"]
    for line, address in javascript.imports(source_of(path)):
        if address.startswith("."):
            continue
        assert address in known, f"{relative}:{line} imports {address}, not in the import map"
        if address in PAGE_LIBRARIES:
            assert floor_of(relative) >= FLOORS["ui"], f"{relative}:{line}: {address} is for the ui"


@each_module
def test_only_the_ui_touches_the_document(path: Path) -> None:
    relative = path.relative_to(STATIC).as_posix()
    if floor_of(relative) >= FLOORS["ui"]:
        return
    stream = javascript.tokens(source_of(path))
    for index, token in enumerate(stream):
        if token.kind != "word" or token.text != "document":
            continue
        after = [one.text for one in stream[index + 1 : index + 3]]
        allowed = (
            floor_of(relative) == FLOORS["device"]
            and len(after) == 2
            and after[0] == "."
            and DOCUMENT_OF_DEVICE.fullmatch(after[1])
        )
        assert allowed, f"{relative}:{token.line} touches the document"


@each_module
def test_no_module_makes_markup_or_code_from_text(path: Path) -> None:
    for token in javascript.tokens(source_of(path)):
        text = token.text if token.kind in {"word", "string"} else ""
        assert text not in MARKUP_FROM_TEXT, f"{path.name}:{token.line} uses {text}"


@each_module
def test_a_module_is_type_checked_and_bearably_long(path: Path) -> None:
    source = source_of(path)
    assert source.startswith("// @ts-check\n"), "begin it with // @ts-check"
    only_types = [token.text for token in javascript.tokens(source)] == ["export", "{", "}", ";"]
    short = len(source.splitlines()) <= LONGEST_MODULE_LINES
    assert short or only_types, "it does more than one job"
    assert path.stem not in SHAPELESS_NAMES, "its name says nothing of what it owns"


@each_module
def test_a_module_has_named_exports_only(path: Path) -> None:
    stream = javascript.tokens(source_of(path))
    for token, after in itertools.pairwise(stream):
        assert (token.text, after.text) != ("export", "default"), f"line {token.line}"
