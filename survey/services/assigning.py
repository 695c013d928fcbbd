"""Who goes where: officers are given jorong of a campaign, exchanged and relieved.

Each change reaches the phones it concerns, a tombstone those that are relieved.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from survey.domain.campaigns import LETTER_CHARACTERS, is_day
from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.problems import FieldError, Problem
from survey.services.campaigns import get_open_campaign
from survey.store.assignments import (
    Assignment,
    find_open_assignment,
    get_assignment,
    save_assignment,
)
from survey.store.audit import append_audit
from survey.store.campaigns import list_target_ids
from survey.store.changes import record_change
from survey.store.connection import Store
from survey.store.users import get_user


def assign_areas(
    store: Store,
    *,
    campaign_id: str,
    area_ids: Sequence[str],
    officer_ids: Sequence[str],
    due_on: str | None,
    letter_number: str | None,
    actor: str,
    now: Instant,
    note: str | None = None,
) -> list[str]:
    """Give jorong of a campaign to officers; one that has officers gets these instead.

    Returns the assignments' ids in the order of the areas. Raises `campaign.closed`,
    `campaign.practice_fixed`, `assignment.no_officer`, `assignment.not_an_officer`,
    `assignment.not_a_target`, `field.invalid`.
    """
    _refuse_faults(due_on, letter_number, officer_ids)

    def write(connection: sqlite3.Connection) -> list[str]:
        get_open_campaign(connection, campaign_id)
        keys = _find_officer_keys(connection, officer_ids)
        targets = set(list_target_ids(connection, campaign_id))
        done = []
        for area_id in area_ids:
            if area_id not in targets:
                raise Problem("assignment.not_a_target")
            known = find_open_assignment(connection, campaign_id, area_id)
            assignment = replace(
                known or Assignment(new_id(), campaign_id, area_id, None, None, None, now),
                due_on=due_on,
                letter_number=letter_number,
                note=note,
            )
            save_assignment(connection, assignment, keys)
            _tell_phones(connection, assignment.id, known, keys)
            action = "assignment.changed" if known else "assignment.made"
            append_audit(connection, now, actor, action, assignment.id, ",".join(officer_ids))
            done.append(assignment.id)
        return done

    return store.write(write)


def cancel_assignment(store: Store, assignment_id: str, actor: str, now: Instant) -> None:
    """Take an assignment back; a cancelled one stays cancelled."""

    def write(connection: sqlite3.Connection) -> None:
        assignment = get_assignment(connection, assignment_id)
        if assignment.cancelled_at is not None:
            return
        keys = [officer.key for officer in assignment.officers]
        save_assignment(connection, replace(assignment, cancelled_at=now), keys)
        for key in keys:
            record_change(connection, "assignment", assignment_id, user_key=key, deleted=True)
        append_audit(connection, now, actor, "assignment.cancelled", assignment_id)

    store.write(write)


def _refuse_faults(
    due_on: str | None, letter_number: str | None, officer_ids: Sequence[str]
) -> None:
    faults = []
    if due_on is not None and not is_day(due_on):
        faults.append(FieldError("due_on", N_("This is not a day.")))
    if letter_number is not None and len(letter_number) > LETTER_CHARACTERS:
        faults.append(FieldError("letter_number", N_("This is too long.")))
    if faults:
        raise Problem("field.invalid", faults)
    if not officer_ids:
        raise Problem("assignment.no_officer")


def _find_officer_keys(connection: sqlite3.Connection, officer_ids: Sequence[str]) -> list[int]:
    keys = []
    for officer_id in officer_ids:
        user = get_user(connection, officer_id)
        if "officer" not in user.roles or user.disabled_at is not None:
            raise Problem("assignment.not_an_officer", name=user.name)
        keys.append(user.key)
    return sorted(set(keys))


def _tell_phones(
    connection: sqlite3.Connection, assignment_id: str, known: Assignment | None, keys: list[int]
) -> None:
    relieved = {officer.key for officer in known.officers} - set(keys) if known else set()
    for key in sorted(relieved):
        record_change(connection, "assignment", assignment_id, user_key=key, deleted=True)
    for key in keys:
        record_change(connection, "assignment", assignment_id, user_key=key)
