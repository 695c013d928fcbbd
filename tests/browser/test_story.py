"""The main job: from an offline phone to the supervisor, back, and out as GPX."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpxpy
import pytest
from playwright.sync_api import expect

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import PHONE, PLACE, BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.browser.supervisor import Supervisor
from tests.browser.waiting import wait_in_page
from tests.factories import add_officer, add_staff

DRAFT_IS_STORED = """
new Promise((resolve, reject) => {
  const opening = indexedDB.open("jejak-officer-%s");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => {
      opening.result.close();
      resolve(all.result.some((draft) => draft.note === "Di bawah pohon durian"));
    };
  };
})
"""


def new_code(server: ServerProcess, user_id: str) -> str:
    store = server.open_store()
    try:
        return create_code(store, server.settings, user_id, system_now(), actor="cli")
    finally:
        store.close()


def test_a_visit_survives_and_comes_back_corrected(
    server: ServerProcess,
    phone_browser: BrowserProcess,
    desk_browser: BrowserProcess,
    photo: Path,
    tmp_path: Path,
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    add_staff(store, "budi", "supervisor")
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")

    # The network is gone: the server's process is really dead.
    server.kill()
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel", "indosat", "xl")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.answer("indosat", "none")
    officer.answer("xl", "voice")
    officer.type_reading("xl", "lte", "-108")
    officer.fill_place()
    officer.add_photo(photo)
    officer.save()

    # The phone runs out of memory: every process of the browser is killed.
    phone_browser.kill()
    phone_browser.open()
    officer.open("mine")
    officer.expect_visits("held|waiting")

    server.start()
    officer.open("home")
    officer.send_now()
    officer.expect_visits("received")

    supervisor = Supervisor(desk_browser, server.url)
    supervisor.sign_in("budi")
    supervisor.open_first()
    expect(supervisor.page.locator("h1")).to_contain_text("Simancuang")
    expect(supervisor.page.locator("main")).to_contain_text("-108")
    supervisor.decide("has_issues", "Foto menara belum ada, mohon dilengkapi")

    officer.send_now()
    officer.go("home")
    expect(officer.find("returned")).to_contain_text("Foto menara belum ada")
    officer.expect_visits("returned")
    officer.page.locator("[data-testid^=visit-][data-state=returned]").click()
    officer.find("correct").click()
    expect(officer.find("photo")).to_be_visible()
    officer.find("note").fill("Menara di bukit seberang, foto menyusul")
    officer.find("correction-reason").fill("Dilengkapi")
    officer.find("save").click()
    expect(officer.find("saved")).to_be_visible()
    officer.send_now()
    officer.expect_visits("edited")

    supervisor.open_first()
    expect(supervisor.page.locator("main")).to_contain_text("Menara di bukit seberang")
    supervisor.decide("approved")
    officer.send_now()
    officer.expect_visits("approved")

    out = tmp_path / "survey.gpx"
    subprocess.run(
        [sys.executable, "-m", "survey", "export", "gpx", "--out", str(out)],
        env=server.environ,
        check=True,
        timeout=60,
    )
    waypoint = gpxpy.parse(out.read_text("utf-8")).waypoints[0]
    assert waypoint.latitude == pytest.approx(PLACE["latitude"], abs=1e-5)
    assert waypoint.longitude == pytest.approx(PLACE["longitude"], abs=1e-5)
    assert phone_browser.console_errors == []
    assert phone_browser.foreign_requests == desk_browser.foreign_requests == []


def test_a_quick_blank_visit_takes_at_most_twelve_taps(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")
    # Kartu hari ini is set once a day, on the first visit.
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel", "indosat", "xl")
    officer.find("back").click()

    officer.taps = 2  # the search field and the jorong found
    officer.begin_visit("lubuk rasak")
    officer.take_position()
    officer.tap("no-signal-all")
    officer.fill_place()
    officer.save()
    assert officer.taps <= 12

    store = server.open_store()
    officer.find("saved-home").click()
    officer.send_now()
    officer.expect_visits("received")
    tests = store.reader().execute("SELECT operator, result, proof FROM service_tests").fetchall()
    store.close()
    assert {tuple(test) for test in tests} == {
        (operator, "none", "quick") for operator in ("telkomsel", "indosat", "xl")
    }


def test_two_officers_share_a_phone_and_neither_sees_the_other(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    store = server.open_store()
    people = {name: add_officer(store, name).id for name in ("sari", "budi")}
    store.close()
    sari = Officer(phone_browser, server.url)
    sari.enrol(f"{server.url}/app#enrol={new_code(server, people['sari'])}")
    code = new_code(server, people["budi"])
    server.kill()
    sari.begin_visit("simancuang")
    sari.choose_sims("telkomsel")
    sari.take_position()
    sari.answer("telkomsel", "none")
    sari.fill_place()
    sari.save()
    server.start()

    budi = Officer(phone_browser, server.url)
    budi.add_officer(code)
    budi.expect_visits()
    # Sari's visit goes up under her own name while Budi holds the phone.
    budi.send_now()
    deadline_store = server.open_store()
    budi.page.wait_for_timeout(100)
    for _ in range(100):
        rows = (
            deadline_store.reader()
            .execute(
                "SELECT users.username FROM visits JOIN users ON users.key = visits.officer_key"
            )
            .fetchall()
        )
        if rows:
            break
        budi.page.wait_for_timeout(200)
    deadline_store.close()
    assert [row[0] for row in rows] == ["sari"]
    budi.open("who")
    budi.find(f"officer-{people['sari']}").click()
    expect(sari.find("search")).to_be_visible()
    expect(sari.page.locator("main")).to_contain_text("Sari")
    sari.expect_visits("received")


def test_a_replacement_phone_finds_what_was_returned(
    server: ServerProcess,
    phone_browser: BrowserProcess,
    desk_browser: BrowserProcess,
    open_browser: Callable[[str, dict[str, Any]], BrowserProcess],
    photo: Path,
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    add_staff(store, "budi", "supervisor")
    store.close()
    lost = Officer(phone_browser, server.url)
    lost.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")
    lost.begin_visit("simancuang")
    lost.choose_sims("telkomsel")
    lost.take_position()
    lost.answer("telkomsel", "none")
    lost.fill_place()
    lost.add_photo(photo)
    lost.save()
    lost.find("saved-home").click()
    lost.send_now()
    lost.expect_visits("received")
    lost.wait_until_sent()
    phone_browser.kill()

    supervisor = Supervisor(desk_browser, server.url)
    supervisor.sign_in("budi")
    supervisor.open_first()
    supervisor.decide("has_issues", "Tambahkan catatan listrik")

    found = Officer(open_browser("replacement", PHONE), server.url)
    found.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")
    found.go("home")
    expect(found.find("returned")).to_contain_text("Tambahkan catatan listrik")
    found.expect_visits("returned")
    found.page.locator("[data-testid^=visit-][data-state=returned]").click()
    found.find("correct").click()
    expect(found.find("photo").locator("img")).to_be_visible()
    found.find("note").fill("Listrik padam sejak sore")
    found.find("correction-reason").fill("Ditambah")
    found.find("save").click()
    expect(found.find("saved")).to_be_visible()
    found.send_now()
    found.expect_visits("edited")
    supervisor.open_first()
    expect(supervisor.page.locator("main")).to_contain_text("Listrik padam sejak sore")


def test_undo_gives_the_draft_back(server: ServerProcess, phone_browser: BrowserProcess) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.save()
    officer.find("undo").click()
    expect(officer.find("visit-form")).to_be_visible()
    expect(officer.find("operator-telkomsel")).to_contain_text("Tidak ada sinyal")
    officer.expect_visits()


def test_a_draft_survives_the_kill_of_the_browser(
    server: ServerProcess, phone_browser: BrowserProcess, photo: Path
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={new_code(server, officer_id)}")
    server.kill()
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel")
    officer.answer("telkomsel", "voice")
    officer.add_photo(photo)
    officer.find("note").fill("Di bawah pohon durian")
    wait_in_page(officer.page, DRAFT_IS_STORED % officer_id)
    phone_browser.kill()
    phone_browser.open()
    officer.open("home")
    officer.page.locator("[data-testid^=draft-]").first.click()
    expect(officer.find("note")).to_have_value("Di bawah pohon durian")
    expect(officer.find("photo")).to_be_visible()
    expect(officer.find("operator-telkomsel")).to_contain_text("Bisa telepon")
