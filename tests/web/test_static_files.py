"""Static files as served: our modules without their comments, and nothing else changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.browser_libraries import static_folder
from survey.web.static_files import StaticFiles, leave_out_comments
from tools.javascript import tokens

STATIC = static_folder()
OWN = sorted(
    path.relative_to(STATIC).as_posix()
    for path in STATIC.rglob("*.js")
    if "vendor" not in path.parts
)


def code_of(source: str) -> list[object]:
    return list(tokens(source))


@pytest.mark.parametrize("name", OWN)
def test_the_code_that_is_left_is_the_code_that_was(name: str) -> None:
    source = (STATIC / name).read_text("utf-8")
    served = StaticFiles(STATIC).files[name].body.decode("utf-8")
    assert code_of(served) == code_of(source)
    assert served.count("\n") == source.count("\n")


def test_libraries_are_served_to_the_byte() -> None:
    files = StaticFiles(STATIC).files
    name = "vendor/preact/dist/preact.mjs"
    assert files[name].body == (STATIC / name).read_bytes()


def test_comments_of_whole_lines_go_and_others_stay() -> None:
    source = "/** words */ const a = 1;\n/*\n * more\n */\n  // a word\nconst b = 2; // why\n"
    assert leave_out_comments(source) == " const a = 1;\n\n\n\n\nconst b = 2; // why\n"


def test_what_the_phone_loads_once_stays_small(tmp_path: Path) -> None:
    """A guard against a doubling, not a benchmark: the budget stands in `make bench`."""
    files = StaticFiles(STATIC)
    urls = files.list_for_phone()
    total = sum(
        len(file.compressed() or file.body)
        for name, file in files.files.items()
        if f"{files.base}/{name}" in urls
    )
    assert total < 250_000
