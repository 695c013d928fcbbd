"""How the office's pages write numbers, distances, times and words, in the reader's language.

Filters and globals for templates. Day and time alone are in web/times.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, request

from survey.domain.classes import CLASS_WORDS
from survey.domain.exports import pseudonym
from survey.domain.instants import milliseconds_between, parse_instant
from survey.domain.labels import N_, label_of
from survey.domain.operators import OPERATORS
from survey.domain.roles import STAFF_ROLES, may_see_personal_data
from survey.web.context import survey
from survey.web.guards import find_person
from survey.web.language import current_language, gettext

BRANDS: Final = {operator.key: operator.brand for operator in OPERATORS}
"""What ships; brands the office added are in the store and shown by their key."""

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class OfficeLink:
    """One entry of the office's navigation for the roles that may open it."""

    path: str
    label: str
    icon: str
    roles: frozenset[str]
    current: bool = False


_LINKS: Final = (
    OfficeLink("/queue", N_("Queue"), "visits", STAFF_ROLES),
    OfficeLink("/areas", N_("Areas"), "map", STAFF_ROLES),
    OfficeLink("/campaigns", N_("Campaigns"), "calendar", STAFF_ROLES),
    OfficeLink("/people", N_("People & phones"), "people", frozenset({"admin"})),
    OfficeLink("/phones", N_("Phones"), "phone", frozenset({"supervisor"})),
    OfficeLink("/exports", N_("Exports"), "download", STAFF_ROLES),
    OfficeLink("/backups", N_("Backups"), "storage", frozenset({"admin"})),
)


def list_office_links() -> list[OfficeLink]:
    """Return where the signed-in person may go, the present place marked."""
    person = find_person()
    roles = person.roles if person else frozenset()
    here = "/queue" if request.path.startswith("/visits") else request.path
    here = "/phones" if here.startswith(("/import", "/quarantine")) else here
    shown = [link for link in _LINKS if link.roles & roles]
    if "admin" in roles:
        # The admin reaches phones from the page of people; one entry holds both.
        shown = [link for link in shown if link.path != "/phones"]
        here = "/people" if here.startswith("/phones") else here
    return [
        OfficeLink(
            link.path, link.label, link.icon, link.roles, f"{here}/".startswith(f"{link.path}/")
        )
        for link in shown
    ]


def page_path() -> str:
    """Return where a person comes back to after a change of language: a page, not an action."""
    if request.method != "GET":
        return "/office"
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query else request.path


def show_number(value: float | None, digits: int = 0) -> str:
    """Return a number with at most `digits` decimals, "6,2" in Indonesian; None is a dash."""
    if value is None:
        return "–"
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    text: str = format_decimal(value, format=pattern, locale=current_language())
    return text.replace("-", "−") if value < 0 else text


def show_bounded(count: int, more: bool) -> str:
    """Return a count that may be cut, such as "10.000+"."""
    return show_number(count) + ("+" if more else "")


def show_distance(metres: float | None) -> str:
    """Return a length as people say it: "6,2 m", "340 m", "1,4 km"."""
    if metres is None:
        return "–"
    if metres >= 1_000:
        return f"{show_number(metres / 1_000, 1)} km"
    return f"{show_number(metres, 1 if metres < 20 else 0)} m"


def show_clock(instant: str | None) -> str:
    """Return local day and time to the second, or the raw text when it is no instant."""
    if not instant:
        return "–"
    try:
        moment = parse_instant(instant).astimezone(survey().settings.timezone)
    except (ValueError, OverflowError):
        return instant
    pattern = "d MMM yyyy HH.mm.ss" if current_language() == "id" else "d MMM yyyy HH:mm:ss"
    return str(format_datetime(moment, pattern, locale=current_language()))


def show_ago(instant: str | None) -> str:
    """Return how long ago an instant was, roughly: "3 jam yang lalu", "just now"."""
    if not instant:
        return ""
    gone_ms = milliseconds_between(instant, survey().clock())
    if abs(gone_ms) < 60_000:
        return gettext("just now")
    return str(
        format_timedelta(
            timedelta(milliseconds=-gone_ms),
            add_direction=True,
            threshold=1.5,
            granularity="minute",
            locale=current_language(),
        )
    )


def show_offset(milliseconds: float | None) -> str:
    """Return a clock's error in words: "0,9 s slow", "12 min fast"."""
    if milliseconds is None:
        return gettext("not known")
    size = abs(milliseconds)
    if size < 500:
        return gettext("accurate")
    if size < 120_000:
        amount = f"{show_number(size / 1_000, 1)} s"
    elif size < 2 * DAY_MS:
        amount = gettext("{n} min", n=show_number(size / 60_000))
    else:
        amount = gettext("{n} days", n=show_number(size / DAY_MS))
    # server_offset_ms is server minus phone: positive means the phone is behind.
    return (
        gettext("{amount} slow", amount=amount)
        if milliseconds > 0
        else gettext("{amount} fast", amount=amount)
    )


def show_word(key: str | None, group: str) -> str:
    """Return what people call a key of a list of labels; None is a dash."""
    return gettext(label_of(group, key)) if key is not None else "–"


def show_class(letter: str) -> str:
    """Return the words of a class A to D."""
    return gettext(CLASS_WORDS[letter])


def name_zone() -> str:
    """Return the office's time zone as people name it, "WIB" or "Asia/Jakarta"."""
    zone = survey().settings.timezone
    name = parse_instant(survey().clock()).astimezone(zone).tzname() or ""
    return name if name.isalpha() else zone.key


def show_operator(key: str | None) -> str:
    """Return an operator's brand."""
    return BRANDS.get(key, key) if key else gettext("unknown operator")


def sees_personal() -> bool:
    """Tell whether the signed-in person may see fields marked personal."""
    person = find_person()
    return person is not None and may_see_personal_data(person.roles)


def label_officer(row: Any) -> str:
    """Return the officer of a row (officer_id, officer_name): the name, else a lasting alias."""
    name: str = row["officer_name"]
    return name if sees_personal() else pseudonym(row["officer_id"])


def label_staff(name: str) -> str:
    """Return the name of somebody of the office, or what they are for those who see no names."""
    return name if sees_personal() else gettext("the office")


def install(app: Flask) -> None:
    """Give the templates their filters and the layout its links."""
    filters: dict[str, Any] = {
        "number": show_number,
        "distance": show_distance,
        "clock": show_clock,
        "ago": show_ago,
        "clock_error": show_offset,
        "word": show_word,
        "brand": show_operator,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(
        office_links=list_office_links,
        page_path=page_path,
        bounded=show_bounded,
        class_word=show_class,
        timezone_name=name_zone,
        sees_personal=sees_personal,
        officer_label=label_officer,
        staff_label=label_staff,
        demo_instance=survey_is_demo(app),
    )


def survey_is_demo(app: Flask) -> bool:
    """Tell whether the instance holds demo data only."""
    return bool(app.extensions["survey"].settings.demo)
