"""Jejak Sinyal: field surveys of mobile signal, collected offline, judged in the office.

Only the version and a lazy way to the application stand here, so that the lower floors
can be imported without Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey.app import create_app as create_app

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the application factory when somebody asks for it, not before."""
    if name == "create_app":
        from survey.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
