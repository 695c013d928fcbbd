"""Exported visits and tracks as GPX 1.1, in pieces, so that memory stays bounded.

The order of elements is the schema's (xsd:sequence). What GPX has no place for stands in the
project's own namespace, described in docs/data-flow.md. Knows nothing of the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from survey.domain.exports import ExportedVisit, Extent, Segment, plain_number
from survey.formats.visit_words import QUANTITIES, Words, describe_visit

SURVEY_NAMESPACE: Final = "https://jejak-sinyal.example/ns/survey/1"
"""A name, not an address to open; its elements are listed in docs/data-flow.md."""

TAIL: Final = "</gpx>\n"
POINTS_AT_ONCE: Final = 3_000
"""Track points made into text at once; bounds memory."""

SYMBOLS: Final = {
    "A": "Navaid, Red",
    "B": "Navaid, Orange",
    "C": "Navaid, Amber",
    "D": "Navaid, Green",
}
"""Names of map symbols that Garmin and others know, by class."""
NO_CLASS_SYMBOL: Final = "Navaid, White"

# Whatever XML 1.0 cannot carry, escaped or not.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\r\n\t\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')


def escape(text: str) -> str:
    """Return text for an element; characters XML cannot carry become U+FFFD."""
    if not _SPECIAL.search(text):
        return text
    text = _ILLEGAL.sub("\ufffd", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def escape_attribute(text: str) -> str:
    """Return text for an attribute in double quotes; line breaks survive."""
    if not _SPECIAL.search(text):
        return text
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


def gpx_head(name: str, description: str, author: str, extent: Extent) -> str:
    """Return the start of the file; the time is the as-of, so the same data is the same text."""
    time = f"<time>{extent.as_of}</time>" if extent.as_of else ""
    bounds = ""
    if extent.bounds:
        west, south, east, north = extent.bounds
        bounds = (
            f'<bounds minlat="{_degrees(south)}" minlon="{_longitude(west)}"'
            f' maxlat="{_degrees(north)}" maxlon="{_longitude(east)}"/>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Jejak Sinyal" xmlns="http://www.topografix.com/GPX/1/1"'
        f' xmlns:sig="{SURVEY_NAMESPACE}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:schemaLocation="http://www.topografix.com/GPX/1/1'
        ' http://www.topografix.com/GPX/1/1/gpx.xsd">\n'
        f"<metadata><name>{escape(name)}</name><desc>{escape(description)}</desc>"
        f"<author><name>{escape(author)}</name></author>{time}{bounds}</metadata>\n"
    )


def gpx_waypoints(visits: Iterable[ExportedVisit], words: Words) -> Iterator[str]:
    """Yield a waypoint for each visit that has a position; GPX has no place for the others."""
    for visit in visits:
        if visit.latitude_deg is None or visit.longitude_deg is None:
            continue
        elevation = ""
        if visit.altitude_m is not None:
            elevation = f"<ele>{plain_number(visit.altitude_m)}</ele>"
        letter = visit.signal_class
        kind = f"<type>{letter}</type>" if letter else ""
        name = visit.place_name or visit.id
        yield (
            f'<wpt lat="{_degrees(visit.latitude_deg)}" lon="{_longitude(visit.longitude_deg)}">'
            f"{elevation}<time>{visit.occurred_at}</time><name>{escape(name)}</name>"
            f"<desc>{escape(describe_visit(visit, words))}</desc>"
            f"<sym>{SYMBOLS.get(letter or '', NO_CLASS_SYMBOL)}</sym>{kind}"
            f"<extensions>{_visit_element(visit)}</extensions></wpt>\n"
        )


def gpx_track(name: str, segments: Iterable[Segment]) -> Iterator[str]:
    """Yield one track in pieces of bounded size; without any point it is left out."""
    head = f"<trk><name>{escape(name)}</name>\n"
    for segment in segments:
        if not segment.time_ms:
            continue
        yield f"{head}<trkseg>\n"
        head = ""
        for start in range(0, len(segment.time_ms), POINTS_AT_ONCE):
            yield _points(segment, start, start + POINTS_AT_ONCE)
        yield "</trkseg>\n"
    if not head:
        yield "</trk>\n"


def _visit_element(visit: ExportedVisit) -> str:
    area = visit.area
    return (
        f"<sig:visit{_attributes(visit, ('id', 'revision', 'state', 'day'))}"
        f' sha256="{visit.revision_sha256}">'
        + _element("officer", visit.officer_label)
        + _element("kabupaten", area.kabupaten.id if area.kabupaten else None)
        + _element("kecamatan", area.kecamatan.id if area.kecamatan else None)
        + _element("nagari", area.nagari.id if area.nagari else None)
        + _element("jorong", area.jorong.id if area.jorong else None)
        + _element("claimed_area", visit.claimed_name)
        + _element("campaign", visit.campaign_id)
        + _element("accuracy_m", visit.accuracy_m)
        + _element("fixes", visit.fixes)
        + _element("position_method", visit.position_method)
        + _element("place_kind", visit.place_kind)
        + _element("setting", visit.setting)
        + _element("power", visit.power)
        + _element("usually_signal", visit.usually_signal)
        + "".join(
            f'<sig:operator key="{escape_attribute(key)}" class="{letter}"/>'
            for key, letter in sorted(visit.operator_classes.items())
        )
        + "".join(
            f"<sig:service_test{_attributes(test, _TEST_ATTRIBUTES)}/>"
            for test in visit.service_tests
        )
        + "".join(
            f"<sig:reading{_attributes(reading, _READING_ATTRIBUTES)}/>"
            for reading in visit.readings
        )
        + "".join(_element("service_failing", service) for service in visit.services_failing)
        + "".join(f"<sig:photo{_attributes(photo, ('sha256', 'kind'))}/>" for photo in visit.photos)
        + "".join(_element("companion", companion) for companion in visit.companions)
        + _element("note", visit.note)
        + "</sig:visit>"
    )


_TEST_ATTRIBUTES = (
    "operator",
    "result",
    "proof",
    "technology",
    "handset",
    "sim_slot",
    "waited_s",
    "at",
)
_READING_ATTRIBUTES = (
    "operator",
    "technology",
    *(column for column, _, _ in QUANTITIES),
    "bars",
    "handset",
    "sim_slot",
    "source",
    "at",
)


def _attributes(thing: object, names: Sequence[str]) -> str:
    pieces = []
    for name in names:
        value = getattr(thing, name)
        if value is not None:
            text = escape_attribute(value) if isinstance(value, str) else plain_number(value)
            pieces.append(f' {name}="{text}"')
    return "".join(pieces)


def _element(name: str, value: str | float | None) -> str:
    if value is None or value == "":
        return ""
    text = escape(value) if isinstance(value, str) else plain_number(value)
    return f"<sig:{name}>{text}</sig:{name}>"


def _degrees(value: float) -> str:
    """Return degrees with at most 7 decimals (about a centimetre), never with an exponent."""
    return plain_number(round(value, 7))


def _longitude(value: float) -> str:
    """Return degrees of longitude; the schema's type ends just below 180."""
    return _degrees(-180.0 if round(value, 7) >= 180 else value)


class _Texts(dict[int, str]):
    """Texts of numbers that come again and again, made once; forgets all when too many."""

    def __init__(self, make: Callable[[int], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> str:
        if len(self) >= 20_000:
            self.clear()
        text = self[number] = self._make(number)
        return text


_MINUTES = _Texts(lambda minutes: f"{datetime.fromtimestamp(minutes * 60, UTC):%Y-%m-%dT%H:%M:}")
_SECONDS: Final = [f"{second:02d}" for second in range(60)]
_MILLISECONDS: Final = [f".{millisecond:03d}Z" for millisecond in range(1_000)]
_ELEVATIONS = _Texts(lambda dm: f"<ele>{dm / 10}</ele>")
_ACCURACIES = _Texts(
    lambda dm: f"<extensions><sig:accuracy_m>{dm / 10}</sig:accuracy_m></extensions>"
)


def _points(segment: Segment, start: int, end: int) -> str:
    columns = [column[start:end] for column in segment]
    if 180_000_000 in columns[2]:  # the schema's longitudes end just below
        columns[2] = [-e6 if e6 == 180_000_000 else e6 for e6 in columns[2] if e6 is not None]
    return "".join(
        [
            f'<trkpt lat="{latitude / 1e6:.6f}" lon="{longitude / 1e6:.6f}">'
            f"{'' if altitude is None else _ELEVATIONS[altitude]}"
            f"<time>{_MINUTES[time // 60_000]}{_SECONDS[time // 1_000 % 60]}"
            f"{_MILLISECONDS[time % 1_000]}</time>"
            f"{'' if accuracy is None else _ACCURACIES[accuracy]}</trkpt>\n"
            for time, latitude, longitude, altitude, accuracy in zip(*columns, strict=True)
        ]
    )
