"""Instants as people of the office read them: in the instance's time zone and their language."""

from __future__ import annotations

from babel.dates import format_date, format_datetime
from flask import Flask

from survey.domain.instants import Instant, local_day, local_time
from survey.web.context import survey
from survey.web.language import current_language


def show_time(instant: Instant | None) -> str:
    """Return day and time such as "4 Mei 2026 09.14", or an empty text."""
    if instant is None:
        return ""
    zone = survey().settings.timezone
    pattern = "d MMM yyyy HH.mm" if current_language() == "id" else "d MMM yyyy HH:mm"
    moment = local_time(instant, zone)
    return format_datetime(moment, pattern, locale=current_language())


def show_day(instant: Instant | None) -> str:
    """Return the local day such as "4 Mei 2026", or an empty text."""
    if instant is None:
        return ""
    day = local_day(instant, survey().settings.timezone)
    return format_date(day, "d MMMM yyyy", locale=current_language())


def install(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.setdefault("local_time", show_time)
    app.jinja_env.filters.setdefault("local_day", show_day)
