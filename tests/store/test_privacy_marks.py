"""Every column and every field of a payload is public, internal or personal."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from types import UnionType
from typing import Any

import pytest

from survey.domain.privacy import _MARKS, FIELD_CLASSES, field_class, list_fields
from survey.domain.visit import Visit
from survey.store.connection import Store
from tests.factories import make_visit_payload

TABLES = sorted(set(FIELD_CLASSES) - {"visit"})
NOT_IN_THE_CLASSES = {"data_tests", "correction_reason"}
"""Kept in the payload without a class of their own in domain/visit.py."""


def inner_class(hint: Any) -> type[Any] | None:
    """Return the dataclass within an annotation such as list[Photo] or Position | None."""
    if dataclasses.is_dataclass(hint):
        return typing.cast(type[Any], hint)
    if typing.get_origin(hint) in (list, UnionType, typing.Union):
        for argument in typing.get_args(hint):
            found = inner_class(argument)
            if found is not None:
                return found
    return None


def paths_of(kind: type[Any], prefix: str = "") -> Iterator[str]:
    """Yield the path of every value of a dataclass and of those within it."""
    for name, hint in typing.get_type_hints(kind).items():
        inner = inner_class(hint)
        if inner is None:
            yield prefix + name
        else:
            yield from paths_of(inner, f"{prefix}{name}.")


def leaves(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the path of every value of a payload, positions in lists left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, dict) or (isinstance(inner, list) and inner):
                yield from leaves(inner, f"{prefix}{name}.")
            else:
                yield prefix + name
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                yield from leaves(inner, prefix)
            else:
                yield prefix.rstrip(".")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_mark(store: Store, table: str) -> None:
    columns = {row["name"] for row in store.reader().execute(f"PRAGMA table_info({table})")}
    assert set(FIELD_CLASSES[table]) == columns


def test_every_field_of_a_payload_has_a_mark() -> None:
    assert set(FIELD_CLASSES["visit"]) == set(paths_of(Visit)) | NOT_IN_THE_CLASSES


def test_the_fields_of_a_real_payload_are_found_by_their_paths() -> None:
    payload = make_visit_payload(note="x", companions=["y"])
    containers = {"area.claimed", "photos"}
    assert set(leaves(payload)) - containers <= set(FIELD_CLASSES["visit"])


@pytest.mark.parametrize("table", sorted(_MARKS))
def test_no_field_has_two_marks(table: str) -> None:
    names = [name for names in _MARKS[table].values() for name in names.split()]
    assert len(names) == len(set(names))


def test_what_nobody_marked_is_personal() -> None:
    assert field_class("visit", "a_field_of_next_year") == "personal"
    assert field_class("a_table_of_next_year", "id") == "personal"


def test_names_and_movements_are_personal_and_measured_values_public() -> None:
    assert field_class("users", "name") == "personal"
    assert field_class("track_parts", "columns") == "personal"
    assert field_class("visit", "companions") == "personal"
    assert field_class("visit", "readings.rsrp_dbm") == "public"
    assert list_fields("visit_photos", "public") == frozenset()
