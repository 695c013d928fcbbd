"""Whatever phones send and the office does, in any order: the server holds what the model says.

Hypothesis plays phones, office, time and a server that is restarted or made anew from a backup.
`MODEL_EXAMPLES=500` in the environment is for people with ten minutes and takes other paths each
time; `MODEL_SHRINK=1` makes what fails smaller.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.faults.tally import record_tally
from tests.faults.wire_model import World
from tests.faults.wire_phones import FILES, OFFICERS, PHONES, Feed, PhoneRules, picks
from tests.faults.wire_server import make_instance

LONG = "MODEL_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "25"))
STEPS = 30
MOST_RESTORES = 2
DAY = 86_400
DECISIONS = ("approved", "has_issues", "rejected")


@dataclass(frozen=True)
class OfficeAct:
    """Something a supervisor does to a visit or a question."""

    what: str
    pick: int
    choice: str
    layer: tuple[str, str | None]


office_acts = st.builds(
    OfficeAct,
    what=st.sampled_from([*DECISIONS, "has_issues", *["settle"] * 3, "lay"]),
    pick=picks,
    choice=st.sampled_from(["keep_head", "take_branch"]),
    layer=st.sampled_from(
        [("note", "kantor"), ("note", None), ("place_kind", "school"), ("area_id", None)]
    ),
)


class WireMachine(PhoneRules):
    """Office, server and time beside the phones; and what must always be true."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.backups: list[tuple[str, World]] = []
        self.restores = self.days = 0

    @rule(acts=st.lists(office_acts, min_size=1, max_size=4), read_before=st.booleans())
    def work_in_the_office(self, acts: list[OfficeAct], read_before: bool) -> None:
        """What phones knew before, they must be told anew."""
        for phone in PHONES if read_before else ():
            self.read_feed(phone, 500)
        for act in acts:
            if act.what == "settle":
                self.settle(act.pick, act.choice)
            elif act.what == "lay" and self.world.visits:
                visit_id = list(self.world.visits)[-1 - act.pick % min(len(self.world.visits), 4)]
                self.server.lay(visit_id, *act.layer)
            elif act.what in DECISIONS:
                self.decide(act.pick, act.what)

    def decide(self, pick: int, decision: str) -> None:
        """Also upon an earlier decision: a supervisor may think better of it."""
        visits = [
            key
            for key, each in self.world.visits.items()
            if each.state not in ("withdrawn", decision)
        ]
        if visits:
            visit_id = visits[-1 - pick % min(len(visits), 4)]
            self.world.decide(visit_id, decision, self.server.decide(visit_id, decision))

    def settle(self, pick: int, choice: str) -> None:
        questions = self.server.questions()
        if questions:
            key, visit_id, sha256 = questions[pick % len(questions)]
            hashes = [each.sha256 for each in self.world.visits[visit_id].questions]
            self.server.settle(key, visit_id, choice)
            self.world.settle(visit_id, hashes.index(sha256), choice)

    @precondition(lambda self: len(self.world.visits) > 1)
    @rule(pick=picks)
    def erase_a_visit(self, pick: int) -> None:
        """Its phones learn that it is gone, and send it no more."""
        visit_id = sorted(self.world.visits)[pick % len(self.world.visits)]
        officer = self.world.visits[visit_id].officer
        self.server.erase(visit_id)
        self.world.erase(visit_id)
        gone = [each for each in self.made[officer] if visit_id in (each.id, each.subject)]
        phone = next(name for name in PHONES if self.officer(name) == officer)
        self.send(phone, gone[:5])
        self.made[officer] = [each for each in self.made[officer] if each not in gone]
        self.acked[officer] -= {
            each for each in self.acked[officer] if visit_id in (each.id, each.subject)
        }

    # The server and time

    @rule(
        what=st.sampled_from(["time", "time", "clean", "restart", "backup", "backup"]),
        seconds=st.sampled_from([1, 61, 3_600, DAY, 31 * DAY]),
    )
    def tend_the_server(self, what: str, seconds: int) -> None:
        if what == "time":
            self.let_time_pass(seconds)
        elif what == "backup":
            self.back_up()
        elif what == "restart":
            self.server.restart()
        else:
            self.server.clean()
            self.world.clean(self.server.seconds)

    def let_time_pass(self, seconds: int) -> None:
        """Not so long that a token dies of it: every phone is in contact afterwards."""
        if self.days + seconds / DAY < 200:
            self.days += seconds // DAY
            self.server.clock.tick(seconds)
            for phone in PHONES:
                assert self.server.ask(phone, "GET", "/changes?limit=1")["ok"]

    def back_up(self) -> None:
        name = self.server.back_up()
        self.backups.append((name, copy.deepcopy(self.world)))
        self.backups[-1][1].uploads.clear()
        self.backed_up |= {*self.world.sent_by} - self.world.erased_files

    @precondition(lambda self: self.backups and self.restores < MOST_RESTORES)
    @rule(pick=picks)
    def restore_an_earlier_moment(self, pick: int) -> None:
        there = self.server.backup_names()
        backups = [each for each in self.backups if each[0] in there]
        name, world = backups[pick % len(backups)]
        self.restores += 1
        self.server.restore(name)
        self.world = copy.deepcopy(world)
        self.behind = set(OFFICERS)
        self.count["restores"] += 1

    # What must be true

    @invariant()
    def the_server_holds_what_the_model_says(self) -> None:
        world = self.world
        assert self.server.visits() == {
            key: (each.head, each.state, each.latest_review) for key, each in world.visits.items()
        }
        assert self.server.revisions() == {
            key: (None if each.erased else each.record.payload, each.cause)
            for key, each in world.kept.items()
        }
        assert self.server.quarantined().keys() == world.quarantined.keys()
        assert Counter((visit, sha256) for _, visit, sha256 in self.server.questions()) == Counter(
            (key, record.sha256) for key, each in world.visits.items() for record in each.questions
        )
        assert self.server.chain_breaks() == []

    @invariant()
    def what_was_acknowledged_is_held(self) -> None:
        for officer in OFFICERS:
            if officer not in self.behind:
                assert all(self.world.holds(record) for record in self.acked[officer])

    def teardown(self) -> None:
        try:
            self.check_everything()
        finally:
            self.server.close()
            shutil.rmtree(self.folder)

    def check_everything(self) -> None:
        """After all phones have synced: nothing is missing, and every view tells the same."""
        for phone in PHONES:
            self.synchronise(phone)
        self.the_server_holds_what_the_model_says()
        self.what_was_acknowledged_is_held()
        for phone in PHONES:
            officer = self.officer(phone)
            records = [each for made in self.made.values() for each in made][:1_000]
            answers = self.server.status(phone, [(each.id, each.sha256) for each in records])
            for record, said in zip(records, answers, strict=True):
                assert said["result"] == self.world.result_of(officer, record)
                assert said["missing_files"] == []
            self.read_feed(phone, 500)
            known = self.feeds[phone].rows
            self.feeds[phone] = Feed(fresh={})
            self.read_feed(phone, 7)
            assert self.feeds[phone].rows == known
            for sha256, data in FILES.items():
                erased = sha256 in self.world.erased_files
                assert self.server.get(phone, sha256) == (None if erased else data)
        assert self.server.damage() == []
        self.count["held"] += len(self.world.kept) + len(self.world.quarantined)
        self.count["files"] += len(FILES) - len(self.world.erased_files)


def test_whatever_happens_the_server_holds_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, record_property: Callable[[str, object], None]
) -> None:
    root = tmp_path_factory.mktemp("model")
    people = make_instance(root / "base")
    count: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: WireMachine(root / "base", people, root, count),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONG,
            database=None,
            suppress_health_check=list(HealthCheck),
            # Making a failure smaller takes minutes: for people, not for every run.
            phases=[Phase.generate, *([Phase.shrink] if "MODEL_SHRINK" in os.environ else [])],
        ),
    )
    record_tally(
        record_property,
        fault="any order of everything (model)",
        moments=count["examples"] * STEPS,
        records=count["held"],
        files=count["files"],
    )
    assert count["restores"] > 0
