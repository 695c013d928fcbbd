"""`survey areas`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.domain.area_lines import FILE_BYTES
from survey.settings import Settings
from survey.store.area_imports import list_imports
from survey.store.areas import get_area, list_areas
from survey.store.connection import Store
from tests.area_places import VILLAGE, boundary_file, list_file


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find the instance of this test."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))


def areas(*words: str | Path, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["areas", *map(str, words)])
    assert result.exit_code == exit_code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def office_list(tmp_path: Path) -> Path:
    path = tmp_path / "daftar.csv"
    path.write_bytes(list_file("jorong,Lubuk Rasak,Sangir", "jorong,Baru Sekali,Abai"))
    return path


def test_an_import_says_what_it_did_and_how_to_take_it_back(
    store: Store, office_list: Path
) -> None:
    said = areas("import", office_list).stdout
    (done,) = list_imports(store.reader())
    assert said.splitlines() == [
        "1 new, 1 changed, 0 same",
        f"Import {done.id}; to take it back: survey areas undo {done.id}",
    ]
    assert done.actor == "cli"


def test_the_same_file_again_says_so(office_list: Path) -> None:
    areas("import", office_list)
    assert "nothing was changed" in areas("import", office_list).stdout


def test_a_dry_run_changes_nothing(store: Store, office_list: Path) -> None:
    before = list_areas(store.reader())
    assert "1 new, 1 changed, 0 same" in areas("import", office_list, "--dry-run").stdout
    assert list_areas(store.reader()) == before


def test_boundaries_come_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "batas.geojson"
    path.write_bytes(boundary_file((VILLAGE, 1.0, 1.0, 1.2, 1.2)))
    result = areas("import", path)
    assert result.stdout.startswith("1 new, 0 changed, 0 same\n")
    assert "note: row 1, geometry: The known point" in result.stderr


def test_every_fault_is_told_on_stderr_with_row_and_column(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "salah.csv"
    path.write_bytes(list_file("desa,Salah,Abai", "jorong,=1+1,Abai"))
    for words in (("import", path), ("import", path, "--dry-run")):
        result = areas(*words, exit_code=1)
        assert result.stdout == ""
        assert "row 2, level" in result.stderr
        assert "row 3, name" in result.stderr
    assert list_imports(store.reader()) == []


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "besar.csv"
    with path.open("wb") as file:
        file.truncate(FILE_BYTES + 1)
    assert "larger than 20 MB" in areas("import", path, exit_code=1).stderr


def test_a_missing_file_is_a_mistake_of_use() -> None:
    areas("import", "nowhere.csv", exit_code=2)


def test_an_import_is_taken_back_and_listed(store: Store, office_list: Path) -> None:
    areas("import", office_list)
    (done,) = list_imports(store.reader())
    assert "stands" in areas("imports").stdout
    assert areas("undo", done.id).stdout == "Taken back.\n"
    assert "before" in areas("undo", done.id).stdout
    assert "taken back" in areas("imports").stdout


def test_an_unknown_import_is_told(store: Store) -> None:
    assert areas("undo", "nothing", exit_code=1).stderr == "This import is not known.\n"


def test_two_jorong_are_merged(store: Store) -> None:
    said = areas("merge", "13.11/j0001", "13.11/j0008").stdout
    assert said == "Gunung Pasir (13.11/j0001) is Gunung Pasia (13.11/j0008) now.\n"
    assert get_area(store.reader(), "13.11/j0001").merged_into == "13.11/j0008"


def test_a_merge_that_makes_no_sense_is_told() -> None:
    result = areas("merge", "13.11/j0001", VILLAGE, exit_code=1)
    assert "Only areas of the same level can be merged." in result.stderr


def test_the_list_can_be_narrowed_by_level_and_place() -> None:
    every = areas("list").stdout.splitlines()
    nagari = areas("list", "--level", "nagari").stdout.splitlines()
    inside = areas("list", "--parent", "13.11.01", "--level", "nagari").stdout.splitlines()
    assert (len(every), len(nagari), len(inside)) == (109, 39, 4)
    assert inside[0] == f"{VILLAGE}\tnagari\tLubuk Gadang\tofficial\t13.11.01"


def test_a_merged_area_is_not_listed() -> None:
    areas("merge", "13.11/j0001", "13.11/j0008")
    assert "13.11/j0001" not in areas("list").stdout


def test_listing_under_an_unknown_area_is_told() -> None:
    assert "not known" in areas("list", "--parent", "99", exit_code=1).stderr


def test_search_marks_other_spellings_as_suggestions() -> None:
    lines = areas("search", "gunung pasir").stdout.splitlines()
    assert lines == [
        "13.11/j0001\tSolok Selatan > Sangir > Gunung Pasir\texact",
        "13.11/j0008\tSolok Selatan > Sangir > Lubuk Gadang > Gunung Pasia\tsuggestion",
    ]


def test_search_without_an_answer_says_so() -> None:
    assert "No area" in areas("search", "zzzz").stderr


@pytest.mark.parametrize("command", ["import", "undo", "imports", "merge", "list", "search"])
def test_each_command_explains_itself(command: str) -> None:
    assert "Usage:" in areas(command, "--help").stdout
