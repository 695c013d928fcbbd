"""The key of a sample: what counts in it and what does not."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from survey.domain.samples import ReferenceCell, Sample, reference_key, sample_key

LTE = Sample(
    at="2026-05-04T02:14:41.003Z",
    latitude_deg=-1.541671,
    longitude_deg=101.243342,
    line=7,
    accuracy_m=4.2,
    technology="lte",
    mcc="510",
    mnc="10",
    rsrp_dbm=-108,
    rssi_dbm=-79,
    operator="telkomsel",
)
CHANGED: dict[str, Any] = {
    "at": "2026-05-04T02:14:41.004Z",
    "latitude_deg": -1.541672,
    "longitude_deg": 101.243343,
    "accuracy_m": 4.3,
    "altitude_m": 1.0,
    "speed_m_s": 1.0,
    "technology": "nr_nsa",
    "mcc": "502",
    "mnc": "01",
    "area_code": 1,
    "cell_id": 1,
    "pci": 1,
    "arfcn": 1,
    "serving": False,
    "sim_slot": 2,
    "rsrp_dbm": -107,
    "rsrq_db": -11.5,
    "sinr_db": 3,
    "rssi_dbm": None,
    "rscp_dbm": -100,
    "ecno_db": -9,
    "rxlev_dbm": -95,
    "ta": 3,
    "no_service": True,
}


@pytest.mark.parametrize("field", sorted(CHANGED))
def test_every_measured_value_counts_in_the_key(field: str) -> None:
    assert sample_key(replace(LTE, **{field: CHANGED[field]})) != sample_key(LTE)


def test_only_line_and_operator_do_not_count_in_the_key() -> None:
    assert {field.name for field in fields(Sample)} - set(CHANGED) == {"line", "operator"}
    assert sample_key(replace(LTE, line=900, operator=None)) == sample_key(LTE)


def test_a_key_is_thirty_two_hex_digits_and_lasting() -> None:
    assert sample_key(LTE) == "b491969dab77e2d618099985840b0eb2"


def test_numbers_that_differ_only_in_their_spelling_are_the_same_row() -> None:
    other = replace(LTE, latitude_deg=-1.5416710000001, accuracy_m=4.2000001, rsrp_dbm=-108.0)
    assert sample_key(other) == sample_key(LTE)


def test_the_level_is_that_of_the_technology() -> None:
    assert LTE.level_dbm == -108
    gsm = replace(LTE, technology="gsm", rxlev_dbm=-95, rsrp_dbm=None)
    assert gsm.level_dbm == -95
    nothing = replace(LTE, technology=None, no_service=True)
    assert (nothing.level_dbm, nothing.cell) == (None, None)


def test_a_reference_cell_has_a_key_too() -> None:
    cell = ReferenceCell("lte", "510", "10", 20000, 8553995, -1.5, 101.2, line=3)
    assert reference_key(replace(cell, line=9)) == reference_key(cell)
    assert reference_key(replace(cell, cell_id=8553996)) != reference_key(cell)
    assert cell.cell.enb == 33414
