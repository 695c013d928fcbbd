"""`survey user` and `survey device`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.domain.enrolment import read_code
from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.services import accounts, enrolling
from survey.services.signing_in import sign_in
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import NOW
from tests.people_kit import PASSWORD, add_person, enrol_phone


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find the instance of this test."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))


def survey(*words: str, stdin: str | None = None, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, words, input=stdin)
    assert result.exit_code == exit_code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_adding_a_person_prints_a_link_that_works(store: Store) -> None:
    result = survey("user", "add", "rina", "--name", "Rina", "--role", "viewer")
    address, _, token = result.stdout.strip().rpartition("/")
    assert address == "http://127.0.0.1:8000/welcome"
    assert accounts.find_link_user(store, token, system_now()).username == "rina"


def test_roles_are_given_one_by_one(store: Store) -> None:
    survey("user", "add", "rina", "--name", "Rina", "--role", "supervisor", "--role", "officer")
    assert accounts.get_user_by_name(store, "rina").roles == {"supervisor", "officer"}


def test_a_password_may_come_from_standard_input(store: Store) -> None:
    words = ("user", "add", "rina", "--name", "Rina", "--role", "viewer", "--password-stdin")
    assert survey(*words, stdin=f"{PASSWORD}\n").stdout == ""
    assert sign_in(store, "rina", PASSWORD, "192.0.2.1", NOW)


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("user", "add", "admin", "--name", "X", "--role", "viewer"), 1, "taken"),
        (("user", "add", "a b", "--name", "X", "--role", "viewer"), 1, "A user name has"),
        (("user", "add", "rina", "--name", "X", "--role", "boss"), 2, "boss"),
        (("user", "add", "rina", "--name", "X"), 2, "--role"),
        (("user", "disable", "nobody"), 1, "This person is not known."),
        (("user", "disable", "admin"), 1, "last admin"),
        (("user", "roles", "admin", "--role", "viewer"), 1, "last admin"),
        (("user", "password", "nobody"), 1, "This person is not known."),
        (("device", "code", "nobody"), 1, "This person is not known."),
        (("device", "code", "admin"), 1, "Only an officer"),
        (("device", "revoke", "nothing"), 1, "This phone is not known."),
    ],
)
def test_a_mistake_is_a_line_on_stderr(words: tuple[str, ...], exit_code: int, said: str) -> None:
    result = survey(*words, exit_code=exit_code)
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_a_refused_password_adds_nobody(store: Store) -> None:
    words = ("user", "add", "rina", "--name", "Rina", "--role", "viewer", "--password-stdin")
    survey(*words, stdin="short\n", exit_code=1)
    with pytest.raises(Problem):
        accounts.get_user_by_name(store, "rina")


def test_people_are_listed_with_roles_and_standing(store: Store) -> None:
    add_person(store, "sari", "officer", "viewer", name="Sari Dewi")
    survey("user", "disable", "sari")
    lines = survey("user", "list").stdout.splitlines()
    assert lines == [
        "admin\tsupervisor,admin\tactive\tAdmin",
        "sari\tofficer,viewer\tdisabled\tSari Dewi",
    ]
    survey("user", "enable", "sari")
    assert "disabled" not in survey("user", "list").stdout


def test_roles_change_by_command(store: Store) -> None:
    add_person(store, "sari", "officer")
    survey("user", "roles", "SARI", "--role", "viewer")
    assert accounts.get_user_by_name(store, "sari").roles == {"viewer"}


def test_a_new_password_comes_by_link_or_from_standard_input(store: Store) -> None:
    add_person(store, "rina", "viewer")
    token = survey("user", "password", "rina").stdout.strip().rpartition("/")[2]
    assert accounts.link_is_open(store, token, system_now())
    survey("user", "password", "rina", "--password-stdin", stdin=PASSWORD)
    assert sign_in(store, "rina", PASSWORD, "192.0.2.1", NOW)
    assert not accounts.link_is_open(store, token, system_now())


def test_a_code_and_its_address_are_printed(store: Store, settings: Settings) -> None:
    add_person(store, "sari", "officer")
    code, address = survey("device", "code", "sari").stdout.splitlines()
    assert read_code(code) is not None
    assert address == f"http://127.0.0.1:8000/app#enrol={code}"
    assert enrolling.code_is_open(store, settings, code, system_now())


def test_phones_are_listed_and_revoked(store: Store, settings: Settings) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari", "officer"))
    line = f"{phone.device_id}\tsari\tenrolled\t{NOW}\t-\t-\tRedmi 9A"
    assert survey("device", "list").stdout.splitlines() == [line]
    survey("device", "revoke", phone.device_id)
    assert "\trevoked\t" in survey("device", "list").stdout


def test_revoking_may_name_one_officer_of_a_phone(store: Store, settings: Settings) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari", "officer"))
    survey("device", "revoke", phone.device_id, "--user", "budi", exit_code=1)
    survey("device", "revoke", phone.device_id, "--user", "Sari")
    assert "\trevoked\t" in survey("device", "list").stdout


def test_phones_that_may_hold_something_are_listed_alone(store: Store, settings: Settings) -> None:
    phones = {}
    for name, told in (("empty", (0, 0)), ("full", (2, 0)), ("photos", (0, 1)), ("silent", None)):
        phones[name] = enrol_phone(store, settings, add_person(store, name, "officer"))
        if told is not None:
            device = enrolling.authenticate_device(store, phones[name].token, NOW)
            state = {"unsent_records": told[0], "unsent_files": told[1]}
            store.write(
                lambda c, device=device, state=state: enrolling.note_device_state(
                    c, device, state, NOW
                )
            )
    listed = {line.split("\t")[1] for line in survey("device", "list").stdout.splitlines()}
    assert listed == {"empty", "full", "photos", "silent"}
    unsent = survey("device", "list", "--unsent").stdout.splitlines()
    assert {line.split("\t")[1] for line in unsent} == {"full", "photos", "silent"}
