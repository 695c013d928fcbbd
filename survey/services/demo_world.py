"""The made-up world of the demo: who works there, where the jorong lie, how far towers reach.

Names of places are real, everything measured is invented: the same seed gives the same world.
"""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from random import Random
from typing import Final

from survey.domain.areas import find_ancestor
from survey.domain.geo import distance_m
from survey.services.areas import effective_point
from survey.store.area_baselines import list_listed_area_ids
from survey.store.areas import list_areas

SEED: Final = "jejak sinyal"
JORONG: Final = 39
PASSWORD: Final = "contoh-jejak-2026"  # noqa: S105 - printed on purpose, demo data only


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who works in the demo; officers have a phone and SIMs in the bag."""

    username: str
    name: str
    roles: tuple[str, ...]
    phone: str = ""
    operators: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()


OFFICERS: Final = (
    DemoPerson("rina", "Rina Oktavia", ("officer",), "Redmi 9A", ("telkomsel", "xl", "indosat")),
    DemoPerson(
        "yusrizal",
        "Yusrizal",
        ("officer",),
        "Samsung Galaxy A05",
        ("telkomsel", "indosat"),
        ("Wali Jorong",),
    ),
    DemoPerson("fitri", "Fitri Handayani", ("officer",), "Vivo Y16", ("telkomsel", "xl", "tri")),
    DemoPerson(
        "hendri",
        "Hendri Saputra",
        ("officer", "supervisor"),
        "Oppo A17",
        ("telkomsel", "xl", "smartfren"),
    ),
    DemoPerson("dewi", "Dewi Marlina", ("officer",), "iPhone 8", ("telkomsel", "indosat", "tri")),
    DemoPerson(
        "afrizal",
        "Afrizal",
        ("officer",),
        "Infinix Smart 8",
        ("telkomsel", "xl", "indosat", "smartfren"),
        ("Babinsa", "Tokoh pemuda"),
    ),
)
SUPERVISOR: Final = DemoPerson("syafril", "Syafril", ("supervisor",))
ADMIN: Final = DemoPerson("mardiana", "Mardiana", ("admin", "supervisor"))
VIEWER: Final = DemoPerson("tamu", "Tamu Dinas", ("viewer",))
STAFF: Final = (SUPERVISOR, ADMIN, VIEWER)
EVERYBODY: Final = (*STAFF, *OFFICERS)


@dataclass(frozen=True, slots=True)
class Place:
    """One jorong of the demo with an invented point; `shadow_db` is what the hills take."""

    area_id: str
    name: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    shadow_db: float
    nagari_id: str | None


@dataclass(frozen=True, slots=True)
class Tower:
    """An invented tower and whose antennas it bears."""

    latitude_deg: float
    longitude_deg: float
    operators: frozenset[str]


@dataclass(frozen=True, slots=True)
class World:
    """Places and towers, before anybody walks."""

    places: list[Place]
    towers: list[Tower]

    def rsrp_dbm(self, operator: str, latitude_deg: float, longitude_deg: float) -> float:
        """Return what an operator's nearest tower would give in the open, -200 without one."""
        distances = [
            distance_m(latitude_deg, longitude_deg, tower.latitude_deg, tower.longitude_deg)
            for tower in self.towers
            if operator in tower.operators
        ]
        if not distances:
            return -200.0
        return -66 - 34 * math.log10(max(min(distances), 100) / 1000)


def make_world(connection: sqlite3.Connection, random: Random) -> World:
    """Return the demo's world over the areas of this instance."""
    areas = list_areas(connection)
    listed = list_listed_area_ids(connection, "blankspot_listed")
    jorong = [area for area in areas.values() if area.level == "jorong" and area.is_live]
    jorong.sort(key=lambda area: (area.id not in listed, area.id))
    places = []
    for area in jorong[:JORONG]:
        point = effective_point(connection, area.id)
        if point is None:
            continue
        latitude, longitude = move(
            point.latitude_deg,
            point.longitude_deg,
            random.uniform(600, 3_800),
            random.uniform(0, 360),
        )
        shadow = random.uniform(26, 46) if area.id in listed else random.uniform(6, 28)
        nagari = find_ancestor(areas, area.id, "nagari")
        places.append(
            Place(
                area.id,
                area.name,
                latitude,
                longitude,
                altitude_m=random.uniform(340, 1_150),
                shadow_db=shadow,
                nagari_id=nagari.id if nagari else None,
            )
        )
    return World(places, _towers(connection, random))


def _towers(connection: sqlite3.Connection, random: Random) -> list[Tower]:
    """Return a tower beside each kecamatan's point; the smaller operators are on few."""
    towers = []
    kecamatan = [area for area in list_areas(connection).values() if area.level == "kecamatan"]
    for area in sorted(kecamatan, key=lambda area: area.id):
        if area.latitude_deg is None or area.longitude_deg is None:
            continue
        latitude, longitude = move(
            area.latitude_deg,
            area.longitude_deg,
            random.uniform(300, 2_500),
            random.uniform(0, 360),
        )
        operators = {"telkomsel"}
        operators |= {key for key in ("xl", "indosat") if random.random() < 0.7}
        operators |= {key for key in ("tri", "smartfren") if random.random() < 0.35}
        towers.append(Tower(latitude, longitude, frozenset(operators)))
    return towers


def move(
    latitude_deg: float, longitude_deg: float, metres: float, direction_deg: float
) -> tuple[float, float]:
    """Return the point some metres away (flat earth: fine for a few kilometres)."""
    north = metres * math.cos(math.radians(direction_deg))
    east = metres * math.sin(math.radians(direction_deg))
    return (
        latitude_deg + north / 111_320,
        longitude_deg + east / (111_320 * math.cos(math.radians(latitude_deg))),
    )
