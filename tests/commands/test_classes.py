"""`survey classes`: lines for people, one JSON object, words of what is missing, exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import FixedClock
from tests.office_kit import Office, open_office


@pytest.fixture(autouse=True)
def office(
    store: Store, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """An office with one visit that came in and is not approved."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))
    made = open_office(store, settings, clock)
    made.receive()
    return made


def survey(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ("classes", *words))
    assert result.exit_code == exit_code, result.output
    return result


def test_a_line_says_class_standing_and_what_is_missing(office: Office) -> None:
    result = survey("--preview", "--area", office.jorong[0])
    head = [line for line in result.stdout.splitlines() if line.startswith("#")]
    (line,) = [line for line in result.stdout.splitlines() if not line.startswith("#")]
    cells = line.split("\t")
    assert cells[0] == office.jorong[0]
    assert cells[2:4] == ["B", "provisional (1 stands, 1 days)"]
    assert "telkomsel A, indosat A, tri -, xl B, smartfren -" in cells
    assert "Not measured: tri, smartfren" in cells[6]
    assert "# status: preview" in head
    assert any('"version":1' in one and '"lte":-110' in one for one in head)


def test_json_holds_every_figure_and_the_rules(office: Office) -> None:
    found = json.loads(survey("--preview", "--json").stdout)
    assert (found["status"], found["visits"], found["visits_without_jorong"]) == ("preview", 1, 0)
    assert found["rules"]["minimum_stands"] == 3
    assert found["as_of"] is not None
    (row,) = [one for one in found["jorong"] if one["letter"]]
    (xl,) = [one for one in row["operators"] if one["operator"] == "xl"]
    # The best of tests: a call over 2G, whatever a reading in 4G promised.
    assert (xl["letter"], xl["n_stands"]) == ("B", 1)
    assert {one["technology"]: one["letter"] for one in xl["technologies"]} == {
        "gsm": "B",
        "lte": "D",
    }
    assert row["not_spots"][0] == {"kind": "no_mobile_broadband", "operators": ["xl"]}


def test_nothing_approved_is_not_measured_and_no_error() -> None:
    found = json.loads(survey("--json").stdout)
    assert found["status"] == "official"
    assert {one["standing"] for one in found["jorong"]} == {"unmeasured"}
    assert found["as_of"] is None


def test_an_unknown_area_is_one_line_on_stderr() -> None:
    result = survey("--area", "99.99", exit_code=1)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
