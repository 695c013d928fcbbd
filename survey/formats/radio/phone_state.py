"""Network Survey PhoneState CSV: the nearest thing to a log of "no service".

A row counts as no service only when the phone had a working SIM, listed its registrations, and
none of them is with a mobile network. An empty list says nothing: Android gives it too when it
was not allowed to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

from survey.domain.cells import split_plmn
from survey.domain.plmns import operator_of_plmn
from survey.domain.samples import Sample
from survey.formats.radio.building import Fix
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.network_survey import (
    COMMON,
    PLACE,
    note_preamble,
    read_place,
    slot_of,
)
from survey.formats.radio.tables import find_header, read_rows
from survey.formats.radio.texts import open_text, read_lines

SIGNATURE: Final = (*COMMON, "simstate", "networkregistrationinfo")

_REST: Final = ("simState", "simOperator", "networkRegistrationInfo", "slot")
_NOT_MOBILE: Final = ("IWLAN", "18")
_NO_TECHNOLOGY: Final = ("", "UNKNOWN", "0", "NONE")
_NOT_REGISTERED: Final = (
    "NOT_REGISTERED_OR_SEARCHING",
    "NOT_REGISTERED_SEARCHING",
    "NOT_REGISTERED",
    "DENIED",
    "UNKNOWN",
    "EMERGENCY",
)


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample for each moment without service; a moment in service has no level here."""
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURE)
        if header is None:
            return
        note_preamble(context, header)
        place = header.columns.places(PLACE)
        rest = header.columns.places(_REST)
        device = header.columns.places(["deviceSerialNumber"])[0]
        for row in read_rows(lines, header.delimiter, header.columns.width):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            if context.device is None and cells[device]:
                context.device = cells[device][:100]
            fix = read_place(context, [cells[at] for at in place])
            if isinstance(fix, str):
                yield Rejected(line, fix)
            else:
                yield _judge(line, fix, *[cells[at] for at in rest])


def _judge(
    line: int, fix: Fix, sim_state: str, sim_operator: str, registrations: str, slot: str
) -> Sample | Rejected:
    if sim_state.strip().upper() not in ("READY", "LOADED", "5", ""):
        return Rejected(line, "no_sim")
    try:
        found = msgspec.json.decode(registrations)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Rejected(line, "not_understood")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return Rejected(line, "not_understood")
    mobile = [one for one in found if _word(one, "accessNetworkTechnology") not in _NOT_MOBILE]
    if not mobile:
        return Rejected(line, "not_known")
    if any(_is_registered(one) for one in mobile):
        return Rejected(line, "in_service")
    mcc, mnc = split_plmn(sim_operator)
    place = slot_of(slot)
    return Sample(
        fix.at,
        fix.latitude_deg,
        fix.longitude_deg,
        line,
        fix.accuracy_m,
        fix.altitude_m,
        fix.speed_m_s,
        mcc=mcc,
        mnc=mnc,
        sim_slot=int(place) if place in (1, 2, 3, 4) else None,
        no_service=True,
        operator=operator_of_plmn(mcc, mnc, fix.at[:10]),
    )


def _word(registration: dict[str, Any], name: str) -> str:
    return str(registration.get(name, "")).strip().upper()


def _is_registered(registration: dict[str, Any]) -> bool:
    """Tell whether one entry is a registration for service: a technology, and not denied.

    A cell without a technology is one the phone may use for emergency calls only.
    """
    if _word(registration, "registrationState") in _NOT_REGISTERED:
        return False
    return _word(registration, "accessNetworkTechnology") not in _NO_TECHNOLOGY
