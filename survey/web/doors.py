"""The list of all doors of the application: who is registered, and who is signed in."""

from __future__ import annotations

from flask import Flask

from survey.web import (
    account,
    api,
    api_doctor,
    api_files,
    area_imports,
    area_words,
    areas,
    backups,
    campaigns,
    exports,
    formatting,
    guards,
    imports,
    people,
    phones,
    photos,
    quarantine,
    queue,
    server_clock,
    sign_in,
    visits,
)

API_BLUEPRINTS = (api.blueprint, api_doctor.blueprint, api_files.blueprint)
OFFICE_BLUEPRINTS = (
    sign_in.blueprint,
    account.blueprint,
    people.blueprint,
    phones.blueprint,
    server_clock.blueprint,
    imports.blueprint,
    quarantine.blueprint,
    exports.blueprint,
    queue.blueprint,
    visits.blueprint,
    photos.blueprint,
    areas.blueprint,
    area_imports.blueprint,
    campaigns.blueprint,
    backups.blueprint,
)


def install_sign_in(app: Flask) -> None:
    """Hang Flask-Login on the application, and what the office's layout asks for."""
    guards.install(app)
    formatting.install(app)
    area_words.install(app)
    backups.install(app)
    server_clock.install(app)
