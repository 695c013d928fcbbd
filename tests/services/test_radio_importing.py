"""Radio logs in the store: once each row, whatever the order, tied to the jorong of the place."""

from __future__ import annotations

import errno
import gzip
import io
import itertools
import random
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import pytest

from survey.domain.areas import Area
from survey.domain.problems import Problem
from survey.domain.samples import Sample, sample_key
from survey.services import radio_importing
from survey.services.areas import merge_areas
from survey.services.jobs import JobRunner
from survey.services.radio_importing import LogReport, Origin, import_logs, is_radio_log
from survey.services.sample_areas import AreaFinder, tie_samples
from survey.settings import Settings
from survey.store.area_boundaries import set_boundary
from survey.store.areas import find_area, list_areas, save_area
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.reference_cells import list_cells
from survey.store.samples import (
    Tie,
    count_samples,
    find_source,
    iter_samples,
    list_sources,
)
from tests.people_kit import add_person
from tests.radio_kit import (
    LATITUDE,
    LONGITUDE,
    NOW,
    WIGLE,
    network_survey,
    samples,
    survey_row,
    towercollector,
    towercollector_row,
)
from tests.rescuing import zipped

ORIGIN = Origin("cli")


def take(
    store: Store, settings: Settings, content: bytes, name: str = "log.csv", now: str = NOW
) -> LogReport:
    (report,) = import_logs(store, settings, io.BytesIO(content), name, ORIGIN, now)
    return report


def kept(store: Store) -> list[Sample]:
    """All samples without the line, which is the file's that brought them first."""
    return [replace(sample, line=0) for sample, _ in iter_samples(store.reader())]


def rows(start: int, stop: int) -> list[str]:
    return [
        towercollector_row(rsrp=-80 - n % 50, lat=round(LATITUDE + n / 10_000, 6), psc=n % 504)
        for n in range(start, stop)
    ]


def test_a_sample_is_read_back_as_it_was_in_the_file(store: Store, settings: Settings) -> None:
    content = towercollector(*rows(0, 5))
    report = take(store, settings, content)
    assert (report.new, report.known, report.reasons.total()) == (5, 0, 0)
    assert (report.app, report.device) == ("TowerCollector", "Redmi 9A")
    by_key = {sample_key(sample): sample for sample in samples(content)}
    found = [sample for sample, _ in iter_samples(store.reader())]
    assert {sample_key(sample): sample for sample in found} == by_key
    levels = store.reader().execute("SELECT level_dbm FROM samples").fetchall()
    assert sorted(level for (level,) in levels) == [-84, -83, -82, -81, -80]


def test_a_file_is_kept_by_hash_with_its_counts(store: Store, settings: Settings) -> None:
    officer = add_person(store, "sari", "officer")
    wifi = "aa:bb,rumah,[WPA2],2026-05-04 02:14:41,6,,-60,-1.5,101.2,0,6,,,WIFI"
    content = f"{WIGLE}\n{wifi}\n{wifi.replace('WIFI', 'CDMA')}\n".encode()
    import_logs(store, settings, io.BytesIO(content), "a.csv", Origin("cli", officer), NOW)
    (source,) = list_sources(store.reader())
    assert (source.name, source.format, source.app) == ("a.csv", "wigle", "WiGLE 2.90")
    assert (source.officer_key, source.received_at, source.finished_at) == (officer.key, NOW, NOW)
    assert (source.kept_count, source.rejected_count, source.dropped_count) == (0, 1, 1)
    assert source.reasons == {"technology": 1, "wifi": 1}
    audit = store.reader().execute("SELECT subject FROM audit WHERE action = 'radio_log.imported'")
    assert [row[0] for row in audit] == [source.sha256]


def test_the_same_file_again_changes_nothing(store: Store, settings: Settings) -> None:
    content = towercollector(*rows(0, 5), "x")
    take(store, settings, content)
    before = store.reader().execute("SELECT * FROM samples ORDER BY key").fetchall()
    again = take(store, settings, content, "renamed.csv")
    assert (again.new, again.known, again.known_file) == (0, 5, True)
    assert again.reasons == {"columns": 1}
    after = store.reader().execute("SELECT * FROM samples ORDER BY key").fetchall()
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_a_re_export_that_overlaps_brings_only_what_is_new(
    store: Store, settings: Settings
) -> None:
    take(store, settings, towercollector(*rows(0, 6)))
    report = take(store, settings, towercollector(*rows(4, 9), end="\n"))
    assert (report.new, report.known) == (3, 2)
    assert count_samples(store.reader()) == 9


def test_any_order_and_repetition_of_files_gives_the_same_samples(
    store: Store, settings: Settings
) -> None:
    lte = {"tac": 20000, "eci": 8553995, "rsrp": -108, "rsrq": -12}
    files = [
        towercollector(*rows(0, 8)),
        towercollector(*rows(5, 12)),
        towercollector(*reversed(rows(3, 7)), *rows(3, 7)).decode().encode("utf-16"),
        network_survey("lte", *(survey_row("lte", **lte, pci=n % 3) for n in range(9))),
    ]
    results = set()
    chance = random.Random(5)
    for order in itertools.permutations(range(len(files))):
        if chance.random() > 0.35 and results:
            continue
        store.write(_forget)
        for number in (*order, chance.randrange(len(files))):
            take(store, settings, files[number])
        results.add(tuple(sample_key(sample) for sample in kept(store)))
    assert len(results) == 1
    assert len(results.pop()) == 12 + 3


def _forget(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM samples")
    connection.execute("DELETE FROM sample_sources")


def test_a_run_that_was_killed_goes_on_when_the_file_comes_again(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radio_importing, "BATCH_ROWS", 4)
    content = towercollector(*rows(0, 10))
    real = radio_importing.read_log

    def read_some(stream: BinaryIO, key: str, context: object) -> Iterator[object]:
        yield from itertools.islice(real(stream, key, context), 6)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(radio_importing, "read_log", read_some)
    with pytest.raises(KeyboardInterrupt):
        take(store, settings, content)
    assert count_samples(store.reader()) == 4
    monkeypatch.setattr(radio_importing, "read_log", real)
    report = take(store, settings, content)
    assert (report.new, report.known, report.known_file) == (6, 4, False)
    (source,) = list_sources(store.reader())
    assert (source.new_count, source.kept_count) == (10, 10)


def test_a_row_of_the_future_is_taken_when_its_time_has_come(
    store: Store, settings: Settings
) -> None:
    content = towercollector(towercollector_row(measured_at="2026-05-05T02:00:00.000Z"))
    assert take(store, settings, content).reasons == {"future_time": 1}
    later = take(store, settings, content, now="2026-05-06T00:00:00.000Z")
    assert (later.new, later.known_file, later.reasons.total()) == (1, False, 0)


def test_packed_logs_are_unpacked_and_known_by_what_is_in_them(
    store: Store, settings: Settings
) -> None:
    content = towercollector(*rows(0, 3))
    assert take(store, settings, gzip.compress(content), "log.csv.gz").new == 3
    packed = zipped(cells__csv=content, note__txt=b"halo", other__csv=towercollector(*rows(3, 5)))
    first, second = import_logs(store, settings, io.BytesIO(packed), "a.zip", ORIGIN, NOW)
    assert (first.name, first.known_file, first.known) == ("cells.csv", True, 3)
    assert (second.name, second.new) == ("other.csv", 2)


def test_what_is_packed_and_cut_gives_its_whole_rows(store: Store, settings: Settings) -> None:
    noise = random.Random(5)
    many = [towercollector_row(psc=noise.randrange(504), rsrp=-80 - n % 50) for n in range(900)]
    packed = gzip.compress(towercollector(*many))
    report = take(store, settings, packed[: len(packed) * 3 // 4], "log.csv.gz")
    assert 300 < report.new + report.known < 900
    assert report.reasons.total() <= 1


class FullDisk(io.BytesIO):
    """A temporary file on a disk with room for so many bytes."""

    def write(self, data: object) -> int:
        if self.tell() + len(memoryview(data)) > 8_192:  # type: ignore[arg-type]
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def test_a_log_that_finds_no_room_to_be_unpacked_is_not_taken_for_a_cut_one(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(towercollector(*rows(0, 300)))
    with monkeypatch.context() as full:
        full.setattr(tempfile, "TemporaryFile", FullDisk)
        with pytest.raises(Problem, match="disk is full"):
            take(store, settings, packed)
    assert take(store, settings, packed).new == 300


def test_a_packed_log_that_unpacks_to_too_much_is_refused(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.formats.radio import parts

    monkeypatch.setattr(parts, "UNPACKED_BYTES", 100_000)
    packed = gzip.compress(towercollector(*rows(0, 2_000)))
    with pytest.raises(Problem, match="larger than 0 MB"):
        take(store, settings, packed)


def test_what_is_no_log_is_told_and_a_table_without_its_columns_names_them(
    store: Store, settings: Settings
) -> None:
    for content in (b"", b"halo", b"PK\x03\x04 and no ZIP", gzip.compress(b"halo"), b"\x1f\x8bx"):
        assert not is_radio_log(io.BytesIO(content), "log_towercollector.csv")
        with pytest.raises(Problem, match="not readable"):
            take(store, settings, content)
    near = towercollector(*rows(0, 2)).replace(b",lat,lon,", b",y,x,")
    with pytest.raises(Problem, match="TowerCollector CSV, but columns are missing: lat, lon"):
        is_radio_log(io.BytesIO(near), "a.csv")


def test_a_tower_list_gives_reference_cells_and_no_sample(store: Store, settings: Settings) -> None:
    line = f"4G;510;10;11;20000;33414;301;{LATITUDE};{LONGITUDE};Padang Aro;1850\n"
    other = line.replace("301", "302")
    report = take(store, settings, (line + other + line).encode(), "a.ntm")
    assert (report.is_tower_list, report.new, report.known) == (True, 2, 1)
    assert count_samples(store.reader()) == 0
    found = list_cells(store.reader(), -2, 101, -1, 102, 10)
    assert {(cell["cell_id"], cell["pci"], cell["format"]) for cell in found} == {
        (8553995, 301, "netmonster"),
        (8553995, 302, "netmonster"),
    }
    assert list_cells(store.reader(), 1, 101, 2, 102, 10) == []


def jorong(store: Store) -> list[Area]:
    areas = list_areas(store.reader()).values()
    return sorted((a for a in areas if a.level == "jorong" and a.is_live), key=lambda a: a.id)


def place(store: Store, area: Area, latitude: float | None, longitude: float | None) -> None:
    moved = replace(
        area,
        latitude_deg=latitude,
        longitude_deg=longitude,
        point_source="office" if latitude else None,
    )
    store.write(lambda connection: save_area(connection, moved))


def square(south: float, west: float, side: float) -> str:
    north, east = south + side, west + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return f'{{"type": "Polygon", "coordinates": [{ring}]}}'


def test_a_sample_belongs_to_its_boundary_else_to_the_nearest_known_point(
    store: Store, settings: Settings
) -> None:
    first, second, third = jorong(store)[:3]
    place(store, first, -1.50, 101.20)
    place(store, second, -1.50, 101.23)
    box = square(-1.405, 101.395, 0.01)
    store.write(lambda connection: set_boundary(connection, third.id, box, "test"))
    spots = [
        (-1.50, 101.2149),
        (-1.50, 101.2151),
        (-1.40, 101.40),
        (-1.40, 101.3949),
        (-1.5449, 101.20),
        (-1.5451, 101.20),
    ]
    content = towercollector(*(towercollector_row(lat=lat, lon=lon) for lat, lon in spots))
    take(store, settings, content)
    found = {
        (sample.latitude_deg, sample.longitude_deg): tie
        for sample, tie in iter_samples(store.reader())
    }
    ties = [found[spot] for spot in spots]
    assert ties[0] == Tie(first.id, "nearest", 1656)
    assert ties[1] == Tie(second.id, "nearest", 1656)
    assert ties[2] == Tie(third.id, "boundary", 0)
    assert ties[3] == Tie()
    assert ties[4] == Tie(first.id, "nearest", 4993)
    assert ties[5] == Tie()


def test_samples_follow_when_areas_become_known(store: Store, settings: Settings) -> None:
    first = jorong(store)[0]
    place(store, first, None, None)
    take(store, settings, towercollector(*rows(0, 3)))
    assert {tie.area_id for _, tie in iter_samples(store.reader())} == {None}
    place(store, first, LATITUDE, LONGITUDE)
    assert tie_samples(store) == 3
    assert {tie.area_id for _, tie in iter_samples(store.reader())} == {first.id}
    assert tie_samples(store) == 0
    assert len(list(iter_samples(store.reader(), first.id))) == 3


def test_a_merged_jorong_gets_no_sample(store: Store) -> None:
    first, second = jorong(store)[:2]
    place(store, first, LATITUDE, LONGITUDE)
    area = find_area(store.reader(), first.id)
    assert area is not None
    store.write(lambda c: save_area(c, replace(area, merged_into=second.id)))
    assert AreaFinder(store.reader()).find(LATITUDE, LONGITUDE).area_id != first.id


def test_the_nearest_point_is_the_one_that_a_look_at_all_finds(store: Store) -> None:
    from survey.domain.geo import distance_m

    chance = random.Random(11)
    for area in jorong(store):
        place(store, area, chance.uniform(-1.8, -1.2), chance.uniform(100.9, 101.5))
    points = [(a.id, a.latitude_deg or 0, a.longitude_deg or 0) for a in jorong(store)]
    finder = AreaFinder(store.reader())
    for _ in range(300):
        spot = chance.uniform(-1.9, -1.1), chance.uniform(100.8, 101.6)
        away, nearest = min((distance_m(*spot, lat, lon), one) for one, lat, lon in points)
        expected = Tie(nearest, "nearest", round(away)) if away <= 5_000 else Tie()
        assert finder.find(*spot) == expected


def test_a_large_log_is_taken_in_bounded_memory_with_progress(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16,000 rows: memory must not follow their number (`make bench` takes a million)."""
    monkeypatch.setattr(radio_importing, "BATCH_ROWS", 2_000)
    lines = rows(0, 2_000)
    small = towercollector(*lines)
    take(store, settings, small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    big = towercollector(*(f"{line[:-4]}{n % 600}" for n in range(8) for line in lines))
    told: list[int] = []
    import_logs(store, settings, io.BytesIO(big), "big.csv", ORIGIN, NOW, told.append)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert told == sorted(told)
    assert len(told) == 8
    assert 0 < told[0] <= told[-1] <= len(big)
    assert grown_kb < 30_000
    assert find_source(store.reader(), list_sources(store.reader())[0].sha256)


def test_a_change_of_areas_asks_for_the_samples_to_follow(store: Store, settings: Settings) -> None:
    def asked() -> int:
        row = store.reader().execute("SELECT count(*) FROM jobs WHERE kind = 'tie_samples'")
        return int(row.fetchone()[0])

    first, second = jorong(store)[:2]
    place(store, first, LATITUDE, LONGITUDE)
    merge_areas(store, second.id, jorong(store)[2].id, "cli", NOW)
    assert asked() == 0
    take(store, settings, towercollector(*rows(0, 3)))
    merge_areas(store, first.id, jorong(store)[2].id, "cli", NOW)
    assert asked() == 1
    runner = JobRunner(
        store, FileRoom(settings.instance), settings, lambda: "2100-01-01T00:00:00.000Z"
    )
    while runner.run_one():
        pass
    assert asked() == 0
    assert first.id not in {tie.area_id for _, tie in iter_samples(store.reader())}
