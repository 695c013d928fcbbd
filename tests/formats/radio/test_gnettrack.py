"""G-NetTrack: local times, longitude first, one column for three quantities, Pro by places."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.radio_kit import (
    AT,
    GNETTRACK,
    LATITUDE,
    LONGITUDE,
    context,
    named_row,
    one_sample,
    reasons,
    samples,
)

VALUES: dict[str, Any] = {
    "Timestamp": "2026.05.04_09.14.41",
    "Longitude": LONGITUDE,
    "Latitude": LATITUDE,
    "Speed": 36,
    "Operatorname": "TELKOMSEL",
    "CellID": 11,
    "NetworkMode": "LTE",
    "RSRP": -108,
    "RSRQ": -12,
    "SNR": "3.0",
    "CQI": "-",
    "RSSI": -79,
    "CELLHEX": "0B",
    "NODEHEX": "8286",
    "LACHEX": "4E20",
    "RAWCELLID": 8553995,
    "NRxRSRP": "-",
    "NRxRSRQ": "-",
}


def log(*rows: dict[str, Any]) -> bytes:
    lines = (GNETTRACK, *(named_row(GNETTRACK, **VALUES | row) for row in rows))
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_row_is_in_local_time_and_longitude_comes_first() -> None:
    sample = one_sample(log({}))
    assert (sample.at, sample.latitude_deg, sample.longitude_deg) == (AT, LATITUDE, LONGITUDE)
    assert (sample.rsrp_dbm, sample.rsrq_db, sample.sinr_db, sample.rssi_dbm) == (-108, -12, 3, -79)
    assert (sample.area_code, sample.cell_id, sample.operator) == (20000, 8553995, "telkomsel")
    assert (sample.mcc, sample.speed_m_s, sample.accuracy_m) == (None, None, None)


def test_the_offices_time_zone_counts_and_not_the_servers() -> None:
    jayapura = context(zone=ZoneInfo("Asia/Jayapura"))
    assert one_sample(log({}), jayapura).at == "2026-05-04T00:14:41.000Z"


def test_node_and_cell_make_the_identity_where_the_raw_one_is_missing() -> None:
    assert one_sample(log({"RAWCELLID": "-"})).cell_id == 0x8286 * 256 + 11
    umts = {"NetworkMode": "HSPA+", "RAWCELLID": "", "NODEHEX": "FAB", "CELLHEX": "8BD4"}
    assert one_sample(log(umts)).cell_id == (4011 << 16) + 35796


def test_the_column_rsrp_holds_rscp_in_3g_and_rxlev_in_2g() -> None:
    umts, gsm = samples(
        log(
            {"NetworkMode": "UMTS", "RSRP": -101, "RSRQ": -9, "NRxRSRP": -51, "NRxRSRQ": -24},
            {"NetworkMode": "EDGE", "RSRP": -93, "RSRQ": "-"},
        )
    )
    assert (umts.rscp_dbm, umts.ecno_db, umts.rsrp_dbm, umts.rssi_dbm) == (-101, -9, None, None)
    assert (gsm.rxlev_dbm, gsm.rsrp_dbm, gsm.rsrq_db) == (-93, None, None)


@pytest.mark.parametrize(
    ("mode", "technology"),
    [
        ("LTE", "lte"),
        ("5G NSA", "nr_nsa"),
        ("LTE-NR", "nr_nsa"),
        ("5G", "nr_nsa"),
        ("5G SA", "nr_sa"),
        ("HSDPA", "wcdma"),
        ("GPRS", "gsm"),
    ],
)
def test_a_network_mode_is_a_technology(mode: str, technology: str) -> None:
    assert one_sample(log({"NetworkMode": mode})).technology == technology


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"NetworkMode": "-"}, "technology"),
        ({"RSRP": "-", "RSRQ": "-", "SNR": "-", "RSSI": "-"}, "no_value"),
        ({"Longitude": 0, "Latitude": 0}, "zero_position"),
        ({"Longitude": "-", "Latitude": "-"}, "no_position"),
        ({"Timestamp": "-"}, "bad_time"),
        ({"Timestamp": "2026.05.04_10.14.41"}, "future_time"),
    ],
)
def test_a_dash_is_nothing(changes: dict[str, Any], reason: str) -> None:
    assert reasons(log(changes)) == {reason: 1}


def pro(**changes: Any) -> bytes:
    row = ["-"] * 56
    places: dict[int, Any] = {
        0: "2026.05.04_09.14.41",
        1: LONGITUDE,
        2: LATITUDE,
        4: "TELKOMSEL",
        5: "51010",
        8: 33414,
        9: 11,
        10: 20000,
        11: "4G",
        12: "LTE",
        13: -108,
        14: -12,
        15: 3,
        17: -79,
        18: 1850,
        22: 431,
        24: 5,
        53: "Redmi 9A",
    }
    for place, value in (places | changes.get("places", {})).items():
        row[place] = str(value)
    header = ["Timestamp", "Longitude", "Latitude", *(f"column{n}" for n in range(3, 56))]
    lines = ("\t".join(header), "\t".join(row))
    return "".join(f"{line}\r\n" for line in lines).encode()


def test_pros_columns_are_known_by_their_place() -> None:
    around = context()
    sample = one_sample(pro(), around)
    assert (sample.at, sample.latitude_deg, sample.accuracy_m) == (AT, LATITUDE, 5)
    assert (sample.mcc, sample.mnc, sample.cell_id, sample.arfcn) == ("510", "10", 8553995, 1850)
    assert (sample.rsrp_dbm, sample.rsrq_db, sample.sinr_db, sample.rssi_dbm) == (-108, -12, 3, -79)
    assert (sample.altitude_m, around.device) == (431, "Redmi 9A")


def test_pro_takes_the_generation_where_the_mode_says_nothing() -> None:
    assert one_sample(pro(places={12: "-"})).technology == "lte"
    assert one_sample(pro(places={11: "3G", 12: "-", 8: 4011, 9: 35796})).cell_id == 262_900_692
