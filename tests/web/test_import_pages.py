"""The office's page for rescue files: the form, the report, the limits."""

from __future__ import annotations

import hashlib
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.domain.problems import Problem
from survey.settings import Settings
from survey.store.connection import Store
from survey.web import imports, security
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.people_kit import add_person, csrf_token, sign_in_as
from tests.rescuing import (
    entry_line,
    file_line,
    officer_line,
    phone_zip,
    record_line,
    rescue_text,
    zipped,
)

PICTURE = b"\x89PNG no more than its beginning"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@pytest.fixture
def supervisor(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "yanti", "supervisor"))


def upload(
    client: FlaskClient, content: bytes, name: str = "sari.txt", **fields: Any
) -> TestResponse:
    files = [(io.BytesIO(content), name), *fields.pop("more", ())]
    data = {"csrf_token": csrf_token(client), "file": files, **fields}
    response = client.post("/import", data=data, content_type="multipart/form-data")
    response.request.environ["wsgi.input"].close()  # the test client's own temporary file
    return response


def text_of(response: TestResponse, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(html.unescape(response.get_data(as_text=True)).split())


def rescue(phone: Enrolled, token: str | None = "", **changes: Any) -> bytes:
    sealer = phone.token if token == "" else token
    envelope = make_envelope(make_visit_payload(), token=sealer)
    line = {**record_line(envelope, phone.officer_id), **changes}
    return rescue_text(officer_line(phone.officer_id), line, file_line(b"p", phone.officer_id))


def test_the_form_offers_officers_only_and_is_reached_from_the_phones(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    assert 'href="/import"' in text_of(supervisor.get("/phones"))
    page = text_of(supervisor.get("/import"))
    assert '<option value="sari">Sari</option>' in page
    assert 'value="yanti"' not in page


def test_the_report_tells_each_record_in_words(supervisor: FlaskClient, phone: Enrolled) -> None:
    content = rescue(phone)
    page = text_of(upload(supervisor, content))
    assert "Semua catatan dan foto di berkas ini sudah aman di kantor." in page
    assert '<span class="chip chip--good">Baru</span>' in page
    assert '<span class="chip chip--good">Bersegel</span>' in page
    assert re.search(r'<a href="/visits/[0-9a-f-]{36}">Kunjungan: \w+', page)
    assert "Foto dan berkas: 1 baru" in page
    again = text_of(upload(supervisor, content))
    assert '<span class="chip chip--plain">Sudah ada</span>' in again
    assert "Foto dan berkas: 1 sudah ada" in again


def test_a_zip_is_taken_and_its_entries_are_named(supervisor: FlaskClient, phone: Enrolled) -> None:
    page = text_of(upload(supervisor, zipped(a__txt=rescue(phone)), "tas.zip"))
    assert "a.txt · baris 3" in page


def test_the_phones_zip_is_taken_and_its_missing_photos_are_told(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    photos = [{"sha256": hashlib.sha256(data).hexdigest()} for data in (PICTURE, b"lost")]
    visits = [make_visit_payload(photos=photos[:n]) for n in (2, 1, 0)]
    lines = [record_line(make_envelope(v, token=phone.token), phone.officer_id) for v in visits]
    text = rescue_text(*lines, entry_line(PICTURE, phone.officer_id))
    page = text_of(upload(supervisor, phone_zip(text, PICTURE), "sari.zip"))
    assert "Foto yang belum ada: 1." in page
    assert re.findall(r'data-label="Foto"><span>(.*?)</span></td>', page) == [
        '<span class="chip chip--warn">1 dari 2 belum ada</span>',
        "1, semua ada",
        "–",
    ]


def test_several_files_make_one_report_and_the_unreadable_ones_are_named(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    content = rescue(phone)
    more = [
        (io.BytesIO(rescue(phone)), "kedua.txt"),
        (io.BytesIO(b"<gpx/>"), "jejak.gpx"),
        (io.BytesIO(content), "lagi.txt"),
    ]
    page = text_of(upload(supervisor, content, more=more))
    assert "<h1>3 berkas penyelamat</h1>" in page
    assert '<strong class="break">jejak.gpx</strong>: Berkas tidak terbaca.' in page
    assert '<p class="stat"><span>2</span><span>Baru</span></p>' in page
    assert '<p class="stat"><span>1</span><span>Sudah ada</span></p>' in page
    assert "kedua.txt · baris 3" in page


@pytest.mark.parametrize(
    ("token", "words"),
    [("", "disegel HP"), ("of no phone", "segel tidak cocok"), (None, "tanpa segel")],
)
def test_the_page_of_a_visit_tells_its_seal_too(
    supervisor: FlaskClient, phone: Enrolled, token: str | None, words: str
) -> None:
    report = text_of(upload(supervisor, rescue(phone, token)))
    match = re.search(r'href="(/visits/[0-9a-f-]{36})"', report)
    assert match is not None
    assert f"· {words}</span>" in text_of(supervisor.get(match[1]))


def test_a_report_says_who_took_the_file_in_and_when(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    assert "Dimasukkan oleh Yanti, 4 Mei 2026 10.00" in text_of(upload(supervisor, rescue(phone)))


def test_what_is_refused_or_unread_is_marked_with_line_and_reason(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    content = rescue(phone, None, sha256="0" * 64) + b"halo\n"
    content += rescue_text(file_line(b"x", phone.officer_id, sha256="1" * 64), header=False)
    page = text_of(upload(supervisor, content))
    assert "Yang terbaca sudah masuk." in page
    assert '<span class="chip chip--bad">Ditolak</span>' in page
    assert '<span class="chip chip--plain">Tanpa segel</span>' in page
    assert '<strong class="break">baris 5</strong>: Baris ini bukan dari' in page
    assert re.search('<strong class="break">baris 6</strong>: Sidik berkas|baris 7', page)


def test_a_chosen_officer_owns_what_names_nobody(supervisor: FlaskClient, phone: Enrolled) -> None:
    content = rescue(phone, officer_id="unknown")
    assert "tidak dikenal di sini" in text_of(upload(supervisor, content))
    assert '<span class="chip chip--good">Baru</span>' in text_of(
        upload(supervisor, content, officer="sari")
    )


def test_nobody_but_an_officer_can_be_chosen(supervisor: FlaskClient, phone: Enrolled) -> None:
    text_of(upload(supervisor, rescue(phone), officer="yanti"), 422)


@pytest.mark.parametrize("content", [b"", b"<gpx/>", b"PK\x03\x04broken"])
def test_another_file_is_refused_and_the_page_says_what_is_accepted(
    supervisor: FlaskClient, content: bytes
) -> None:
    page = text_of(upload(supervisor, content, "jejak.gpx"), 422)
    assert "Yang diterima: berkas .txt" in page


def test_no_file_is_a_fault_of_the_form(supervisor: FlaskClient) -> None:
    response = supervisor.post("/import", data={"csrf_token": csrf_token(supervisor)})
    assert "error" in text_of(response, 422)


def test_words_of_a_file_cannot_become_part_of_the_page(
    supervisor: FlaskClient, phone: Enrolled
) -> None:
    evil = "<script>alert(1)</script>"
    payload = make_visit_payload(area={"id": None, "claimed": {"name": evil}})
    envelope = make_envelope(payload, token=phone.token)
    content = rescue_text(record_line(envelope, phone.officer_id))
    response = upload(supervisor, content, f"{evil}.txt")
    assert response.status_code == 200
    assert b"<script>alert" not in response.data
    assert b"&lt;script&gt;alert" in response.data


def test_a_long_report_is_cut_with_the_odd_ones_first(
    supervisor: FlaskClient, phone: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "SHOWN_ROWS", 2)
    lines = [
        record_line(make_envelope(make_visit_payload(), token=token), phone.officer_id, order=n)
        for n, token in enumerate([phone.token, phone.token, None])
    ]
    page = text_of(upload(supervisor, rescue_text(*lines)))
    assert page.index("Tanpa segel</span></span></td>") < page.index("Bersegel</span></span></td>")
    assert page.count('scope="row"') == 2


def test_only_those_who_may_import_may_send_so_much(
    app: Flask, store: Store, supervisor: FlaskClient, phone: Enrolled
) -> None:
    content = rescue(phone) + b" " * (2 * security.FORM_BYTES)
    assert upload(supervisor, content).status_code == 200
    for role in ("officer", "viewer"):
        client = sign_in_as(app, add_person(store, f"the.{role}", role))
        assert upload(client, content).status_code == 413
    assert upload(app.test_client(), content).status_code == 413


def test_files_too_large_for_the_page_are_told_with_what_helps(
    app: Flask, store: Store, supervisor: FlaskClient
) -> None:
    # Nothing of the body is read, so that it need not be there.
    too_long: dict[str, Any] = {
        "content_type": "multipart/form-data; boundary=x",
        "environ_overrides": {"CONTENT_LENGTH": "501000001"},
    }
    page = text_of(supervisor.post("/import", **too_long), 413)
    assert "lebih besar dari 500 MB" in page
    assert "survey import" in page
    stranger = app.test_client().post("/import", **too_long)
    assert "500" not in text_of(stranger, 413)


def test_a_large_upload_waits_on_the_disk_and_not_in_memory(
    app: Flask, supervisor: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept: list[bool] = []

    def look(store: Store, room: Any, settings: Settings, stream: Any, *rest: Any) -> None:
        kept.append(isinstance(stream.fileno(), int))
        raise Problem("import.unreadable")

    monkeypatch.setattr(imports, "import_rescue", look)
    text_of(upload(supervisor, b"x" * 3_000_000), 422)
    assert kept == [True]


def test_a_radio_log_is_taken_by_the_same_form(supervisor: FlaskClient, phone: Enrolled) -> None:
    from tests.radio_kit import towercollector, towercollector_row

    content = towercollector(towercollector_row(), towercollector_row(lat=0, lon=0))
    page = text_of(upload(supervisor, content, "log.csv", officer="sari"))
    assert "TowerCollector CSV · TowerCollector · Redmi 9A" in page
    assert "<span>1</span><span>Sampel baru</span>" in page
    assert "<strong>1</strong> · Posisinya 0, 0: HP belum punya posisi." in page
    assert "baris 3: Posisinya 0, 0" in page
    more = [(io.BytesIO(rescue(phone)), "sari.txt")]
    again = text_of(upload(supervisor, content, "lagi.csv", more=more))
    assert "Berkas ini sudah pernah diambil. Tidak ada yang berubah." in again
    assert '<span class="chip chip--good">Baru</span>' in again
    assert "2 berkas diambil" in again


def test_a_tower_list_says_that_it_is_no_coverage(supervisor: FlaskClient) -> None:
    line = b"4G;510;10;11;20000;33414;301;-1.54;101.24;Padang Aro;1850\n"
    page = text_of(upload(supervisor, line * 2, "menara.ntm"))
    assert "<span>1</span><span>Titik acuan baru</span>" in page
    assert "Itu tidak pernah dihitung sebagai jangkauan." in page


def test_a_log_without_its_columns_says_which(supervisor: FlaskClient) -> None:
    from tests.radio_kit import TOWERCOLLECTOR

    header = ",".join(TOWERCOLLECTOR).replace(",lat,lon", "").encode()
    page = text_of(upload(supervisor, header + b"\n", "log.csv"), 422)
    assert "tampak seperti TowerCollector CSV, tetapi ada kolom yang tidak ada: lat, lon." in page
