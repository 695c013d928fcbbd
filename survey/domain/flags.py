"""Flags: automatic questions for the reviewer, never a refusal. The catalogue and its words.

Each code says one question; its evidence (values and thresholds) fills the placeholders of
the text and is kept for whoever wants to check. The rules are in `flag_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from survey.domain.labels import N_

EvidenceValue = str | float | int | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Flag:
    """One question about one visit: a code of `FLAGS` and what it rests on."""

    code: str
    evidence: Mapping[str, EvidenceValue] = field(default_factory=dict)


FLAGS: Final[Mapping[str, str]] = {
    # values of the payload that the tables cannot hold
    "value.wrong_type": N_("The value of {field} is of a wrong kind: {value}."),
    "value.out_of_range": N_("The value of {field} is outside its range: {value}."),
    "value.unknown_word": N_("The word in {field} is not known: {value}."),
    "value.too_long": N_("{field} is too long and was cut; all of it is in the record."),
    "value.more": N_("{count} more values of this record were not understood."),
    # position and time
    "position.none": N_("There is no position."),
    "position.approximate": N_(
        "The position is only approximate: {accuracy_m} m; precise location was off."
    ),
    "position.inaccurate": N_("The position is good to {accuracy_m} m only; {limit_m} m is due."),
    "position.accuracy_unknown": N_("Nobody knows how good the position is."),
    "position.manual": N_("The position was put in by hand: {reason}"),
    "position.bogus": N_("The position 0, 0 is one that broken phones report."),
    "clock.offset": N_("The phone's clock was wrong by {offset_s} s; its times were corrected."),
    "clock.unknown": N_("Nobody knows how right the phone's clock was."),
    "clock.changed": N_(
        "The phone's clock was set shortly before or during the visit (by {step_s} s): its times "
        "are uncertain."
    ),
    "clock.doubtful": N_(
        "The office's own clock was odd when this phone last heard of it; the phone kept its time."
    ),
    "time.server": N_(
        "The office's own clock was wrong on arrival ({received_at}); the time is the phone's."
    ),
    "time.absurd": N_("The time {saved_at} cannot be; the day is that of arrival, {received_at}."),
    "time.unknown": N_("The record has no time; the day is that of arrival, {received_at}."),
    "visit.speed": N_(
        "{distance_m} m in {seconds} s from another visit of this officer: who can do that?"
    ),
    # place
    "area.far": N_("The position is {distance_m} m from the known point of the place chosen."),
    "area.outside": N_("The position is {distance_m} m outside the boundary of {boundary_of}."),
    "area.claimed": N_("The jorong is not in the list: {name}."),
    "area.unknown": N_("The chosen area {area_id} is not known here."),
    "area.none": N_("No jorong was chosen."),
    "campaign.unknown": N_("The campaign {campaign_id} is not known here."),
    "visit.same_place": N_(
        "Another visit of the same jorong, day and officer is {distance_m} m away."
    ),
    # service tests and readings
    "reading.bars": N_(
        "{bars} bars and {value} dBm disagree; {minimum} to {maximum} bars would fit."
    ),
    "reading.asu": N_("{value} looks like ASU, not dBm ({operator})."),
    "reading.bogus": N_("{value} is a value that some phones report without measuring."),
    "reading.text_differs": N_(
        "The text says {expected}, the value kept as {field} is {value}: {raw_text}"
    ),
    "reading.text_unread": N_("Numbers were typed and none was kept as a value: {raw_text}"),
    "reading.text_insisted": N_(
        "The app asked about this text, and the officer kept {kept}: {raw_text}"
    ),
    "reading.switched_off": N_("{operator} in 3G: it was switched off in Indonesia by {since}."),
    "reading.technology_range": N_("{field} of {value} is outside what {technology} can have."),
    "reading.foreign_quantity": N_("{field} is no value of {technology}."),
    "test.power_cut": N_(
        "No signal was found during a power cut: {operators}. Does the tower have power?"
    ),
    "visit.incomplete": N_("The officer saved it as incomplete: {reason}"),
    "visit.no_tests": N_("No operator was tested."),
    # photos
    "photo.shared": N_("The same photo is in another visit."),
    "photo.far": N_("A photo was taken {distance_m} m from the position."),
    "photo.time": N_("A photo was taken at {exif_time}, more than a day from the visit."),
    # the record itself
    "record.id_mismatch": N_("The record calls itself {payload_id}, its envelope says otherwise."),
    "record.seal_wrong": N_("The seal does not fit any phone of this officer."),
    "record.base_unknown": N_("It corrects a version that never arrived."),
}
"""Code -> the question as English msgid; placeholders are names of its evidence."""

ODDITIES_SHOWN: Final = 20
"""Most value flags of one visit; the rest is one count."""


class _Gaps(dict[str, object]):
    """Evidence for a text: what is missing shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def describe_flag(text: str, evidence: Mapping[str, object]) -> str:
    """Return a (translated) text of `FLAGS` with its evidence filled in."""
    words = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else value
        for key, value in evidence.items()
        if value is not None
    }
    return text.format_map(_Gaps(words))
