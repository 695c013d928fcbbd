"""NeoStumbler's cells.csv and the cell rows of WiGLE."""

from __future__ import annotations

from typing import Any

import pytest

from tests.radio_kit import (
    AT,
    LATITUDE,
    LONGITUDE,
    NEOSTUMBLER,
    WIGLE,
    context,
    named_row,
    one_sample,
    read_all,
    reasons,
    samples,
)

NEO: dict[str, Any] = {
    "timestamp": 1777860881000,
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "locationAccuracy": 7.5,
    "locationAge": 500,
    "cellScanAge": 900,
    "speed": 1.5,
    "cellId": 8553995,
    "radioType": "lte",
    "mcc": 510,
    "mnc": "01",
    "lac": 20000,
    "psc": 301,
    "signalStrength": -108,
    "asu": 32,
    "arfcn": 1850,
}


def stumbled(*rows: dict[str, Any]) -> bytes:
    lines = (NEOSTUMBLER, *(named_row(NEOSTUMBLER, **NEO | row) for row in rows))
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_neostumbler_row_has_androids_one_level() -> None:
    sample = one_sample(stumbled({}))
    assert (sample.at, sample.accuracy_m, sample.speed_m_s) == (AT, 7.5, 1.5)
    assert (sample.rsrp_dbm, sample.rssi_dbm, sample.operator) == (-108, None, "indosat")
    assert (sample.cell_id, sample.area_code, sample.pci, sample.arfcn) == (
        8553995,
        20000,
        301,
        1850,
    )


def test_neostumblers_technologies_neighbours_and_iso_times() -> None:
    found = samples(
        stumbled(
            {"radioType": "gsm", "signalStrength": -93, "cellId": 8136},
            {"radioType": "wcdma", "signalStrength": -101},
            {"radioType": "nr", "cellId": 2**30},
            {"radioType": "nr", "cellId": "", "timestamp": "2026-05-04T02:14:41Z"},
        )
    )
    assert [sample.technology for sample in found] == ["gsm", "wcdma", "nr_sa", "nr_nsa"]
    assert [sample.level_dbm for sample in found] == [-93, -101, -108, -108]
    assert [sample.serving for sample in found] == [True, True, True, False]
    assert {sample.at for sample in found} == {AT}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"locationAge": 20_901}, "old_position"),
        ({"timestamp": "2026-05-04T02:14:41"}, "bad_time"),
        ({"timestamp": 1777871400000}, "future_time"),
        ({"timestamp": 0}, "bad_time"),
        ({"timestamp": 9e30}, "bad_time"),
        ({"signalStrength": 2147483647}, "no_value"),
        ({"signalStrength": 0}, "no_value"),
        ({"radioType": "cdma"}, "technology"),
        ({"locationAccuracy": 1500}, "vague_position"),
    ],
)
def test_a_neostumbler_row_is_rejected_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    assert reasons(stumbled(changes)) == {reason: 1}


def wigle(*rows: str) -> bytes:
    return "".join(f"{line}\n" for line in (WIGLE, *rows)).encode()


PLACE = f"{LATITUDE},{LONGITUDE},431,6,,"
CELL = f"51010_20000_8553995,TELKOMSEL,LTE;id,2026-05-04 02:14:41,1850,,-108,{PLACE},LTE"
HOME = f"aa:bb:cc:dd:ee:ff,rumah,[WPA2],2026-05-04 02:14:41,6,2437,-60,{PLACE},WIFI"


def test_wigles_cells_are_read_and_its_homes_left_out() -> None:
    around = context()
    content = wigle(HOME, CELL, HOME.replace("WIFI", "BLE"), HOME.replace("WIFI", "BT"))
    (sample,) = samples(content, around)
    assert (sample.at, sample.line, sample.rsrp_dbm, sample.rssi_dbm) == (AT, 4, -108, None)
    assert (sample.mcc, sample.mnc, sample.area_code, sample.cell_id) == (
        "510",
        "10",
        20000,
        8553995,
    )
    assert (sample.arfcn, sample.accuracy_m, sample.operator) == (1850, 6, "telkomsel")
    assert (around.app, around.device) == ("WiGLE 2.90", "Redmi 9A")
    assert reasons(content) == {"wifi": 1, "bluetooth": 2}


def test_wigle_1_4_without_the_newer_columns_is_read() -> None:
    header = (
        "WigleWifi-1.4,appRelease=2.26\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
        "AccuracyMeters,Type"
    )
    row = f"5101_300_8136,IM3,GSM;id,2026-05-04 02:14:41,60,-93,{LATITUDE},{LONGITUDE},431,6,GSM"
    (sample,) = samples(f"{header}\n{row}\n".encode())
    assert (sample.technology, sample.rxlev_dbm, sample.mnc) == ("gsm", -93, "01")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (CELL.replace("-108", "0"), "no_value"),
        (CELL.replace(",LTE;", ",CDMA;").removesuffix("LTE") + "CDMA", "technology"),
        (CELL.replace("2026-05-04 02:14:41", "1970-01-01 00:00:00"), "old_time"),
        (CELL.replace(f"{LATITUDE},{LONGITUDE}", "0.0,0.0"), "zero_position"),
        (CELL.replace("02:14:41", "09:14:41"), "future_time"),
    ],
)
def test_a_wigle_row_is_rejected_with_its_reason(row: str, reason: str) -> None:
    assert reasons(wigle(row)) == {reason: 1}


def test_a_wifi_name_with_a_line_break_costs_only_itself() -> None:
    content = wigle(HOME.replace("rumah", '"rumah\nkita"'), CELL)
    assert len(samples(content)) == 1
    assert [type(row).__name__ for row in read_all(content)].count("Rejected") == 2
