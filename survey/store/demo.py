"""What the demo must know of an instance before it loads: is there anything real in it."""

from __future__ import annotations

import sqlite3


def holds_real_records(connection: sqlite3.Connection) -> bool:
    """Tell whether anything came from the phone of somebody who is not of the demo."""
    row = connection.execute(
        """
        SELECT EXISTS (
          SELECT 1 FROM revisions r JOIN users u ON u.key = r.officer_key WHERE u.demo = 0)
          OR EXISTS (
          SELECT 1 FROM quarantine q JOIN users u ON u.key = q.officer_key WHERE u.demo = 0)
        """
    ).fetchone()
    return bool(row[0])


def holds_demo_people(connection: sqlite3.Connection) -> bool:
    """Tell whether a demo was loaded, or begun, here."""
    return bool(
        connection.execute("SELECT EXISTS (SELECT 1 FROM users WHERE demo = 1)").fetchone()[0]
    )
