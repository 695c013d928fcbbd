"""A long bad day by a seed: phones save and send, the link breaks in all ways, the server dies.

The decisions are drawn from the seed alone, so that a seed that found something finds it again;
only when exactly a fault strikes is left to the machine.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from playwright.sync_api import expect

from tests.browser.server_process import ServerProcess
from tests.faults.checker import Findings, Save, check
from tests.faults.field import AREA, SAVE, FieldPhone
from tests.faults.kinds import (
    Answer,
    Blackhole,
    Cap,
    Cut,
    Flaky,
    Kind,
    Latency,
    LoseAnswer,
    Rate,
    Refuse,
    portal,
    redirecting_portal,
)
from tests.faults.phone import LEFT
from tests.faults.proxy import Proxy

RECORDS = ("POST", "/api/v1/records")
FILES = (None, "/api/v1/files/")
ANYTHING = (None, "/api/v1/")
PATIENCE_MS = 2_500
"""The app's own long waits, shortened: what hangs is given up within the fault."""
STRIKE_S = 1.0
"""A fault that finds no request to strike is given up after this time."""
ALL_SENT = '[data-testid="pill"][data-unsent="0"][data-failure="none"][data-phase="idle"]'


@dataclass(frozen=True)
class Spell:
    """One fault, for the requests it is meant for, for the first `times` of them."""

    kind: Kind
    method: str | None
    path: str
    times: int | None


@dataclass(frozen=True)
class Step:
    """One step of the day of one phone: what it saves, what breaks meanwhile, what dies."""

    phone: int
    visits: int
    photos: int
    bytes_: int
    spells: tuple[Spell, ...]
    blow: str
    """Empty, or: the server is killed, connections hang up, the page is loaded anew."""
    dwell_s: float


def _draw_kind(random: Random) -> tuple[Kind, str | None, str]:
    """Draw a fault and the requests that it strikes."""
    up, down = random.randrange(0, 60_000), random.randrange(0, 400)
    choices: list[Callable[[], tuple[Kind, str | None, str]]] = [
        lambda: (Cut(up=random.randrange(0, 4_000)), *RECORDS),
        lambda: (Cut(down=down), *RECORDS),
        lambda: (LoseAnswer(), *RECORDS),
        lambda: (Cut(up=up), *FILES),
        lambda: (Cut(down=down), *FILES),
        lambda: (LoseAnswer(), *FILES),
        lambda: (Blackhole(up=up), *FILES),
        lambda: (Blackhole(down=0), *RECORDS),
        lambda: (portal(), *ANYTHING),
        lambda: (redirecting_portal(), *ANYTHING),
        lambda: (Flaky(0.5, Random(random.random())), *ANYTHING),
        lambda: (Answer(405, "Method Not Allowed"), "PUT", FILES[1]),
        lambda: (Cap(random.randrange(5_000, 60_000)), *FILES),
        lambda: (Refuse(), *ANYTHING),
        lambda: (Latency(random.uniform(0.05, 0.3)), *ANYTHING),
        lambda: (Rate(up=random.uniform(60_000, 250_000), down=500_000.0), *ANYTHING),
    ]
    return random.choice(choices)()


def draw_step(random: Random, phones: int = 1) -> Step:
    """Draw the next step; the same seed draws the same steps."""
    spells = []
    for _ in range(random.choice((1, 1, 2))):
        kind, method, path = _draw_kind(random)
        spells.append(Spell(kind, method, path, random.choice((1, 1, 2, 3, None))))
    blows = ("", "", "", "", "hang up", "load anew", "kill the server")
    return Step(
        phone=random.randrange(phones),
        visits=random.randint(12, 30),
        photos=random.choice((1, 2, 2, 3)),
        bytes_=random.randrange(15_000, 110_000),
        spells=tuple(spells),
        blow=random.choice(blows),
        dwell_s=random.uniform(0.05, 0.5),
    )


class Soak:
    """Some phones of one server behind one link."""

    def __init__(self, server: ServerProcess, proxy: Proxy, phones: list[FieldPhone]) -> None:
        self.server, self.proxy, self.phones = server, proxy, phones
        self.events: Counter[str] = Counter()
        self._number = 0
        for phone in phones:
            phone.be_impatient(PATIENCE_MS)

    @property
    def saves(self) -> list[Save]:
        """Everything that the phones ever saved."""
        return [save for phone in self.phones for save in phone.ledger]

    @property
    def files(self) -> int:
        return len({name for save in self.saves for name in save.files})

    @property
    def moments(self) -> int:
        """How many faults struck and how many blows fell."""
        quiet = ("steps", "faults without a request")
        blows = sum(count for name, count in self.events.items() if name not in quiet)
        return blows + sum(self.proxy.done.values())

    def take(self, step: Step) -> None:
        """Live through one step."""
        self._number += 1
        self.events["steps"] += 1
        phone = self.phones[step.phone]
        rules = [
            self.proxy.set(spell.kind, method=spell.method, path=spell.path, times=spell.times)
            for spell in step.spells
        ]
        self._save(phone, step)
        self._nudge(phone)
        for rule in rules:
            try:
                rule.wait(seconds=STRIKE_S)
            except TimeoutError:
                self.events["faults without a request"] += 1
        time.sleep(step.dwell_s)
        self._strike(phone, step.blow)
        self.proxy.clear()
        self._nudge(phone)

    def _save(self, phone: FieldPhone, step: Step) -> None:
        asked = {
            "visits": step.visits,
            "photos": step.photos,
            "bytes": step.bytes_,
            "area": AREA,
            "note": f"step {self._number}, phone {step.phone}",
        }
        saved: list[dict[str, Any]] = phone.officer.page.evaluate(SAVE, asked)
        phone.ledger += [Save(**{**one, "files": tuple(one["files"])}) for one in saved]

    def _nudge(self, phone: FieldPhone) -> None:
        """Tap the button that sends; at work already, it takes no tap."""
        phone.officer.page.evaluate("document.querySelector('[data-testid=send-now]').click()")

    def _strike(self, phone: FieldPhone, blow: str) -> None:
        if blow:
            self.events[blow] += 1
        if blow == "hang up":
            self.proxy.hang_up()
        elif blow == "load anew":
            phone.officer.page.reload()
            expect(phone.officer.find("send-now")).to_be_visible()
            phone.be_impatient(PATIENCE_MS)
        elif blow == "kill the server":
            self.server.kill()
            self.server.start()

    def settle(self, seconds: float = 60) -> None:
        """Let the link be whole and wait until every phone has sent everything."""
        self.proxy.clear()
        deadline = time.monotonic() + seconds
        for phone in self.phones:
            while left := phone.officer.page.evaluate(LEFT):
                assert time.monotonic() < deadline, f"{left} still to be sent after {seconds} s"
                self._nudge(phone)
                time.sleep(0.25)
            expect(phone.officer.page.locator(ALL_SENT)).to_be_visible()

    def judge(self, *, deep: bool = True) -> Findings:
        """Return what is lost, twice or damaged; what is odd on a phone counts as damage."""
        findings = check(self.server.settings, self.saves, all_of_it=True, deep=deep)
        for phone in self.phones:
            state = phone.state()
            held = {(one.id, one.sha256) for one in state.records}
            for save in phone.ledger:
                if (save.record_id, save.sha256) not in held:
                    findings.lose(f"record {save.record_id} is not on its phone")
            for line in (
                *(f"still to be sent: {one}" for one in state.outbox),
                *state.damage,
                *phone.complaints,
                *phone.browser.console_errors,
            ):
                findings.damage(line)
        return findings
