"""Runs the tests of the phone's modules under Node.js: one item for each file of tests/js."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from survey import browser_libraries

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests" / "js").rglob("*.test.*js"))


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command that starts Node.js: the machine's, else the one that a Python package brings."""
    installed = (ROOT / "node_modules" / ".package-lock.json").is_file()
    assert installed, "run `make test`: it installs what the tests under Node.js need"
    return browser_libraries.node_command()


def test_there_are_tests_of_the_phone_modules() -> None:
    assert FILES, "tests/js holds no *.test.js"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_module_test_passes_under_node(path: Path, node: list[str]) -> None:
    result = subprocess.run(
        [*node, "--test", str(path.relative_to(ROOT))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    assert "pass 0\n" not in result.stdout, f"{path.name} holds no test"
