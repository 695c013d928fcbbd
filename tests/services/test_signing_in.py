"""Signing in: right and wrong passwords, the throttle, sessions, old hashes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.services import accounts, passwords, throttling
from survey.services.signing_in import change_password, find_session_user, sign_in
from survey.store import users
from survey.store.connection import Store
from tests.factories import NOW
from tests.people_kit import PASSWORD, add_person

HOME = "192.0.2.1"


def code_of(store: Store, username: str, password: str, address: str = HOME, now: str = NOW) -> str:
    """Return the code of the problem that a try to sign in raises."""
    with pytest.raises(Problem) as caught:
        sign_in(store, username, password, address, now)
    return caught.value.code


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a check cost next to nothing, for tests of many tries."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody"))


def test_the_right_password_brings_the_person(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    assert sign_in(store, " RINA ", PASSWORD, HOME, NOW).id == user.id


def test_wrong_unknown_and_without_password_are_the_same(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    add_person(store, "budi", "viewer")
    assert code_of(store, "rina", PASSWORD + "!") == "auth.wrong_password"
    assert code_of(store, "nobody", PASSWORD) == "auth.wrong_password"
    assert code_of(store, "budi", PASSWORD) == "auth.wrong_password"
    assert code_of(store, "budi", "") == "auth.wrong_password"
    assert code_of(store, "\ud800", "\ud800") == "auth.wrong_password"


def test_an_unknown_name_costs_a_check_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[object] = []
    monkeypatch.setattr(
        passwords, "check_password", lambda password, stored: checked.append(stored) or False
    )
    assert code_of(store, "nobody", PASSWORD) == "auth.wrong_password"
    assert checked == [None]


def test_a_disabled_person_with_the_right_password_learns_why(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    accounts.disable_user(store, user.id, NOW, actor="cli")
    assert code_of(store, "rina", PASSWORD) == "auth.disabled"
    assert code_of(store, "rina", "wrong") == "auth.wrong_password"


@pytest.mark.usefixtures("cheap_hashes")
def test_ten_failures_close_an_account_from_everywhere(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    for number in range(10):
        code = code_of(store, "rina", "wrong", f"192.0.2.{number}")
        assert code == "auth.wrong_password"
    assert code_of(store, "Rina", PASSWORD, "198.51.100.1") == "auth.throttled"
    assert code_of(store, "budi", "wrong") == "auth.wrong_password"


@pytest.mark.usefixtures("cheap_hashes")
def test_an_account_opens_again_when_the_window_has_passed(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    for number in range(10):
        code_of(store, "rina", "wrong", f"192.0.2.{number}")
    with pytest.raises(Problem) as caught:
        sign_in(store, "rina", PASSWORD, HOME, add_to_instant(NOW, seconds=600))
    assert caught.value.params["minutes"] == 5
    assert sign_in(store, "rina", PASSWORD, HOME, add_to_instant(NOW, seconds=900))


@pytest.mark.usefixtures("cheap_hashes")
def test_many_failures_close_an_address_for_every_account(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    for number in range(throttling.TRIES["address"]):
        assert code_of(store, f"guess{number}", "wrong") == "auth.wrong_password"
    assert code_of(store, "rina", PASSWORD) == "auth.throttled"
    assert sign_in(store, "rina", PASSWORD, "198.51.100.1", NOW)


@pytest.mark.usefixtures("cheap_hashes")
def test_success_clears_the_account_but_not_the_address(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    for _ in range(9):
        code_of(store, "rina", "wrong")
    sign_in(store, "rina", PASSWORD, HOME, NOW)
    for _ in range(9):
        assert code_of(store, "rina", "wrong") == "auth.wrong_password"
    rows = store.reader().execute(
        "SELECT scope, count(*) FROM sign_in_failures GROUP BY scope ORDER BY scope"
    )
    assert [tuple(row) for row in rows] == [("account", 9), ("address", 18)]


@pytest.mark.usefixtures("cheap_hashes")
def test_tries_at_the_same_time_all_count(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: code_of(store, "rina", "wrong"), range(24)))
    assert codes.count("auth.wrong_password") == 10
    assert codes.count("auth.throttled") == 14


@pytest.mark.usefixtures("cheap_hashes")
def test_old_tries_do_not_pile_up(store: Store) -> None:
    code_of(store, "rina", "wrong")
    code_of(store, "budi", "wrong", now=add_to_instant(NOW, hours=1))
    (count,) = store.reader().execute("SELECT count(*) FROM sign_in_failures").fetchone()
    assert count == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_an_ipv6_network_is_one_address(one: str, other: str, same: bool) -> None:
    equal = throttling.address_subject(one) == throttling.address_subject(other)
    assert equal is same


def test_a_hash_with_old_parameters_is_renewed_at_sign_in(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    store.write(
        lambda connection: users.set_password_hash(connection, user.key, old, end_sessions=False)
    )
    signed_in = sign_in(store, "rina", PASSWORD, HOME, NOW)
    assert signed_in.password_hash != old
    assert signed_in.session_version == user.session_version
    assert sign_in(store, "rina", PASSWORD, HOME, NOW)


def test_a_password_typed_with_composed_or_combining_letters_is_the_same(store: Store) -> None:
    add_person(store, "rina", "viewer", password="caf\u00e9 di pasar")
    assert sign_in(store, "rina", "cafe\u0301 di pasar", HOME, NOW)


def test_a_new_password_ends_the_sessions_of_the_old(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    assert find_session_user(store, user.id, user.session_version) is not None
    changed = change_password(store, user.id, PASSWORD, "kata sandi yang baru", HOME, NOW)
    assert find_session_user(store, user.id, user.session_version) is None
    assert find_session_user(store, user.id, changed.session_version) is not None
    assert code_of(store, "rina", PASSWORD) == "auth.wrong_password"


def test_changing_a_password_needs_the_current_one(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    with pytest.raises(Problem) as caught:
        change_password(store, user.id, "a guess that fails", "kata sandi baru", HOME, NOW)
    assert caught.value.code == "auth.wrong_password"
    assert sign_in(store, "rina", PASSWORD, HOME, NOW)
