"""Words and numbers of the review pages: complete, and in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from survey.domain.flags import FLAGS
from survey.domain.visit import Visit
from survey.web.formatting import (
    show_ago,
    show_bounded,
    show_clock,
    show_distance,
    show_number,
    show_offset,
)
from survey.web.review_words import (
    CAUSE_WORDS,
    FIELD_NAMES,
    FLAG_NAMES,
    ask_flag,
    is_open,
    name_path,
    show_value,
)
from tests.factories import make_visit_payload
from tests.store.test_privacy_marks import paths_of


@pytest.fixture(params=["id", "en"])
def language(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/", headers={"Cookie": f"language={request.param}"}):
        yield request.param


@pytest.fixture
def indonesian(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_every_flag_has_a_short_name() -> None:
    assert set(FLAG_NAMES) == set(FLAGS)


def test_every_field_of_a_payload_has_a_name() -> None:
    names = {name for path in paths_of(Visit) for name in path.split(".")}
    assert names - set(FIELD_NAMES) <= {"id", "sha256"}


def test_every_cause_of_a_conflict_has_words() -> None:
    assert set(CAUSE_WORDS) == {"base_not_head", "already_decided", "review_not_seen"}


def test_numbers_are_written_as_the_reader_does(language: str) -> None:
    expected = {
        "id": ["1.234,5", "−108", "10.000+", "6,2 m", "340 m", "1,4 km", "–"],
        "en": ["1,234.5", "−108", "10,000+", "6.2 m", "340 m", "1.4 km", "–"],
    }
    assert [
        show_number(1234.5, 1),
        show_number(-108.0),
        show_bounded(10_000, True),
        show_distance(6.2),
        show_distance(340.4),
        show_distance(1_420),
        show_number(None),
    ] == expected[language]


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (None, "tidak diketahui"),
        (0, "tepat"),
        (499, "tepat"),
        (500, "terlambat 0,5 s"),
        (-850, "terlalu cepat 0,8 s"),
        (119_999, "terlambat 120 s"),
        (120_000, "terlambat 2 mnt"),
        (-172_800_000, "terlalu cepat 2 hari"),
        (1.4e12, "terlambat 16.204 hari"),
    ],
)
def test_clock_error_in_words(indonesian: None, milliseconds: float | None, words: str) -> None:
    assert show_offset(milliseconds) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-05-04T02:14:41.003Z", "4 Mei 2026 09.14.41"),
        ("2026-05-04T23:00:00.000Z", "5 Mei 2026 06.00.00"),
        ("yesterday", "yesterday"),
        ("2026-13-45T99:00:00Z", "2026-13-45T99:00:00Z"),
        ("0001-01-01T00:00:00.000Z", "1 Jan 0001 07.07.12"),
        (None, "–"),
    ],
)
def test_raw_times_are_local_and_odd_ones_stay_as_they_are(
    indonesian: None, instant: str | None, words: str
) -> None:
    assert show_clock(instant) == words


def test_how_long_ago(indonesian: None) -> None:
    assert show_ago("2026-05-04T02:59:30.000Z") == "baru saja"
    assert show_ago("2026-05-04T00:00:00.000Z") == "3 jam yang lalu"
    assert show_ago("2026-05-04T02:58:34.000Z") == "1 menit yang lalu"
    assert show_ago("") == ""


def test_flag_is_a_question_with_its_evidence(indonesian: None) -> None:
    words = ask_flag("test.power_cut", {"operators": ["telkomsel", "xl"]})
    assert "Telkomsel, XL / AXIS" in words
    assert ask_flag("a.newer.one", {"x": 1}) == "a.newer.one"
    assert "{" not in "".join(ask_flag(code, {}) for code in FLAGS)


def test_path_of_a_difference_reads_as_words(indonesian: None) -> None:
    assert (
        name_path(("service_tests", "xl · own · 1", "result"))
        == "Uji layanan · XL / AXIS, HP ini, SIM 1 · Hasil"
    )
    assert name_path(("position", "accuracy_m")) == "Posisi · Akurasi (m)"
    assert name_path(("photos", "ab" * 32, "kind")) == "Foto · abababab · Jenis"
    assert name_path(("something_new",)) == "something_new"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("note",), None, "–"),
        (("note",), "apa adanya", "apa adanya"),
        (("place_kind",), "centre", "Pusat jorong"),
        (("practice",), True, "ya"),
        (("position", "latitude_deg"), -1.541671, "−1,541671"),
        (("position", "accuracy_m"), 0, "0"),
        (("saved_at",), "2026-05-04T02:14:41.003Z", "4 Mei 2026 09.14.41"),
        (("companions",), ["Ani", "Budi"], "Ani, Budi"),
        (("service_tests", "xl"), {"result": "none", "sim_slot": None}, "Hasil: Tidak ada sinyal"),
    ],
)
def test_value_of_a_difference_reads_as_words(
    indonesian: None, path: tuple[str, ...], value: Any, words: str
) -> None:
    assert show_value(path, value) == words


def test_any_payload_can_be_said_in_words(language: str) -> None:
    for name, value in make_visit_payload().items():
        assert show_value((name,), value)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("note",), True),
        (("companions",), False),
        (("position", "accuracy_m"), True),
        (("service_tests", "xl · own · 1", "result"), True),
        (("photos", "a" * 64, "original", "model"), False),
        (("photos", "a" * 64), False),
        (("something_new",), False),
    ],
)
def test_personal_and_unknown_fields_are_not_open(path: tuple[str, ...], shown: bool) -> None:
    assert is_open(path) is shown
