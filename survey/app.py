"""The application: puts one instance and all doors together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from survey import browser_libraries
from survey.domain.instants import Instant, system_now
from survey.domain.problems import Problem
from survey.formats.catalogue import load_catalogue
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.web import errors, language, refused_bodies, security, shell, store_identity
from survey.web.context import Survey
from survey.web.doors import API_BLUEPRINTS, OFFICE_BLUEPRINTS, install_sign_in
from survey.web.static_files import StaticFiles


class MissingLibrariesError(Exception):
    """The browser libraries are not installed; the text says what to do."""


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    clock: Callable[[], Instant] = system_now,
) -> Flask:
    """Return the Flask application of one instance.

    Raises SettingsError, MissingLibrariesError, or Problem when the instance is not initialised.
    """
    settings = settings or load_settings()
    missing = browser_libraries.check()
    if missing is not None:
        raise MissingLibrariesError(missing)
    try:
        opened = store or Store.open(settings.database, settings.wal_pages)
    except FileNotFoundError:
        raise Problem("instance.not_initialised") from None
    app = Flask("survey", static_folder=None, template_folder=str(find_templates()))
    _configure(app, settings)
    app.url_map.merge_slashes = False  # its redirect would name whatever host was asked for
    app.extensions["survey"] = Survey(
        settings=settings,
        store=opened,
        files=FileRoom(settings.instance),
        clock=clock,
        catalogues={
            code: load_catalogue(code, Path(__file__).parent / "translations" / f"{code}.po")
            for code in language.LANGUAGES
        },
        static=StaticFiles(browser_libraries.static_folder()),
    )
    app.teardown_request(lambda _: opened.release())  # readers follow requests, not threads
    security.install(app)  # before the CSRF check, which reads the whole form
    csrf = CSRFProtect(app)
    install_sign_in(app)
    for room in (language, errors, shell, store_identity, refused_bodies):
        room.install(app)
    _register(app, OFFICE_BLUEPRINTS)
    _register(app, API_BLUEPRINTS)
    for blueprint in (*API_BLUEPRINTS, shell.blueprint):
        csrf.exempt(blueprint)
    return app


def find_templates() -> Path:
    """Return the folder of templates: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=security.FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=security.FORM_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=30 * 86_400,
        WTF_CSRF_TIME_LIMIT=None,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.json.sort_keys = False  # type: ignore[attr-defined]
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _register(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
