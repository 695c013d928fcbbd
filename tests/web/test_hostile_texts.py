"""Whatever text people and phones send, every page of the office shows it as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient

from survey.domain.identifiers import new_id
from survey.services.areas import add_area
from survey.services.assigning import assign_areas
from survey.services.campaigns import add_campaign_targets, create_campaign
from survey.services.commenting import comment_on_visit
from survey.services.layering import lay_correction
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.users import User
from tests.factories import NOW, FixedClock, make_envelope, make_service_test, make_visit_payload
from tests.office_kit import Office, open_office
from tests.people_kit import add_person, csrf_token, sign_in_as

EVIL = (
    "\"'><img src=x onerror=alert(1)><script>alert(1)</script></textarea></title>{{7*7}}"
    "<svg onload=alert(1)>javascript:alert(1)//\x01\x0b\x1b\u202e\ufffe]]>-->"
)
NAME = EVIL.partition("\x01")[0]
"""What may be a person's or an area's name: no control characters."""

SAFE_SCHEMES = ("/", "#", "?", "geo:", "https://")
PAGES = 60


class Page(HTMLParser):
    """Finds what would run, and the links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.faults += [f"<{tag} {name}>" for name in values if name.startswith("on")]
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.faults.append(f"<script> in the page: {values}")
        if tag in ("img", "script", "iframe", "object", "embed", "base", "style"):
            source = values.get("src")
            if source and not source.startswith(("/static/", "/photos/")):
                self.faults.append(f"<{tag} src={source[:40]}>")
        for name in ("href", "action", "formaction"):
            target = values.get(name) or "/"
            if not target.startswith(SAFE_SCHEMES):
                self.faults.append(f"{name}={target[:60]}")
        if tag == "a" and (values.get("href") or "").startswith("/"):
            self.links.append(str(values["href"]).partition("#")[0])


def evil_visit(**changes: Any) -> dict[str, Any]:
    """Return a payload with hostile text wherever a text may stand."""
    original = {"sha256": "b" * 64, "exif_time": EVIL, "model": EVIL}
    reading = make_visit_payload()["readings"][0]
    return make_visit_payload(
        **{
            "area": {"id": None, "claimed": {"name": EVIL, "nagari_id": EVIL, "said_by": EVIL}},
            "campaign_id": EVIL,
            **dict.fromkeys(("place_kind", "setting", "power", "usually_signal"), EVIL),
            "companions": [EVIL],
            "note": EVIL,
            "incomplete_reason": EVIL,
            "services_failing": [EVIL],
            "phone": {"model": EVIL, "app_version": EVIL},
            "position": {
                "latitude_deg": -1.5,
                "longitude_deg": 101.2,
                "accuracy_m": 9_000,
                **dict.fromkeys(("method", "reason", "position_time"), EVIL),
            },
            "service_tests": [
                make_service_test(EVIL, EVIL, handset=EVIL, networks_heard=[EVIL], technology=EVIL),
                make_service_test("xl", "none", handset=EVIL, networks_heard=[EVIL]),
            ],
            "readings": [
                {**reading, "operator": EVIL, "technology": EVIL, "handset": EVIL},
                {**reading, "raw_text": EVIL, "rsrp_dbm": EVIL, "source": EVIL, "at": EVIL},
            ],
            "photos": [{"sha256": "a" * 64, "kind": EVIL, "taken_at": EVIL, "original": original}],
            "data_tests": [{EVIL: EVIL}],
            **changes,
        }
    )


def fill(office: Office, boss: User) -> None:
    """Let hostile text in by every way there is."""
    store, clock = office.store, office.clock
    campaign = create_campaign(
        store, name=NAME, starts_on=None, ends_on=None, note=EVIL, actor=boss.id, now=NOW
    )
    jorong = office.jorong[:2]
    add_campaign_targets(store, campaign, jorong, boss.id, NOW)
    assign_areas(
        store,
        campaign_id=campaign,
        area_ids=jorong,
        officer_ids=[office.officer.id],
        due_on="2026-12-01",
        letter_number=NAME[:90],
        note=EVIL,
        actor=boss.id,
        now=NOW,
    )
    add_area(store, name=NAME, level="jorong", parent_id="13.11.01", actor=boss.id, now=NOW)
    visits = [evil_visit() for _ in range(3)]
    visits.append(evil_visit(area={"id": jorong[0], "claimed": None}, campaign_id=campaign))
    for payload in visits:
        office.send(make_envelope(payload))
        comment_on_visit(store, payload["id"], EVIL, boss, clock.tick())
    first, second, third, _ = (payload["id"] for payload in visits)
    office.decide(first, "has_issues", EVIL, by=boss)
    office.correct(visits[0], note=f"2{EVIL}")
    office.decide(second, "rejected", EVIL, by=boss)
    office.correct(visits[1], note=f"3{EVIL}")
    office.withdraw(third, EVIL)
    seq = office.row(visits[3]["id"])["changed_seq"]
    lay_correction(store, visits[3]["id"], "note", EVIL, EVIL, boss, seq, clock.tick())
    for kind in ("comment", "jorong_profile", "radio_log", "track"):
        record = {"id": new_id(), "visit_id": first, "text": EVIL, "name": EVIL}
        office.send(make_envelope(record, kind=kind))


def walk(desk: FlaskClient) -> Iterator[tuple[str, Page]]:
    """Yield every page that leads from the office's pages to another, up to a number."""
    waiting = ["/queue?state=all", "/people", "/phones", "/campaigns", "/areas/13.11.01"]
    waiting += ["/areas/import", "/exports", "/account", "/areas?q=alert"]
    seen: set[str] = set()
    while waiting and len(seen) < PAGES:
        path = waiting.pop(0)
        if path in seen or path.startswith(("/exports/download", "/app", "/static", "/photos")):
            continue
        seen.add(path)
        answer = desk.get(path)
        assert answer.status_code in (200, 302), path
        page = Page(answer.text)
        yield path, page
        waiting = [link for link in page.links if "/visits/" in link] + waiting + page.links


def test_no_text_runs_on_any_page(
    app: Flask, client: FlaskClient, store: Store, settings: Settings, clock: FixedClock
) -> None:
    office = open_office(store, settings, clock)
    boss = add_person(store, "boss", "admin", "supervisor", name=NAME)
    fill(office, boss)
    state = {"app_version": EVIL, "clock": EVIL, "readiness": {"at": EVIL, "checks": {EVIL: 0}}}
    client.post(
        "/api/v1/records",
        json={"device_state": state, "records": []},
        headers=office.phone.headers,
    )
    desk = sign_in_as(app, boss)
    walked = dict(walk(desk))
    assert len([path for path in walked if path.startswith("/visits/")]) >= 4
    assert {path: page.faults for path, page in walked.items() if page.faults} == {}
    escaped = desk.get("/queue?state=all").text
    assert "&lt;img src=x onerror=alert(1)&gt;" in escaped


def test_no_text_of_an_imported_file_runs(app: Flask, store: Store, clock: FixedClock) -> None:
    desk = sign_in_as(app, add_person(store, "boss", "admin"))
    visible = "".join(letter for letter in EVIL if letter.isprintable()).replace('"', '""')
    csv = f'level,name,parent,{visible[:20].replace(",", "")}\njorong,"{visible}",13.11.01,x\n'
    right = f'level,name,parent\njorong,"{visible[2:]}",13.11.01\n'
    for content in (csv, right):
        body = (
            f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{csrf_token(desk)}'
            "\r\n--b\r\nContent-Disposition: form-data; name=file;"
            ' filename="<img src=x onerror=alert(1)>.csv"'
            f"\r\n\r\n{content}\r\n--b--\r\n"
        )
        answer = desk.post(
            "/areas/import", data=body.encode(), content_type="multipart/form-data; boundary=b"
        )
        assert answer.status_code in (200, 422)
        assert Page(answer.text).faults == []
        assert "&lt;" in answer.text


def test_every_export_of_hostile_texts_can_be_read(
    app: Flask, store: Store, settings: Settings, clock: FixedClock
) -> None:
    office = open_office(store, settings, clock)
    boss = add_person(store, "boss", "admin", "supervisor", name=NAME)
    fill(office, boss)
    desk = sign_in_as(app, boss)
    states = "&".join(f"state={state}" for state in ("received", "has_issues", "edited"))
    for personal in ("", "&personal=1"):
        with desk.get(f"/exports/download?format=gpx&{states}{personal}") as gpx:
            ElementTree.fromstring(gpx.data)
        with desk.get(f"/exports/download?format=geojson&{states}{personal}") as geojson:
            assert geojson.get_json(force=True)["type"] == "FeatureCollection"
        with desk.get(f"/exports/download?format=csv&{states}{personal}") as csv:
            assert not re.search(r'(?:^|[,"])[=+@]', csv.get_data(as_text=True), re.MULTILINE)
