"""Radio values, identities, bands, ASU and network codes: at their bounds and beyond."""

from __future__ import annotations

import pytest

from survey.domain.cells import (
    AREA_CODE_MAXIMUM,
    CELL_ID_MAXIMUM,
    NOT_AVAILABLE,
    clean_identity,
    clean_mcc,
    clean_mnc,
    nr_technology,
    split_plmn,
)
from survey.domain.limits import LIMITS, TECHNOLOGIES, TECHNOLOGY_LIMITS
from survey.domain.operators import OPERATOR_KEYS
from survey.domain.plmns import (
    PLMN_USES,
    find_plmn_use,
    operator_of_name,
    operator_of_plmn,
    plmns_of,
    unlisted_plmns,
)
from survey.domain.quantities import (
    ASU_FORMULAS,
    QUANTITIES,
    Cell,
    band_of,
    clean_gsm,
    clean_lte,
    clean_nr,
    clean_value,
    clean_wcdma,
)

RANGES = [
    (technology, field, *bounds)
    for technology, fields in TECHNOLOGY_LIMITS.items()
    for field, bounds in fields.items()
]


@pytest.mark.parametrize(("technology", "field", "minimum", "maximum"), RANGES)
def test_a_value_counts_up_to_its_bounds_and_not_beyond(
    technology: str, field: str, minimum: float, maximum: float
) -> None:
    assert clean_value(technology, field, minimum) == minimum
    assert clean_value(technology, field, maximum) == maximum
    assert clean_value(technology, field, minimum - 0.5) is None
    assert clean_value(technology, field, maximum + 0.5) is None
    assert clean_value(technology, field, float("nan")) is None


@pytest.mark.parametrize("technology", TECHNOLOGIES)
@pytest.mark.parametrize("value", [*sorted(NOT_AVAILABLE), 99, 255, 65535, 0])
def test_a_sentinel_is_no_level(technology: str, value: float) -> None:
    for field in ("rsrp_dbm", "rscp_dbm", "rxlev_dbm", "rssi_dbm"):
        assert clean_value(technology, field, value) is None


def test_every_technology_has_its_quantities_within_the_bounds_of_all() -> None:
    assert set(QUANTITIES) == set(TECHNOLOGIES)
    for technology, quantities in QUANTITIES.items():
        for quantity in quantities:
            assert quantity.field in TECHNOLOGY_LIMITS[technology]
            assert quantity.unit == LIMITS[quantity.field].unit


def test_a_quantity_of_another_technology_is_none() -> None:
    assert clean_value("lte", "rscp_dbm", -90) is None
    assert clean_value("gsm", "rsrp_dbm", -90) is None


@pytest.mark.parametrize(
    ("given", "meant"),
    [(30, 30), (31, 3.1), (130, 13), (300, 30), (301, None), (-20, -20), (-21, -2.1), (30.5, None)],
)
def test_an_lte_snr_in_tenths_is_put_right(given: float, meant: float | None) -> None:
    assert clean_value("lte", "sinr_db", given) == meant


@pytest.mark.parametrize(
    ("rssi", "kept"), [(-98, None), (-97, None), (-99, None), (-96, -96), (-70, -70)]
)
def test_an_lte_rssi_that_copies_rsrp_is_none(rssi: float, kept: float | None) -> None:
    assert clean_lte(-98, -11, 3, rssi) == (-98, -11, 3, kept)


def test_bogus_nr_values_are_put_right_or_left_out() -> None:
    assert clean_nr("nr_sa", -44, -3, 10) == (None, None, 10)
    assert clean_nr("nr_sa", -44, None, None) == (None, None, None)
    assert clean_nr("nr_sa", -44, -8, None) == (-44, -8, None)
    assert clean_nr("nr_sa", 95, 11, 13) == (-95, -11, 13)
    assert clean_nr("nr_sa", -95, 11, 13) == (-95, 11, 13)
    assert clean_nr("nr_sa", 30, None, None) == (None, None, None)
    assert clean_nr("nr_sa", 2147483647, 2147483647, 2147483647) == (None, None, None)


def test_bogus_gsm_and_wcdma_values_are_left_out() -> None:
    assert [clean_gsm(value) for value in (-51, -53, -50, None)] == [None, -53, -50, None]
    assert clean_wcdma(-100, 0, -75) == (-100, None, -75)
    assert clean_wcdma(2147483647, -24.5, 99) == (None, None, None)


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_an_area_code_has_bounds(technology: str) -> None:
    maximum = AREA_CODE_MAXIMUM[technology]
    found = [clean_identity(maximum, value) for value in (0, 1, maximum, maximum + 1, -1)]
    assert found == [None, 1, maximum, None, None]


@pytest.mark.parametrize(("technology", "all_ones"), [("lte", 2**28 - 1), ("nr_sa", 2**36 - 1)])
def test_a_cell_identity_of_all_ones_is_none(technology: str, all_ones: int) -> None:
    maximum = CELL_ID_MAXIMUM[technology]
    assert clean_identity(maximum, all_ones) is None
    assert clean_identity(maximum, all_ones - 1) == all_ones - 1
    assert clean_identity(maximum, 2147483647) is None
    assert clean_identity(maximum, 12.5) is None


@pytest.mark.parametrize(
    ("mcc", "text", "meant"),
    [
        ("510", "1", "01"),
        ("510", "01", "01"),
        ("510", "001", "01"),
        ("510", "10", "10"),
        ("510", "10.0", "10"),
        ("510", "100", None),
        ("510", "0", "00"),
        ("310", "410", "410"),
        ("510", "-1", None),
        ("510", "", None),
        ("510", "2147483647", None),
        ("510", "x", None),
    ],
)
def test_a_network_code_keeps_its_zeros(mcc: str, text: str, meant: str | None) -> None:
    assert clean_mnc(mcc, text) == meant


def test_country_codes_and_joined_codes_are_read() -> None:
    assert [clean_mcc(text) for text in ("510", "510.0", "0", "", "5100", "2147483647")] == [
        "510",
        "510",
        None,
        None,
        None,
        None,
    ]
    assert split_plmn("51010") == ("510", "10")
    assert split_plmn("510-01") == ("510", "01")
    assert split_plmn("310410") == ("310", "410")
    assert split_plmn("5101") == (None, None)
    assert split_plmn("TELKOMSEL") == (None, None)


def test_a_cell_tells_its_site_and_sector() -> None:
    lte = Cell("lte", cell_id=8553995)
    assert (lte.enb, lte.sector) == (33414, 11)
    wcdma = Cell("wcdma", cell_id=(4011 << 16) + 35796)
    assert (wcdma.enb, wcdma.sector) == (4011, 35796)
    assert Cell("nr_nsa", cell_id=8553995).enb == 33414
    assert Cell("nr_sa", cell_id=2**34).enb is None
    assert Cell("gsm", cell_id=8136).sector is None
    assert Cell("lte").enb is None


@pytest.mark.parametrize(
    ("technology", "arfcn", "band"),
    [
        ("lte", 0, "B1 2100"),
        ("lte", 599, "B1 2100"),
        ("lte", 600, None),
        ("lte", 1199, None),
        ("lte", 1200, "B3 1800"),
        ("lte", 2649, "B5 850"),
        ("lte", 2650, None),
        ("lte", 3799, "B8 900"),
        ("lte", 9659, "B28 700"),
        ("lte", 38650, "B40 2300"),
        ("lte", 39650, None),
        ("nr_sa", 460000, "n40 2300"),
        ("nr_sa", 480001, None),
        ("nr_nsa", 1850, "B3 1800"),
        ("gsm", 124, "900"),
        ("gsm", 125, None),
        ("gsm", 955, "900"),
        ("gsm", 885, "1800"),
        ("wcdma", 3088, "B8 900"),
        ("wcdma", 10562, "B1 2100"),
        ("wcdma", 10561, None),
        ("lte", None, None),
    ],
)
def test_a_channel_number_tells_its_band(
    technology: str, arfcn: int | None, band: str | None
) -> None:
    assert band_of(technology, arfcn) == band


@pytest.mark.parametrize(
    ("cell_id", "area_code", "arfcn", "own_level", "technology"),
    [
        (2**28, None, None, False, "nr_sa"),
        (2**28 - 1, 1, None, False, "nr_nsa"),
        (8553995, 20000, 1850, True, "nr_nsa"),
        (8553995, 20000, 462000, True, "nr_sa"),
        (8553995, 20000, 462000, False, "nr_nsa"),
        (8553995, None, 462000, True, "nr_nsa"),
        (None, None, 462000, True, "nr_nsa"),
    ],
)
def test_a_5g_row_is_standalone_only_where_its_identity_shows_it(
    cell_id: int | None,
    area_code: int | None,
    arfcn: int | None,
    own_level: bool,
    technology: str,
) -> None:
    assert nr_technology(cell_id, area_code, arfcn, own_level) == technology


def test_an_asu_gives_dbm_only_with_its_formula() -> None:
    gsm = ASU_FORMULAS["gsm"][0]
    assert [gsm.dbm_of(asu) for asu in (-1, 0, 31, 32, 99)] == [None, -113, -51, None, None]
    lte = ASU_FORMULAS["lte"][0]
    assert [lte.dbm_of(asu) for asu in (0, 97, 98, 99, 255)] == [-140, -43, None, None, None]
    three_g = [formula.dbm_of(20) for formula in ASU_FORMULAS["wcdma"]]
    assert three_g == [-100, -96, -73]
    labels = [formula.label for formulas in ASU_FORMULAS.values() for formula in formulas]
    assert all("ASU" in label for label in labels)


def test_a_network_code_belongs_to_an_operator_between_two_days() -> None:
    assert operator_of_plmn("510", "10", "2026-05-04") == "telkomsel"
    assert operator_of_plmn("510", "21", "2026-05-04") == "indosat"
    assert operator_of_plmn("510", "28", "2026-05-04") == "smartfren"
    assert operator_of_plmn("510", "88", "2018-12-28") is None
    bolt = find_plmn_use("51088", "2018-12-28")
    assert bolt is not None
    assert bolt.name == "Bolt"
    assert find_plmn_use("51088", "2018-12-29") is None
    assert operator_of_plmn("502", "10", "2026-05-04") is None
    assert operator_of_plmn("510", None, "2026-05-04") is None


def test_the_dated_codes_hold_the_operators_list_and_no_other_key() -> None:
    assert unlisted_plmns() == set()
    keys = {use.operator for use in PLMN_USES} - {None}
    assert keys == set(OPERATOR_KEYS)
    assert plmns_of(["indosat", "tri"]) == {"51001", "51021", "51089"}


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("TELKOMSEL", "telkomsel"),
        ("IM3 Ooredoo", "indosat"),
        ("3", "tri"),
        ("XL Axiata", "xl"),
        ("Smartfren 4G", "smartfren"),
        ("Telkom", None),
        ("IM3 | 3", None),
        ("", None),
    ],
)
def test_a_phones_name_of_an_operator_is_understood_or_left(
    name: str, operator: str | None
) -> None:
    assert operator_of_name(name) == operator
