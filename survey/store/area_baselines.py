"""What was published about an area on a day: dated facts with their source, never a verdict."""

from __future__ import annotations

import sqlite3


def insert_baseline(
    connection: sqlite3.Connection,
    *,
    area_id: str,
    as_of: str,
    metric: str,
    value: float,
    unit: str,
    source: str,
    note: str | None,
) -> None:
    """Keep one published fact; the same fact again changes nothing."""
    connection.execute(
        """
        INSERT INTO area_baselines (area_id, as_of, metric, value, unit, source, note)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (area_id, as_of, metric, value, source) DO NOTHING
        """,
        (area_id, as_of, metric, value, unit, source, note),
    )


def list_baselines(connection: sqlite3.Connection, area_id: str) -> list[sqlite3.Row]:
    """Return the facts about an area and those merged into it, oldest first."""
    return connection.execute(
        """
        WITH RECURSIVE same (id) AS (
          SELECT :id UNION SELECT areas.id FROM areas JOIN same ON areas.merged_into = same.id)
        SELECT as_of, metric, value, unit, source, note FROM area_baselines
        WHERE area_id IN (SELECT id FROM same) ORDER BY as_of, key
        """,
        {"id": area_id},
    ).fetchall()


def list_listed_area_ids(connection: sqlite3.Connection, metric: str) -> dict[str, str]:
    """Return the areas a metric was published for, each with the newest date."""
    rows = connection.execute(
        "SELECT area_id, max(as_of) AS as_of FROM area_baselines WHERE metric = ? GROUP BY area_id",
        (metric,),
    )
    return {row["area_id"]: row["as_of"] for row in rows}
