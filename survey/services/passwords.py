"""Passwords: what one must be, its hash, its check. Knows no store and no person.

Argon2id with the parameters OWASP names for it (19 MiB, 2 passes): a check takes some 35 ms
and its memory is bounded by letting two run at a time.
"""

from __future__ import annotations

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey.domain.problems import Problem

MINIMUM_CHARACTERS: Final = 10
MAXIMUM_CHARACTERS: Final = 1_000
REST_BESIDE_NAME: Final = 4
"""Fewest characters a password must have when the user name is taken out of it."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_NOBODY: Final = _HASHER.hash("the password of a person who does not exist")


def _prepare(password: str) -> bytes | None:
    """Return the bytes to hash, or None for text that no keyboard makes (lone surrogates)."""
    try:
        return unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None


def hash_password(password: str, username: str) -> str:
    """Return the hash of a new password.

    Raises `user.bad_password` (too short, unreadable), `user.long_password`, or
    `user.password_is_name`.
    """
    if len(password) > MAXIMUM_CHARACTERS:
        raise Problem("user.long_password", maximum=MAXIMUM_CHARACTERS)
    data = _prepare(password)
    if data is None or len(password) < MINIMUM_CHARACTERS:
        raise Problem("user.bad_password", minimum=MINIMUM_CHARACTERS)
    rest = password.casefold().replace(username.casefold(), "")
    if len(rest) < REST_BESIDE_NAME:
        raise Problem("user.password_is_name")
    with _AT_ONCE:
        return _HASHER.hash(data)


def check_password(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the right one; takes as long when there is no hash."""
    data = _prepare(password) if len(password) <= MAXIMUM_CHARACTERS else None
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODY, data or b"")
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def hash_is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def rehash_password(password: str) -> str:
    """Return a fresh hash of a password that was checked just now."""
    with _AT_ONCE:
        return _HASHER.hash(_prepare(password) or b"")
