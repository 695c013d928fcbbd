"""What phones do in the model test: save, send in any order, upload, read their feed.

Each act is done to the server and to the model, and their answers must be equal.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.faults.wire_model import Record, World, make_record
from tests.faults.wire_server import People, Server

FILES = {
    hashlib.sha256(data).hexdigest(): data
    for data in (bytes([number]) * size for number, size in enumerate((10, 300, 1_000)))
}
PHONES = ("sari 1", "sari 2", "budi")
OFFICERS = ("sari", "budi")

picks = st.integers(0, 999)
phones = st.sampled_from(PHONES)


@dataclass(frozen=True)
class Act:
    """Something an officer saves; `pick` chooses the visit that it speaks of."""

    what: str
    pick: int
    photos: list[str]
    base: str
    review: str


SAVED = ["visit", "visit", "withdrawal", "comment", *["correction"] * 4]
ODD = ["spoilt", "broken", "another_kind"]
acts = st.builds(
    Act,
    what=st.sampled_from([*SAVED, *ODD]),
    pick=picks,
    photos=st.lists(st.sampled_from(sorted(FILES)), max_size=2),
    base=st.sampled_from(["head", "head", "head", "older", "none", "nonsense"]),
    review=st.sampled_from(["seen", "seen", "none", "nonsense"]),
)


@dataclass
class Feed:
    """What a phone knows by /changes; a new pass counts once it is complete."""

    cursor: str = ""
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)
    fresh: dict[tuple[str, str], Any] | None = None


class PhoneRules(RuleBasedStateMachine):
    """Two officers with three phones, the server, and the model of what it must hold."""

    def __init__(self, base: Path, people: People, root: Path, count: Counter[str]) -> None:
        super().__init__()
        self.folder = root / f"example-{count['examples']}"
        shutil.copytree(base, self.folder / "instance")
        self.server = Server(self.folder / "instance", people)
        self.count = count
        self.count["examples"] += 1
        self.world = World()
        self.made: dict[str, list[Record]] = {name: [] for name in OFFICERS}
        self.acked: dict[str, set[Record]] = {name: set() for name in OFFICERS}
        self.feeds = {phone: Feed() for phone in PHONES}
        self.behind: set[str] = set()
        self.backed_up: set[str] = set()
        self.number = 0

    @initialize(
        count=st.integers(1, 3), photos=st.lists(st.sampled_from(sorted(FILES)), max_size=2)
    )
    def begin_with_visits(self, count: int, photos: list[str]) -> None:
        """Each officer has a few, one of them with a question."""
        for phone in ("sari 1", "budi"):
            officer = self.officer(phone)
            for _ in range(count):
                self.add(self.new_id(), "visit", officer, photos=tuple(photos))
            self.add(self.made[officer][0].id, "visit", officer, base="f" * 64)
            self.send(phone, self.made[officer])

    def officer(self, phone: str) -> str:
        return self.server.people.officer_of(phone)

    def new_id(self) -> str:
        self.number += 1
        return str(uuid.UUID(int=(0x01970000 << 96) | (7 << 76) | (2 << 62) | self.number))

    def add(self, record_id: str, kind: str, officer: str, **more: Any) -> None:
        self.number += 1
        self.made[officer].append(make_record(record_id, kind, officer, self.number, **more))

    @rule(
        phone=phones,
        acts=st.lists(acts, min_size=1, max_size=6),
        which=st.sampled_from(["none", "new", "new", "new backwards", "some", "some"]),
        some=st.lists(picks, max_size=8),
        heard=st.sampled_from([True, True, True, False]),
    )
    def work_in_the_field(
        self, phone: str, acts: list[Act], which: str, some: list[int], heard: bool
    ) -> None:
        """Save records, then send: nothing, what is new, or any, a few twice; the answer may be
        lost.
        """
        officer = self.officer(phone)
        for act in acts:
            self.save(officer, act)
        made = self.made[officer]
        new = made[-len(acts) :]
        # Of all that were ever made the newest are likeliest.
        picked = [made[-1 - pick % min(len(made), 12)] for pick in some]
        orders = {"new": new, "new backwards": new[::-1], "some": picked, "none": []}
        if orders[which]:
            self.send(phone, orders[which], heard)

    def save(self, officer: str, act: Act) -> None:
        """Save what an act says; without a visit to speak of, a new visit."""
        visits = [record for record in self.made[officer] if record.kind == "visit"]
        if act.what == "visit" or not visits:
            self.add(self.new_id(), "visit", officer, photos=tuple(act.photos))
            return
        # Few of them, so that much happens to each.
        visit = visits[-1 - act.pick % min(len(visits), 4)]
        if act.what == "correction":
            self.correct(officer, visit, act)
        elif act.what == "another_kind":
            self.add(visit.id, "comment", officer, subject=visit.id)
        elif act.what == "spoilt":
            self.add(visit.id, "visit", officer, base=visit.sha256, spoilt=True)
        elif act.what == "broken":
            self.number += 1
            record_id = visit.id if act.pick % 2 else self.new_id()
            self.made[officer].append(Record(record_id, "visit", f"rusak {self.number}", officer))
        else:
            self.add(self.new_id(), act.what, officer, subject=visit.id)

    def correct(self, officer: str, old: Record, act: Act) -> None:
        standing = self.world.visits.get(old.id)
        bases = {"older": old.sha256, "none": None, "nonsense": "f" * 64}
        bases["head"] = standing.head if standing else old.sha256
        seen = standing.latest_review if standing and act.review == "seen" else None
        self.add(
            old.id,
            "visit",
            officer,
            base=bases[act.base],
            seen_review="nonsense" if act.review == "nonsense" else seen,
            photos=tuple(act.photos),
        )

    def send(self, phone: str, records: list[Record], heard: bool = True) -> None:
        officer = self.officer(phone)
        missing = [self.world.missing(officer, record) for record in records]
        expected = [self.world.receive(officer, record) for record in records]
        results = self.server.send(
            phone, [record.envelope(number) for number, record in enumerate(records, 1)]
        )
        assert [(one["id"], one["sha256"]) for one in results] == [
            (record.id, record.sha256) for record in records
        ]
        assert [one.get("code", one["result"]) for one in results] == expected
        kept = [not word.startswith("record.") for word in expected]
        assert [one["missing_files"] for one in results] == [
            files if held else [] for held, files in zip(kept, missing, strict=True)
        ]
        self.count["records"] += len(records)
        if heard:
            self.acked[officer].update(
                record for record, held in zip(records, kept, strict=True) if held
            )

    @rule(phone=phones, pick=picks, what=st.sampled_from(["visit", "withdrawal", "comment"]))
    def meddle_with_a_visit_of_another_officer(self, phone: str, pick: int, what: str) -> None:
        officer = self.officer(phone)
        others = [key for key, each in self.world.visits.items() if each.officer != officer]
        if not others:
            return
        visit_id = others[pick % len(others)]
        self.number += 1
        record = (
            make_record(
                visit_id, "visit", officer, self.number, base=self.world.visits[visit_id].head
            )
            if what == "visit"
            else make_record(self.new_id(), what, officer, self.number, subject=visit_id)
        )
        self.send(phone, [record])
        assert record not in self.acked[officer]

    @rule(
        phone=phones,
        sha256=st.sampled_from(sorted(FILES)),
        chunk=st.sampled_from([0, 1, 7, 150, 2_000]),
        at=st.sampled_from(["right", "right", "right", "start", "gap", "end"]),
        sound=st.sampled_from([True, True, True, False]),
    )
    def send_a_chunk(self, phone: str, sha256: str, chunk: int, at: str, sound: bool) -> None:
        officer, length = self.officer(phone), len(FILES[sha256])
        here = self.world.offset(officer, phone, sha256, length) or 0
        offset = {"right": here, "start": 0, "gap": here + 1, "end": length}[at]
        offset = min(offset, length)
        data = FILES[sha256][offset : offset + chunk] if sound else b"?" * min(chunk, length + 1)
        self.put(phone, sha256, offset, data)

    def put(self, phone: str, sha256: str, offset: int, data: bytes) -> int:
        officer, length = self.officer(phone), len(FILES[sha256])
        sound = data == FILES[sha256][offset : offset + len(data)]
        expected = self.world.put(
            officer, phone, sha256, length, offset, len(data), sound, self.server.seconds
        )
        assert self.server.put(phone, sha256, length, offset, data) == expected
        assert self.server.head(phone, sha256) == self.world.offset(officer, phone, sha256, length)
        self.count["chunks"] += 1
        return expected[0]

    @rule(phone=phones)
    def synchronise(self, phone: str) -> None:
        """All records in the order of saving, then all files, then the feed."""
        officer = self.officer(phone)
        records = [record for record in self.made[officer] if not record.spoilt]
        for start in range(0, len(records), 20):
            self.send(phone, records[start : start + 20])
        for sha256 in FILES:
            at = self.server.head(phone, sha256) or 0
            if self.put(phone, sha256, at, FILES[sha256][at:]) == 422:  # after a wrong chunk
                assert self.put(phone, sha256, 0, FILES[sha256]) in (200, 201)
        self.behind.discard(officer)
        self.read_feed(phone, 500)

    @rule(phone=phones, limit=st.sampled_from([1, 3, 500]), pages=st.integers(1, 4))
    def read_some_of_the_feed(self, phone: str, limit: int, pages: int) -> None:
        for _ in range(pages):
            if not self.read_page(phone, limit):
                return

    def read_feed(self, phone: str, limit: int) -> None:
        while self.read_page(phone, limit):
            pass
        self.compare_feed(phone)

    def read_page(self, phone: str, limit: int) -> bool:
        """Take in one page; tell whether there is more."""
        feed = self.feeds[phone]
        page = self.server.ask(phone, "GET", f"/changes?limit={limit}&cursor={feed.cursor}")
        if page["status"] == 400:
            assert page["code"] == "cursor.unknown"
            feed.cursor, feed.fresh = "", {}
            return True
        rows = feed.rows if feed.fresh is None else feed.fresh
        for change in page["changes"]:
            if change["deleted"]:
                rows.pop((change["kind"], change["id"]), None)
            else:
                rows[change["kind"], change["id"]] = change["data"]
        feed.cursor = page["cursor"]
        if not page["more"] and feed.fresh is not None:
            feed.rows, feed.fresh = feed.fresh, None
        return bool(page["more"])

    def compare_feed(self, phone: str) -> None:
        """What a phone knows of its visits is how they stand, with the review of each."""
        officer, rows = self.officer(phone), self.feeds[phone].rows
        questions = Counter(visit_id for _, visit_id, _ in self.server.questions())
        assert {
            key: (data["head"], data["state"], data["latest_review"], data["conflict"])
            for (kind, key), data in rows.items()
            if kind == "visit"
        } == {
            key: (each.head, each.state, each.latest_review, questions[key] > 0)
            for key, each in self.world.visits.items()
            if each.officer == officer
        }
        for each in self.world.visits.values():
            if each.officer == officer and each.latest_review is not None:
                assert ("review", each.latest_review) in rows
        assert {key for kind, key in rows if kind == "file_safe"} <= self.backed_up
