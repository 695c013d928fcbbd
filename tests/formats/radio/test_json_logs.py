"""Geosubmit and Termux JSON: bounded, with every cell told, whatever stands around it."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest

from survey.domain.samples import Sample
from survey.formats.radio.items import Rejected
from survey.formats.radio.json_stream import read_entries
from survey.formats.radio.reading import read_log
from survey.formats.radio.recognising import recognise
from tests.radio_kit import (
    AT,
    LATITUDE,
    LONGITUDE,
    context,
    one_sample,
    read_all,
    reasons,
    samples,
)

POSITION = {
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "accuracy": 6.0,
    "age": 1000,
    "altitude": 431.0,
    "speed": 1.5,
    "source": "gps",
}
CELL = {
    "radioType": "lte",
    "mobileCountryCode": 510,
    "mobileNetworkCode": 1,
    "locationAreaCode": 20000,
    "cellId": 8553995,
    "age": 3000,
    "asu": 32,
    "primaryScramblingCode": 301,
    "serving": 1,
    "signalStrength": -108,
    "timingAdvance": 1,
}


def item(*cells: Any, **changes: Any) -> dict[str, Any]:
    return {"timestamp": 1777860881000, "position": POSITION, "cellTowers": list(cells), **changes}


def geosubmit(*items: Any) -> bytes:
    return json.dumps({"items": items}).encode()


def test_an_item_gives_a_sample_a_cell_and_counts_homes() -> None:
    nr = CELL | {"radioType": "nr", "cellId": 2**30, "mobileNetworkCodeStr": "10", "serving": 0}
    content = geosubmit(
        item(CELL, nr, wifiAccessPoints=[{}, {}], bluetoothBeacons=[{"macAddress": "x"}])
    )
    lte, five = samples(content)
    assert (lte.at, lte.line, lte.accuracy_m, lte.speed_m_s) == (AT, 1, 6, 1.5)
    assert (lte.mnc, lte.area_code, lte.cell_id, lte.pci, lte.ta) == ("01", 20000, 8553995, 301, 1)
    assert (lte.rsrp_dbm, lte.rssi_dbm, lte.serving) == (-108, None, True)
    assert (five.technology, five.mnc, five.serving) == ("nr_sa", "10", False)
    assert reasons(content) == {"wifi": 2, "bluetooth": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"radioType": "cdma"}, "technology"),
        ({"radioType": None}, "technology"),
        ({"signalStrength": None}, "no_value"),
        ({"signalStrength": -1}, "no_value"),
        ({"signalStrength": "strong"}, "no_value"),
        ({"signalStrength": True}, "no_value"),
        ({"signalStrength": 10**400}, "no_value"),
        ({"age": 21_001}, "old_position"),
    ],
)
def test_a_cell_is_rejected_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    text = json.dumps(item(CELL | changes))
    assert reasons(f'{{"items": [{text}]}}'.encode()) == {reason: 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"position": {}}, "no_position"),
        ({"position": None}, "no_position"),
        ({"position": {"latitude": 0, "longitude": 0}}, "zero_position"),
        ({"timestamp": None}, "bad_time"),
        ({"timestamp": 1777871400000}, "future_time"),
        ({"cellTowers": 7}, "not_understood"),
        ({"cellTowers": [7]}, "not_understood"),
    ],
)
def test_an_item_is_rejected_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    content = b'{"items": [' + json.dumps(item(CELL, **changes)).encode() + b'],"cellTowers":0}'
    assert reasons(content) == {reason: 1}


def test_a_bare_list_of_items_a_mark_and_utf_16_are_read() -> None:
    text = json.dumps([item(CELL)], indent=1)
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert one_sample(content).cell_id == 8553995


def test_a_cut_text_gives_its_whole_items_and_says_so() -> None:
    content = geosubmit(item(CELL), item(CELL), item(CELL))
    found = read_all(content[:-40])
    assert [row.line for row in found if isinstance(row, Sample)] == [1, 2]
    assert found[-1] == Rejected(3, "cut")


def test_a_broken_item_costs_only_itself() -> None:
    broken = b'{"timestamp": 1, "cellTowers": [}'
    good = json.dumps(item(CELL)).encode()
    content = b'{"items": [' + good + b", {,}, " + good + b"]}"
    assert [type(row).__name__ for row in read_all(content)] == ["Sample", "Rejected", "Sample"]
    assert read_all(b'{"items": [' + good + b"," + broken)[-1].reason in ("cut", "not_understood")  # type: ignore[union-attr]


@pytest.mark.parametrize("depth", [31, 10_000, 400_000])
def test_an_item_nested_too_deeply_is_told_and_the_next_is_read(depth: int) -> None:
    deep = f'{{"cellTowers": {"[" * depth}{"]" * depth}}}'
    content = f'{{"items": [{deep}, {json.dumps(item(CELL))}]}}'.encode()
    first, second = read_all(content)
    assert isinstance(second, Sample)
    assert isinstance(first, Rejected)
    assert first.reason in ("too_deep", "not_understood", "too_long")
    assert first.reason == "too_deep" or depth != 10_000


def test_a_text_of_nothing_but_brackets_or_commas_gives_nothing() -> None:
    for content in (b"[" * 100_000, b"{" * 100_000, b"]" * 1000, b"[" + b"," * 1_000_000 + b"]"):
        assert [row for row in read_entries(io.BytesIO(content)) if row] in (
            [],
            [Rejected(1, "cut")],
        )
        assert recognise(content[:65536]) is None


def test_brackets_and_quotes_within_texts_are_no_structure() -> None:
    cell = CELL | {"note": 'a "}]{[" \\ \\" }', "radioType": "lte"}
    for size in range(65_500, 65_560, 3):  # texts and backslashes on the edge of a chunk
        content = json.dumps({"items": [item(cell, pad="\\" * (size // 2)), item(cell)]}).encode()
        assert len(samples(b'{"items": [], "cellTowers": 0,' + content[1:])) == 2


def test_memory_is_bounded_by_one_item() -> None:
    huge = b'{"pad": "' + b"x" * 30_000_000 + b'", "cellTowers": []}'
    good = json.dumps(item(CELL)).encode()
    stream = io.BytesIO(b'{"items": [' + huge + b"," + good + b"]}")
    tracemalloc.start()
    rows = list(read_log(stream, "geosubmit", context()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows[0] == Rejected(1, "too_long")
    assert isinstance(rows[1], Sample)
    assert peak < 8_000_000


TERMUX = {
    "type": "lte",
    "registered": True,
    "asu": 32,
    "dbm": -108,
    "level": 1,
    "timing_advance": 12,
    "ci": 8553995,
    "pci": 301,
    "tac": 20000,
    "mcc": 510,
    "mnc": 10,
    "rsrp": -108,
    "rsrq": -12,
    "rssi": -79,
}
HERE = {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 6.5, "speed": 0.0}


def paste(*values: Any) -> bytes:
    return "\n".join(json.dumps(value) for value in values).encode()


def test_a_paste_of_cells_and_location_is_read_in_any_order() -> None:
    time = {"time": "2026-05-04T09:14:41+07:00"}
    for content in (paste([TERMUX], HERE, time), paste(time | HERE, [TERMUX])):
        sample = one_sample(content)
        assert (sample.at, sample.latitude_deg, sample.accuracy_m) == (AT, LATITUDE, 6.5)
        assert (sample.rsrp_dbm, sample.rsrq_db, sample.rssi_dbm) == (-108, -12, -79)
        assert (sample.cell_id, sample.area_code, sample.ta) == (8553995, 20000, 12)
    assert one_sample(paste({"cells": [TERMUX], "location": HERE, "timestamp": 1777860881000}))


def test_place_and_time_come_from_the_visit_where_the_paste_has_none() -> None:
    visit = context(at=AT, latitude_deg=-1.5, longitude_deg=101.2, accuracy_m=9.0)
    sample = one_sample(paste([TERMUX]), visit)
    assert (sample.at, sample.latitude_deg, sample.accuracy_m) == (AT, -1.5, 9.0)
    assert reasons(paste([TERMUX])) == {"no_time": 1}
    assert reasons(paste([TERMUX]), context(at=AT)) == {"no_position": 1}


def test_termux_technologies_and_sentinels() -> None:
    nothing = 2147483647
    gsm = {"type": "gsm", "registered": False, "dbm": -93, "cid": 8136, "lac": 300, "mcc": 510}
    umts = {"type": "wcdma", "registered": True, "dbm": -101, "cid": 262910932, "psc": 511}
    nr = {
        "type": "nr",
        "registered": True,
        "dbm": nothing,
        "nci": 2**30,
        "tac": 16777215,
        "mcc": "510",
        "mnc": "01",
        "ss_rsrp": -98,
        "ss_rsrq": -11,
        "ss_sinr": nothing,
        "csi_rsrp": nothing,
    }
    old = {"type": "lte", "registered": True, "dbm": -99, "ci": nothing, "tac": nothing}
    none = {"type": "lte", "registered": True, "dbm": nothing, "rsrp": nothing}
    visit = context(at=AT, latitude_deg=LATITUDE, longitude_deg=LONGITUDE)
    found = samples(paste([gsm, umts, nr, old, none]), visit)
    assert [sample.technology for sample in found] == ["gsm", "wcdma", "nr_sa", "lte"]
    assert [sample.level_dbm for sample in found] == [-93, -101, -98, -99]
    assert [sample.serving for sample in found] == [False, True, True, True]
    assert (found[2].mnc, found[2].area_code, found[2].sinr_db) == ("01", None, None)
    assert found[3].cell_id is None
    assert reasons(paste([gsm, umts, nr, old, none]), visit) == {"no_value": 1}


def test_an_empty_list_of_termux_says_what_helps() -> None:
    assert recognise(b" [ ]".replace(b" ", b"")) == "termux"
    assert reasons(b"[]") == {"empty_list": 1}
