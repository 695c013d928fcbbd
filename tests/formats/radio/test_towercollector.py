"""TowerCollector CSV, and what every table shares: encodings, line ends, cuts, odd columns."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest

from survey.domain.samples import Sample, sample_key
from survey.formats.radio.items import REASONS, Rejected
from survey.formats.radio.reading import read_log
from survey.formats.radio.recognising import find_missing, recognise
from tests.radio_kit import (
    AT,
    LATITUDE,
    LONGITUDE,
    NOW,
    TOWERCOLLECTOR,
    context,
    one_sample,
    read_all,
    reasons,
    samples,
    towercollector,
    towercollector_row,
)

ROW = towercollector_row()


def test_an_lte_row_gives_rsrp_and_not_dbm() -> None:
    around = context()
    sample = one_sample(towercollector(ROW), around)
    assert sample == Sample(
        at=AT,
        latitude_deg=LATITUDE,
        longitude_deg=LONGITUDE,
        line=2,
        accuracy_m=4.2,
        altitude_m=431.0,
        speed_m_s=1.1,
        technology="lte",
        mcc="510",
        mnc="10",
        area_code=20000,
        cell_id=8553995,
        pci=301,
        arfcn=1850,
        rsrp_dbm=-108,
        rsrq_db=-12,
        sinr_db=3,
        rssi_dbm=-79,
        operator="telkomsel",
    )
    assert sample.cell is not None
    assert (sample.cell.enb, sample.cell.band) == (33414, "B3 1800")
    assert (around.app, around.device) == ("TowerCollector", "Redmi 9A")


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"mnc": 1}, {"mnc": "01", "operator": "indosat"}),
        ({"mnc": "100"}, {"mnc": None, "operator": None}),
        ({"mnc": 99}, {"mnc": "99", "operator": None}),
        ({"lac": 0}, {"area_code": None}),
        ({"lac": 65534}, {"area_code": None}),
        ({"lac": 65533}, {"area_code": 65533}),
        ({"cell_id": 268435455}, {"cell_id": None}),
        ({"cell_id": 2147483647}, {"cell_id": None}),
        ({"psc": 504}, {"pci": None}),
        ({"psc": 503}, {"pci": 503}),
        ({"psc": 0}, {"pci": 0}),
        ({"ta": 2147483647}, {"ta": None}),
        ({"ta": 1282}, {"ta": 1282}),
        ({"ta": 1283}, {"ta": None}),
        ({"rsrq": 2147483647}, {"rsrq_db": None}),
        ({"rssnr": 130}, {"sinr_db": 13}),
        ({"rssnr": 2147483647}, {"sinr_db": None}),
        ({"rssi": -108, "dbm": -108}, {"rssi_dbm": None}),
        ({"rssi": "", "dbm": -80}, {"rssi_dbm": -80}),
        ({"rsrp": ""}, {"rsrp_dbm": None}),
        ({"rsrp": -141}, {"rsrp_dbm": None}),
        ({"rsrp": -140}, {"rsrp_dbm": -140}),
        ({"rsrp": -43}, {"rsrp_dbm": -43}),
        ({"rsrp": -42}, {"rsrp_dbm": None}),
        ({"speed": -1}, {"speed_m_s": None}),
        ({"altitude": 200000}, {"altitude_m": None}),
        ({"accuracy": ""}, {"accuracy_m": None}),
        ({"neighboring": "true"}, {"serving": False}),
        ({"mcc": "", "mnc": "", "lac": "", "cell_id": ""}, {"mcc": None, "operator": None}),
    ],
)
def test_what_means_nothing_becomes_none(changes: dict[str, Any], meant: dict[str, Any]) -> None:
    sample = one_sample(towercollector(towercollector_row(**changes)))
    assert {name: getattr(sample, name) for name in meant} == meant


BARE = {"rsrp": "", "rsrq": "", "rssi": "", "rssnr": "", "dbm": "", "arfcn": ""}


def test_gsm_umts_and_5g_have_their_own_values() -> None:
    gsm = towercollector_row(**BARE | {"net_type": "GSM", "cell_id": 8136, "psc": 25, "dbm": -93})
    umts = towercollector_row(
        **BARE | {"net_type": "UMTS", "cell_id": 262910932, "dbm": -77, "rscp": -101, "ec_no": -9.5}
    )
    nr = towercollector_row(
        **BARE
        | {
            "net_type": "NR",
            "cell_id": 68719476734,
            "lac": 16777214,
            "ss_rsrp": -98,
            "ss_rsrq": -11,
            "ss_sinr": 13.5,
            "dbm": -98,
            "arfcn": 462000,
        }
    )
    found = samples(towercollector(gsm, umts, nr))
    assert [sample.technology for sample in found] == ["gsm", "wcdma", "nr_sa"]
    assert [sample.level_dbm for sample in found] == [-93, -101, -98]
    assert (found[1].ecno_db, found[1].rssi_dbm) == (-9.5, None)
    assert (found[2].area_code, found[2].sinr_db) == (16777214, 13.5)


def test_a_5g_row_with_the_anchors_identity_is_labelled_nsa() -> None:
    anchor = towercollector_row(net_type="NR", cell_id=8553995, rsrp=-101, dbm=-70)
    sample = one_sample(towercollector(anchor))
    assert (sample.technology, sample.rsrp_dbm, sample.cell_id) == ("nr_nsa", -101, 8553995)
    assert sample.rssi_dbm is None


@pytest.mark.parametrize(
    ("values", "kept"),
    [((-44, -3), None), ((97, 11), -97), ((-97, -11), -97), ((2147483647, -11), None)],
)
def test_bogus_5g_values_are_put_right_or_left_out(
    values: tuple[int, int], kept: int | None
) -> None:
    row = towercollector_row(
        **BARE
        | {
            "net_type": "NR",
            "cell_id": 2**30,
            "ss_rsrp": values[0],
            "ss_rsrq": values[1],
            "ss_sinr": 5,
        }
    )
    assert one_sample(towercollector(row)).rsrp_dbm == kept


def test_an_old_version_with_fewer_columns_in_another_order_is_read_by_names() -> None:
    header = "measured_at,lon,lat,net_type,mcc,mnc,lac,cell_id,dbm"
    rows = (
        f'"2026-05-04T02:14:41Z",{LONGITUDE},{LATITUDE},GSM,510,1,300,8136,-91',
        f'"2026-05-04T02:14:41Z",{LONGITUDE},{LATITUDE},UMTS,510,1,300,262910932,-75',
    )
    gsm, umts = samples("\n".join((header, *rows, "")).encode())
    assert (gsm.rxlev_dbm, gsm.mnc, gsm.at) == (-91, "01", AT)
    assert (umts.rscp_dbm, umts.rssi_dbm) == (None, -75)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lat": 0, "lon": 0}, "zero_position"),
        ({"lat": "0.0", "lon": "0.0"}, "zero_position"),
        ({"lat": "", "lon": ""}, "no_position"),
        ({"lat": 91}, "bad_position"),
        ({"lon": -180.1}, "bad_position"),
        ({"lat": "nan"}, "no_position"),
        ({"accuracy": 1001}, "vague_position"),
        ({"measured_at": '"2026-05-04T09:14:41.000Z"'}, "future_time"),
        ({"measured_at": '"2026-05-04T03:10:00.001Z"'}, "future_time"),
        ({"measured_at": '"1970-01-01T00:00:01.000Z"'}, "old_time"),
        ({"measured_at": '"yesterday"'}, "bad_time"),
        ({"measured_at": ""}, "bad_time"),
        ({"net_type": "CDMA"}, "technology"),
        ({"net_type": "UNKNOWN"}, "technology"),
        (BARE, "no_value"),
        (BARE | {"rsrp": 2147483647, "dbm": 2147483647}, "no_value"),
        (BARE | {"net_type": "GSM", "dbm": -51}, "no_value"),
        (BARE | {"net_type": "GSM", "dbm": 99}, "no_value"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    content = towercollector(ROW, towercollector_row(**changes), ROW)
    assert [row for row in read_all(content) if isinstance(row, Rejected)] == [Rejected(3, reason)]
    assert reason in REASONS


def test_bounds_of_place_and_time_belong_to_what_is_kept() -> None:
    rows = [
        towercollector_row(lat=90, lon=180),
        towercollector_row(accuracy=1000),
        towercollector_row(measured_at='"2026-05-04T03:10:00.000Z"'),
        towercollector_row(measured_at='"2000-01-01T00:00:00.000Z"'),
    ]
    assert len(samples(towercollector(*rows))) == 4


def keys(content: bytes) -> list[str]:
    return [sample_key(sample) for sample in samples(content)]


PLAIN = towercollector(ROW, towercollector_row(rsrp=-99))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("utf-16-be"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"\r\n", b"\r"),
        PLAIN.replace(b"\r\n", b"\n", 1),
        PLAIN.replace(b"\r\n", b"\r\n\r\n"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b";"),
        PLAIN.replace(b",", b";").replace(b".", b",").replace(b"41,000Z", b"41.000Z"),
        b"catatan saya\r\n\r\n" + PLAIN,
    ],
    ids=[
        "bom",
        "utf-16",
        "utf-16-be",
        "utf-16-le without mark",
        "utf-16-be without mark",
        "lf",
        "cr",
        "mixed",
        "blank lines",
        "tabs",
        "semicolons",
        "decimal commas",
        "a line before",
    ],
)
def test_the_same_log_in_another_dress_gives_the_same_samples(content: bytes) -> None:
    assert keys(content) == keys(PLAIN)
    assert len(keys(PLAIN)) == 2


def test_moved_columns_give_the_same_samples() -> None:
    lines = [line.split(",") for line in PLAIN.decode().splitlines()]
    order = list(range(len(TOWERCOLLECTOR)))
    random.Random(5).shuffle(order)
    moved = "".join(",".join(line[at] for at in order) + "\r\n" for line in lines)
    assert keys(moved.encode()) == keys(PLAIN)


def test_decimal_commas_in_quotes_are_understood() -> None:
    row = towercollector_row(lat='"-1,541671"', lon='"101,243342"', accuracy='"4,2"')
    assert keys(towercollector(row)) == keys(towercollector(ROW))


def test_decimal_commas_between_commas_are_rejected_and_never_guessed() -> None:
    assert reasons(towercollector(towercollector_row(lat="-1,541671"))) == {"columns": 1}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_cut_anywhere_gives_only_whole_rows(cut: int) -> None:
    whole = keys(PLAIN)
    rows = read_all(PLAIN[:-cut])
    found = [sample_key(row) for row in rows if isinstance(row, Sample)]
    assert found == whole[: len(found)]
    assert len(found) == (2 if cut == 1 else 1)
    assert [row.reason for row in rows if isinstance(row, Rejected)] == ["cut"] * (2 - len(found))


def test_a_last_number_that_may_go_on_is_not_believed() -> None:
    cut = PLAIN.removesuffix(b"0\r\n")
    assert PLAIN.endswith(b"1850\r\n")
    assert [row for row in read_all(cut) if isinstance(row, Rejected)] == [Rejected(3, "cut")]


def test_a_huge_line_a_million_commas_and_torn_quotes_cost_only_themselves() -> None:
    bad = ["x" * 3_000_000, "," * 1_000_000, '"' * 3, 'a,"b', "\x00" * 50, "é,ü"]
    content = towercollector(*[line for each in bad for line in (each, ROW)])
    found = read_all(content)
    assert len([row for row in found if isinstance(row, Sample)]) == len(bad)
    assert [row.line for row in found if isinstance(row, Rejected)] == [2, 4, 6, 8, 10, 12]
    assert reasons(content)["too_long"] == 2


def test_bytes_in_no_encoding_spoil_no_number() -> None:
    content = towercollector(towercollector_row(device="Redmi \xff")).replace(b"\xc3\xbf", b"\xff")
    assert one_sample(content).rsrp_dbm == -108


def test_a_table_that_lacks_columns_is_not_recognised_but_named() -> None:
    header = ",".join(name for name in TOWERCOLLECTOR if name not in ("lat", "lon"))
    content = f"{header}\r\n".encode()
    assert recognise(content) is None
    assert find_missing(content) == ("towercollector", ["lat", "lon"])
    assert find_missing(b"a,b,c\n1,2,3\n") is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x00" * 1000,
        b"," * 1_000_000,
        b"hello\nworld\n",
        b"\xff\xd8\xff\xe0",
        b"<gpx/>",
        b'{"format": "jejak-sinyal-rescue", "version": 1}\n{"cellTowers": 1}',
        b"latitude,longitude,altitude,MCC,MNC,LAC,CID,signal,type,subtype,ARFCN,PSC\n",
    ],
)
def test_what_is_no_log_is_not_recognised(head: bytes) -> None:
    assert recognise(head) is None


def test_a_name_decides_nothing() -> None:
    assert recognise(PLAIN, "foto.jpg") == "towercollector"
    assert recognise(b"hello", "log_towercollector.csv") is None


def test_the_stream_is_left_open_and_read_from_its_start() -> None:
    stream = io.BytesIO(PLAIN)
    stream.seek(77)
    assert len(list(read_log(stream, "towercollector", context(now=NOW)))) == 2
    assert not stream.closed
