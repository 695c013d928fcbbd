"""Phones: codes, enrolment as the wire has it, tokens, what a phone says of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.services import accounts, enrolling, throttling
from survey.services.device_states import READINESS_BYTES, note_device_state
from survey.services.enrolling import Device, authenticate_device, create_code, enrol
from survey.services.public_address import public_url_warning
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.meta import find_meta, set_meta
from tests.factories import NOW, new_device_id, new_token
from tests.people_kit import add_person, enrol_phone


class Bag:
    """What a test types into a phone: a code, the phone's id and token."""

    def __init__(self, store: Store, settings: Settings, code: str) -> None:
        self.store, self.settings = store, settings
        self.values: dict[str, Any] = {
            "code": code,
            "device_id": new_device_id(),
            "token": new_token(),
            "phone": {"model": "Redmi 9A"},
            "address": "192.0.2.7",
            "now": NOW,
        }

    def enrol(self, **changes: Any) -> enrolling.Enrolment:
        return enrol(self.store, self.settings, **{**self.values, **changes})

    def fault(self, **changes: Any) -> str:
        with pytest.raises(Problem) as caught:
            self.enrol(**changes)
        return caught.value.code


@pytest.fixture
def officer(store: Store):  # type: ignore[no-untyped-def]
    return add_person(store, "sari", "officer")


@pytest.fixture
def bag(store: Store, settings: Settings, officer) -> Bag:  # type: ignore[no-untyped-def]
    return Bag(store, settings, create_code(store, settings, officer.id, NOW, actor="cli"))


def device_of(store: Store, token: str, now: str = NOW) -> Device:
    return authenticate_device(store, token, now)


def auth_fault(store: Store, token: str | None, now: str = NOW) -> str:
    with pytest.raises(Problem) as caught:
        authenticate_device(store, token, now)
    assert caught.value.status == 401
    return caught.value.code


def test_a_code_brings_the_phone_to_its_officer(bag: Bag, officer) -> None:  # type: ignore[no-untyped-def]
    answer = bag.enrol()
    assert answer.created
    assert (answer.officer_id, answer.officer_name, answer.language) == (officer.id, "Sari", "id")
    device = device_of(bag.store, bag.values["token"])
    assert (device.user_key, device.id, device.model) == (officer.key, answer.device_id, "Redmi 9A")


def test_neither_code_nor_token_is_in_the_store(bag: Bag) -> None:
    bag.enrol()
    connection = bag.store.reader()
    text = ""
    for table in ("enrolment_codes", "devices", "audit"):
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        text += str([tuple(row) for row in rows])
    assert bag.values["code"].replace("-", "") not in text
    assert bag.values["token"] not in text


def test_the_same_code_and_phone_again_is_the_same_until_the_code_expires(bag: Bag) -> None:
    first = bag.enrol()
    again = bag.enrol(now=add_to_instant(NOW, days=7, seconds=-1))
    assert (first.created, again.created) == (True, False)
    assert first.officer_id == again.officer_id
    assert len(enrolling.list_devices(bag.store)) == 1
    assert bag.fault(now=add_to_instant(NOW, days=7)) == "enrol.expired_code"
    assert device_of(bag.store, bag.values["token"])


def test_a_retry_with_a_new_token_ends_the_token_before(bag: Bag) -> None:
    bag.enrol()
    token = new_token()
    bag.enrol(token=token)
    assert device_of(bag.store, token)
    assert auth_fault(bag.store, bag.values["token"]) == "auth.revoked"


def test_another_phone_with_a_used_code_is_refused(bag: Bag) -> None:
    bag.enrol()
    assert bag.fault(device_id=new_device_id(), token=new_token()) == "enrol.used_code"
    assert Problem("enrol.used_code").status == 409


def test_a_code_may_be_typed_carelessly(bag: Bag) -> None:
    code = bag.values["code"]
    careless = code.lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert bag.enrol(code=f" {careless} ").created


@pytest.mark.parametrize("code", ["ZZZZ-ZZZZ", "", "K7MX", "not a code at all", "\ud800"])
def test_an_unknown_code_is_404(bag: Bag, code: str) -> None:
    assert bag.fault(code=code) == "enrol.unknown_code"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", 12),
        ("device_id", "x"),
        ("device_id", None),
        ("device_id", "A0000000-0000-4000-8000-000000000000"),
        ("token", "short"),
        ("token", "a" * 42),
        ("token", "a" * 43 + "="),
        ("token", None),
    ],
)
def test_an_odd_request_names_its_field(bag: Bag, field: str, value: object) -> None:
    with pytest.raises(Problem) as caught:
        bag.enrol(**{field: value})
    assert caught.value.code == "field.invalid"
    assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.parametrize("phone", [None, "x", {"model": 7}, {"model": "\ud800\0"}, {}])
def test_an_odd_description_of_the_phone_does_not_stop_it(bag: Bag, phone: object) -> None:
    bag.enrol(phone=phone)
    assert device_of(bag.store, bag.values["token"]).model in (None, "?")


def test_wrong_codes_are_throttled_by_address(bag: Bag) -> None:
    for _ in range(throttling.TRIES["code_address"]):
        assert bag.fault(code="ZZZZ-ZZZZ") == "enrol.unknown_code"
    assert bag.fault(code="ZZZZ-ZZZZ") == "enrol.throttled"
    assert bag.fault(code="ZZZZ-ZZZZ", address="198.51.100.1") == "enrol.unknown_code"


def test_a_right_code_passes_at_a_throttled_address_until_too_many_were_tried(
    bag: Bag, officer, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    for _ in range(throttling.TRIES["code_address"]):
        bag.fault(code="ZZZZ-ZZZZ")
    assert bag.enrol().created
    monkeypatch.setattr(throttling, "LOOKS", 5)
    second = create_code(bag.store, bag.settings, officer.id, NOW, actor="cli")
    for _ in range(5):
        assert bag.fault(code="ZZZZ-ZZZZ") == "enrol.throttled"
    assert bag.fault(code=second, token=new_token()) == "enrol.throttled"
    assert bag.enrol(code=second, token=new_token(), address="198.51.100.1")


def test_sending_a_right_code_again_and_again_is_never_throttled(bag: Bag) -> None:
    for _ in range(throttling.TRIES["code_address"] + 5):
        assert bag.enrol()


def test_a_new_code_leaves_the_phones_before_enrolled(bag: Bag, officer) -> None:  # type: ignore[no-untyped-def]
    bag.enrol()
    second = Bag(
        bag.store,
        bag.settings,
        create_code(bag.store, bag.settings, officer.id, NOW, actor="cli"),
    )
    assert second.enrol().created
    assert device_of(bag.store, bag.values["token"])
    assert device_of(bag.store, second.values["token"])


def test_two_officers_on_one_phone_have_each_their_token(bag: Bag, settings: Settings) -> None:
    bag.enrol()
    other = add_person(bag.store, "budi", "officer")
    code = create_code(bag.store, settings, other.id, NOW, actor="cli")
    token = new_token()
    assert bag.enrol(code=code, token=token).officer_id == other.id
    assert device_of(bag.store, token).user_key == other.key
    assert device_of(bag.store, bag.values["token"]).user_key != other.key


def test_a_token_of_somebody_else_is_refused(bag: Bag, settings: Settings) -> None:
    bag.enrol()
    other = add_person(bag.store, "budi", "officer")
    code = create_code(bag.store, settings, other.id, NOW, actor="cli")
    assert bag.fault(code=code) == "field.invalid"
    assert device_of(bag.store, bag.values["token"]).user_key != other.key


def test_only_an_enabled_officer_gets_a_code(store: Store, settings: Settings) -> None:
    viewer = add_person(store, "rina", "viewer")
    with pytest.raises(Problem) as caught:
        create_code(store, settings, viewer.id, NOW, actor="cli")
    assert caught.value.code == "enrol.not_officer"
    officer = add_person(store, "sari", "officer")
    accounts.disable_user(store, officer.id, NOW, actor="cli")
    with pytest.raises(Problem) as caught:
        create_code(store, settings, officer.id, NOW, actor="cli")
    assert caught.value.code == "auth.disabled"


def test_a_code_of_a_person_disabled_meanwhile_is_worthless(bag: Bag, officer) -> None:  # type: ignore[no-untyped-def]
    accounts.disable_user(bag.store, officer.id, NOW, actor="cli")
    assert bag.fault() == "enrol.expired_code"


def test_a_revoked_phone_is_refused_at_its_next_request(bag: Bag) -> None:
    bag.enrol()
    device = device_of(bag.store, bag.values["token"])
    enrolling.revoke_device(bag.store, device.key, NOW, actor="cli")
    assert auth_fault(bag.store, bag.values["token"]) == "auth.revoked"
    assert bag.fault() == "auth.revoked"


def test_a_revoked_phone_comes_back_with_a_new_code(bag: Bag, officer) -> None:  # type: ignore[no-untyped-def]
    bag.enrol()
    key = device_of(bag.store, bag.values["token"]).key
    enrolling.revoke_device(bag.store, key, NOW, actor="cli")
    code = create_code(bag.store, bag.settings, officer.id, NOW, actor="cli")
    assert bag.enrol(code=code).created
    assert device_of(bag.store, bag.values["token"]).key == key


def test_no_unknown_and_disabled_tokens_are_told_apart(bag: Bag, officer) -> None:  # type: ignore[no-untyped-def]
    bag.enrol()
    assert auth_fault(bag.store, None) == "auth.missing"
    assert auth_fault(bag.store, "") == "auth.missing"
    assert auth_fault(bag.store, new_token()) == "auth.revoked"
    accounts.disable_user(bag.store, officer.id, NOW, actor="cli")
    assert auth_fault(bag.store, bag.values["token"]) == "auth.disabled"


def test_a_token_outlives_a_year_offline_and_slides_with_use(bag: Bag) -> None:
    bag.enrol()
    token = bag.values["token"]
    after_a_year = add_to_instant(NOW, days=399)
    assert device_of(bag.store, token, after_a_year)
    assert device_of(bag.store, token, add_to_instant(after_a_year, days=399))
    assert auth_fault(bag.store, token, add_to_instant(after_a_year, days=799)) == "auth.revoked"


def test_contact_is_noted_at_most_once_a_minute(bag: Bag, monkeypatch: pytest.MonkeyPatch) -> None:
    bag.enrol()
    writes: list[object] = []
    real = bag.store.write
    monkeypatch.setattr(bag.store, "write", lambda f: writes.append(f) or real(f))
    for seconds in (0, 10, 59, 60, 61, 119, 120):
        device_of(bag.store, bag.values["token"], add_to_instant(NOW, seconds=seconds))
    assert len(writes) == 2
    device = device_of(bag.store, bag.values["token"], add_to_instant(NOW, seconds=121))
    assert device.last_contact_at == add_to_instant(NOW, seconds=120)


def note(store: Store, token: str, state: object, now: str = NOW) -> Device:
    device = authenticate_device(store, token, now)
    store.write(lambda connection: note_device_state(connection, device, state, now))
    return authenticate_device(store, token, now)


def test_what_a_phone_says_of_itself_is_kept(bag: Bag) -> None:
    bag.enrol()
    state = {
        "unsent_records": 7,
        "unsent_files": 3,
        "persisted": True,
        "clock": add_to_instant(NOW, seconds=-2),
        "app_version": "1.0.0",
        "free_bytes": 800_000_000,
        "last_error": "auth.revoked",
        "readiness": {"ready": False},
        "something_new": [1],
    }
    device = note(bag.store, bag.values["token"], state)
    assert (device.unsent_records, device.unsent_files) == (7, 3)
    assert (device.storage_persisted, device.clock_offset_ms) == (1, 2000)
    assert (device.app_version, device.free_bytes) == ("1.0.0", 800_000_000)
    assert json.loads(device.readiness or "") == {"ready": False}
    assert (device.model, device.last_error) == ("Redmi 9A", "auth.revoked")


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "x",
        {"unsent_records": "7", "unsent_files": -1, "persisted": 1, "clock": 5},
        {"unsent_records": 2**70, "free_bytes": 1e9, "clock": "yesterday"},
        {"clock": "0001-01-01T00:00:00Z", "app_version": 3, "model": ["x"]},
        {"readiness": {"x": "y" * READINESS_BYTES}, "last_error": "\ud800" * 600},
        {"readiness": {"x": float("nan")}},
        {"readiness": "ready"},
    ],
)
def test_odd_words_of_a_phone_are_left_out_and_fail_nothing(bag: Bag, state: object) -> None:
    bag.enrol()
    device = note(bag.store, bag.values["token"], state)
    assert (device.unsent_records, device.unsent_files) == (None, None)
    assert (device.storage_persisted, device.clock_offset_ms) == (None, None)
    assert (device.readiness, device.model) == (None, "Redmi 9A")


def test_a_check_of_readiness_lasts_until_the_next(bag: Bag) -> None:
    bag.enrol()
    note(bag.store, bag.values["token"], {"readiness": {"ready": True}})
    device = note(bag.store, bag.values["token"], {"unsent_records": 0, "readiness": None})
    assert json.loads(device.readiness or "") == {"ready": True}


def test_the_same_words_again_within_a_minute_write_nothing(bag: Bag, store: Store) -> None:
    bag.enrol()
    note(store, bag.values["token"], {"unsent_records": 3, "clock": NOW})
    device = device_of(store, bag.values["token"])

    def changes(state: dict[str, object], now: str) -> int:
        def run(connection):  # type: ignore[no-untyped-def]
            before = connection.total_changes
            note_device_state(connection, device, state, now)
            return connection.total_changes - before

        return store.write(run)

    soon = add_to_instant(NOW, seconds=30)
    assert changes({"unsent_records": 3, "clock": NOW}, soon) == 0
    assert changes({"unsent_records": 2, "clock": NOW}, soon) > 0


def test_the_public_address_is_fixed_by_the_first_phone(bag: Bag, settings: Settings) -> None:
    assert find_meta(bag.store.reader(), "public_url") is None
    bag.enrol()
    assert find_meta(bag.store.reader(), "public_url") == settings.public_url


def test_an_address_that_does_not_fit_warns(bag: Bag, settings: Settings) -> None:
    store = bag.store
    assert public_url_warning(store, settings, "127.0.0.1:8000") is None
    warning = public_url_warning(store, settings, "survei.example")
    assert warning is not None
    assert warning[1] == {"host": "survei.example", "setting": settings.public_url}
    store.write(lambda connection: set_meta(connection, "public_url", "https://old.example"))
    warning = public_url_warning(store, settings, "127.0.0.1:8000")
    assert warning is not None
    assert warning[1]["enrolled"] == "https://old.example"


def test_devices_are_listed_with_those_in_use_first(store: Store, settings: Settings) -> None:
    officer = add_person(store)
    phones = [enrol_phone(store, settings, officer) for _ in range(3)]
    enrolling.revoke_device(store, device_of(store, phones[0].token).key, NOW, actor="cli")
    device_of(store, phones[2].token, add_to_instant(NOW, hours=1))
    ids = [device.id for device in enrolling.list_devices(store, officer.key)]
    assert ids == [phones[2].device_id, phones[1].device_id, phones[0].device_id]
