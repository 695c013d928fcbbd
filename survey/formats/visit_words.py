"""An exported visit in sentences, for whoever opens a file without a table at hand.

Words come from the catalogue; which language is the caller's choice. Knows no file format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from survey.domain.classes import CLASS_WORDS
from survey.domain.exports import ExportedVisit, plain_number
from survey.domain.labels import N_, label_of
from survey.domain.visit import Reading, ServiceTest
from survey.formats.catalogue import Catalogue

QUANTITIES: Final = (
    ("rsrp_dbm", "RSRP", "dBm"),
    ("rsrq_db", "RSRQ", "dB"),
    ("sinr_db", "SINR", "dB"),
    ("rssi_dbm", "RSSI", "dBm"),
    ("rscp_dbm", "RSCP", "dBm"),
    ("ecno_db", "Ec/No", "dB"),
)
"""Columns of a reading with the names and units engineers write."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts a description is made of: the catalogue and the operators' brands by key."""

    catalogue: Catalogue
    brands: Mapping[str, str]


def describe_visit(visit: ExportedVisit, words: Words) -> str:
    """Return what a person wants to read about a visit, a line a thing."""
    say = words.catalogue.translate
    area = visit.area
    levels = (
        (N_("Jorong {name}"), area.jorong),
        (N_("Nagari {name}"), area.nagari),
        (N_("District {name}"), area.kecamatan),
    )
    places = [say(text, name=level.name) for text, level in levels if level]
    if visit.claimed_name:
        places.insert(0, say(N_("“{name}” (not in the list)"), name=visit.claimed_name))
    lines = [", ".join(places), say(label_of("place_kinds", visit.place_kind))]
    if visit.signal_class:
        meaning = say(CLASS_WORDS[visit.signal_class])
        lines.append(
            say(N_("Class {letter}: {meaning}"), letter=visit.signal_class, meaning=meaning)
        )
    lines += [_describe_test(test, words) for test in visit.service_tests]
    lines += [_describe_reading(reading, words) for reading in visit.readings]
    if visit.accuracy_m is not None:
        metres = plain_number(round(visit.accuracy_m, 1))
        lines.append(say(N_("Position accurate to {metres} m"), metres=metres))
    lines.append(say(N_("Status: {state}"), state=say(label_of("states", visit.state))))
    if visit.note:
        lines.append(say(N_("Note: {note}"), note=visit.note))
    return "\n".join(line for line in lines if line)


def _describe_test(test: ServiceTest, words: Words) -> str:
    say = words.catalogue.translate
    parts = [say(label_of("service_results", test.result)) or "?"]
    if test.technology:
        parts.append(say(label_of("technologies", test.technology)))
    if test.proof:
        parts.append(say(label_of("proofs", test.proof)).lower())
    return f"{_brand(test.operator, words)}: {', '.join(parts)}"


def _describe_reading(reading: Reading, words: Words) -> str:
    say = words.catalogue.translate
    parts = [say(label_of("technologies", reading.technology))]
    for column, label, unit in QUANTITIES:
        value = getattr(reading, column)
        if value is not None:
            parts.append(f"{label} {plain_number(value)} {unit}")
    if reading.bars is not None:
        parts.append(say(N_("{n} bars"), n=reading.bars))
    return f"{_brand(reading.operator, words)}: {', '.join(part for part in parts if part)}"


def _brand(operator: str | None, words: Words) -> str:
    return words.brands.get(operator or "", operator or "?")
