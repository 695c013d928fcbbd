"""People: adding, roles, one-time links, disabling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.services import accounts
from survey.services.signing_in import find_session_user, sign_in
from survey.store.audit import list_audit
from survey.store.connection import Store
from tests.factories import NOW
from tests.people_kit import PASSWORD, add_person

LATER = add_to_instant(NOW, hours=1)


@contextmanager
def problem_of(code: str) -> Iterator[None]:
    """Expect a problem of this code."""
    with pytest.raises(Problem) as caught:
        yield
    assert caught.value.code == code


def the_admin(store: Store):  # type: ignore[no-untyped-def]
    return accounts.get_user_by_name(store, "admin")


def test_a_new_person_has_the_given_roles_and_no_password(store: Store) -> None:
    user = add_person(store, "rina", "supervisor", "officer", name="  Rina   Wati ")
    assert (user.username, user.name) == ("rina", "Rina Wati")
    assert user.roles == {"supervisor", "officer"}
    assert user.password_hash is None
    assert [row["action"] for row in list_audit(store.reader(), user.id)] == ["user.created"]


@pytest.mark.parametrize("username", ["a", "a" * 41, "sri wahyuni", "sárí", "a/b", "", "sari\n"])
def test_an_odd_user_name_is_refused(store: Store, username: str) -> None:
    if username == "sari\n":
        assert add_person(store, username).username == "sari"
    else:
        with problem_of("user.bad_name"):
            add_person(store, username)


def test_a_user_name_is_taken_in_any_case(store: Store) -> None:
    add_person(store, "sari")
    with problem_of("user.name_taken"):
        add_person(store, "SARI")


@pytest.mark.parametrize("name", ["   ", "x" * 201, "a\x00b"])
def test_a_person_needs_a_name_that_can_be_shown(store: Store, name: str) -> None:
    with problem_of("user.name_missing"):
        add_person(store, "sari", name=name)


def test_a_person_needs_known_roles(store: Store) -> None:
    with problem_of("user.unknown_role"):
        add_person(store, "sari", "boss")
    with problem_of("user.no_role"):
        accounts.create_user(store, "sari", "Sari", (), NOW, actor="cli")


def test_the_first_admin_comes_once(store: Store) -> None:
    admin = the_admin(store)
    assert admin.roles == {"admin", "supervisor"}
    assert accounts.create_first_admin(store, NOW) is None


def test_a_link_sets_password_and_name_and_works_once(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    token = accounts.create_link(store, user.id, NOW, actor="cli")
    assert accounts.find_link_user(store, token, LATER).id == user.id
    accounts.use_link(store, token, PASSWORD, LATER, name="Rina W.")
    assert sign_in(store, "rina", PASSWORD, "192.0.2.1", LATER).name == "Rina W."
    with problem_of("auth.link_used"):
        accounts.use_link(store, token, PASSWORD, LATER)


def test_a_refused_password_leaves_the_link_usable(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    token = accounts.create_link(store, user.id, NOW, actor="cli")
    with problem_of("user.bad_password"):
        accounts.use_link(store, token, "short", NOW)
    assert accounts.link_is_open(store, token, NOW)


def test_a_link_lives_seven_days(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    token = accounts.create_link(store, user.id, NOW, actor="cli")
    assert accounts.link_is_open(store, token, add_to_instant(NOW, days=7, seconds=-1))
    with problem_of("auth.link_used"):
        accounts.find_link_user(store, token, add_to_instant(NOW, days=7))


def test_a_new_link_ends_the_one_before(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    first = accounts.create_link(store, user.id, NOW, actor="cli")
    second = accounts.create_link(store, user.id, NOW, actor="cli")
    assert not accounts.link_is_open(store, first, NOW)
    assert accounts.link_is_open(store, second, NOW)


def test_the_token_of_a_link_is_nowhere_in_the_store(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    token = accounts.create_link(store, user.id, NOW, actor="cli")
    rows = store.reader().execute("SELECT * FROM one_time_links").fetchall()
    assert token not in str([tuple(row) for row in rows])


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("a" * 9, "user.bad_password"),
        ("a" * 1001, "user.long_password"),
        ("siti.aminah", "user.password_is_name"),
        ("Siti.Aminah1", "user.password_is_name"),
        ("\ud800" * 12, "user.bad_password"),
    ],
)
def test_a_weak_password_is_refused(store: Store, password: str, code: str) -> None:
    with problem_of(code):
        add_person(store, "siti.aminah", "viewer", password=password)


@pytest.mark.parametrize("password", ["a b c d e f", "x" * 1000, "siti.aminah2024"])
def test_a_password_within_the_bounds_is_taken(store: Store, password: str) -> None:
    add_person(store, "siti.aminah", "viewer", password=password)
    assert sign_in(store, "siti.aminah", password, "192.0.2.1", NOW)


def test_the_last_admin_cannot_be_lost(store: Store) -> None:
    admin = the_admin(store)
    with problem_of("user.last_admin"):
        accounts.disable_user(store, admin.id, NOW, actor=admin.id)
    with problem_of("user.last_admin"):
        accounts.change_roles(store, admin.id, ["supervisor"], NOW, actor=admin.id)
    accounts.change_roles(store, admin.id, ["admin"], NOW, actor=admin.id)
    assert the_admin(store).roles == {"admin"}


def test_a_disabled_admin_does_not_count_as_another(store: Store) -> None:
    admin, second = the_admin(store), add_person(store, "budi", "admin")
    accounts.disable_user(store, second.id, NOW, actor=admin.id)
    with problem_of("user.last_admin"):
        accounts.disable_user(store, admin.id, NOW, actor=admin.id)
    accounts.enable_user(store, second.id, NOW, actor=admin.id)
    accounts.disable_user(store, admin.id, NOW, actor=second.id)
    assert the_admin(store).disabled_at == NOW


def test_disabling_ends_sessions_links_and_codes(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    token = accounts.create_link(store, user.id, NOW, actor="cli")
    accounts.disable_user(store, user.id, NOW, actor="cli")
    assert find_session_user(store, user.id, user.session_version) is None
    accounts.enable_user(store, user.id, LATER, actor="cli")
    assert find_session_user(store, user.id, user.session_version) is None
    assert not accounts.link_is_open(store, token, LATER)


def test_a_disabled_person_gets_no_link(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    accounts.disable_user(store, user.id, NOW, actor="cli")
    with problem_of("auth.disabled"):
        accounts.create_link(store, user.id, NOW, actor="cli")


def test_language_is_one_of_two(store: Store) -> None:
    user = add_person(store, "rina", "viewer")
    accounts.change_language(store, user.id, "en")
    assert accounts.get_user(store, user.id).language == "en"
    with problem_of("user.unknown_language"):
        accounts.change_language(store, user.id, "min")


def test_an_unknown_person_is_a_problem(store: Store) -> None:
    with problem_of("user.not_found"):
        accounts.get_user_by_name(store, "nobody")
    with problem_of("user.not_found"):
        accounts.disable_user(store, "nobody", NOW, actor="cli")
