"""The browser is killed in the middle of its work: what it showed as saved is there afterwards.

At each blow the page saves visits with photos, saves a draft, makes a photo smaller and sends, all
at once, and the form stands open with the camera over it. `KILLS=` and `SEED=` as for the server.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.faults.busy_phone import BusyPhone, assert_all_is_there, read_drafts
from tests.faults.checker import check
from tests.faults.phone import read_phone
from tests.faults.tally import record_tally
from tests.faults.witness import Witness

KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(3))

pytestmark = pytest.mark.xdist_group("kills")


def test_everything_saved_survives_kills_of_the_browser(
    server: ServerProcess,
    open_browser: Callable[[str, dict[str, Any]], BrowserProcess],
    record_property: Callable[[str, object], None],
) -> None:
    sys.stdout.write(f"seed {SEED}\n")
    random = Random(SEED)
    # The witness is no address of the app's policy; everything else of it is tested elsewhere.
    browser = open_browser("phone", {**PHONE, "bypass_csp": True})
    with Witness() as witness:
        phone = BusyPhone(browser, server, witness)
        halfway = Counter[str]()
        for number in range(KILLS):
            phone.work(f"pukulan {number}")
            browser.page.wait_for_timeout(random.uniform(0, 1_200))
            browser.kill()
            phone.come_back()
            assert witness.of("wrong") == []
            state = assert_all_is_there(phone, f"pukulan {number}")
            halfway.update({one.state for one in state.records})
    assert halfway.keys() <= {"acked", "waiting"}
    phone.officer.open("home")
    phone.officer.send_now()
    phone.officer.wait_until_sent()
    state = read_phone(phone.officer.page)
    assert state.outbox == []
    assert phone.form_id in read_drafts(phone.officer.page, phone.officer_id)
    findings = check(server.settings, state.saves, all_of_it=True)
    assert findings.details == []
    record_tally(record_property, fault="kill -9 of the browser", moments=KILLS, **findings.counts)
