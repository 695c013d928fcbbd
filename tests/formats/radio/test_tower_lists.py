"""Tower lists: reference cells, never samples; lost zeros, sentinels and bogus identities."""

from __future__ import annotations

from typing import Any

import pytest

from survey.domain.samples import Sample
from survey.formats.radio.recognising import recognise
from tests.radio_kit import LATITUDE, LONGITUDE, cells, read_all, reasons

HEADER = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
)
LTE: dict[str, Any] = {
    "radio": "LTE",
    "mcc": 510,
    "net": 1,
    "area": 20000,
    "cell": 8553995,
    "unit": 301,
    "lon": LONGITUDE,
    "lat": LATITUDE,
    "range": 1200,
    "samples": 7,
    "changeable": 1,
    "created": 1600000000,
    "updated": 1700000000,
    "averageSignal": 0,
}


def opencellid(*rows: dict[str, Any], header: bool = True, end: str = "\r\n") -> bytes:
    lines = [HEADER] if header else []
    lines += [",".join(str((LTE | row)[name]) for name in HEADER.split(",")) for row in rows]
    return "".join(f"{line}{end}" for line in lines).encode()


@pytest.mark.parametrize("header", [True, False])
def test_opencellid_is_read_with_and_without_its_header(header: bool) -> None:
    (cell,) = cells(opencellid({}, header=header))
    assert (cell.technology, cell.mcc, cell.mnc, cell.operator) == ("lte", "510", "01", "indosat")
    assert (cell.latitude_deg, cell.longitude_deg, cell.range_m) == (LATITUDE, LONGITUDE, 1200)
    assert (cell.cell_id, cell.area_code, cell.pci, cell.samples) == (8553995, 20000, 301, 7)
    assert (cell.updated_at, cell.cell.enb) == ("2023-11-14T22:13:20.000Z", 33414)
    assert cell.line == (2 if header else 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"net": 100}, "bad_network"),
        ({"radio": "CDMA"}, "technology"),
        ({"cell": 268435455}, "no_identity"),
        ({"cell": 0}, "no_identity"),
        ({"lon": 0, "lat": 0}, "zero_position"),
        ({"lat": 95}, "bad_position"),
        ({"lat": ""}, "no_position"),
    ],
)
def test_a_cell_is_rejected_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert reasons(opencellid({}, changes)) == {reason: 1}


def test_reserved_areas_and_future_dates_are_left_out_of_a_cell() -> None:
    (cell,) = cells(opencellid({"area": 65534, "unit": -1, "updated": 9999999999, "range": -5}))
    assert (cell.area_code, cell.pci, cell.updated_at, cell.range_m) == (None, None, None, None)


NTM = (
    f"2G;510;01;8136;300;XXX;25;{LATITUDE};{LONGITUDE};Padang Aro, tower;60",
    f"3G;510;10;35796;300;4011;211;{LATITUDE};{LONGITUDE};;10812",
    f"4G;510;10;11;20000;33414;301;{LATITUDE};{LONGITUDE};;1850",
    f"4G;510;10;8553995;20000;2147483647;301;{LATITUDE};{LONGITUDE};;2147483647",
    f"5G;510;10;1073741824;16777214;;752;{LATITUDE};{LONGITUDE};;462000",
)


def test_netmonster_makes_whole_identities() -> None:
    found = cells("\n".join((*NTM, "")).encode())
    assert [cell.technology for cell in found] == ["gsm", "wcdma", "lte", "lte", "nr_sa"]
    assert [cell.cell_id for cell in found] == [
        8136,
        (4011 << 16) + 35796,
        8553995,
        8553995,
        1073741824,
    ]
    assert [cell.arfcn for cell in found] == [60, 10812, 1850, None, 462000]
    assert (found[0].mnc, found[0].place, found[1].place) == ("01", "Padang Aro, tower", None)


@pytest.mark.parametrize("nci", ["1", "2147483647"])
def test_netmonsters_bogus_5g_identity_is_none(nci: str) -> None:
    line = NTM[4].replace("1073741824", nci)
    assert reasons(f"{NTM[2]}\n{line}\n".encode()) == {"no_identity": 1}


def test_clf_is_read() -> None:
    lines = (
        f"51001;08136;00300;00000;{LATITUDE};{LONGITUDE};0;Padang Aro;0",
        f"51010;35796;00300;04011;{LATITUDE};{LONGITUDE};0;;0",
        f"51010;8553995;20000;00000;{LATITUDE};{LONGITUDE};0;;0",
    )
    found = cells("\r\n".join((*lines, "")).encode())
    assert [cell.technology for cell in found] == ["gsm", "wcdma", "lte"]
    assert [cell.cell_id for cell in found] == [8136, (4011 << 16) + 35796, 8553995]
    assert (found[0].mnc, found[0].area_code, found[0].place) == ("01", 300, "Padang Aro")


def test_no_tower_list_gives_a_sample() -> None:
    lists = (opencellid({}, header=False), "\n".join(NTM).encode() + b"\n")
    assert [recognise(each) for each in lists] == ["opencellid", "netmonster"]
    assert not [row for each in lists for row in read_all(each) if isinstance(row, Sample)]
