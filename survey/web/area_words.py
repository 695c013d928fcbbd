"""How the pages of areas write published facts: a date that may be a year only, a metric."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date
from flask import Flask

from survey.domain.labels import N_
from survey.web.language import current_language, gettext

METRICS: Final = {
    "blankspot_points": N_("Blankspot points"),
    "blankspot_jorong": N_("Blankspot jorong"),
    "blankspot_listed": N_("Named in the list of blankspot jorong"),
}
UNITS: Final = {"points": N_("points"), "jorong": N_("jorong")}

FIELDS: Final = {
    "name": N_("name"),
    "parent_id": N_("place in the tree"),
    "standing": N_("standing"),
    "kemendagri_code": N_("Kemendagri code"),
    "bps_code": N_("BPS code"),
    "latitude_deg": N_("point"),
    "longitude_deg": N_("point"),
    "point_source": N_("point"),
    "aliases": N_("other names"),
    "note": N_("note"),
    "boundary": N_("boundary"),
    "retired_at": N_("in use again"),
}
"""What an import may change of an area, in words; several fields may share one."""

_PATTERNS: Final = {4: "yyyy", 7: "MMMM yyyy", 10: "d MMMM yyyy"}


def show_as_of(text: str) -> str:
    """Return a day, month or year such as "2023-01" as people read it; other text as it is."""
    pattern = _PATTERNS.get(len(text))
    try:
        day = date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return text
    return format_date(day, pattern, locale=current_language()) if pattern else text


def show_metric(metric: str) -> str:
    """Return what a published number counts."""
    return gettext(METRICS.get(metric, metric))


def show_unit(unit: str) -> str:
    """Return a unit of published numbers in words."""
    return gettext(UNITS.get(unit, unit))


def show_fields(fields: tuple[str, ...]) -> str:
    """Return the changed fields of an area in words, each once."""
    words = (gettext(FIELDS[field]) for field in fields if field in FIELDS)
    return ", ".join(dict.fromkeys(words))


def install(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        as_of=show_as_of, metric=show_metric, unit=show_unit, area_fields=show_fields
    )
