"""Cells of public tower lists: where somebody thinks they stand. Never coverage."""

from __future__ import annotations

import sqlite3

from survey.domain.samples import ReferenceCell, reference_key
from survey.store.samples import Encoded


def encode_cell(cell: ReferenceCell, source_key: int) -> Encoded:
    """Return a reference cell as the values of its row."""
    return (
        bytes.fromhex(reference_key(cell)),
        source_key,
        cell.line,
        cell.technology,
        cell.mcc,
        cell.mnc,
        cell.area_code,
        cell.cell_id,
        cell.pci,
        cell.arfcn,
        round(cell.latitude_deg * 1_000_000),
        round(cell.longitude_deg * 1_000_000),
        None if cell.range_m is None else max(1, round(cell.range_m)),
        cell.samples,
        cell.updated_at,
        cell.place,
        cell.operator,
    )


def insert_cells(connection: sqlite3.Connection, rows: list[Encoded]) -> int:
    """Insert encoded reference cells and return how many are new."""
    before = connection.total_changes
    connection.executemany(
        f"""
        INSERT INTO reference_cells (cell_key, source_key, line, technology, mcc, mnc, area_code,
          cell_id, pci, arfcn, latitude_e6, longitude_e6, range_m, samples, updated_at, place,
          operator)
        VALUES ({", ".join("?" * 17)}) ON CONFLICT (cell_key) DO NOTHING
        """,
        rows,
    )
    return connection.total_changes - before


def list_cells(
    connection: sqlite3.Connection, south: float, west: float, north: float, east: float, limit: int
) -> list[sqlite3.Row]:
    """Return the reference cells in a box of degrees, with the format of their list."""
    return connection.execute(
        """
        SELECT reference_cells.*, sample_sources.format FROM reference_cells
        JOIN sample_sources ON sample_sources.key = reference_cells.source_key
        WHERE latitude_e6 BETWEEN ? AND ? AND longitude_e6 BETWEEN ? AND ?
        ORDER BY cell_key LIMIT ?
        """,
        (*(round(edge * 1_000_000) for edge in (south, north, west, east)), limit),
    ).fetchall()
