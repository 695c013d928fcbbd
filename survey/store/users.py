"""People and their roles. Knows no password in plain text and no session."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT key, id, username, name, language, password_hash, session_version, demo, created_at,
  disabled_at, (SELECT group_concat(role) FROM user_roles WHERE user_key = users.key) AS roles
FROM users
"""


@dataclass(frozen=True, slots=True)
class User:
    """One person; `key` is the store's, `id` the one everybody else sees."""

    key: int
    id: str
    username: str
    name: str
    language: str
    roles: frozenset[str]
    session_version: int
    demo: bool
    created_at: Instant
    disabled_at: Instant | None
    password_hash: str | None = field(repr=False)


def _user(row: sqlite3.Row) -> User:
    return User(
        key=row["key"],
        id=row["id"],
        username=row["username"],
        name=row["name"],
        language=row["language"],
        roles=frozenset((row["roles"] or "").split(",")) - {""},
        session_version=row["session_version"],
        demo=bool(row["demo"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        password_hash=row["password_hash"],
    )


def _find(connection: sqlite3.Connection, where: str, value: object) -> User | None:
    row = connection.execute(f"{_SELECT} WHERE {where} = ?", (value,)).fetchone()
    return _user(row) if row else None


def find_user(connection: sqlite3.Connection, user_id: str) -> User | None:
    """Return the person with this id, or None."""
    return _find(connection, "id", user_id)


def find_user_by_name(connection: sqlite3.Connection, username: str) -> User | None:
    """Return the person with this user name in any case, or None."""
    return _find(connection, "username", username)


def find_user_by_key(connection: sqlite3.Connection, key: int) -> User | None:
    """Return the person with this key, or None."""
    return _find(connection, "key", key)


def get_user(connection: sqlite3.Connection, user_id: str) -> User:
    """Return the person with this id, else raise `user.not_found`."""
    user = find_user(connection, user_id)
    if user is None:
        raise Problem("user.not_found")
    return user


def list_users(connection: sqlite3.Connection) -> list[User]:
    """Return everybody: those who are enabled first, by name."""
    rows = connection.execute(
        f"{_SELECT} ORDER BY disabled_at IS NOT NULL, name COLLATE NOCASE, key"
    )
    return [_user(row) for row in rows]


def insert_user(
    connection: sqlite3.Connection,
    *,
    user_id: str,
    username: str,
    name: str,
    language: str,
    password_hash: str | None,
    demo: bool,
    now: Instant,
) -> int:
    """Insert a person without roles and return the key."""
    cursor = connection.execute(
        """
        INSERT INTO users (id, username, name, language, password_hash, demo, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (user_id, username, name, language, password_hash, int(demo), now),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def set_roles(connection: sqlite3.Connection, key: int, roles: Iterable[str]) -> None:
    """Give a person exactly these roles."""
    connection.execute("DELETE FROM user_roles WHERE user_key = ?", (key,))
    connection.executemany(
        "INSERT INTO user_roles (user_key, role) VALUES (?, ?)",
        [(key, role) for role in sorted(set(roles))],
    )


def set_password_hash(
    connection: sqlite3.Connection, key: int, password_hash: str, *, end_sessions: bool
) -> None:
    """Keep a new hash; `end_sessions` signs the person out everywhere."""
    connection.execute(
        "UPDATE users SET password_hash = ?, session_version = session_version + ? WHERE key = ?",
        (password_hash, int(end_sessions), key),
    )


def set_disabled(connection: sqlite3.Connection, key: int, disabled_at: Instant | None) -> None:
    """Disable a person since an instant, or enable with None; sessions end either way."""
    connection.execute(
        "UPDATE users SET disabled_at = ?, session_version = session_version + 1 WHERE key = ?",
        (disabled_at, key),
    )


def set_language(connection: sqlite3.Connection, key: int, language: str) -> None:
    """Set the language a person reads: id or en."""
    connection.execute("UPDATE users SET language = ? WHERE key = ?", (language, key))


def set_name(connection: sqlite3.Connection, key: int, name: str) -> None:
    """Set the name that others see."""
    connection.execute("UPDATE users SET name = ? WHERE key = ?", (name, key))


def count_other_admins(connection: sqlite3.Connection, key: int) -> int:
    """Return how many enabled admins there are besides this person."""
    row = connection.execute(
        """
        SELECT count(*) FROM users JOIN user_roles ON user_key = users.key
        WHERE role = 'admin' AND disabled_at IS NULL AND users.key <> ?
        """,
        (key,),
    ).fetchone()
    return int(row[0])


def any_user(connection: sqlite3.Connection) -> bool:
    """Tell whether anybody exists at all."""
    return connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None
