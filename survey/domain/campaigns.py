"""Campaigns: the fixed practice one, and what a campaign's fields may be."""

from __future__ import annotations

from datetime import date
from typing import Final

from survey.domain.labels import N_
from survey.domain.limits import NAME_CHARACTERS
from survey.domain.problems import FieldError

PRACTICE_CAMPAIGN_ID: Final = "latihan"
"""Kept out of every count and export; exists in every instance."""

LETTER_CHARACTERS: Final = 100
"""A surat tugas number such as 094/17/Kominfo-2026."""


def list_campaign_faults(name: str, starts_on: str | None, ends_on: str | None) -> list[FieldError]:
    """Return what is wrong with a campaign's name and days; days are ISO texts or None."""
    faults = []
    if not 1 <= len(name.strip()) <= NAME_CHARACTERS:
        faults.append(FieldError("name", N_("Please give a name.")))
    for field, text in (("starts_on", starts_on), ("ends_on", ends_on)):
        if text is not None and not is_day(text):
            faults.append(FieldError(field, N_("This is not a day.")))
    if not faults and starts_on and ends_on and ends_on < starts_on:
        faults.append(FieldError("ends_on", N_("The last day is before the first.")))
    return faults


def is_day(text: str) -> bool:
    """Tell whether a text is a calendar day such as 2026-05-04."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
