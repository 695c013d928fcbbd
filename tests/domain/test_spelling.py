"""The folding of place names, held to the vectors that the phone is held to as well."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from survey.domain.spelling import (
    ENDINGS,
    WORDS,
    bare_name,
    calm_capitals,
    edit_distance,
    fold_name,
    plain_name,
)

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/shared/spelling_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize(("left", "right"), VECTORS["same"])
def test_minang_and_indonesian_spelling_meet_in_one_key(left: str, right: str) -> None:
    assert fold_name(left) == fold_name(right)


@pytest.mark.parametrize(("left", "right"), VECTORS["different"])
def test_names_of_different_places_keep_different_keys(left: str, right: str) -> None:
    assert fold_name(left) != fold_name(right)


@pytest.mark.parametrize(("name", "key"), VECTORS["keys"].items())
def test_key_is_as_agreed_with_the_phone(name: str, key: str) -> None:
    assert fold_name(name) == key


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")
def test_the_phone_folds_every_word_and_ending_to_the_same_key() -> None:
    names = [*WORDS, *(f"bal{ending}" for ending, _, _ in ENDINGS), *VECTORS["keys"]]
    script = (
        'import {foldName} from "./static/core/spelling.js";'
        "console.log(JSON.stringify(JSON.parse(process.argv[1]).map(foldName)))"
    )
    run = subprocess.run(
        ["node", "--input-type=module", "-e", script, json.dumps(names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == [fold_name(name) for name in names]


def test_folding_a_key_again_changes_nothing_for_real_place_names() -> None:
    keys = [fold_name(name) for pair in VECTORS["same"] for name in pair]
    assert [key for key in keys if fold_name(key) != key] == []


def test_name_as_spelled_keeps_its_spelling() -> None:
    assert plain_name("  Jr.  PASIA   Panjang ") == "pasia panjang"


@pytest.mark.parametrize(
    ("left", "right", "limit", "distance"),
    [
        ("kalau", "kalau", 2, 0),
        ("kalau", "kalu", 2, 1),
        ("kalu", "kaul", 2, 1),
        ("simancung", "simancong", 1, 1),
        ("koto", "lubuk", 2, 3),
        ("a", "abcd", 2, 3),
        ("", "ab", 2, 2),
    ],
)
def test_edit_distance_counts_letters_up_to_its_limit(
    left: str, right: str, limit: int, distance: int
) -> None:
    assert edit_distance(left, right, limit) == distance
    assert edit_distance(right, left, limit) == distance


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Jr. Koto Rambah", "Koto Rambah"),
        ("JORONG LUBUK RASAK", "LUBUK RASAK"),
        ("Nagari", "Nagari"),
        ("Jorong Jorong", "Jorong"),
        ("  Koto   Baru ", "Koto Baru"),
    ],
)
def test_level_words_are_taken_off_a_name(written: str, name: str) -> None:
    assert bare_name(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("KOTO BARU II", "Koto Baru II"),
        ("Koto Baru", "Koto Baru"),
        ("TLB", "TLB"),
        ("LUBUAK ULANG ALING", "Lubuak Ulang Aling"),
    ],
)
def test_capitals_are_calmed(written: str, name: str) -> None:
    assert calm_capitals(written) == name
