"""The code an officer types or hears to enrol a phone: how it looks and how it is read.

Letters that people confuse are read as what was meant: O is 0, I and L are 1.
"""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 characters without I, L, O, U: 8 of them are 40 bits."""

CODE_CHARACTERS: Final = 8
CODE_DAYS: Final = 7
TOKEN_DAYS: Final = 400
"""How long a phone's token lives after its last contact: it outlives a month offline."""

_MEANT: Final = str.maketrans("OIL", "011", "-–—_. \t\r\n")


def new_code() -> str:
    """Return a new random code of 8 characters, without its dash."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def show_code(code: str) -> str:
    """Return a code as people see it: K7MX-42QD."""
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str | None:
    """Return the code that a person meant to type, or None when it cannot be one."""
    code = text.upper().translate(_MEANT)
    if len(code) == CODE_CHARACTERS and all(letter in ALPHABET for letter in code):
        return code
    return None
