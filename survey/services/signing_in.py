"""Signing in: a name and a password become a person, and a session's person is found again.

Knows no cookie. Wrong tries are counted by account and by address in the store.
"""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services import accounts, passwords, throttling
from survey.store import failures, users
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.users import User


def sign_in(store: Store, username: str, password: str, address: str, now: Instant) -> User:
    """Return the person whose name and password these are.

    Two transactions: the try counts before the slow check, and is forgiven after it. Raises
    `auth.throttled`, `auth.wrong_password` (also for an unknown name) or `auth.disabled`.
    """
    account = throttling.account_subject(username)
    place = throttling.address_subject(address)

    def begin(connection: sqlite3.Connection) -> tuple[User | None, int]:
        waits = (
            throttling.minutes_to_wait(connection, "account", account, now),
            throttling.minutes_to_wait(connection, "address", place, now),
        )
        if any(waits):
            raise Problem("auth.throttled", minutes=max(waits), retry_after=60 * max(waits))
        throttling.note_try(connection, "account", account, now)
        key = throttling.note_try(connection, "address", place, now)
        return _find_user(connection, username.strip()), key

    user, try_key = store.write(begin)
    right = passwords.check_password(password, user.password_hash if user else None)
    if user is None or user.password_hash is None or not right:
        raise Problem("auth.wrong_password")
    if user.disabled_at is not None:
        raise Problem("auth.disabled")
    fresh = (
        passwords.rehash_password(password)
        if passwords.hash_is_outdated(user.password_hash)
        else None
    )

    def forgive(connection: sqlite3.Connection) -> User:
        if users.get_user(connection, user.id).password_hash != user.password_hash:
            raise Problem("auth.wrong_password")  # it changed while this one was checked
        failures.clear_failures(connection, "account", account)
        failures.delete_failure(connection, try_key)
        if fresh is not None:
            users.set_password_hash(connection, user.key, fresh, end_sessions=False)
        append_audit(connection, now, user.id, "user.signed_in", user.id)
        return users.get_user(connection, user.id)

    return store.write(forgive)


def _find_user(connection: sqlite3.Connection, username: str) -> User | None:
    valid = accounts.is_username(username)
    return users.find_user_by_name(connection, username) if valid else None


def find_session_user(store: Store, user_id: str, session_version: int) -> User | None:
    """Return the person of a session, or None when the session is not valid any more."""
    user = users.find_user(store.reader(), user_id)
    if user is None or user.disabled_at or user.session_version != session_version:
        return None
    return user


def change_password(
    store: Store, user_id: str, current: str, new: str, address: str, now: Instant
) -> User:
    """Replace one's own password; the current one is checked and throttled as at sign-in."""
    user = users.get_user(store.reader(), user_id)
    sign_in(store, user.username, current, address, now)
    accounts.set_password(store, user_id, new, now, actor=user_id)
    return users.get_user(store.reader(), user_id)
