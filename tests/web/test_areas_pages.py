"""The office's pages of areas: the tree, a search, one area, imports looked at first."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.domain.areas import Area
from survey.services.area_importing import import_areas
from survey.services.area_uploads import KEPT_UPLOADS, keep_upload, read_upload
from survey.services.areas import merge_areas
from survey.settings import Settings
from survey.store.area_boundaries import find_boundary
from survey.store.area_imports import list_imports
from survey.store.areas import find_area, get_area
from survey.store.connection import Store
from tests.area_places import VILLAGE, boundary_file, list_file, put_area, put_user, put_visit
from tests.factories import NOW
from tests.people_kit import add_person, csrf_token, post, sign_in_as

LATER = "2026-06-01T00:00:00.000Z"
LIST = list_file("jorong,Lubuk Rasak,Sangir", "jorong,Baru Sekali,Abai")


@pytest.fixture
def admin(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "boss", "admin"))


@pytest.fixture
def viewer(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "tamu", "viewer"))


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return html.unescape(response.get_data(as_text=True))


def upload(client: FlaskClient, content: bytes, name: str = "daftar.csv") -> TestResponse:
    data = {"csrf_token": csrf_token(client), "file": (io.BytesIO(content), name)}
    return client.post("/areas/import", data=data, content_type="multipart/form-data")


def apply(client: FlaskClient, preview: TestResponse) -> TestResponse:
    page = preview.get_data(as_text=True)
    fields = dict(re.findall(r'type="hidden" name="(sha256|file_name)" value="([^"]*)"', page))
    return post(client, "/areas/import/apply", fields)


# --- looking ------------------------------------------------------------------------------


def test_the_tree_shows_every_level_with_standing_and_counts_in_words(viewer: FlaskClient) -> None:
    page = text_of(viewer, "/areas")
    for name in ("Solok Selatan", "Sangir", "Lubuk Gadang", "Simancuang"):
        assert name in page
    assert "Contoh tidak resmi" in page
    assert "daftar blankspot 2024" in page
    assert "Impor" not in page.split("</header>")[1].split("<footer")[0].split("Wilayah")[0]


def test_a_visited_jorong_says_so(viewer: FlaskClient, store: Store) -> None:
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j0055")
    assert "sudah dikunjungi" in text_of(viewer, "/areas").split("Simancuang")[1][:300]


def test_the_tree_tells_the_published_counts_with_their_sources(viewer: FlaskClient) -> None:
    page = text_of(viewer, "/areas")
    assert "5 Desember 2024" in page
    assert 'href="https://prudensi.com/' in page


def test_a_search_marks_other_spellings(viewer: FlaskClient) -> None:
    page = text_of(viewer, "/areas?q=gunung+pasir").split("<ol")[1]
    assert page.index("Gunung Pasir") < page.index("Gunung Pasia") < page.index("Ejaan lain")
    assert "/areas/13.11/j0008" in page


def test_a_search_without_an_answer_helps_on(viewer: FlaskClient) -> None:
    assert "Tidak ada wilayah yang cocok." in text_of(viewer, "/areas?q=zzzz")


def test_what_is_searched_is_shown_as_text(viewer: FlaskClient) -> None:
    page = viewer.get("/areas?q=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in page


def test_a_jorong_without_a_point_shows_its_parents_with_a_sign(viewer: FlaskClient) -> None:
    page = text_of(viewer, "/areas/13.11/j0001")
    assert "≈ " in page
    assert "-1.587126, 101.265033" in page
    assert "13.11/j0008" in page, "the note names the probable duplicate"
    assert "Disebut dalam daftar jorong blankspot" in page


def test_an_area_shows_codes_postcode_and_children(viewer: FlaskClient) -> None:
    page = text_of(viewer, f"/areas/{VILLAGE}")
    for text in ("1310010001", "27778", "Padang Aro", "Batas wilayah ini belum diimpor."):
        assert text in page


def test_an_imported_boundary_is_drawn(viewer: FlaskClient, store: Store) -> None:
    content = boundary_file((VILLAGE, 101.1, -1.7, 101.4, -1.4))
    import_areas(store, "batas.geojson", content, "admin", NOW)
    page = text_of(viewer, f"/areas/{VILLAGE}")
    assert '<path class="area__own" d="M' in page
    assert re.search(r"Lebar 33,\d km, tinggi 33,\d km", page)
    assert "batas.geojson" in page


def test_an_area_shows_its_visits_and_where_they_are(viewer: FlaskClient, store: Store) -> None:
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j0055")
    assert "/queue?state=all&nagari=13.11/j0055" in text_of(viewer, "/areas/13.11/j0055")


def test_a_merged_area_leads_to_its_successor(viewer: FlaskClient, store: Store) -> None:
    merge_areas(store, "13.11/j0001", "13.11/j0008", "admin", NOW)
    assert 'href="/areas/13.11/j0008"' in text_of(viewer, "/areas/13.11/j0001")
    assert "Gunung Pasir" in text_of(viewer, "/areas/13.11/j0008")


def test_dated_parents_are_shown_when_there_were_several(viewer: FlaskClient, store: Store) -> None:
    import_areas(store, "a.csv", list_file("jorong,Lubuk Rasak,Lubuk Gadang"), "admin", LATER)
    page = text_of(viewer, "/areas/13.11/j0002")
    assert "Pernah termasuk" in page
    assert "sejak 1 Juni 2026" in page


@pytest.mark.parametrize("path", ["/areas/13.11/j9999", "/areas/../etc/passwd", "/areas/%00"])
def test_an_unknown_area_is_not_found(viewer: FlaskClient, path: str) -> None:
    assert viewer.get(path).status_code == 404


# --- roles --------------------------------------------------------------------------------

CHANGES = [
    ("/areas/13.11.01/areas", {"name": "X", "level": "jorong"}),
    ("/areas/13.11/j0001/merge", {"into": "13.11/j0008"}),
    ("/areas/import", {}),
    ("/areas/import/apply", {"sha256": "0" * 64, "file_name": "x"}),
    ("/areas/import/no-such/undo", {}),
]


@pytest.mark.parametrize(("path", "data"), CHANGES)
@pytest.mark.parametrize("role", ["viewer", "supervisor"])
def test_only_an_admin_changes_areas(
    app: Flask, store: Store, role: str, path: str, data: dict[str, Any]
) -> None:
    client = sign_in_as(app, add_person(store, "orang", role))
    assert post(client, path, data).status_code == 403
    assert client.get("/areas/import").status_code == 403
    assert get_area(store.reader(), "13.11/j0001").is_live


@pytest.mark.parametrize("path", ["/areas", "/areas?q=a", f"/areas/{VILLAGE}", "/areas/import"])
def test_nobody_sees_areas_without_signing_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.parametrize(("path", "data"), CHANGES)
def test_a_change_needs_the_token_of_our_own_page(
    admin: FlaskClient, path: str, data: dict[str, Any]
) -> None:
    assert admin.post(path, data=data).status_code == 400


# --- changing -----------------------------------------------------------------------------


def test_an_admin_adds_a_jorong(admin: FlaskClient, store: Store) -> None:
    response = post(admin, f"/areas/{VILLAGE}/areas", {"name": "Rimbo Dalam", "level": "jorong"})
    assert (response.status_code, response.location) == (303, "/areas/13.11/j0063")
    assert "Sudah ditambahkan" in text_of(admin, "/areas/13.11/j0063")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "", "level": "jorong"}, "Mohon diisi"),
        ({"name": "Padang Aro", "level": "jorong"}, "sudah ada wilayah"),
        ({"name": "X", "level": "nagari"}, "tidak bisa berada di bawah"),
        ({"name": "X", "level": "kabupaten"}, 'id="level'),
    ],
)
def test_a_faulty_new_area_is_said_on_its_field(
    admin: FlaskClient, data: dict[str, str], said: str
) -> None:
    response = post(admin, f"/areas/{VILLAGE}/areas", data)
    assert response.status_code == 422
    if data["level"] != "kabupaten":
        assert said in html.unescape(response.get_data(as_text=True))


def test_an_admin_merges_two_jorong(admin: FlaskClient, store: Store) -> None:
    response = post(admin, "/areas/13.11/j0001/merge", {"into": " 13.11/j0008 "})
    assert (response.status_code, response.location) == (303, "/areas/13.11/j0008")
    assert get_area(store.reader(), "13.11/j0001").merged_into == "13.11/j0008"


@pytest.mark.parametrize(
    ("into", "said"),
    [
        ("", "Mohon diisi"),
        ("13.11/j9999", "tidak dikenal"),
        ("13.11/j0001", "dengan dirinya sendiri"),
        (VILLAGE, "setingkat"),
    ],
)
def test_a_faulty_merge_is_said_on_its_field(
    admin: FlaskClient, store: Store, into: str, said: str
) -> None:
    response = post(admin, "/areas/13.11/j0001/merge", {"into": into})
    assert response.status_code == 422
    assert said in html.unescape(response.get_data(as_text=True))
    assert get_area(store.reader(), "13.11/j0001").is_live


# --- importing ----------------------------------------------------------------------------


def test_a_preview_shows_new_changed_and_same_and_changes_nothing(
    admin: FlaskClient, store: Store
) -> None:
    response = upload(admin, LIST)
    page = html.unescape(response.get_data(as_text=True))
    assert response.status_code == 200
    assert "Baru Sekali" in page
    assert "status" in page
    assert find_area(store.reader(), "13.11/j0063") is None


def test_what_was_looked_at_is_applied_and_listed(admin: FlaskClient, store: Store) -> None:
    response = apply(admin, upload(admin, LIST))
    assert (response.status_code, response.location) == (303, "/areas/import")
    assert get_area(store.reader(), "13.11/j0063").name == "Baru Sekali"
    page = text_of(admin, "/areas/import")
    assert "Selesai: 2 wilayah baru atau berubah." in page
    assert "daftar.csv" in page
    assert "Boss" in page


def test_an_import_is_taken_back_from_the_page(admin: FlaskClient, store: Store) -> None:
    apply(admin, upload(admin, LIST))
    (done,) = list_imports(store.reader())
    assert post(admin, f"/areas/import/{done.id}/undo").status_code == 303
    assert "ditarik kembali" in text_of(admin, "/areas/import")
    assert not get_area(store.reader(), "13.11/j0063").is_live


def test_an_import_that_cannot_be_taken_back_says_why(admin: FlaskClient, store: Store) -> None:
    apply(admin, upload(admin, LIST))
    (done,) = list_imports(store.reader())
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j0063")
    response = post(admin, f"/areas/import/{done.id}/undo")
    page = html.unescape(response.get_data(as_text=True))
    assert response.status_code == 409
    assert "13.11/j0063" in page
    assert "Sudah dipakai" in page


def test_the_same_file_again_offers_nothing_to_apply(admin: FlaskClient) -> None:
    apply(admin, upload(admin, LIST))
    page = html.unescape(upload(admin, LIST).get_data(as_text=True))
    assert "Semua isi berkas ini sudah ada." in page
    assert "/areas/import/apply" not in page


def test_faults_are_shown_with_row_and_column_and_cannot_be_applied(admin: FlaskClient) -> None:
    response = upload(admin, list_file("desa,Salah,Abai", "jorong,=1+1,Abai"))
    page = html.unescape(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "Tingkat harus salah satu dari" in page
    assert re.search(r'<td class="right">3</td><td class="mono">name</td>', page)
    assert "/areas/import/apply" not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "Excel atau ZIP"),
        (b"<html>", "halaman web"),
        (b"", "Berkas kosong"),
        (b"level,name\njorong,\x00\n", "karakter kendali"),
    ],
)
def test_a_hostile_file_is_told_kindly(admin: FlaskClient, content: bytes, said: str) -> None:
    response = upload(admin, content)
    assert response.status_code == 422
    assert said in html.unescape(response.get_data(as_text=True))


def test_a_name_of_a_file_is_shown_as_text_without_its_path(admin: FlaskClient) -> None:
    page = upload(admin, LIST, "C:\\data\\<b>x.csv").get_data(as_text=True)
    assert "&lt;b&gt;x.csv" in page
    assert "data\\" not in page


def test_without_a_file_the_form_asks_for_one(admin: FlaskClient) -> None:
    response = post(admin, "/areas/import")
    assert response.status_code == 422
    assert "Mohon pilih berkas." in response.get_data(as_text=True)


@pytest.mark.parametrize("sha256", ["", "0" * 64, "../../survey.db"])
def test_a_file_that_is_gone_asks_for_it_again(admin: FlaskClient, sha256: str) -> None:
    response = post(admin, "/areas/import/apply", {"sha256": sha256, "file_name": "x"})
    assert response.status_code == 410
    assert "Mohon pilih lagi" in response.get_data(as_text=True)


def test_boundaries_are_imported_from_the_page(admin: FlaskClient, store: Store) -> None:
    content = boundary_file((VILLAGE, 101.1, -1.7, 101.4, -1.4))
    assert apply(admin, upload(admin, content, "batas.geojson")).status_code == 303
    assert find_boundary(store.reader(), VILLAGE) is not None


def test_only_the_newest_uploads_are_kept(settings: Settings) -> None:
    kept = [keep_upload(settings, f"file {n}".encode()) for n in range(KEPT_UPLOADS + 3)]
    folder = settings.instance / "cache" / "area-uploads"
    assert len(list(folder.iterdir())) == KEPT_UPLOADS
    assert read_upload(settings, kept[-1]) == f"file {KEPT_UPLOADS + 2}".encode()


def test_the_page_of_a_large_tree_stays_whole(viewer: FlaskClient, store: Store) -> None:
    for number in range(100, 160):
        put_area(store, Area(f"13.11/j0{number}", "jorong", f"Ujung {number}", VILLAGE))
    assert "Ujung 159" in text_of(viewer, "/areas")
