"""An office for tests of the review: people, a phone, visits that came in by the wire's service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from survey.domain.identifiers import new_id
from survey.services.reviewing import decide
from survey.settings import Settings
from survey.store.areas import list_areas
from survey.store.connection import Store
from survey.store.users import User
from survey.store.visit_page import get_visit_row
from tests.factories import NOW, Enrolled, FixedClock, make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.sending import send


@dataclass
class Office:
    """Who is there, and what the phone sent last."""

    store: Store
    settings: Settings
    clock: FixedClock
    officer: User
    supervisor: User
    phone: Enrolled

    @property
    def jorong(self) -> list[str]:
        """The ids of the jorong of the reference, sorted."""
        areas = list_areas(self.store.reader()).values()
        return sorted(area.id for area in areas if area.level == "jorong" and area.is_live)

    def receive(self, sender: Enrolled | None = None, **changes: Any) -> dict[str, Any]:
        """Let a visit come in, one second after what happened before; return its payload."""
        changes.setdefault("area", {"id": self.jorong[0], "claimed": None})
        payload = make_visit_payload(**changes)
        self.send(make_envelope(payload), phone=sender)
        return payload

    def correct(
        self, payload: dict[str, Any], *, seen: bool = True, base: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Let a correction of a visit come in; `seen`: after reading the newest review."""
        row = self.row(payload["id"])
        corrected = {**payload, **changes}
        envelope = make_envelope(
            corrected,
            revision=row["revision"] + 1,
            base=base or row["head_sha256"],
            seen_review=row["latest_review"] if seen else None,
        )
        self.send(envelope)
        return corrected

    def withdraw(self, visit_id: str, reason: str = "salah jorong") -> None:
        """Let the officer take a visit back."""
        row = self.row(visit_id)
        payload = {
            "id": new_id(),
            "visit_id": visit_id,
            "reason": reason,
            "saved_at": self.clock(),
            "utc_offset_min": 420,
            "clock": {"server_offset_ms": 0, "server_contact_at": None},
        }
        self.send(
            make_envelope(
                payload,
                kind="withdrawal",
                base=row["head_sha256"],
                seen_review=row["latest_review"],
            )
        )

    def send(self, *envelopes: dict[str, Any], phone: Enrolled | None = None) -> list[Any]:
        """Send envelopes from a phone; each must be kept."""
        results = send(
            self.store, self.settings, phone or self.phone, *envelopes, now=self.clock.tick()
        )
        assert all(result["result"] != "refused" for result in results), results
        return results

    def row(self, visit_id: str) -> dict[str, Any]:
        """Return the visit as the office's page reads it."""
        return dict(get_visit_row(self.store.reader(), visit_id))

    def decide(
        self,
        visit_id: str,
        decision: str,
        reason: str | None = None,
        *,
        by: User | None = None,
        seq: int | None = None,
    ) -> str:
        """Let a supervisor decide on what they see now."""
        expected = self.row(visit_id)["changed_seq"] if seq is None else seq
        reviewer = by or self.supervisor
        return decide(self.store, visit_id, decision, reason, reviewer, expected, self.clock.tick())

    def feed(self, kind: str, officer: User | None = None) -> list[str]:
        """Return the subjects of one kind in an officer's feed, oldest first."""
        rows = self.store.reader().execute(
            "SELECT subject FROM changes WHERE kind = ? AND user_key = ? ORDER BY seq",
            (kind, (officer or self.officer).key),
        )
        return [row["subject"] for row in rows]

    def audit(self, subject: str) -> list[str]:
        """Return the actions in the audit about a subject, oldest first."""
        rows = self.store.reader().execute(
            "SELECT action FROM audit WHERE subject = ? ORDER BY seq", (subject,)
        )
        return [row["action"] for row in rows]


def open_office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    """Return an office with an officer who has a phone, and a supervisor."""
    officer = add_person(store, "dedi", name="Dedi Kurnia")
    supervisor = add_person(store, "yanti", "supervisor", name="Yanti Oktavia")
    phone = enrol_phone(store, settings, officer)
    return Office(store, settings, clock, officer, supervisor, phone)


def claimed_area(name: str, nagari_id: str | None = None) -> dict[str, Any]:
    """Return the area of a payload whose jorong is not in the list."""
    return {"id": None, "claimed": {"name": name, "nagari_id": nagari_id, "said_by": "Pak Wali"}}


def payload_text(payload: dict[str, Any]) -> str:
    """Return a payload as the factories freeze it."""
    return json.dumps(payload, ensure_ascii=False)


__all__ = ["NOW", "Office", "claimed_area", "open_office", "payload_text"]
