"""The queue under every filter equals a plain reading of the table, in order and page by page."""

from __future__ import annotations

import itertools
import random
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from survey.domain.review import STATES
from survey.store import queue
from survey.store.connection import Store
from survey.store.queue import Queue, QueueFilter

AREAS = {
    "13.11": None,
    "13.11.01": "13.11",
    "13.11.02": "13.11",
    "13.11.01.2001": "13.11.01",
    "13.11.02.2001": "13.11.02",
    "13.11/j9001": "13.11.01.2001",
    "13.11/j9002": "13.11.01.2001",
    "13.11/j9003": "13.11.02.2001",
    "13.11/j9004": "13.11.02",
}
LEVELS = {5: "kabupaten", 8: "kecamatan", 13: "nagari"}
DAYS = ("2026-05-01", "2026-05-02", "2026-05-05")
NOW = "2026-05-06T00:00:00.000Z"
SEED = 7


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, initialised_empty: str) -> Iterator[Store]:
    raise NotImplementedError
