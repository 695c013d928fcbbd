"""Words of the review pages: short names of flags, names of a record's fields, of causes.

Texts are msgids; values become words through the labels of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from survey.domain.differences import IDENTITY
from survey.domain.flags import FLAGS, describe_flag
from survey.domain.labels import LABELS, N_
from survey.domain.privacy import field_class
from survey.web.formatting import show_clock, show_number, show_operator, show_word
from survey.web.language import gettext

FLAG_NAMES: Final[Mapping[str, str]] = {
    "value.wrong_type": N_("Value of a wrong kind"),
    "value.out_of_range": N_("Value out of range"),
    "value.unknown_word": N_("Unknown word"),
    "value.too_long": N_("Text too long"),
    "value.more": N_("More values not understood"),
    "position.none": N_("No position"),
    "position.approximate": N_("Approximate position"),
    "position.inaccurate": N_("Inaccurate position"),
    "position.accuracy_unknown": N_("Accuracy not known"),
    "position.manual": N_("Position by hand"),
    "position.bogus": N_("Position 0, 0"),
    "clock.offset": N_("Clock was wrong"),
    "clock.unknown": N_("Clock not checked"),
    "clock.changed": N_("Clock was set meanwhile"),
    "clock.doubtful": N_("Office's clock was odd"),
    "time.server": N_("Office's clock was wrong"),
    "time.absurd": N_("Impossible time"),
    "time.unknown": N_("No time"),
    "visit.speed": N_("Too fast between visits"),
    "area.far": N_("Far from the place"),
    "area.outside": N_("Outside the boundary"),
    "area.claimed": N_("Jorong not in the list"),
    "area.unknown": N_("Unknown area"),
    "area.none": N_("No jorong chosen"),
    "campaign.unknown": N_("Unknown campaign"),
    "visit.same_place": N_("Same place twice"),
    "reading.bars": N_("Bars and dBm disagree"),
    "reading.asu": N_("ASU typed as dBm?"),
    "reading.bogus": N_("Value known as bogus"),
    "reading.technology_range": N_("Value odd for the technology"),
    "reading.foreign_quantity": N_("Value of another technology"),
    "reading.text_differs": N_("Value and typed text differ"),
    "reading.text_unread": N_("Typed numbers, no value"),
    "reading.text_insisted": N_("Odd value insisted on"),
    "reading.switched_off": N_("3G, switched off"),
    "test.power_cut": N_("No signal in a power cut"),
    "visit.incomplete": N_("Saved as incomplete"),
    "visit.no_tests": N_("No operator tested"),
    "photo.shared": N_("Photo used twice"),
    "photo.far": N_("Photo from elsewhere"),
    "photo.time": N_("Photo from another day"),
    "record.id_mismatch": N_("Record with two names"),
    "record.seal_wrong": N_("Seal does not fit"),
    "record.base_unknown": N_("Corrects a missing version"),
}
"""Code of a flag -> a few words for lists; the whole question is in domain/flags.py."""

FIELD_NAMES: Final[Mapping[str, str]] = {
    "campaign_id": N_("Campaign"),
    "practice": N_("Practice"),
    "config_version": N_("Version of the rules"),
    "area": N_("Jorong"),
    "area_id": N_("Jorong"),
    "claimed": N_("Not in the list"),
    "nagari_id": N_("Nagari"),
    "said_by": N_("Said by"),
    "name": N_("Name"),
    "place_kind": N_("Kind of place"),
    "setting": N_("Setting"),
    "power": N_("Mains power"),
    "usually_signal": N_("What people say"),
    "started_at": N_("Started"),
    "saved_at": N_("Saved"),
    "utc_offset_min": N_("Time zone of the phone (minutes)"),
    "clock": N_("Clock"),
    "server_offset_ms": N_("Clock error (ms)"),
    "server_contact_at": N_("Last contact"),
    "state": N_("Checked"),
    "step_ms": N_("Clock set by (ms)"),
    "position": N_("Position"),
    "latitude_deg": N_("Latitude"),
    "longitude_deg": N_("Longitude"),
    "accuracy_m": N_("Accuracy (m)"),
    "altitude_m": N_("Altitude (m)"),
    "fixes": N_("Fixes"),
    "position_time": N_("Time of the position"),
    "method": N_("Method"),
    "reason": N_("Reason"),
    "phone": N_("Phone"),
    "model": N_("Model"),
    "app_version": N_("App version"),
    "companions": N_("Companions"),
    "service_tests": N_("Service test"),
    "readings": N_("Reading"),
    "data_tests": N_("Data test"),
    "operator": N_("Operator"),
    "handset": N_("Handset"),
    "sim_slot": N_("SIM slot"),
    "result": N_("Result"),
    "proof": N_("Proof"),
    "technology": N_("Technology"),
    "waited_s": N_("Waited (s)"),
    "airplane_toggled": N_("Airplane mode tried"),
    "networks_heard": N_("Networks heard"),
    "at": N_("Time"),
    "bars": N_("Bars"),
    "source": N_("Source"),
    "raw_text": N_("As shown on the phone"),
    "services_failing": N_("Public services that fail"),
    "photos": N_("Photo"),
    "thumbnail_sha256": N_("Thumbnail"),
    "kind": N_("Kind"),
    "photo_kind": N_("Kind of photo"),
    "bytes": N_("Bytes"),
    "width_px": N_("Width"),
    "height_px": N_("Height"),
    "taken_at": N_("Taken"),
    "original": N_("Original file"),
    "exif_time": N_("Time in the photo"),
    "exif_latitude_deg": N_("Latitude in the photo"),
    "exif_longitude_deg": N_("Longitude in the photo"),
    "note": N_("Note"),
    "incomplete_reason": N_("Why incomplete"),
    "rsrp_dbm": "RSRP (dBm)",
    "rsrq_db": "RSRQ (dB)",
    "sinr_db": "SINR (dB)",
    "rssi_dbm": "RSSI (dBm)",
    "rscp_dbm": "RSCP (dBm)",
    "ecno_db": "Ec/No (dB)",
}

CAUSE_WORDS: Final[Mapping[str, str]] = {
    "base_not_head": N_("It corrects a version that was not the newest any more."),
    "already_decided": N_("It came after the office had decided."),
    "review_not_seen": N_("The officer had not seen the newest decision when writing it."),
}

_LABELS_OF: Final[Mapping[str, str]] = {
    "place_kind": "place_kinds",
    "setting": "settings",
    "power": "power",
    "usually_signal": "usually_signal",
    "method": "position_methods",
    "handset": "handsets",
    "result": "service_results",
    "proof": "proofs",
    "technology": "technologies",
    "photo_kind": "photo_kinds",
}
_INSTANTS: Final = frozenset(
    {"started_at", "saved_at", "server_contact_at", "position_time", "at", "taken_at"}
)


def name_flag(code: str) -> str:
    """Return the short name of a flag; one of a newer version shows its code."""
    return gettext(FLAG_NAMES[code]) if code in FLAG_NAMES else code


def ask_flag(code: str, evidence: Mapping[str, Any]) -> str:
    """Return the whole question of a flag with its evidence filled in, in words."""
    if code not in FLAGS:
        return code
    words = {name: _evidence_word(name, value) for name, value in evidence.items()}
    return describe_flag(gettext(FLAGS[code]), words)


def _evidence_word(name: str, value: Any) -> Any:
    if name in ("operator", "operators"):
        many = value if isinstance(value, list) else [value]
        return ", ".join(show_operator(str(one)) for one in many)
    if name == "field":
        return name_path(tuple(str(value).split(".")))
    if name == "technology":
        return show_word(value, "technologies")
    if name in ("received_at", "saved_at", "exif_time"):
        return show_clock(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return show_number(value, 1)
    return value


def name_path(path: tuple[str, ...]) -> str:
    """Return the name of a field in a payload: "Service test · XL / AXIS, SIM 1 · Result"."""
    parts = []
    for place, part in enumerate(path):
        if part.isdigit():
            parts.append(str(int(part) + 1))
        elif place == 1 and path[0] in ("service_tests", "readings", "data_tests"):
            parts.append(_name_sim(part))
        elif place == 1 and path[0] == "photos" and len(part) == 64:
            parts.append(part[:8])
        else:
            name = FIELD_NAMES.get(part)
            parts.append(gettext(name) if name else part)
    return " · ".join(parts)


def _name_sim(text: str) -> str:
    """Return "XL / AXIS, 4G, this phone, SIM 1" for "xl · lte · own · 1"."""
    words = []
    for part in text.split(" · "):
        base = part.split(" #")[0]
        if base.isdigit():
            words.append(f"SIM {part}")
        elif base in LABELS["handsets"]:
            words.append(show_word(base, "handsets"))
        elif base in LABELS["technologies"]:
            words.append(show_word(base, "technologies"))
        else:
            words.append(show_operator(part))
    return ", ".join(words)


def show_value(path: tuple[str, ...], value: Any) -> str:
    """Return a value of a payload for people; nothing is a dash, an object its fields."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int | float):
        return _show_exact(value)
    if isinstance(value, dict):
        fields = [
            f"{name_path((name,))}: {show_value((*path, name), inner)}"
            for name, inner in value.items()
            if inner not in (None, "", []) and not name.endswith("sha256")
        ]
        return "; ".join(fields) or "–"
    if isinstance(value, list):
        return ", ".join(show_value(path, inner) for inner in value)
    return _show_text(path, str(value))


def _show_exact(value: float) -> str:
    """Return a number with all its digits: a coordinate's sixth decimal is a difference too."""
    return show_number(value, 9)


def _show_text(path: tuple[str, ...], value: str) -> str:
    name = "photo_kind" if path[0] == "photos" and path[-1] == "kind" else path[-1]
    group = _LABELS_OF.get(name)
    if group is not None:
        return show_word(value, group)
    if name in _INSTANTS:
        return show_clock(value)
    return show_operator(value) if name == "operator" else value


def is_open(path: tuple[str, ...]) -> bool:
    """Tell whether a field of a payload is not personal; whole objects and unknown ones are."""
    names = (path[0], *path[2:]) if path[0] in IDENTITY else path
    return field_class("visit", ".".join(names)) != "personal"


def explain_cause(cause: str) -> str:
    """Return why a version stands beside the head of its visit."""
    return gettext(CAUSE_WORDS[cause])
