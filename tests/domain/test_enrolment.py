"""The code of a phone: how it is made, shown and read."""

from __future__ import annotations

import pytest

from survey.domain.enrolment import ALPHABET, new_code, read_code, show_code


def test_a_code_has_only_letters_that_nobody_confuses() -> None:
    codes = "".join(new_code() for _ in range(500))
    assert set(codes) == set(ALPHABET)
    assert not set("ILOU") & set(codes)


def test_a_shown_code_is_read_back() -> None:
    code = new_code()
    assert read_code(show_code(code)) == code
    assert show_code("K7MX42QD") == "K7MX-42QD"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("k7mx-42qd", "K7MX42QD"),
        ("K7MX42QD", "K7MX42QD"),
        (" k7mx 42qd\n", "K7MX42QD"),
        ("K7MX–42QD", "K7MX42QD"),
        ("oOiI-lL01", "00111101"),
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert read_code(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "K7MX-42Q", "K7MX-42QDA", "K7MX-42QU", "K7MX/42QD", "ÄÖÜß1234"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None
