"""`python -m bench.soak --minutes N [--seed S]`: a long bad day by a seed, and nothing may be lost.

The app itself in two real browsers saves and sends through a link that breaks in all ways, while
the server is killed now and then. In the end the checker of the fault tests judges. A seed draws
the same decisions again: `make soak MINUTES=30 SEED=41`.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

from playwright.sync_api import Error, sync_playwright

from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.faults.checker import Findings
from tests.faults.field import FieldPhone
from tests.faults.proxy import Proxy
from tests.faults.soak import Soak, draw_step

OFFICERS = ("sari", "budi")
TELL_EVERY_S = 60
CALM_EVERY_STEPS = 40
"""After so many steps the link is whole until all is sent: a phone's outbox has its limits."""
SETTLE_S = 300


def build(stack: ExitStack, folder: Path) -> Soak:
    """Start a server, a link and the officers' browsers; all end with the stack."""
    server = ServerProcess(folder / "instance")
    proxy = stack.enter_context(Proxy(server.port))
    server.environ["SURVEY_PUBLIC_URL"] = proxy.url
    stack.callback(server.stop)
    server.start()
    playwright = stack.enter_context(sync_playwright())
    phones = []
    for name in OFFICERS:
        browser = BrowserProcess(playwright, folder / f"profile-{name}", PHONE)
        stack.callback(browser.close)
        phone = FieldPhone(browser, server, proxy)
        phone.officer.enrol(f"{proxy.url}/app#enrol={phone.new_code(name)}")
        phone.officer.open("sending")
        phones.append(phone)
    return Soak(server, proxy, phones)


def run(soak: Soak, random: Random, minutes: float) -> Findings:
    """Take steps until the time is up, wait until all is sent, and judge."""
    begun = told = time.monotonic()
    while time.monotonic() < begun + minutes * 60:
        soak.take(draw_step(random, len(soak.phones)))
        if soak.events["steps"] % CALM_EVERY_STEPS == 0:
            soak.settle(SETTLE_S)
        if time.monotonic() > told + TELL_EVERY_S:
            told = time.monotonic()
            print(f"{(told - begun) / 60:.0f} min: {len(soak.saves)} saved", file=sys.stderr)
    soak.settle(SETTLE_S)
    return soak.judge()


def verdict(seed: int, findings: Findings) -> str:
    """Return the last line; acknowledged are records and files."""
    return (
        f"seed {seed}: {findings.records + findings.files} acknowledged, {findings.lost} lost, "
        f"{findings.duplicated} duplicated, {findings.damaged} damaged"
    )


def main() -> int:
    """Run for some minutes; exit 1 when something was lost, doubled, damaged or never sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None, help="drawn and printed when not given")
    asked = parser.parse_args()
    seed = secrets.randbelow(100_000) if asked.seed is None else asked.seed
    print(f"seed {seed}, {asked.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="jejak-sinyal-soak-") as folder, ExitStack() as stack:
        soak = build(stack, Path(folder))
        try:
            findings = run(soak, Random(seed), asked.minutes)
        except (Error, AssertionError, RuntimeError) as error:
            findings = soak.judge()
            findings.damage(f"the day broke off: {error}")
    faults = ", ".join(f"{count} {name}" for name, count in sorted(soak.proxy.done.items()))
    events = ", ".join(f"{count} {name}" for name, count in sorted(soak.events.items()))
    print(f"{findings.records} records, {findings.files} files; {events}; of the link: {faults}")
    for line in findings.details:
        print(line, file=sys.stderr)
    print(verdict(seed, findings), flush=True)
    return 1 if findings.details else 0


if __name__ == "__main__":
    sys.exit(main())
