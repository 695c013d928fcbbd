"""Network Survey's CSV files: LTE, NR, UMTS, GSM, PhoneState, and those that are left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from survey.domain.samples import Sample
from survey.formats.radio.items import Rejected
from survey.formats.radio.recognising import recognise
from tests.radio_kit import (
    AT,
    LATITUDE,
    LONGITUDE,
    NS_COMMON,
    context,
    named_row,
    network_survey,
    one_sample,
    read_all,
    reasons,
    samples,
    survey_row,
)

LTE: dict[str, Any] = {
    "tac": 20000,
    "eci": 8553995,
    "earfcn": 1850,
    "pci": 301,
    "rsrp": "-108.0",
    "rsrq": "-12.0",
    "snr": "3.0",
    "signalStrength": "-79.0",
}


def test_an_lte_row_with_its_offset_becomes_utc() -> None:
    around = context()
    sample = one_sample(network_survey("lte", survey_row("lte", **LTE, ta=12)), around)
    assert sample == Sample(
        at=AT,
        latitude_deg=LATITUDE,
        longitude_deg=LONGITUDE,
        line=4,
        accuracy_m=6,
        altitude_m=431.0,
        speed_m_s=0.0,
        technology="lte",
        mcc="510",
        mnc="10",
        area_code=20000,
        cell_id=8553995,
        pci=301,
        arfcn=1850,
        sim_slot=1,
        rsrp_dbm=-108,
        rsrq_db=-12,
        sinr_db=3,
        rssi_dbm=-79,
        ta=12,
        operator="telkomsel",
    )
    assert (around.app, around.device) == ("Network Survey 1.30", "abc123")


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"rsrp": ""}, {"rsrp_dbm": None, "rsrq_db": -12}),
        ({"snr": "2.147483647E9"}, {"sinr_db": None}),
        ({"snr": "-30.0"}, {"sinr_db": -3}),
        ({"mnc": "1"}, {"mnc": "01"}),
        ({"mnc": "1.0"}, {"mnc": "01"}),
        ({"eci": "268435455"}, {"cell_id": None}),
        ({"slot": "1"}, {"sim_slot": 2}),
        ({"slot": ""}, {"sim_slot": None}),
        ({"ta": "2147483647"}, {"ta": None}),
        (
            {"servingCell": "false", "mcc": "", "mnc": "", "eci": ""},
            {"serving": False, "mcc": None},
        ),
        ({"mcc": "", "mnc": ""}, {"operator": "telkomsel", "mnc": None}),
        ({"mcc": "", "mnc": "", "provider": "IM3 | 3"}, {"operator": None}),
        ({"signalStrength": "-108.0"}, {"rssi_dbm": None}),
    ],
)
def test_sentinels_and_zeros_of_lte(changes: dict[str, Any], meant: dict[str, Any]) -> None:
    sample = one_sample(network_survey("lte", survey_row("lte", **LTE | changes)))
    assert {name: getattr(sample, name) for name in meant} == meant


def test_the_technologies_have_their_own_files() -> None:
    nr = survey_row("nr", tac=16777214, nci=2**30, narfcn=462000, pci=1007, ssRsrp=-98, ssSinr=13.5)
    umts = survey_row(
        "umts",
        lac=300,
        cid=262910932,
        uarfcn=3000,
        psc=511,
        rscp=-101,
        ecno=-9.5,
        signalStrength=-77,
    )
    gsm = survey_row("gsm", lac=300, ci=8136, arfcn=60, bsic=63, signalStrength=-93, ta=3)
    found = [
        one_sample(network_survey(kind, row))
        for kind, row in (("nr", nr), ("umts", umts), ("gsm", gsm))
    ]
    assert [sample.technology for sample in found] == ["nr_sa", "wcdma", "gsm"]
    assert [sample.level_dbm for sample in found] == [-98, -101, -93]
    assert [sample.pci for sample in found] == [1007, 511, 63]
    assert [sample.arfcn for sample in found] == [462000, 3000, 60]
    assert (found[0].area_code, found[0].sinr_db) == (16777214, 13.5)
    assert (found[1].ecno_db, found[1].rssi_dbm) == (-9.5, -77)
    assert (found[2].ta, found[2].rssi_dbm) == (3, None)


def test_a_5g_cell_beside_an_anchor_is_labelled_nsa_and_n_a_of_pixels_left_out() -> None:
    beside = survey_row("nr", tac=16777215, nci="", narfcn=462000, pci=7, ssRsrp=-98)
    sample = one_sample(network_survey("nr", beside))
    assert (sample.technology, sample.area_code, sample.cell_id) == ("nr_nsa", None, None)
    bogus = survey_row("nr", nci=2**30, ssRsrp=-44, ssRsrq=-3)
    assert reasons(network_survey("nr", bogus)) == {"no_value": 1}
    samsung = survey_row("gsm", ci=8136, signalStrength=-51)
    assert reasons(network_survey("gsm", samsung)) == {"no_value": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deviceTime": "2026-05-04T02:14:41.000"}, "bad_time"),
        ({"deviceTime": "2026-05-04T03:14:41.000Z"}, "future_time"),
        ({"latitude": "0.0", "longitude": "0.0"}, "zero_position"),
        ({"locationAge": 20001}, "old_position"),
        ({"latitude": ""}, "no_position"),
    ],
)
def test_a_row_without_believable_time_or_place_is_rejected(
    changes: dict[str, Any], reason: str
) -> None:
    rows = read_all(network_survey("lte", survey_row("lte", **LTE | changes)))
    assert rows == [Rejected(4, reason)]


def test_a_position_of_twenty_seconds_ago_is_still_taken() -> None:
    assert one_sample(network_survey("lte", survey_row("lte", **LTE, locationAge=20000)))


@pytest.mark.parametrize(("column", "reason"), [("bssid", "wifi"), ("sourceAddress", "bluetooth")])
def test_wifi_and_bluetooth_files_are_counted_and_left_out(column: str, reason: str) -> None:
    header = f"{NS_COMMON},{column},signalStrength"
    row = named_row(header, latitude=LATITUDE, longitude=LONGITUDE, signalStrength=-60)
    content = "\n".join(("# CSV Version=0.4.0", header, row, row, "")).encode()
    assert reasons(content) == {reason: 2}


def state(*registrations: dict[str, Any], **changes: Any) -> bytes:
    text = json.dumps(registrations).replace('"', '""')
    values = {"simState": "READY", "simOperator": "51010", **changes}
    values.setdefault("networkRegistrationInfo", f'"{text}"')
    return network_survey("phone_state", survey_row("phone_state", **values))


NOWHERE = {"domain": "PS", "accessNetworkTechnology": "UNKNOWN"}
ON_LTE = {"domain": "PS", "accessNetworkTechnology": "LTE", "cellIdentityLte": {"eci": 8553995}}
WIFI_CALLS = {"domain": "PS", "accessNetworkTechnology": "IWLAN"}


def test_a_phone_registered_nowhere_is_a_sample_of_no_service() -> None:
    sample = one_sample(state(NOWHERE, {**NOWHERE, "domain": "CS"}))
    assert (sample.no_service, sample.technology, sample.level_dbm) == (True, None, None)
    assert (sample.mcc, sample.mnc, sample.operator) == ("510", "10", "telkomsel")
    assert (sample.at, sample.latitude_deg, sample.sim_slot, sample.line) == (AT, LATITUDE, 1, 4)


@pytest.mark.parametrize(
    "registration",
    [
        {"domain": "CS"},
        {"domain": "CS", "cellIdentityGsm": {"mcc": 510, "mnc": 11}},
        {**ON_LTE, "registrationState": "EMERGENCY"},
        {**ON_LTE, "registrationState": "NOT_REGISTERED_OR_SEARCHING"},
    ],
)
def test_emergency_only_is_no_service_of_this_sim(registration: dict[str, Any]) -> None:
    assert one_sample(state(registration, WIFI_CALLS)).no_service


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (state(ON_LTE, NOWHERE), "in_service"),
        (state(), "not_known"),
        (state(WIFI_CALLS), "not_known"),
        (state(NOWHERE, simState="ABSENT"), "no_sim"),
        (state(networkRegistrationInfo='"{}"'), "not_understood"),
        (state(networkRegistrationInfo='"[1]"'), "not_understood"),
        (state(networkRegistrationInfo="x"), "not_understood"),
        (state(networkRegistrationInfo="[" * 10_000), "not_understood"),
        (state(NOWHERE, latitude=0, longitude=0), "zero_position"),
    ],
)
def test_what_does_not_prove_an_absence_is_no_sample(content: bytes, reason: str) -> None:
    assert read_all(content) == [Rejected(4, reason)]


def test_each_file_is_recognised_as_itself() -> None:
    kinds = ("lte", "nr", "umts", "gsm", "phone_state")
    assert [recognise(network_survey(kind)) for kind in kinds] == [
        f"network_survey_{kind}" for kind in kinds
    ]


def test_a_file_with_a_header_only_gives_nothing() -> None:
    assert samples(network_survey("lte")) == []
