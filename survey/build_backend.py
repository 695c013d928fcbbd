"""The build backend: setuptools, after one check that the browser libraries are installed.

Owns the refusal to build a sdist or wheel that would serve a page without its libraries. An
editable install passes, because it comes before the libraries on a fresh machine.
"""

from __future__ import annotations

from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from survey import browser_libraries

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def build_wheel(*args: Any, **kwargs: Any) -> str:
    """Build a wheel as setuptools does; without the browser libraries end with the remedy."""
    _demand_browser_libraries()
    return build_meta.build_wheel(*args, **kwargs)


def build_sdist(*args: Any, **kwargs: Any) -> str:
    """Build a source archive as setuptools does; without the browser libraries end likewise."""
    _demand_browser_libraries()
    return build_meta.build_sdist(*args, **kwargs)


def _demand_browser_libraries() -> None:
    problem = browser_libraries.check()
    if problem:
        raise SystemExit(problem)
