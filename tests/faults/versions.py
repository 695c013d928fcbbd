"""Versions of the product that do not exist yet: a copy of the source with some words changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OFFICER = "static/storage/officer.js"
DEVICE = "static/storage/device.js"
WHERE_UPGRADES_END = "  if (oldVersion < 1) {"


def make_version(folder: Path, changes: Mapping[str, Mapping[str, str]]) -> Path:
    """Copy the product and change texts: path to {old: new}; each old text must be there."""
    for name in ("survey", "static", "templates"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    shutil.copy(ROOT / "package-lock.json", folder)
    for path, texts in changes.items():
        source = (folder / path).read_text("utf-8")
        for old, new in texts.items():
            assert old in source, f"{path} has no {old!r}"
            source = source.replace(old, new, 1)
        (folder / path).write_text(source, "utf-8")
    return folder


def next_schema(version: int, upgrade: str) -> dict[str, str]:
    """Return the changes that give a database module a newer version and a further step."""
    return {
        "const VERSION = 1;": f"const VERSION = {version};",
        "function upgrade(connection, oldVersion) {": (
            "function upgrade(connection, oldVersion, transaction) {"
        ),
        # Before the steps for a new database: these tests upgrade one that is there.
        WHERE_UPGRADES_END: f"  if (oldVersion > 0) {{ {upgrade} }}\n{WHERE_UPGRADES_END}",
    }
