"""How every command opens its instance and turns a user's mistake into one line on stderr."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from survey.domain.problems import Problem
from survey.settings import Settings, SettingsError, load_settings
from survey.store.connection import Store
from survey.store.migrations import list_pending, list_unknown

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Instance:
    """An open instance: its settings and its store."""

    settings: Settings
    store: Store


@contextmanager
def open_instance() -> Iterator[Instance]:
    """Open the instance named by the settings; a missing, older or newer one is a Problem."""
    settings = load_settings()
    try:
        store = Store.open(settings.database, settings.wal_pages)
    except FileNotFoundError:
        raise Problem("instance.not_initialised") from None
    try:
        if list_unknown(store.reader()):
            raise Problem("instance.newer")
        if list_pending(store.reader()):
            raise Problem("instance.not_migrated")
        yield Instance(settings, store)
    finally:
        store.close()


def plain_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Turn what a user can cause into a line on stderr and exit 1; mistakes of ours stay."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            lines = [problem.message, *(f"{e.field}: {e.message}" for e in problem.errors)]
        except SettingsError as error:
            lines = [str(error)]
        except sqlite3.DatabaseError as error:
            lines = [f"The store is not usable: {error}"]
        except OSError as error:
            lines = [str(error)]
        for line in lines:
            click.echo(line, err=True)
        sys.exit(1)

    return run
