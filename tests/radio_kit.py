"""Rows of radio logs written from the documented headers, and a way to read them."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from survey.domain.samples import ReferenceCell, Sample
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.reading import read_log
from survey.formats.radio.recognising import recognise
from survey.formats.radio.texts import HEAD_BYTES

NOW = "2026-05-04T03:00:00.000Z"
AT = "2026-05-04T02:14:41.000Z"
LATITUDE, LONGITUDE = -1.541671, 101.243342

_TOWERCOLLECTOR = (
    "mcc,mnc,lac,cell_id,short_cell_id,rnc,psc,asu,dbm,ta,lat,lon,accuracy,"
    "speed,bearing,altitude,measured_at,net_type,neighboring,discovered_at,device,"
    "rsrp,rsrq,rssi,rssnr,cqi,rscp,csi_rsrp,csi_rsrq,csi_sinr,ss_rsrp,ss_rsrq,"
    "ss_sinr,cdma_dbm,cdma_ecio,evdo_dbm,evdo_ecio,evdo_snr,ec_no,arfcn"
)
TOWERCOLLECTOR = _TOWERCOLLECTOR.split(",")
NS_COMMON = (
    "deviceTime,latitude,longitude,altitude,speed,accuracy,missionId,recordNumber,groupNumber"
)
NETWORK_SURVEY = {
    "lte": f"{NS_COMMON},mcc,mnc,tac,eci,earfcn,pci,rsrp,rsrq,ta,servingCell,lteBandwidth,"
    "provider,signalStrength,cqi,slot,snr,deviceSerialNumber,locationAge",
    "nr": f"{NS_COMMON},mcc,mnc,tac,nci,narfcn,pci,ssRsrp,ssRsrq,ssSinr,csiRsrp,csiRsrq,csiSinr,"
    "ta,servingCell,provider,slot,deviceSerialNumber",
    "umts": f"{NS_COMMON},mcc,mnc,lac,cid,uarfcn,psc,rscp,ecno,signalStrength,servingCell,"
    "provider,slot,deviceSerialNumber",
    "gsm": f"{NS_COMMON},mcc,mnc,lac,ci,arfcn,bsic,signalStrength,ta,servingCell,provider,slot,"
    "deviceSerialNumber",
}
PHONE_STATE = (
    "deviceTime,latitude,longitude,altitude,speed,accuracy,missionId,recordNumber,simState,"
    "simOperator,networkRegistrationInfo,deviceSerialNumber,slot,nonTerrestrialNetwork"
)
GNETTRACK = (
    "Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,"
    "DL_bitrate,UL_bitrate,State,PINGAVG,PINGMIN,PINGMAX,PINGSTDEV,PINGLOSS,CELLHEX,NODEHEX,"
    "LACHEX,RAWCELLID,NRxRSRP,NRxRSRQ"
)
NEOSTUMBLER = (
    "timestamp,latitude,longitude,locationAccuracy,altitude,altitudeAccuracy,locationAge,speed,"
    "pressure,cellId,radioType,mcc,mnc,lac,psc,signalStrength,asu,arfcn,cellScanAge"
)
WIGLE = (
    "WigleWifi-1.6,appRelease=2.90,model=Redmi 9A,release=11,device=dandelion,display=x,board=y,"
    "brand=Redmi,star=Sol,body=3,subBody=0\n"
    "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,"
    "AltitudeMeters,AccuracyMeters,RCOIs,MfgrId,Type"
)


def towercollector_row(**changes: Any) -> str:
    """One row of a TowerCollector CSV: an LTE cell of Telkomsel, unless told otherwise."""
    values: dict[str, Any] = {
        "mcc": 510,
        "mnc": 10,
        "lac": 20000,
        "cell_id": 8553995,
        "short_cell_id": 33414,
        "rnc": 11,
        "psc": 301,
        "asu": 32,
        "dbm": -79,
        "lat": LATITUDE,
        "lon": LONGITUDE,
        "accuracy": 4.2,
        "speed": 1.1,
        "altitude": 431.0,
        "measured_at": '"2026-05-04T02:14:41.000Z"',
        "net_type": "LTE",
        "neighboring": "false",
        "device": "Redmi 9A",
        "rsrp": -108,
        "rsrq": -12,
        "rssi": -79,
        "rssnr": 3,
        "arfcn": 1850,
        **changes,
    }
    assert set(values) <= set(TOWERCOLLECTOR)
    return ",".join(str(values.get(name, "")) for name in TOWERCOLLECTOR)


def towercollector(*rows: str, end: str = "\r\n") -> bytes:
    """A TowerCollector CSV of some rows."""
    return "".join(line + end for line in (",".join(TOWERCOLLECTOR), *rows)).encode()


def named_row(header: str, **values: Any) -> str:
    """One row of any comma separated table by its header; the columns not named are empty."""
    names = header.split(",")
    assert set(values) <= set(names), set(values) - set(names)
    return ",".join(str(values.get(name, "")) for name in names)


def survey_row(kind: str, **values: Any) -> str:
    """One row of a Network Survey CSV with place, time and Telkomsel filled in."""
    header = PHONE_STATE if kind == "phone_state" else NETWORK_SURVEY[kind]
    common: dict[str, Any] = {
        "deviceTime": "2026-05-04T09:14:41.000+07:00",
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
        "altitude": "431.0",
        "speed": "0.0",
        "accuracy": 6,
        "missionId": "NS 1",
        "recordNumber": 1,
        "deviceSerialNumber": "abc123",
        "slot": 0,
    }
    if kind != "phone_state":
        common |= {"mcc": 510, "mnc": 10, "servingCell": "true", "provider": "TELKOMSEL"}
    return named_row(header, **common | values)


def network_survey(kind: str, *rows: str) -> bytes:
    """A Network Survey CSV of some rows."""
    header = PHONE_STATE if kind == "phone_state" else NETWORK_SURVEY[kind]
    first = ("# Created by Network Survey version=1.30", "# CSV Version=0.4.0", header)
    return "".join(f"{line}\n" for line in (*first, *rows)).encode()


def context(**changes: Any) -> LogContext:
    """An office at UTC+7 on a morning in May."""
    return LogContext(**{"zone": ZoneInfo("Asia/Jakarta"), "now": NOW, **changes})


def read_all(content: bytes, around: LogContext | None = None) -> list[Row]:
    """What a file is recognised as and gives; it must be recognised."""
    key = recognise(content[:HEAD_BYTES])
    assert key is not None
    return list(read_log(io.BytesIO(content), key, around or context()))


def samples(content: bytes, around: LogContext | None = None) -> list[Sample]:
    """The samples of a file."""
    return [row for row in read_all(content, around) if isinstance(row, Sample)]


def one_sample(content: bytes, around: LogContext | None = None) -> Sample:
    """The only row of a file, which is a sample."""
    (row,) = read_all(content, around)
    assert isinstance(row, Sample), row
    return row


def cells(content: bytes) -> list[ReferenceCell]:
    """The reference cells of a tower list."""
    return [row for row in read_all(content) if isinstance(row, ReferenceCell)]


def reasons(content: bytes, around: LogContext | None = None) -> Counter[str]:
    """How often each reason turned rows away."""
    counts: Counter[str] = Counter()
    for row in read_all(content, around):
        if isinstance(row, Rejected):
            counts[row.reason] += row.count
    return counts
