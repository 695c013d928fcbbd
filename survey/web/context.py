"""What every view reaches: the store, the files, the settings, the clock, the texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from survey.domain.instants import Instant
from survey.formats.catalogue import Catalogue
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.web.static_files import StaticFiles


@dataclass(frozen=True, slots=True)
class Survey:
    """One running instance, hung on the Flask application."""

    settings: Settings
    store: Store
    files: FileRoom
    clock: Callable[[], Instant]
    catalogues: dict[str, Catalogue]
    static: StaticFiles


def survey() -> Survey:
    """Return the instance of the current application."""
    return cast(Survey, current_app.extensions["survey"])
