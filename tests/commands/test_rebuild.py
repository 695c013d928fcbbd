"""`survey rebuild`: makes the tables again and says how many visits there are."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from survey.commands.rebuild import _show_progress, rebuild
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.visits import find_visit_row
from tests.factories import make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.sending import send


def test_what_was_spoiled_is_as_before(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))
    phone = enrol_phone(store, settings, add_person(store))
    envelope = make_envelope(make_visit_payload())
    send(store, settings, phone, envelope)
    before = find_visit_row(store.reader(), envelope["id"])
    store.write(lambda connection: connection.execute("DELETE FROM visits").fetchall())
    result = CliRunner().invoke(rebuild)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 visits were made again.\n"
    assert before is not None
    assert find_visit_row(store.reader(), envelope["id"]) == before


def test_a_folder_that_is_no_instance_is_said_on_stderr(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_INSTANCE", str(tmp_path))
    result = CliRunner().invoke(rebuild)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "survey init" in result.stderr


def test_progress_is_shown_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    for done in (1, 1_000, 1_001, 1_500):
        _show_progress(done, 1_500)
    assert capsys.readouterr().err == "\r1000 / 1500\r1500 / 1500\n"
