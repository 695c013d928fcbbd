"""Two tabs of one officer, two officers on one phone, and the phone that replaces a lost one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from survey.domain.instants import system_now
from survey.services.enrolling import revoke_device
from survey.services.reviewing import decide
from survey.store.visit_page import get_visit_row
from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.officer import Officer
from tests.browser.seeded_phone import seed_visits
from tests.browser.server_process import ServerProcess
from tests.factories import add_staff
from tests.faults.checker import check
from tests.faults.field import FieldPhone
from tests.faults.kinds import Latency
from tests.faults.phone import read_phone
from tests.faults.proxy import Proxy
from tests.faults.tally import record_tally

VISITS = 12
LISTEN = """
window.calls = [];
const real = window.fetch;
window.fetch = async (input, init) => {
  const url = String(input?.url ?? input);
  if (!url.includes("/api/v1/")) return real(input, init);
  const call = { url, from: performance.timeOrigin + performance.now(), to: Infinity };
  window.calls.push(call);
  try {
    return await real(input, init);
  } finally {
    call.to = performance.timeOrigin + performance.now();
  }
};
"""
SAVE_AND_SEND = """
async (visits) => {
  const src = document.querySelector('script[type="module"]').src;
  const load = (name) => import(new URL(name, src).href);
  const { listOfficers, openDevice } = await load("storage/device.js");
  const { openOfficer } = await load("storage/officer.js");
  const { saveDraft } = await load("storage/drafts.js");
  const { saveVisit } = await load("storage/records.js");
  const { newDraft } = await load("core/drafts.js");
  const { runSync } = await load("ui/server.js");
  const [{ id, token }] = await listOfficers(openDevice());
  const db = openOfficer(id);
  const start = { area: { id: "13.11/j0055", claimed: null }, area_name: "Simancuang",
                  practice: false, campaign_id: null, config_version: 1,
                  phone: { model: null, app_version: "1" } };
  const saving = () => ({ token, nowMs: Date.now() - 20_000, utc_offset_min: 420,
                          clock: { server_offset_ms: null, server_contact_at: null } });
  const work = async () => {
    for (let n = 0; n < visits; n += 1) {
      const draft = { ...newDraft(start, Date.now()), note: `tab ${window.name} ${n}` };
      await saveDraft(db, draft);
      await saveVisit(db, draft, saving());
      runSync("button");
    }
    window.worked = true;
  };
  work();
}
"""
OFFICERS = """
async () => {
  const src = document.querySelector('script[type="module"]').src;
  const { listOfficers, openDevice } = await import(new URL("storage/device.js", src).href);
  return listOfficers(openDevice());
}
"""
pytestmark = pytest.mark.xdist_group("two-at-once")

AUTHORS = """
SELECT revisions.sha256, users.id FROM revisions JOIN users ON users.key = revisions.officer_key
"""

DEVICE = "SELECT devices.key FROM devices JOIN users ON users.key = user_key WHERE users.id = ?"


@pytest.fixture(scope="module")
def field(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FieldPhone]:
    """An enrolled phone behind a link of its own; these tests use it one after the other."""
    folder = tmp_path_factory.mktemp("two-at-once")
    server = ServerProcess(folder / "instance")
    with Proxy(server.port) as proxy, ExitStack() as ends:
        server.environ["SURVEY_PUBLIC_URL"] = proxy.url
        ends.callback(server.stop)
        server.start()
        browser = BrowserProcess(playwright, folder / "profile", PHONE)
        ends.callback(browser.close)
        phone = FieldPhone(browser, server, proxy)
        phone.enrol()
        yield phone


def overlaps(ones: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the pairs of requests of two tabs that were under way at the same time."""
    return [
        (one["url"], other["url"])
        for one in ones
        for other in others
        if one["from"] < other["to"] and other["from"] < one["to"]
    ]


def test_two_tabs_save_and_send_at_once_and_only_one_runs(
    field: FieldPhone, record_property: Callable[[str, object], None]
) -> None:
    field.browser.context.add_init_script(LISTEN)
    # Slow enough that two runners could not miss each other.
    field.proxy.set(Latency(0.02), path="/api/v1/")
    tabs: list[Page] = [field.officer.page, field.browser.context.new_page()]
    for name, tab in zip("ab", tabs, strict=True):
        tab.goto(f"{field.proxy.url}/app#sending")
        tab.reload()
        expect(tab.get_by_test_id("send-now")).to_be_enabled()
        tab.evaluate("(name) => { window.name = name; }", name)
    for tab in tabs:
        tab.evaluate(SAVE_AND_SEND, VISITS)
    for tab in tabs:
        tab.wait_for_function("() => window.worked")
    field.send_now()
    field.wait_until_sent()
    field.proxy.clear()
    calls = [tab.evaluate("window.calls") for tab in tabs]
    # Both had runs of their own, and never at the same time.
    assert all(any(one["url"].endswith("/ping") for one in tab) for tab in calls)
    assert overlaps(*calls) == []
    state = field.state()
    assert (state.outbox, state.damage) == ([], [])
    assert sum('"tab ' in one.payload for one in state.records) == 2 * VISITS
    tabs[1].close()
    findings = check(field.server.settings, state.saves, all_of_it=True)
    assert findings.details == []
    record_tally(record_property, fault="two tabs at once", moments=1, **findings.counts)


def test_a_draft_open_in_two_tabs_is_saved_from_both_and_the_office_chooses(
    field: FieldPhone, record_property: Callable[[str, object], None]
) -> None:
    officer, page = field.officer, field.officer.page
    before = len(field.state().records)
    officer.begin_visit("lubuk rasak")
    officer.choose_sims("telkomsel")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.find("note").fill("dari jendela pertama")
    other = field.browser.context.new_page()
    other.goto(page.url)
    expect(other.get_by_test_id("note")).to_have_value("dari jendela pertama")
    officer.save()
    # The other window still shows the form: it says so, and what is typed there is not lost.
    other.bring_to_front()
    other.get_by_test_id("note").fill("dari jendela kedua")
    expect(other.get_by_test_id("draft-problem")).to_contain_text("jendela lain")
    other.get_by_test_id("save").click()
    expect(other.get_by_test_id("saved")).to_be_visible()
    other.close()
    state = field.state()
    saved = [one for one in state.records if "dari jendela" in one.payload]
    assert (len(state.records) - before, state.drafts, state.damage) == (2, 0, [])
    assert len(saved) == 2
    assert len({one.id for one in saved}) == 1
    officer.open("sending")
    field.hurry_past_undo()
    field.send_now()
    field.wait_until_sent()
    sent = field.state()
    results = [str(one.result) for one in sent.records if "dari jendela" in one.payload]
    assert sorted(results) == ["conflict", "stored"]
    findings = check(field.server.settings, sent.saves, all_of_it=True)
    assert findings.details == []
    record_tally(record_property, fault="one draft in two tabs", moments=1, **findings.counts)


def authors(server: ServerProcess) -> dict[str, str]:
    """Return who the server says wrote each revision."""
    with closing(server.open_store()) as store:
        return {row[0]: row[1] for row in store.reader().execute(AUTHORS)}


def test_two_officers_are_sent_in_one_run_each_by_their_own_token(
    field: FieldPhone, record_property: Callable[[str, object], None]
) -> None:
    page = field.officer.page
    field.officer.add_officer(field.new_code("tono"))
    field.officer.open("sending")
    expect(field.officer.find("send-now")).to_be_enabled()
    people = page.evaluate(OFFICERS)
    assert len({one["token"] for one in people}) == 2
    seed_visits(page, *people, visits=6, ago_ms=60_000)
    expect(field.pill).not_to_have_attribute("data-unsent", "0")
    field.proxy.seen.clear()
    field.send_now()
    field.wait_until_sent()
    assert field.proxy.count("GET", "/api/v1/ping") == 1
    state = field.state()
    assert {one.officer for one in state.records} == {one["id"] for one in people}
    assert authors(field.server) == {one.sha256: one.officer for one in state.records}

    # One of the two is sent away: her records wait, his go, and a new code lets hers go too.
    sari = next(one for one in people if one["name"] == "Sari")
    with closing(field.server.open_store()) as store:
        (key,) = store.reader().execute(DEVICE, (sari["id"],)).fetchone()
        revoke_device(store, key, system_now(), actor="cli")
    seed_visits(page, *people, visits=6, start=6, ago_ms=60_000)
    field.send_now()
    field.wait_for_failure("needs_code")
    expect(field.officer.find("pill-text")).to_contain_text("perlu kode baru")
    waiting = {one.officer for one in field.state().records if one.state != "acked"}
    assert waiting == {sari["id"]}
    field.officer.add_officer(field.new_code("sari"))
    field.officer.open("sending")
    field.send_now()
    field.wait_until_sent()
    state = field.state()
    assert authors(field.server) == {one.sha256: one.officer for one in state.records}
    findings = check(field.server.settings, state.saves, all_of_it=True)
    assert (findings.details, state.outbox) == ([], [])
    record_tally(record_property, fault="two officers on a phone", moments=2, **findings.counts)


def test_a_replacement_phone_gets_back_what_is_undecided_or_returned(
    field: FieldPhone,
    open_browser: Callable[[str, dict[str, Any]], BrowserProcess],
    record_property: Callable[[str, object], None],
) -> None:
    field.officer.open("sending")
    field.save("dari HP yang hilang", visits=1, photos=2)
    field.save("disetujui", visits=1, photos=0)
    field.save("dikembalikan", visits=1, photos=1)
    field.send_now()
    field.wait_until_sent()
    undecided, approved, returned = (save.record_id for save in field.ledger)
    with closing(field.server.open_store()) as store:
        chief = add_staff(store, "yanti", "supervisor")
        for visit, decision, reason in (
            (approved, "approved", None),
            (returned, "has_issues", "Foto menara belum ada"),
        ):
            seq = get_visit_row(store.reader(), visit)["changed_seq"]
            decide(store, visit, decision, reason, chief, seq, system_now())
    sent = field.state()
    field.browser.kill()

    browser = open_browser("replacement", PHONE)
    found = Officer(browser, field.proxy.url)
    found.enrol(f"{field.proxy.url}/app#enrol={field.new_code()}")
    found.open("mine")
    states = ((undecided, "received"), (approved, "approved"), (returned, "returned"))
    for visit, shown in states:
        expect(found.find(f"visit-{visit}")).to_have_attribute("data-state", shown)
    assert read_phone(found.page).saves == []
    for visit, photos in ((undecided, 2), (returned, 1)):
        found.open(f"correct/{visit}")
        expect(found.find("photo").locator("img")).to_have_count(photos)
        found.find("note").fill("diperbaiki di HP pengganti")
        found.find("correction-reason").fill("HP lama hilang")
        found.find("save").click()
        found.find("incomplete-choice").locator("button, input").first.click()
        found.find("incomplete-save").click()
        expect(found.find("saved")).to_be_visible()
    found.open("mine")
    found.send_now()
    found.wait_until_sent()
    found.open("mine")
    for visit in (undecided, returned):
        expect(found.find(f"visit-{visit}")).to_have_attribute("data-state", "edited")
    state = read_phone(found.page)
    assert state.outbox == []
    # The photos themselves are the server's, where the lost phone had sent them.
    findings = check(field.server.settings, [*sent.saves, *state.saves], all_of_it=True)
    assert findings.details == []
    record_tally(record_property, fault="replacement phone", moments=1, **findings.counts)
