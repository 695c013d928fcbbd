"""What a phone shows, typed or pasted: the value meant, or a question, never silently wrong.

The vectors are held by the phone too (tests/js/core_typed.test.mjs), and both are asked about the
same thousands of texts here.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.domain.flags import Flag
from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGY_LIMITS
from survey.domain.operators import OPERATORS, SWITCHED_OFF
from survey.domain.reading_rules import flag_reading
from survey.domain.typed_rules import Understanding, understand_typed
from survey.domain.typed_values import Answer
from survey.domain.visit import Reading

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/shared/typed_vectors.json").read_text("utf-8"))
FIELDS = {"RSRP": "rsrp_dbm", "RSRQ": "rsrq_db", "SINR": "sinr_db"}


def plain(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    if answer.technology:
        return {"technology": answer.technology}
    return {"values": dict(answer.values or {})}


def told(text: str, chosen: str | None) -> dict[str, Any]:
    """Return an understanding as the vectors write it."""
    found: Understanding = understand_typed(text, chosen)
    questions = [
        {
            "code": one.code,
            "field": one.field,
            "answers": [plain(answer) for answer in one.answers],
            "insist": plain(one.insist),
        }
        for one in found.questions
    ]
    return {"technology": found.technology, "values": found.values, "questions": questions}


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{one['text'][:24]!r}" for one in VECTORS])
def test_a_text_means_its_values_or_raises_its_question(vector: dict[str, Any]) -> None:
    expected = {name: vector[name] for name in ("technology", "values", "questions")}
    assert told(vector["text"], vector["chosen"]) == expected


# How phones and people write one number; "unsigned" is a slip that must be asked about.
WRITERS: dict[str, Callable[[float], str]] = {
    "plain": lambda value: f"{value:g}",
    "tenths": lambda value: f"{value:.1f}",
    "comma": lambda value: f"{value:.1f}".replace(".", ","),
    "true minus": lambda value: f"{value:g}".replace("-", "\u2212"),
    "long dash": lambda value: f"{value:.1f}".replace("-", "\u2013"),
    "gap": lambda value: f"{value:g}".replace("-", "- "),
    "unsigned": lambda value: f"{abs(value):g}",
}
FORMATS = (
    "RSRP {a}, RSRQ {b}, SINR {c}",
    "rsrp={a} rsrq={b} sinr={c}",
    "RSRP: {a} dBm\nRSRQ: {b} dB\nSNR: {c} dB",
    "{a} dBm RSRP; {b} dB RSRQ; {c} dB SINR",
    "RSRP RSRQ SINR\n{a} {b} {c}",
    "RSRP/RSRQ/SINR: {a}/{b}/{c}",
    "EARFCN:1850 PCI:12 TAC:20101, RSRP:{a} RSRQ:{b} SNR:{c}\nTx Pwr:-",
    "rsrp0: {a}\nrsrq0: {b}\nsinr0: {c}",
    "4G Telkomsel {a} dBm\nRSRQ {b}\nSINR {c} | 09:31 85%",
    "{a} / {b} / {c}",
    "{a}, RSRQ {b}",
    "SINR {c} RSRQ {b} RSRP {a}",
    "RSRQ({b}) RSRP({a})",
    "{a} dBm {asu} asu",
    "{a} {asu}",
    "{asu} asu",
    "{asu}",
    "{a}",
    "RSRP-{size}",
    "SINR-{size_c}",
    "rssnr={c}",
    "rssnr={c_tenths}",
)


@st.composite
def readings(draw: st.DrawFn) -> tuple[str, dict[str, float]]:
    """Return a text and what whoever wrote it meant."""
    levels = st.integers(-139, -45)
    a, b = draw(levels), draw(st.integers(-40, -6)) / 2
    c = draw(st.integers(-40, 60)) / 2
    write = WRITERS[draw(st.sampled_from(sorted(WRITERS)))]
    numbers = {"a": write(a), "b": write(b), "c": write(c), "asu": f"{a + 140}"}
    sizes = {"size": f"{-a}", "size_c": f"{abs(c):g}", "c_tenths": f"{c * 10:g}"}
    text = draw(st.sampled_from(FORMATS)).format(**numbers, **sizes)
    return text, {"rsrp_dbm": a, "rsrq_db": b, "sinr_db": c}


@given(reading=readings(), chosen=st.sampled_from(["lte", "nr_nsa", "nr_sa", None]))
def test_no_text_is_silently_taken_for_something_else(
    reading: tuple[str, dict[str, float]], chosen: str | None
) -> None:
    text, meant = reading
    found = understand_typed(text, chosen)
    # "SINR 3" without its minus cannot be told from a plus: that one sign is the writer's
    wrong = {
        name: value
        for name, value in found.values.items()
        if value != meant[name] and not (name == "sinr_db" and abs(value) == abs(meant[name]))
    }
    assert wrong == {}
    assert found.values or found.questions


@given(text=st.text(max_size=60), chosen=st.sampled_from([*TECHNOLOGY_LIMITS, None]))
def test_any_text_is_read_and_what_is_taken_is_within_its_bounds(
    text: str, chosen: str | None
) -> None:
    found = understand_typed(text, chosen)
    for name, value in found.values.items():
        low, high = TECHNOLOGY_LIMITS[found.technology or ""][name]
        assert low <= value <= high
    assert bool(text.strip()) == bool(found.values or found.questions)


PIECES = re.split(
    r"\s+",
    """rsrp rsrq sinr snr rssnr rssi rscp ecno ec/no rxlev asu ss-rsrp ss_rsrq ssSinr csi-rsrp pci:
    tac= earfcn lte 4g 5g nr nsa sa gsm 2g 3g h+ wcdma signal sinyal dbm db kuat: telkomsel rsrp0
    rsrp1: snr0: -108 108 -12 12 3 -3 32 -51 -44 30 130 99 255 2147483647 0 -12.5 -12,5 -108,12
    1.2.3 0x1f 20mhz 09:31 -79 17 -93 10 : = , / ( ) - \u2013 \u2212 + ; | level=2 dBm dB max is
    cqiTableIndex=1 \u221297 \uff0b\uff13 RSRP\uff1a \u0663\u0662 \U0001f600""",
)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")
def test_the_phone_understands_thousands_of_texts_just_so() -> None:
    chance = random.Random(36)  # a seed, so that a failure comes again
    texts = [
        "".join(
            chance.choice(PIECES) + chance.choice("  \n\t") for _ in range(chance.randint(1, 9))
        )
        for _ in range(2_500)
    ]
    asked = [[text, chance.choice([*TECHNOLOGY_LIMITS, "lte", None])] for text in texts]
    script = (
        'import {understandTyped} from "./static/core/typed_rules.js";'
        'import {readFileSync} from "node:fs";'
        'const {limits, asked} = JSON.parse(readFileSync(0, "utf8"));'
        "console.log(JSON.stringify(asked.map(([text, chosen]) => {"
        "const {technology, values, questions} = understandTyped(text, chosen, limits);"
        "return {technology, values, questions: questions.map(({code, field, answers, insist}) =>"
        "({code, field, answers, insist}))}})))"
    )
    limits = {"technology_limits": TECHNOLOGY_LIMITS, "main_quantity": MAIN_QUANTITY}
    run = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        input=json.dumps({"limits": limits, "asked": asked}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for (text, chosen), phone in zip(asked, json.loads(run.stdout), strict=True):
        assert told(str(text), chosen) == phone, text


def codes(**values: Any) -> list[str]:
    found: list[Flag] = []
    flag_reading(found, 0, Reading(operator="xl", **{"source": "typed", **values}), ())
    return [flag.code for flag in found]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"raw_text": "-108 dBm 32 asu", "rsrp_dbm": -108}, []),
        ({"raw_text": "-108 dBm 32 asu", "rsrp_dbm": -98}, ["reading.text_differs"]),
        ({"raw_text": "RSRP -108 SINR 3", "rsrp_dbm": -108}, []),
        (
            {"raw_text": "RSRP -108 SINR 3", "rsrp_dbm": -108, "sinr_db": 5},
            ["reading.text_differs"],
        ),
        ({"raw_text": "108", "rsrp_dbm": -108}, []),
        ({"raw_text": "108"}, ["reading.text_unread"]),
        ({"raw_text": "lemah"}, []),
        ({"raw_text": "-79 dBm 17 asu", "rssi_dbm": -79}, []),
        ({"raw_text": "-79 dBm 17 asu", "rsrp_dbm": -79}, ["reading.text_insisted"]),
        ({"raw_text": "RSSI -79", "rsrp_dbm": -79}, ["reading.text_insisted"]),
        ({"raw_text": "rssnr=30", "sinr_db": 3}, []),
        ({"raw_text": "32 asu", "rsrp_dbm": -32, "technology": "nr_sa"}, ["reading.asu"]),
        ({"raw_text": "-101", "rsrp_dbm": -101, "source": "imported"}, []),
    ],
)
def test_the_office_is_asked_where_text_and_value_disagree(
    values: dict[str, Any], expected: list[str]
) -> None:
    assert codes(**{"technology": "lte", **values}) == expected


@pytest.mark.parametrize(
    ("technology", "at", "asked"),
    [
        ("wcdma", "2026-05-04T02:13:10.000Z", True),
        ("wcdma", None, True),
        ("wcdma", "2023-06-01T02:13:10.000Z", False),
        ("gsm", "2026-05-04T02:13:10.000Z", False),
    ],
)
def test_a_network_that_should_be_gone_is_a_question(
    technology: str, at: str | None, asked: bool
) -> None:
    assert ("reading.switched_off" in codes(technology=technology, at=at)) == asked


def test_operators_are_brands_of_sim_cards_and_none_runs_what_is_switched_off() -> None:
    names = " ".join(f"{one.key} {one.brand}" for one in OPERATORS).lower()
    assert "bakti" not in names
    assert "icon" not in names
    for operator in OPERATORS:
        assert not set(operator.technologies) & set(SWITCHED_OFF)
        assert operator.owner_since is None or "2022" <= operator.owner_since <= "2025-04-30"
