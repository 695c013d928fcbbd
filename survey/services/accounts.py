"""People: who exists, what they may do, how they prove who they are.

Knows no session and no cookie: a session is valid while its person's `session_version` is
the one it was made with. Who may call what is decided at the door.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Final

from survey.domain.identifiers import new_id
from survey.domain.instants import Instant, add_to_instant
from survey.domain.limits import NAME_CHARACTERS
from survey.domain.problems import Problem
from survey.domain.roles import ROLES
from survey.services import passwords, throttling
from survey.store import codes, failures, links, users
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.users import User

LINK_DAYS: Final = 7
LANGUAGES: Final = ("id", "en")
FIRST_ADMIN: Final = "admin"
_USERNAME = re.compile(r"[A-Za-z0-9._-]{2,40}")


def hash_token(token: str) -> str:
    """Return the SHA-256 of a secret token's text in hex: all that is stored of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_username(text: str) -> bool:
    """Tell whether a text can be a user name: 2 to 40 ASCII letters, digits, . - _."""
    return _USERNAME.fullmatch(text) is not None


def _check_name(name: str) -> str:
    text = " ".join(name.split())
    if not text or len(text) > NAME_CHARACTERS or not text.isprintable():
        raise Problem("user.name_missing")
    return text


def _check_roles(roles: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(roles)
    if not wanted:
        raise Problem("user.no_role")
    if not wanted <= set(ROLES):
        raise Problem("user.unknown_role")
    return wanted


def create_user(
    store: Store,
    username: str,
    name: str,
    roles: Iterable[str],
    now: Instant,
    *,
    actor: str,
    password: str | None = None,
    language: str = "id",
    demo: bool = False,
) -> User:
    """Add a person and return them; without a password only a one-time link lets them in.

    Raises `user.bad_name`, `user.name_taken`, `user.name_missing`, `user.no_role`,
    `user.unknown_role`, `user.unknown_language` or a problem of the password.
    """
    username = username.strip()
    if not is_username(username):
        raise Problem("user.bad_name")
    name = _check_name(name)
    wanted = _check_roles(roles)
    if language not in LANGUAGES:
        raise Problem("user.unknown_language")
    password_hash = None if password is None else passwords.hash_password(password, username)

    def insert(connection: sqlite3.Connection) -> User:
        if users.find_user_by_name(connection, username) is not None:
            raise Problem("user.name_taken")
        user_id = new_id()
        key = users.insert_user(
            connection,
            user_id=user_id,
            username=username,
            name=name,
            language=language,
            password_hash=password_hash,
            demo=demo,
            now=now,
        )
        users.set_roles(connection, key, wanted)
        append_audit(connection, now, actor, "user.created", user_id, json.dumps(sorted(wanted)))
        return users.get_user(connection, user_id)

    return store.write(insert)


def create_link(store: Store, user_id: str, now: Instant, *, actor: str) -> str:
    """Return the token of a new one-time link, valid 7 days; older unused ones end."""
    token = secrets.token_urlsafe(32)

    def insert(connection: sqlite3.Connection) -> None:
        user = users.get_user(connection, user_id)
        if user.disabled_at is not None:
            raise Problem("auth.disabled")
        links.insert_link(
            connection,
            token_hash=hash_token(token),
            user_key=user.key,
            now=now,
            expires_at=add_to_instant(now, days=LINK_DAYS),
        )
        append_audit(connection, now, actor, "user.link_created", user_id)

    store.write(insert)
    return token


def create_first_admin(store: Store, now: Instant) -> str | None:
    """Make the first person of a new instance and return their link's token, else None.

    The first admin is a supervisor too, so that one person can try the whole path.
    """
    if users.any_user(store.reader()):
        return None
    user = create_user(store, FIRST_ADMIN, "Admin", ("admin", "supervisor"), now, actor="system")
    return create_link(store, user.id, now, actor="system")


def find_link_user(store: Store, token: str, now: Instant) -> User:
    """Return whose one-time link this is without using it, else raise `auth.link_used`."""
    return _link_user(store.reader(), token, now)


def link_is_open(store: Store, token: str, now: Instant) -> bool:
    """Tell whether a one-time link can still be used."""
    return links.find_open_link(store.reader(), hash_token(token), now) is not None


def _link_user(connection: sqlite3.Connection, token: str, now: Instant) -> User:
    key = links.find_open_link(connection, hash_token(token), now)
    user = None if key is None else users.find_user_by_key(connection, key)
    if user is None or user.disabled_at is not None:
        raise Problem("auth.link_used")
    return user


def use_link(
    store: Store, token: str, password: str, now: Instant, *, name: str | None = None
) -> User:
    """Set the password (and name) of a link's person and end the link; return the person.

    A refused password leaves the link usable. Raises `auth.link_used`.
    """
    user = find_link_user(store, token, now)
    new_name = user.name if name is None else _check_name(name)
    password_hash = passwords.hash_password(password, user.username)

    def apply(connection: sqlite3.Connection) -> User:
        current = _link_user(connection, token, now)
        links.use_link(connection, hash_token(token), now)
        users.set_name(connection, current.key, new_name)
        _replace_password(connection, current, password_hash, now, actor=current.id)
        return users.get_user(connection, current.id)

    return store.write(apply)


def _replace_password(
    connection: sqlite3.Connection, user: User, password_hash: str, now: Instant, *, actor: str
) -> None:
    """Keep a new password: sessions, unused links and counted failures end with the old."""
    users.set_password_hash(connection, user.key, password_hash, end_sessions=True)
    links.drop_open_links(connection, user.key)
    failures.clear_failures(connection, "account", throttling.account_subject(user.username))
    append_audit(connection, now, actor, "user.password_changed", user.id)


def set_password(store: Store, user_id: str, password: str, now: Instant, *, actor: str) -> None:
    """Set a person's password without knowing the old one; their sessions end."""
    user = users.get_user(store.reader(), user_id)
    password_hash = passwords.hash_password(password, user.username)
    store.write(
        lambda connection: _replace_password(connection, user, password_hash, now, actor=actor)
    )


def change_language(store: Store, user_id: str, language: str) -> None:
    """Set the language a person reads."""
    if language not in LANGUAGES:
        raise Problem("user.unknown_language")

    def apply(connection: sqlite3.Connection) -> None:
        users.set_language(connection, users.get_user(connection, user_id).key, language)

    store.write(apply)


def change_roles(
    store: Store, user_id: str, roles: Iterable[str], now: Instant, *, actor: str
) -> None:
    """Give a person exactly these roles; the last admin keeps theirs (`user.last_admin`)."""
    wanted = _check_roles(roles)

    def apply(connection: sqlite3.Connection) -> None:
        user = users.get_user(connection, user_id)
        if "admin" not in wanted:
            _keep_an_admin(connection, user)
        users.set_roles(connection, user.key, wanted)
        append_audit(
            connection, now, actor, "user.roles_changed", user_id, json.dumps(sorted(wanted))
        )

    store.write(apply)


def _keep_an_admin(connection: sqlite3.Connection, user: User) -> None:
    if "admin" in user.roles and users.count_other_admins(connection, user.key) == 0:
        raise Problem("user.last_admin")


def disable_user(store: Store, user_id: str, now: Instant, *, actor: str) -> None:
    """Keep a person out: sessions, phones, unused links and codes stop at once."""

    def apply(connection: sqlite3.Connection) -> None:
        user = users.get_user(connection, user_id)
        _keep_an_admin(connection, user)
        if user.disabled_at is None:
            users.set_disabled(connection, user.key, now)
            links.drop_open_links(connection, user.key)
            codes.revoke_open_codes(connection, user.key, now)
            append_audit(connection, now, actor, "user.disabled", user_id)

    store.write(apply)


def enable_user(store: Store, user_id: str, now: Instant, *, actor: str) -> None:
    """Let a disabled person in again, with the password and the phones they had."""

    def apply(connection: sqlite3.Connection) -> None:
        user = users.get_user(connection, user_id)
        if user.disabled_at is not None:
            users.set_disabled(connection, user.key, None)
            append_audit(connection, now, actor, "user.enabled", user_id)

    store.write(apply)


def get_user(store: Store, user_id: str) -> User:
    """Return a person, else raise `user.not_found`."""
    return users.get_user(store.reader(), user_id)


def get_user_by_name(store: Store, username: str) -> User:
    """Return the person with this user name, else raise `user.not_found`."""
    valid = is_username(username)
    user = users.find_user_by_name(store.reader(), username) if valid else None
    if user is None:
        raise Problem("user.not_found")
    return user


def list_users(store: Store) -> list[User]:
    """Return everybody: those who are enabled first, by name."""
    return users.list_users(store.reader())
