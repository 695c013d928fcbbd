"""What becomes of each visit of the demo after it came in: decisions, corrections, conflicts.

Each outcome is a function that puts its steps on the stage's calendar.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from survey.domain.instants import Instant
from survey.services.commenting import comment_on_visit
from survey.services.conflicts import settle
from survey.services.demo_plan import (
    CORRECTION,
    REJECT_REASON,
    RETURN_REASONS,
    PlannedVisit,
    correct_payload,
)
from survey.services.demo_stage import Phone, Stage, enrol_phone, seal, send
from survey.services.demo_visits import make_id
from survey.services.demo_world import SUPERVISOR
from survey.services.layering import lay_correction
from survey.services.reviewing import decide
from survey.store.conflicts import list_conflicts
from survey.store.visit_page import get_visit_row

Outcome = Callable[[Stage, PlannedVisit, int], None]


def _decide(
    stage: Stage, planned: PlannedVisit, decision: str, reason: str | None, now: Instant
) -> None:
    visit_id = planned.visit.id
    visit = get_visit_row(stage.store.reader(), visit_id)
    reviewer = stage.people[SUPERVISOR.username]
    decide(stage.store, visit_id, decision, reason, reviewer, visit["changed_seq"], now)


def _correct(
    stage: Stage,
    planned: PlannedVisit,
    now: Instant,
    *,
    note: str = CORRECTION,
    phone: Phone | None = None,
    seen: bool = True,
    keep_head: bool = False,
) -> None:
    """Send a further revision; `seen` is whether its officer had read the newest review."""
    phone = phone or stage.phones[planned.visit.officer.username]
    base, revision = stage.heads[planned.visit.id]
    row = get_visit_row(stage.store.reader(), planned.visit.id)
    payload = correct_payload(planned.visit.payload, now, note)
    envelope = seal(
        phone,
        "visit",
        payload,
        revision=revision + 1,
        base=base,
        seen_review=row["latest_review"] if seen else None,
    )
    send(stage, phone, [envelope], now)
    if not keep_head:
        stage.heads[planned.visit.id] = (envelope["sha256"], revision + 1)


def _approve(stage: Stage, planned: PlannedVisit, number: int) -> None:
    do = partial(_decide, stage, planned, "approved", None)
    stage.at(planned.upload_at + timedelta(hours=14, seconds=number), do)


def _return(stage: Stage, planned: PlannedVisit, number: int) -> None:
    reason = RETURN_REASONS[number % len(RETURN_REASONS)]
    do = partial(_decide, stage, planned, "has_issues", reason)
    stage.at(planned.upload_at + timedelta(hours=14, seconds=number), do)


def _return_fix(stage: Stage, planned: PlannedVisit, number: int) -> None:
    _return(stage, planned, number)
    stage.at(
        planned.upload_at + timedelta(hours=36, seconds=number), partial(_correct, stage, planned)
    )


def _return_fix_approve(stage: Stage, planned: PlannedVisit, number: int) -> None:
    _return_fix(stage, planned, number)
    do = partial(_decide, stage, planned, "approved", "Bukti lengkap, terima kasih.")
    stage.at(planned.upload_at + timedelta(hours=62, seconds=number), do)


def _reject(stage: Stage, planned: PlannedVisit, number: int) -> None:
    do = partial(_decide, stage, planned, "rejected", REJECT_REASON)
    stage.at(planned.upload_at + timedelta(hours=14, seconds=number), do)


def _withdraw(stage: Stage, planned: PlannedVisit, number: int) -> None:
    def send_withdrawal(now: Instant) -> None:
        phone = stage.phones[planned.visit.officer.username]
        payload = {
            "id": make_id(planned.upload_at, stage.random),
            "visit_id": planned.visit.id,
            "reason": "Tersimpan dua kali, yang ini tidak dipakai.",
            "saved_at": now,
            "utc_offset_min": 420,
        }
        base, _ = stage.heads[planned.visit.id]
        send(stage, phone, [seal(phone, "withdrawal", payload, base=base)], now)

    stage.at(planned.upload_at + timedelta(hours=1, seconds=number), send_withdrawal)


def _leave(stage: Stage, planned: PlannedVisit, number: int) -> None:
    """Nothing is decided; every fourth visit gets a comment."""
    later = planned.upload_at + timedelta(hours=15, seconds=number)
    if number % 4 == 0 and not planned.visit.payload["practice"]:
        text = "Apakah ada BTS yang terlihat dari titik ini?"
        author = stage.people[SUPERVISOR.username]
        stage.at(later, partial(comment_on_visit, stage.store, planned.visit.id, text, author))


def _conflict_decided(stage: Stage, planned: PlannedVisit, number: int) -> None:
    """The officer corrects, not knowing that the visit was approved meanwhile."""
    _approve(stage, planned, number)
    do = partial(_correct, stage, planned, seen=False)
    stage.at(planned.upload_at + timedelta(hours=36, seconds=number), do)


def _conflict_two_phones(stage: Stage, planned: PlannedVisit, number: int) -> None:
    """The same visit is corrected on two phones of one officer."""
    officer = planned.visit.officer
    first = partial(_correct, stage, planned, note="Nomor rumah ditambah.", keep_head=True)
    stage.at(planned.upload_at + timedelta(hours=2, seconds=number), first)

    def second(now: Instant) -> None:
        spare = enrol_phone(stage, stage.people[officer.username], "Nokia C12", now)
        _correct(stage, planned, now, note="Ditulis ulang di HP cadangan.", phone=spare)

    stage.at(planned.upload_at + timedelta(hours=3, seconds=number), second)


def _conflict_unseen(stage: Stage, planned: PlannedVisit, number: int) -> None:
    """The officer corrects before reading why the visit was returned."""
    _return(stage, planned, number)
    do = partial(_correct, stage, planned, seen=False)
    stage.at(planned.upload_at + timedelta(hours=20, seconds=number), do)


def _conflict_settled(stage: Stage, planned: PlannedVisit, number: int) -> None:
    """As with two phones; then a supervisor takes the second version."""
    _conflict_two_phones(stage, planned, number)

    def choose(now: Instant) -> None:
        connection = stage.store.reader()
        visit = get_visit_row(connection, planned.visit.id)
        (question,) = list_conflicts(connection, planned.visit.id)
        settle(
            stage.store,
            question["key"],
            "take_branch",
            "Catatan di HP cadangan lebih lengkap.",
            stage.people[SUPERVISOR.username],
            visit["changed_seq"],
            now,
        )

    stage.at(planned.upload_at + timedelta(hours=16, seconds=number), choose)


def map_claimed_place(stage: Stage, planned: PlannedVisit) -> None:
    """Let the office say which jorong a claimed place is, before anything is decided."""

    def lay(now: Instant) -> None:
        visit = get_visit_row(stage.store.reader(), planned.visit.id)
        lay_correction(
            stage.store,
            planned.visit.id,
            "area_id",
            planned.visit.place.area_id,
            "Nama setempat, sudah ditanyakan kepada wali nagari.",
            stage.people[SUPERVISOR.username],
            visit["changed_seq"],
            now,
        )

    stage.at(planned.upload_at + timedelta(minutes=40), lay)


OUTCOME_STEPS: Final[dict[str, Outcome]] = {
    "approve": _approve,
    "return": _return,
    "return_fix": _return_fix,
    "return_fix_approve": _return_fix_approve,
    "reject": _reject,
    "withdraw": _withdraw,
    "leave": _leave,
    "conflict_decided": _conflict_decided,
    "conflict_two_phones": _conflict_two_phones,
    "conflict_unseen": _conflict_unseen,
    "conflict_settled": _conflict_settled,
}
