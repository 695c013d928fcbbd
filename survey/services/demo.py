"""Loads the demo: a made-up campaign that goes through the same services as real work.

Everybody and everything in it is marked as demo. The clock is the plan's, not the machine's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from survey.domain.instants import Instant, format_instant
from survey.domain.problems import Problem
from survey.services.accounts import create_user
from survey.services.assigning import assign_areas
from survey.services.campaigns import create_campaign
from survey.services.demo_outcomes import OUTCOME_STEPS, map_claimed_place
from survey.services.demo_plan import Plan, PlannedVisit, make_plan
from survey.services.demo_stage import Stage, enrol_phone, send_visits, send_walk
from survey.services.demo_world import (
    ADMIN,
    EVERYBODY,
    OFFICERS,
    PASSWORD,
    SEED,
    DemoPerson,
    World,
    make_world,
)
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.demo import holds_demo_people, holds_real_records
from survey.store.files import FileRoom
from survey.store.meta import find_meta, set_meta

FIRST_DAY: Final = datetime(2026, 5, 4, 0, 0, tzinfo=UTC)
"""7 o'clock in Asia/Jakarta on the first Monday of the campaign."""
LOADED: Final = "demo_loaded"
NAME: Final = "Contoh: survei blankspot Mei 2026"


def load_demo(store: Store, settings: Settings, first_day: datetime = FIRST_DAY) -> bool:
    """Play the demo into an instance and tell whether anything was done.

    `first_day` is 7 o'clock local time of its first day, aware. An instance that has it stays
    as it is. Raises what `may_load_demo` raises.
    """
    if not may_load_demo(store):
        return False
    stage = Stage(store, settings, FileRoom(settings.instance), Random(SEED))  # noqa: S311
    opened = format_instant(first_day - timedelta(days=6))
    for person in EVERYBODY:
        _add_person(stage, person, opened)
    world = make_world(store.reader(), stage.random)
    campaign_id = _open_campaign(stage, world, first_day, opened)
    _schedule(stage, make_plan(world, campaign_id, first_day, stage.random), campaign_id)
    for moment, do in sorted(stage.steps, key=lambda step: step[0]):
        do(format_instant(moment))
    store.write(lambda connection: set_meta(connection, LOADED, opened))
    return True


def may_load_demo(store: Store) -> bool:
    """Tell whether the demo is still to be loaded here.

    Raises instance.has_visits, or instance.half_demo where loading was cut off.
    """
    connection = store.reader()
    if holds_real_records(connection):
        raise Problem("instance.has_visits")
    if find_meta(connection, LOADED) is not None:
        return False
    if holds_demo_people(connection):
        raise Problem("instance.half_demo")
    return True


def _add_person(stage: Stage, person: DemoPerson, now: Instant) -> None:
    user = create_user(
        stage.store,
        person.username,
        person.name,
        person.roles,
        now,
        actor="cli",
        password=PASSWORD,
        demo=True,
    )
    stage.people[person.username] = user
    if "officer" in person.roles:
        stage.phones[person.username] = enrol_phone(stage, user, person.phone, now)


def _open_campaign(stage: Stage, world: World, first_day: datetime, now: Instant) -> str:
    """Make the campaign of the demo and give each officer every sixth jorong."""
    admin = stage.people[ADMIN.username].id
    area_ids = [place.area_id for place in world.places]
    campaign_id = create_campaign(
        stage.store,
        name=NAME,
        starts_on=f"{first_day:%Y-%m-%d}",
        ends_on=f"{first_day + timedelta(days=27):%Y-%m-%d}",
        actor=admin,
        now=now,
        note="Data contoh, bukan hasil ukur.",
        area_ids=area_ids,
        demo=True,
    )
    for number, officer in enumerate(OFFICERS):
        assign_areas(
            stage.store,
            campaign_id=campaign_id,
            area_ids=area_ids[number :: len(OFFICERS)],
            officer_ids=[stage.people[officer.username].id],
            due_on=f"{first_day + timedelta(days=21):%Y-%m-%d}",
            letter_number=f"094/{17 + number}/Contoh-2026",
            actor=admin,
            now=now,
        )
    return campaign_id


def _schedule(stage: Stage, plan: Plan, campaign_id: str) -> None:
    """Turn the plan into steps: what comes in together, and what follows from it."""
    batches: dict[tuple[datetime, str], list[PlannedVisit]] = {}
    for planned in plan.visits:
        key = (planned.upload_at, planned.visit.officer.username)
        batches.setdefault(key, []).append(planned)
    for (moment, username), some in batches.items():
        visits = [planned.visit for planned in some]
        stage.at(moment, partial(send_visits, stage, stage.phones[username], visits))
    claimed = [planned for planned in plan.visits if planned.visit.payload["area"]["claimed"]]
    for planned in claimed[::2]:
        map_claimed_place(stage, planned)
    for number, planned in enumerate(plan.visits):
        OUTCOME_STEPS[planned.outcome](stage, planned, number)
    for walk in plan.walks:
        stage.at(
            walk.upload_at + timedelta(minutes=4),
            partial(
                send_walk,
                stage,
                stage.phones[walk.officer.username],
                walk.id,
                walk.columns,
                walk.segment_starts,
                campaign_id,
            ),
        )
