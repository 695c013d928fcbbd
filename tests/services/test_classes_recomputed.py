"""A stranger computes classes from exported files alone, by docs/classes.md, and gets ours.

The stranger's part knows csv, json and statistics only: nothing of the program.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from statistics import median
from typing import Any

import pytest

from survey.domain.exports import ExportFilters
from survey.domain.limits import PLACE_KINDS
from survey.domain.operators import OPERATOR_KEYS
from survey.services.classifying import start_classifying
from survey.services.exporting import open_export
from survey.settings import Settings
from survey.store.connection import Store, snapshot
from tests.factories import FixedClock, make_service_test
from tests.office_kit import Office, open_office

Row = dict[str, Any]

VALUES = {
    "lte": "rsrp_dbm",
    "nr_nsa": "rsrp_dbm",
    "nr_sa": "rsrp_dbm",
    "wcdma": "rscp_dbm",
    "gsm": "rssi_dbm",
}
RESULTS = {"none": "A", "emergency_only": "A", "voice": "B", "voice_sms": "B", "data": "D"}


class Stranger:
    """Someone with the exported rows, the rules printed with them, and docs/classes.md."""

    def __init__(self, rows: list[Row], rules: dict[str, Any]) -> None:
        self.rules = rules
        self.stands: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in rows:
            if row["state"] == "approved" and row["jorong_id"] and row["operator"]:
                self.stands[row["jorong_id"], row["operator"]][row["visit_id"]].append(row)

    def of_reading(self, row: Row) -> str | None:
        technology = row["technology"]
        value = row[VALUES[technology]] if technology in VALUES else None
        if value in (None, ""):
            return None
        if technology == "gsm":
            return "B"
        return "D" if float(value) >= self.rules["cuts_dbm"][technology] else "C"

    def of_test(self, row: Row, rows: list[Row]) -> str | None:
        letter = RESULTS.get(row["result"] or "")
        if letter != "D":
            return letter
        if row["technology"] == "gsm":
            return "C"
        told = [
            self.of_reading(one)
            for one in rows
            if one["row_type"] == "reading"
            and all(one[name] == row[name] for name in ("handset", "sim_slot"))
            and (not row["technology"] or one["technology"] == row["technology"])
        ]
        told = [one for one in told if one]
        return "C" if told and "D" not in told else "D"

    def of_stand(self, rows: list[Row]) -> str | None:
        tests = [self.of_test(row, rows) for row in rows if row["row_type"] == "test"]
        found = [one for one in tests if one]
        if not found:
            readings = [self.of_reading(row) for row in rows if row["row_type"] == "reading"]
            found = [one for one in readings if one]
        return max(found, default=None)

    def outdoors(self, rows: list[Row]) -> bool:
        return (
            rows[0]["setting"] not in ("indoor", "vehicle")
            and rows[0]["place_kind"] not in self.rules["places_apart"]
        )

    def of_group(self, stands: list[tuple[str, list[Row]]]) -> tuple[str | None, int, int]:
        """Return class, stands and days of what counts."""
        sure = {rows[0]["day"] for one, rows in stands if one == "A" and rows[0]["power"] != "off"}
        counted = [
            (one, rows)
            for one, rows in stands
            if not (one == "A" and rows[0]["power"] == "off") or sure - {rows[0]["day"]}
        ]
        counted = counted or stands
        for letter in "DCBA":
            reached = sum(one >= letter for one, _ in counted)
            if counted and reached >= self.rules["share"] * len(counted):
                return letter, len(counted), len({rows[0]["day"] for _, rows in counted})
        return None, 0, 0

    def classes(self, jorong: str, operator: str) -> dict[str | None, tuple[str | None, int, int]]:
        visits = [rows for rows in self.stands[jorong, operator].values() if self.outdoors(rows)]
        told = [(one, rows) for rows in visits if (one := self.of_stand(rows))]
        found: dict[str | None, tuple[str | None, int, int]] = {None: self.of_group(told)}
        everywhere = self.stands[jorong, operator].values()
        seen = {row["technology"] for rows in everywhere for row in rows if row["technology"]}
        for technology in seen:
            of_it = []
            for letter, rows in told:
                its = [row for row in rows if row["technology"] == technology]
                one = "A" if letter == "A" else self.of_stand(its) if its else None
                if one:
                    of_it.append((one, rows))
            found[technology] = self.of_group(of_it)
        return found

    def median(self, jorong: str, operator: str, technology: str) -> float | None:
        """Return the median of one value a stand; only for a jorong without power cuts."""
        values = []
        for rows in self.stands[jorong, operator].values():
            its = [row for row in rows if row["technology"] == technology]
            levels = [
                float(row[VALUES[technology]])
                for row in its
                if row["row_type"] == "reading" and row[VALUES[technology]] not in (None, "")
            ]
            if levels and self.outdoors(rows) and (self.of_stand(its) or self.of_stand(rows)):
                values.append(median(levels))
        return median(values) if values else None


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    """An office with 60 visits in four jorong, drawn once and for all; two in three approved."""
    made = open_office(store, settings, clock)
    draw = random.Random(5)
    for number in range(60):
        payload = made.receive(
            area={"id": made.jorong[draw.randrange(4)], "claimed": None},
            place_kind=draw.choice(PLACE_KINDS),
            setting=draw.choice(["outdoor", "outdoor", "outdoor", "indoor", "vehicle"]),
            power=draw.choice(["on", "on", "off", "none"]),
            started_at=f"2026-05-0{1 + number % 3}T02:11:09.120Z",
            saved_at=f"2026-05-0{1 + number % 3}T02:14:41.003Z",
            service_tests=[draw_test(draw) for _ in range(draw.randrange(4))],
            readings=[draw_reading(draw) for _ in range(draw.randrange(4))],
        )
        if number % 3:
            made.decide(payload["id"], "approved")
    return made


def draw_test(draw: random.Random) -> Row:
    result = draw.choice([*RESULTS, "none"])
    technology = None if result == "none" else draw.choice([None, *VALUES])
    return make_service_test(
        draw.choice(["xl", "tri"]),
        result,
        technology=technology,
        sim_slot=draw.choice([1, 2]),
        networks_heard=draw.choice([[], ["TELKOMSEL"], ["XL"]]),
    )


def draw_reading(draw: random.Random) -> Row:
    technology = draw.choice([*VALUES])
    return {
        "operator": draw.choice(["xl", "tri", "indosat"]),
        "technology": technology,
        "handset": "own",
        "sim_slot": draw.choice([1, 2]),
        VALUES[technology]: draw.choice([-112.5, -110, -100.5, -100, -90]),
        "source": "typed",
    }


def export(office: Office, format_name: str) -> str:
    made = open_export(office.store, office.settings, format_name, ExportFilters())
    return b"".join(made.chunks).decode()


def geojson_rows(text: str) -> list[Row]:
    """Return the rows that the CSV would have, from the features."""
    rows = []
    empty = dict.fromkeys([*VALUES.values(), "technology", "result", "handset", "sim_slot"])
    for feature in json.loads(text)["features"]:
        visit = {
            **{key: feature["properties"][key] for key in ("day", "state", "place_kind")},
            **{key: feature["properties"][key] for key in ("setting", "power")},
            "visit_id": feature["id"],
            "jorong_id": (feature["properties"]["jorong"] or {}).get("id"),
        }
        for kind, name in (("test", "service_tests"), ("reading", "readings")):
            rows += [
                {**empty, **visit, "row_type": kind, **one} for one in feature["properties"][name]
            ]
    return rows


def test_a_stranger_gets_every_class_from_the_exported_files_alone(office: Office) -> None:
    collection = export(office, "geojson")
    table = list(csv.DictReader(io.StringIO(export(office, "csv"), newline="")))
    rules = json.loads(collection)["class_rules"]
    assert {row["rule_version"] for row in table} == {str(rules["version"])} == {"1"}
    with snapshot(office.store.reader()) as connection:
        ours = [row for row in start_classifying(connection).rows() if row.classes.n_stands]
    assert len(ours) == 4
    letters = set()
    for stranger in (Stranger(table, rules), Stranger(geojson_rows(collection), rules)):
        for row in ours:
            for operator in row.classes.operators:
                found = stranger.classes(row.area.id, operator.operator)
                told = {
                    one.technology: (one.letter, one.n_stands, one.n_days)
                    for one in (operator, *operator.technologies)
                    if one.letter or one.technology is None
                }
                assert {key: one for key, one in found.items() if one[0] or key is None} == told
                letters |= {one[0] for one in found.values()}
            best = [stranger.classes(row.area.id, key)[None][0] for key in OPERATOR_KEYS]
            assert max(one for one in best if one) == row.classes.letter
    assert letters == {None, "A", "B", "C", "D"}


def test_a_stranger_finds_the_classes_of_stands_in_the_table_itself(office: Office) -> None:
    collection = export(office, "geojson")
    table = list(csv.DictReader(io.StringIO(export(office, "csv"), newline="")))
    stranger = Stranger(table, json.loads(collection)["class_rules"])
    compared = 0
    for visits in stranger.stands.values():
        for rows in visits.values():
            assert {row["operator_class"] for row in rows} == {stranger.of_stand(rows) or ""}
            compared += 1
    assert compared > 40


def test_a_stranger_finds_the_same_medians(office: Office) -> None:
    office.store.write(lambda connection: connection.execute("UPDATE visits SET power = 'on'"))
    collection = export(office, "geojson")
    stranger = Stranger(geojson_rows(collection), json.loads(collection)["class_rules"])
    compared = 0
    with snapshot(office.store.reader()) as connection:
        for row in start_classifying(connection).rows():
            for operator in row.classes.operators:
                for one in operator.technologies:
                    assert one.levels is not None
                    assert one.technology is not None
                    found = stranger.median(row.area.id, operator.operator, one.technology)
                    assert found == one.levels.median_dbm
                    compared += one.levels.n
    assert compared > 20
