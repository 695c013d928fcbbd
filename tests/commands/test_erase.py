"""`survey erase`: asks first, erases, says what it erased."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.formats.wire import read_batch
from survey.services.enrolling import authenticate_device
from survey.services.intake import store_batch
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.erasures import list_erasures
from survey.store.visits import find_visit_row
from tests.factories import NOW, make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone

WHY = ("--reason", "Asked by the owner of the house")


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find the instance of this test."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))


@pytest.fixture
def visit_id(store: Store, settings: Settings) -> str:
    """The id of a visit that Sari's phone sent."""
    phone = enrol_phone(store, settings, add_person(store, "sari"))
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    batch = read_batch(json.dumps({"records": [envelope]}).encode())
    device = authenticate_device(store, phone.token, NOW)
    store_batch(store, settings.timezone, device, batch.records, batch.device_state, NOW)
    return str(envelope["id"])


def survey(*words: str, stdin: str | None = None, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ("erase", *words), input=stdin)
    assert result.exit_code == exit_code, result.output
    return result


def test_a_visit_is_erased_after_a_yes(store: Store, visit_id: str) -> None:
    result = survey("visit", visit_id, *WHY, stdin="y\n")
    assert result.stdout == "Erased 1 records and 0 files.\n"
    assert find_visit_row(store.reader(), visit_id) is None
    (row,) = list_erasures(store.reader())
    assert (row["reason"], row["actor"]) == (WHY[1], "cli")


def test_nothing_is_erased_without_a_yes(store: Store, visit_id: str) -> None:
    survey("visit", visit_id, *WHY, stdin="n\n", exit_code=1)
    assert find_visit_row(store.reader(), visit_id) is not None


def test_yes_may_be_said_beforehand(store: Store, visit_id: str) -> None:
    survey("visit", visit_id, *WHY, "--yes")
    assert find_visit_row(store.reader(), visit_id) is None


def test_a_persons_tracks_are_erased(store: Store, visit_id: str) -> None:
    assert survey("tracks", "sari", *WHY, "--yes").stdout == "Erased 0 records and 0 files.\n"
    assert [row["kind"] for row in list_erasures(store.reader())] == ["person_tracks"]


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("visit", "nothing", *WHY, "--yes"), 1, "This visit is not known."),
        (("photo", "0" * 64, *WHY, "--yes"), 1, "This file is not known here."),
        (("tracks", "nobody", *WHY, "--yes"), 1, "This person is not known."),
        (("visit", "nothing", "--yes"), 2, "--reason"),
    ],
)
def test_a_mistake_is_a_line_on_stderr(words: tuple[str, ...], exit_code: int, said: str) -> None:
    result = survey(*words, exit_code=exit_code)
    assert said in result.stderr
    assert result.stdout == ""


def test_an_empty_reason_is_refused(store: Store, visit_id: str) -> None:
    result = survey("visit", visit_id, "--reason", " ", "--yes", exit_code=1)
    assert "An erasure needs a reason." in result.stderr
    assert find_visit_row(store.reader(), visit_id) is not None
