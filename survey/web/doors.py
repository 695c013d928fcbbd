"""The list of all doors of the application: who is registered, and who is signed in."""

from __future__ import annotations

from flask import Flask

API_BLUEPRINTS = ()
OFFICE_BLUEPRINTS = ()


def install_sign_in(app: Flask) -> None:
    """Hang Flask-Login on the application."""
