"""Payloads: strict where they are right, field by field where they are not, never a crash."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import msgspec
import pytest

from survey.domain.limits import LIMITS, NAME_CHARACTERS, NOTE_CHARACTERS
from survey.domain.records import Comment, KeptRecord, Withdrawal
from survey.domain.track import Track
from survey.domain.visit import Oddity, Position, Visit
from survey.formats import payload_rules, payloads
from survey.formats.payload_rules import SHAPES
from survey.formats.payloads import UnreadableError, list_files, read_payload
from tests.factories import make_service_test, make_visit_payload

HASH, OTHER_HASH = "ab" * 32, "cd" * 32


def read(payload: dict[str, Any] | str) -> tuple[Visit, tuple[Oddity, ...]]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    value, oddities = read_payload("visit", 1, text)
    assert isinstance(value, Visit)
    return value, oddities


def walked(payload: dict[str, Any]) -> tuple[Visit, tuple[Oddity, ...]]:
    """Read by the lenient way: one field has a value that the strict one cannot take."""
    value, oddities = read({**payload, "config_version": "odd"})
    value.config_version = payload["config_version"]
    return value, oddities[1:] if oddities[0].field == "config_version" else oddities


FULL_CLOCK = {
    "server_offset_ms": -850,
    "server_contact_at": "2026-05-02T01:00:00.000Z",
    "state": "measured",
    "step_ms": 90,
}


def make_full_payload(**changes: Any) -> dict[str, Any]:
    """A payload in which every field of every part has a value."""
    original = {
        "sha256": OTHER_HASH,
        "bytes": 4_211_034,
        "exif_time": "2026:05:04 09:13:40",
        "exif_latitude_deg": -1.54,
        "exif_longitude_deg": 101.24,
        "model": "M2006C3LG",
    }
    photo = {
        "sha256": HASH,
        "thumbnail_sha256": OTHER_HASH,
        "kind": "site",
        "bytes": 183_211,
        "width_px": 1200,
        "height_px": 1600,
        "taken_at": "2026-05-04T02:13:40.000Z",
        "original": original,
    }
    reading = {
        **make_visit_payload()["readings"][0],
        "rssi_dbm": -80,
        "rscp_dbm": -95.5,
        "ecno_db": -10,
    }
    return make_visit_payload(
        campaign_id="c-1",
        area={
            "id": None,
            "claimed": {"name": "Pasia", "nagari_id": "13.11.01.2001", "said_by": "Wali"},
        },
        companions=["Budi"],
        readings=[reading],
        service_tests=[make_service_test("xl", "none", technology="lte", networks_heard=["51010"])],
        photos=[photo],
        note="catatan",
        incomplete_reason="hujan",
        **{"clock": dict(FULL_CLOCK)} | changes,
    )


def test_a_right_payload_is_read_without_an_oddity() -> None:
    payload = make_full_payload()
    visit, oddities = read(payload)
    assert oddities == ()
    assert visit.position == payloads.strict_type(Position)(**payload["position"])
    assert msgspec.to_builtins(visit) == {
        name: value for name, value in payload.items() if name != "data_tests"
    } | {
        "readings": [payload["readings"][0]],
    }


def test_both_ways_of_reading_a_right_payload_give_the_same() -> None:
    payload = make_full_payload()
    assert walked(payload) == read(payload)


def test_every_field_of_every_shape_has_a_rule_and_no_rule_lacks_its_field() -> None:
    for shape, rules in SHAPES.items():
        assert list(rules) == [field.name for field in dataclasses.fields(shape)], shape


def test_an_empty_object_is_a_visit_of_nothing() -> None:
    visit, oddities = read("{}")
    assert oddities == ()
    assert visit.position is None
    assert (visit.practice, visit.readings, visit.area.id) == (False, [], None)


def test_unknown_fields_are_left_alone() -> None:
    assert read(make_visit_payload(weather={"sky": ["grey"]}))[1] == ()


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("config_version", "3", "wrong_type"),
        ("config_version", 3.5, "wrong_type"),
        ("practice", "yes", "wrong_type"),
        ("practice", 1, "wrong_type"),
        ("note", 5, "wrong_type"),
        ("note", ["a"], "wrong_type"),
        ("place_kind", "palace", "unknown_word"),
        ("power", True, "wrong_type"),
        ("saved_at", "yesterday", "wrong_type"),
        ("saved_at", "2026-05-04T02:14:41.003", "wrong_type"),
        ("saved_at", "2026-02-30T02:14:41.003Z", "wrong_type"),
        ("saved_at", "2026-05-04T24:14:41.003Z", "wrong_type"),
        ("saved_at", "٢٠٢٦-05-04T02:14:41.003Z", "wrong_type"),
        ("saved_at", 1777860881003, "wrong_type"),
        ("utc_offset_min", 841, "out_of_range"),
        ("area", "13.11/j0001", "wrong_type"),
        ("area.id", "x" * 61, "too_long"),
        ("area.claimed", 5, "wrong_type"),
        ("position", [1, 2], "wrong_type"),
        ("position.latitude_deg", 91, "out_of_range"),
        ("position.latitude_deg", "-1.5", "wrong_type"),
        ("position.latitude_deg", True, "wrong_type"),
        ("position.method", "guessed", "unknown_word"),
        ("position.fixes", 2.5, "wrong_type"),
        ("clock.server_offset_ms", 5e12, "out_of_range"),
        ("companions", "Budi", "wrong_type"),
        ("companions", {}, "wrong_type"),
        ("service_tests[0].result", "great", "unknown_word"),
        ("service_tests[0].airplane_toggled", "no", "wrong_type"),
        ("service_tests[0].sim_slot", 5, "out_of_range"),
        ("service_tests[0].networks_heard", 5, "wrong_type"),
        ("readings[0].rsrp_dbm", 108, "out_of_range"),
        ("readings[0].rsrp_dbm", "-108", "wrong_type"),
        ("readings[0].technology", "6g", "unknown_word"),
        ("readings[0].bars", 6, "out_of_range"),
        ("photos[0].sha256", "AB" * 32, "wrong_type"),
        ("photos[0].bytes", 0, "out_of_range"),
        ("photos[0].original.exif_latitude_deg", 1e6, "out_of_range"),
    ],
)
def test_an_odd_value_is_none_and_noted_and_nothing_else_changes(
    path: str, value: Any, why: str
) -> None:
    payload = make_full_payload()
    whole, _ = read(payload)
    put(payload, path, value)
    visit, oddities = read(payload)
    shown = oddities[0].value
    assert [(each.field, each.why) for each in oddities] == [(path, why)]
    assert 0 < len(shown) <= 100
    put(whole, path, default_of(whole, path))
    assert visit == whole


def put(thing: Any, path: str, value: Any) -> None:
    """Set a value by a path such as readings[0].rsrp_dbm in dicts or dataclasses."""
    *steps, last = path.replace("[", ".").replace("]", "").split(".")
    for step in steps:
        thing = get(thing, step)
    if isinstance(thing, dict):
        thing[last] = value
    else:
        setattr(thing, last, value)


def get(thing: Any, step: str) -> Any:
    if isinstance(thing, list):
        return thing[int(step)]
    return thing[step] if isinstance(thing, dict) else getattr(thing, step)


def default_of(visit: Visit, path: str) -> Any:
    """What stands for nothing in a field."""
    steps = path.replace("[", ".").replace("]", "").split(".")
    thing: Any = visit
    for step in steps[:-1]:
        thing = get(thing, step)
    return getattr(type(thing)(), steps[-1])


@pytest.mark.parametrize("name", ["latitude_deg", "longitude_deg", "accuracy_m", "altitude_m"])
@pytest.mark.parametrize("way", [read, walked])
def test_numbers_just_below_on_and_above_their_bounds(name: str, way: Any) -> None:
    limit = LIMITS[name]
    for value, fits in (
        (limit.minimum - 0.001, False),
        (limit.minimum, True),
        (limit.minimum + 0.001, True),
        (limit.maximum - 0.001, True),
        (limit.maximum, True),
        (limit.maximum + 0.001, False),
    ):
        payload = make_visit_payload()
        payload["position"][name] = value
        visit, oddities = way(payload)
        assert visit.position is not None
        assert getattr(visit.position, name) == (value if fits else None)
        assert [each.why for each in oddities] == ([] if fits else ["out_of_range"])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-05-04T09:14:41+07:00", "2026-05-04T02:14:41.000Z"),
        ("2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z"),
        ("2026-05-04T02:14:41Z", "2026-05-04T02:14:41.000Z"),
    ],
)
def test_an_instant_of_another_form_is_brought_into_ours(text: str, kept: str) -> None:
    visit, oddities = read(make_visit_payload(saved_at=text))
    assert (visit.saved_at, oddities) == (kept, ())


def test_whole_numbers_written_with_a_fraction_of_nothing_are_whole() -> None:
    text = json.dumps(make_visit_payload(config_version=77)).replace("77,", "77.0,", 1)
    assert (read(text)[0].config_version, read(text)[1]) == (77, ())


def test_null_where_a_list_or_a_part_belongs_is_as_absent() -> None:
    visit, oddities = read(
        make_visit_payload(companions=None, area=None, clock=None, practice=None)
    )
    assert (visit.companions, visit.area.id, visit.practice, oddities) == ([], None, False, ())


@pytest.mark.parametrize(
    ("name", "limit"), [("note", NOTE_CHARACTERS), ("incomplete_reason", NOTE_CHARACTERS)]
)
def test_text_just_below_on_and_above_its_length_is_cut_only_above(name: str, limit: int) -> None:
    for length, cut in ((limit - 1, False), (limit, False), (limit + 1, True)):
        visit, oddities = read(make_visit_payload(**{name: "x" * length}))
        assert len(getattr(visit, name)) == min(length, limit)
        assert [each.why for each in oddities] == (["too_long"] if cut else [])


def test_a_list_longer_than_anybody_fills_is_cut_and_noted() -> None:
    visit, oddities = read(make_visit_payload(companions=["x"] * 51))
    assert len(visit.companions) == 50
    assert oddities == (Oddity("companions", "51", "too_long"),)


def test_an_element_that_is_no_object_keeps_its_place() -> None:
    visit, oddities = read(make_visit_payload(readings=[None, 5, {"operator": "xl"}]))
    assert [each.operator for each in visit.readings] == [None, None, "xl"]
    assert [each.field for each in oddities] == ["readings[1]"]


def test_junk_fills_no_store() -> None:
    visit, oddities = read(make_visit_payload(readings=[{"bars": []}] * 500, companions=[5] * 500))
    assert len(oddities) <= 1_000
    assert len(visit.readings) == 500


def test_what_is_shown_of_a_value_is_short() -> None:
    long = "x" * (NAME_CHARACTERS + 1)
    for value in (long, [long], {"a": long}, 10**250):
        payload = make_visit_payload()
        payload["phone"]["model"] = value
        (oddity,) = read(payload)[1]
        assert len(oddity.value) <= 100


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("<html>", "not_json"),
        ('{"note": "a\nb"}', "not_json"),
        ('{"position": NaN}', "not_json"),
        ('{"position": {"accuracy_m": -Infinity}}', "not_json"),
        ("[]", "not_object"),
        ('"text"', "not_object"),
        ("null", "not_object"),
        ("7", "not_object"),
        ('{"note": "\ud83d"}', "surrogate"),
        ('{"note": "\\ud83d"}', "surrogate"),
        ('{"note": "\\ud83d\\u0041"}', "surrogate"),
        ('{"\\udc00": 1}', "surrogate"),
        ('{"weather": ["\\ud83d"]}', "surrogate"),
        ('{"note": "\0"}', "nul"),
        ('{"note": "a\\u0000b"}', "nul"),
        ('{"weather": {"a\\u0000": 1}}', "nul"),
        ('{"weather": ' + "[" * 10_000 + "]" * 10_000 + "}", "too_deep"),
        ('{"note": ' + '{"a":' * 10_000 + "1" + "}" * 10_001, "too_deep"),
    ],
)
def test_an_unreadable_payload_says_why(text: str, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_payload("visit", 1, text)
    assert caught.value.why == why


def test_escaped_text_that_is_sound_is_read() -> None:
    visit, oddities = read('{"note": "\\ud83d\\ude00 \\u00e9 \\\\u0000"}')
    assert (visit.note, oddities) == ("😀 é \\u0000", ())


@pytest.mark.parametrize(
    ("kind", "schema", "why"),
    [("visit", 2, "unknown_schema"), ("visit", 0, "unknown_schema"), ("poem", 1, "unknown_kind")],
)
def test_kinds_and_schemas_of_a_newer_app_wait(kind: str, schema: int, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_payload(kind, schema, "{}")
    assert caught.value.why == why


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400, "9" * 5_000, "-" + "9" * 5_000])
def test_numbers_beyond_all_bounds_are_out_of_range(number: str) -> None:
    for path in ('{"position": {"accuracy_m": %s}}', '{"config_version": %s}'):
        (oddity,) = read(path % number)[1]
        assert oddity.why == "out_of_range"


def test_an_empty_word_is_no_word_and_no_oddity() -> None:
    visit, oddities = read(make_visit_payload(place_kind=""))
    assert (visit.place_kind, oddities) == (None, ())


def test_of_a_key_that_comes_twice_the_last_one_counts() -> None:
    assert read('{"note": "a", "note": "b"}')[0].note == "b"
    assert read('{"note": 5, "note": "b", "power": 1}')[0].note == "b"


def test_the_other_kinds_are_read_as_what_they_are() -> None:
    visit_id = "01970000-0000-7000-8000-000000000001"
    comment, _ = read_payload("comment", 1, json.dumps({"visit_id": visit_id, "text": "baik"}))
    withdrawal, _ = read_payload("withdrawal", 1, json.dumps({"visit_id": visit_id, "reason": 5}))
    track, oddities = read_payload("track", 1, '{"practice": true, "parts": "2"}')
    profile, _ = read_payload("jorong_profile", 1, '{"households": 40}')
    assert isinstance(comment, Comment)
    assert comment.text == "baik"
    assert isinstance(withdrawal, Withdrawal)
    assert (withdrawal.visit_id, withdrawal.reason) == (visit_id, None)
    assert isinstance(track, Track)
    assert (track.practice, track.parts, oddities[0].field) == (True, None, "parts")
    assert isinstance(profile, KeptRecord)


def test_files_are_named_thumbnails_first_and_once() -> None:
    photos = [
        {"sha256": HASH, "thumbnail_sha256": OTHER_HASH},
        {"sha256": HASH, "thumbnail_sha256": None},
        {"sha256": "nonsense", "thumbnail_sha256": "ef" * 32},
    ]
    visit, _ = read(make_visit_payload(photos=photos))
    assert list_files(visit) == [OTHER_HASH, "ef" * 32, HASH]


def test_a_kept_record_names_its_files_too() -> None:
    log, _ = read_payload(
        "radio_log", 1, json.dumps({"sha256": HASH, "files": [{"sha256": OTHER_HASH}]})
    )
    assert list_files(log) == [HASH, OTHER_HASH]
    comment, _ = read_payload("comment", 1, "{}")
    assert list_files(comment) == []


def test_the_rules_bound_every_list() -> None:
    lists = [
        rule
        for rules in SHAPES.values()
        for rule in rules.values()
        if isinstance(rule, payload_rules.Items)
    ]
    assert lists
    assert all(0 < rule.most <= 3_000 for rule in lists)
