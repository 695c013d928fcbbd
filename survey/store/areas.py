"""Areas with their aliases and dated parents: the rows, and who stands over whom.

Rows are never deleted: a merged or retired area stays known, so its id is never used again.
Boundaries, baselines and imports have their own modules.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from survey.domain.areas import Area, format_area_id, number_of_id
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.domain.spelling import fold_name

_SELECT = """
SELECT id, level, name, parent_id, kemendagri_code, bps_code, postcode, latitude_deg,
  longitude_deg, point_source, standing, merged_into, retired_at, note, source
FROM areas
"""


def _area(row: sqlite3.Row, aliases: tuple[str, ...]) -> Area:
    return Area(**dict(row), aliases=aliases)


def find_area(connection: sqlite3.Connection, area_id: str) -> Area | None:
    """Return the area with this id, merged and retired ones too, or None."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (area_id,)).fetchone()
    return _area(row, list_aliases(connection, area_id)) if row else None


def get_area(connection: sqlite3.Connection, area_id: str) -> Area:
    """Return the area with this id, else raise `area.not_found`."""
    area = find_area(connection, area_id)
    if area is None:
        raise Problem("area.not_found")
    return area


def list_areas(connection: sqlite3.Connection) -> dict[str, Area]:
    """Return every area by id, merged and retired ones too, sorted by level and name."""
    aliases: dict[str, list[str]] = {}
    for row in connection.execute("SELECT area_id, name FROM area_aliases ORDER BY name"):
        aliases.setdefault(row["area_id"], []).append(row["name"])
    rows = connection.execute(f"{_SELECT} ORDER BY name COLLATE NOCASE, id")
    return {row["id"]: _area(row, tuple(aliases.get(row["id"], ()))) for row in rows}


def list_children(connection: sqlite3.Connection, area_id: str) -> list[Area]:
    """Return the live areas right under one, by name."""
    rows = connection.execute(
        f"{_SELECT} WHERE parent_id = ? AND merged_into IS NULL AND retired_at IS NULL"
        " ORDER BY level DESC, name COLLATE NOCASE, id",
        (area_id,),
    ).fetchall()
    return [_area(row, list_aliases(connection, row["id"])) for row in rows]


def find_root_area(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the kabupaten of this instance as a row id, name, or None before the first load."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT id, name FROM areas WHERE level = 'kabupaten' ORDER BY key LIMIT 1"
    ).fetchone()
    return row


def resolve_area_id(connection: sqlite3.Connection, area_id: str | None) -> str | None:
    """Return the area that stands for an id now (merges followed); None when it is unknown."""
    seen: set[str] = set()
    while area_id is not None and area_id not in seen:
        seen.add(area_id)
        row = connection.execute(
            "SELECT merged_into FROM areas WHERE id = ?", (area_id,)
        ).fetchone()
        if row is None:
            return None
        if row["merged_into"] is None:
            return area_id
        area_id = row["merged_into"]
    return None


def find_next_area_id(connection: sqlite3.Connection, root_id: str, level: str) -> str:
    """Return the next opaque id of a level: one more than the greatest ever given."""
    prefix = format_area_id(root_id, level, 0)[:-4]
    rows = connection.execute(
        "SELECT id FROM areas WHERE substr(id, 1, length(:prefix)) = :prefix", {"prefix": prefix}
    )
    greatest = max((number_of_id(row["id"]) for row in rows), default=0)
    return format_area_id(root_id, level, greatest + 1)


def save_area(connection: sqlite3.Connection, area: Area) -> None:
    """Insert an area or write all its columns anew; aliases and parents are kept apart."""
    connection.execute(
        """
        INSERT INTO areas (id, level, name, folded_name, parent_id, kemendagri_code, bps_code,
          postcode, latitude_deg, longitude_deg, point_source, standing, merged_into, retired_at,
          note, source)
        VALUES (:id, :level, :name, :folded_name, :parent_id, :kemendagri_code, :bps_code,
          :postcode, :latitude_deg, :longitude_deg, :point_source, :standing, :merged_into,
          :retired_at, :note, :source)
        ON CONFLICT (id) DO UPDATE SET
          level = excluded.level, name = excluded.name, folded_name = excluded.folded_name,
          parent_id = excluded.parent_id, kemendagri_code = excluded.kemendagri_code,
          bps_code = excluded.bps_code, postcode = excluded.postcode,
          latitude_deg = excluded.latitude_deg, longitude_deg = excluded.longitude_deg,
          point_source = excluded.point_source, standing = excluded.standing,
          merged_into = excluded.merged_into, retired_at = excluded.retired_at,
          note = excluded.note, source = excluded.source
        """,
        {
            "id": area.id,
            "level": area.level,
            "name": area.name,
            "folded_name": fold_name(area.name),
            "parent_id": area.parent_id,
            "kemendagri_code": area.kemendagri_code,
            "bps_code": area.bps_code,
            "postcode": area.postcode,
            "latitude_deg": area.latitude_deg,
            "longitude_deg": area.longitude_deg,
            "point_source": area.point_source,
            "standing": area.standing,
            "merged_into": area.merged_into,
            "retired_at": area.retired_at,
            "note": area.note,
            "source": area.source,
        },
    )


def list_aliases(connection: sqlite3.Connection, area_id: str) -> tuple[str, ...]:
    """Return the other names of an area, sorted."""
    rows = connection.execute(
        "SELECT name FROM area_aliases WHERE area_id = ? ORDER BY name", (area_id,)
    )
    return tuple(row["name"] for row in rows)


def set_aliases(
    connection: sqlite3.Connection, area_id: str, names: Iterable[str], source: str | None
) -> None:
    """Give an area exactly these other names; those it had keep their source."""
    wanted = sorted(set(names))
    connection.execute(
        "DELETE FROM area_aliases WHERE area_id = ?"
        " AND name NOT IN (SELECT value FROM json_each(?))",
        (area_id, json.dumps(wanted)),
    )
    connection.executemany(
        "INSERT INTO area_aliases (area_id, name, folded_name, source) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (area_id, name) DO NOTHING",
        [(area_id, name, fold_name(name), source) for name in wanted],
    )


def list_parents(connection: sqlite3.Connection, area_id: str) -> list[tuple[str, Instant]]:
    """Return the parents of an area with the instant each held from, oldest first."""
    rows = connection.execute(
        "SELECT parent_id, valid_from FROM area_parents WHERE area_id = ? ORDER BY valid_from",
        (area_id,),
    )
    return [(row["parent_id"], row["valid_from"]) for row in rows]


def add_parent(
    connection: sqlite3.Connection, area_id: str, parent_id: str, valid_from: Instant
) -> None:
    """Say that an area has a parent from an instant on."""
    connection.execute(
        "INSERT INTO area_parents (area_id, parent_id, valid_from) VALUES (?, ?, ?)"
        " ON CONFLICT (area_id, valid_from) DO UPDATE SET parent_id = excluded.parent_id",
        (area_id, parent_id, valid_from),
    )


def set_parents(
    connection: sqlite3.Connection, area_id: str, parents: Iterable[tuple[str, Instant]]
) -> None:
    """Give an area exactly this history of parents."""
    connection.execute("DELETE FROM area_parents WHERE area_id = ?", (area_id,))
    for parent_id, valid_from in parents:
        add_parent(connection, area_id, parent_id, valid_from)


def move_area(connection: sqlite3.Connection, area: Area, parent_id: str, now: Instant) -> Area:
    """Put an area under another parent from now on and return it as it is then."""
    moved = replace(area, parent_id=parent_id)
    save_area(connection, moved)
    add_parent(connection, area.id, parent_id, now)
    return moved


def list_centre_positions(
    connection: sqlite3.Connection, area_id: str, accuracy_m: float
) -> list[tuple[float, float]]:
    """Return latitude and longitude of the approved centre visits that are accurate enough."""
    rows = connection.execute(
        """
        SELECT latitude_deg, longitude_deg FROM visits
        WHERE area_id = ? AND practice = 0 AND state = 'approved' AND place_kind = 'centre'
          AND latitude_deg IS NOT NULL AND accuracy_m <= ?
        """,
        (area_id, accuracy_m),
    )
    return [(row["latitude_deg"], row["longitude_deg"]) for row in rows]


def list_visit_positions(
    connection: sqlite3.Connection, area_id: str
) -> list[tuple[str, float, float]]:
    """Return id, latitude and longitude of the visits that count for an area."""
    rows = connection.execute(
        "SELECT id, latitude_deg, longitude_deg FROM visits"
        " WHERE area_id = ? AND latitude_deg IS NOT NULL",
        (area_id,),
    )
    return [(row["id"], row["latitude_deg"], row["longitude_deg"]) for row in rows]


def list_visit_officers(connection: sqlite3.Connection, area_id: str) -> list[tuple[str, int]]:
    """Return id and officer's key of the visits that count for an area."""
    rows = connection.execute("SELECT id, officer_key FROM visits WHERE area_id = ?", (area_id,))
    return [(row["id"], row["officer_key"]) for row in rows]


def list_visited_area_ids(connection: sqlite3.Connection) -> set[str]:
    """Return the ids of the areas that have a visit which counts."""
    rows = connection.execute(
        """
        SELECT id FROM areas WHERE EXISTS (
          SELECT 1 FROM visits WHERE visits.area_id = areas.id AND practice = 0
            AND state NOT IN ('rejected', 'withdrawn'))
        """
    )
    return {row["id"] for row in rows}


def count_visits(connection: sqlite3.Connection, area_id: str, most: int) -> dict[str, int]:
    """Return how many visits of an area are in each state, looking at `most` of them at most."""
    rows = connection.execute(
        """
        SELECT state, count(*) AS number FROM (
          SELECT state FROM visits WHERE area_id = ? AND practice = 0 LIMIT ?)
        GROUP BY state
        """,
        (area_id, most),
    )
    return {row["state"]: row["number"] for row in rows}


def is_area_used(
    connection: sqlite3.Connection, area_id: str, but_children: Iterable[str] = ()
) -> bool:
    """Tell whether visits, targets, assignments or live areas (but some) stand on an area."""
    row = connection.execute(
        """
        SELECT EXISTS (SELECT 1 FROM visits WHERE area_id = :id)
          OR EXISTS (SELECT 1 FROM campaign_areas WHERE area_id = :id)
          OR EXISTS (SELECT 1 FROM assignments WHERE area_id = :id)
          OR EXISTS (SELECT 1 FROM areas WHERE merged_into = :id OR (parent_id = :id
            AND merged_into IS NULL AND retired_at IS NULL
            AND id NOT IN (SELECT value FROM json_each(:but))))
        """,
        {"id": area_id, "but": json.dumps(sorted(but_children))},
    ).fetchone()
    return bool(row[0])
