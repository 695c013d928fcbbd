"""Tests that must not run beside each other really share a worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GROUPED = """
import pytest

@pytest.mark.xdist_group("alone")
@pytest.mark.parametrize("number", range(8))
def test_it(number, worker_id):
    with open({log!r}, "a") as log:
        log.write(worker_id + "\\n")
"""


def test_tests_of_one_group_run_in_one_worker(tmp_path: Path) -> None:
    log = tmp_path / "workers"
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_collection_modifyitems\n"
        '__all__ = ["pytest_collection_modifyitems"]\n',
        "utf-8",
    )
    (tmp_path / "test_grouped.py").write_text(GROUPED.format(log=str(log)), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
    subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=60,
    )
    workers = log.read_text("utf-8").split()
    assert len(workers) == 8
    assert len(set(workers)) == 1
