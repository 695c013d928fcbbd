"""`survey address`: a move to another name is confirmed only when nothing stays behind."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.services import enrolling, public_address
from survey.settings import Settings, load_settings
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store
from tests.factories import NOW
from tests.people_kit import add_person, enrol_phone

OLD, NEW = "http://127.0.0.1:8000", "https://survei.example.go.id"


def survey(settings: Settings, *words: str, exit_code: int = 0) -> Result:
    environ = {"SURVEY_INSTANCE": str(settings.instance), "SURVEY_PUBLIC_URL": NEW}
    result = CliRunner().invoke(main, ["address", *words], env=environ, catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result


def say(store: Store, token: str, records: int, files: int) -> None:
    device = enrolling.authenticate_device(store, token, NOW)
    state = {"unsent_records": records, "unsent_files": files}
    store.write(lambda connection: enrolling.note_device_state(connection, device, state, NOW))


@pytest.fixture
def tokens(store: Store, settings: Settings) -> dict[str, str]:
    """Three phones enrolled under the old address: empty, with two visits, never heard of."""
    made = {
        name: enrol_phone(store, settings, add_person(store, name, "officer")).token
        for name in ("empty", "full", "silent")
    }
    say(store, made["empty"], 0, 0)
    say(store, made["full"], 2, 0)
    return made


def warned(store: Store, settings: Settings) -> bool:
    moved = load_settings({"SURVEY_PUBLIC_URL": NEW}, settings.instance)
    return public_address.public_url_warning(store, moved, NEW.partition("://")[2]) is not None


def test_before_the_first_phone_there_is_nothing_to_move(settings: Settings, store: Store) -> None:
    assert survey(settings).stdout.splitlines() == ["phones\t-", f"setting\t{NEW}"]
    assert "Nothing to move" in survey(settings, "--moved").stderr


def test_the_phones_that_keep_a_move_waiting_are_named(
    store: Store, settings: Settings, tokens: dict[str, str]
) -> None:
    lines = survey(settings).stdout.splitlines()
    assert lines[:2] == [f"phones\t{OLD}", f"setting\t{NEW}"]
    assert sorted(lines[2:]) == [f"unsent\tfull\t{NOW}\t2\t0", f"unsent\tsilent\t{NOW}\t-\t-"]
    refused = survey(settings, "--moved", exit_code=1)
    assert "2 phones may hold" in refused.stderr
    assert warned(store, settings)


def test_a_move_is_confirmed_once_all_is_sent_and_lost_phones_are_revoked(
    store: Store, settings: Settings, tokens: dict[str, str]
) -> None:
    say(store, tokens["full"], 0, 0)
    lost = enrolling.authenticate_device(store, tokens["silent"], NOW)
    enrolling.revoke_device(store, lost.key, NOW, actor="cli")
    assert survey(settings, "--moved").stdout.splitlines() == [f"phones\t{NEW}", f"setting\t{NEW}"]
    assert not warned(store, settings)
    actions = [row["action"] for row in store.reader().execute("SELECT action FROM audit")]
    assert actions.count("address.moved") == 1
    assert list(find_chain_breaks(store.reader())) == []
    assert "Nothing to move" in survey(settings, "--moved").stderr
