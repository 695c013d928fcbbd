"""The rules of the GPX 1.1 schema, written anew: element order, types, namespaces.

`check_gpx` raises AssertionError with the place of the first fault. It knows the whole
schema, so it refuses what our exports never write too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

GPX = "http://www.topografix.com/GPX/1/1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Rule(NamedTuple):
    """One complex type: its children in order (a star means any number), its attributes."""

    children: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


POINT = Rule(
    (
        "ele",
        "time",
        "magvar",
        "geoidheight",
        "name",
        "cmt",
        "desc",
        "src",
        "link*",
        "sym",
        "type",
        "fix",
        "sat",
        "hdop",
        "vdop",
        "pdop",
        "ageofdgpsdata",
        "dgpsid",
        "extensions",
    ),
    ("lat", "lon"),
)
PATH = ("name", "cmt", "desc", "src", "link*", "number", "type", "extensions")
RULES = {
    "gpx": Rule(("metadata", "wpt*", "rte*", "trk*", "extensions"), ("version", "creator")),
    "metadata": Rule(
        (
            "name",
            "desc",
            "author",
            "copyright",
            "link*",
            "time",
            "keywords",
            "bounds",
            "extensions",
        )
    ),
    "author": Rule(("name", "email", "link")),
    "email": Rule((), ("id", "domain")),
    "copyright": Rule(("year", "license"), ("author",)),
    "link": Rule(("text", "type"), ("href",)),
    "bounds": Rule((), ("minlat", "minlon", "maxlat", "maxlon")),
    "wpt": POINT,
    "rtept": POINT,
    "trkpt": POINT,
    "rte": Rule((*PATH, "rtept*")),
    "trk": Rule((*PATH, "trkseg*")),
    "trkseg": Rule(("trkpt*", "extensions")),
}
DECIMALS = {"ele", "geoidheight", "hdop", "vdop", "pdop", "ageofdgpsdata"}
TEXTS = {"name", "desc", "cmt", "src", "sym", "type", "keywords"}


def check_gpx(source: bytes | Path) -> Element:
    """Return the root of a valid GPX 1.1 document, else raise AssertionError."""
    data = source.read_bytes() if isinstance(source, Path) else source
    root = ElementTree.fromstring(data)
    assert root.tag == f"{{{GPX}}}gpx", root.tag
    assert root.get("version") == "1.1"
    _check(root, "gpx", "/gpx")
    return root


def _check(element: Element, name: str, where: str) -> None:
    if name == "extensions":
        for child in element:
            foreign = child.tag.startswith("{") and not child.tag.startswith(f"{{{GPX}}}")
            assert foreign, f"{where}: {child.tag} is not of another namespace"
        return
    rule = RULES.get(name)
    if rule is None:
        assert len(element) == 0, f"{where} has children"
        assert not element.attrib, f"{where} has attributes"
        _check_value(name, element.text or "", where)
        return
    _check_attributes(element, rule, where)
    assert not (element.text or "").strip(), f"{where} holds text"
    for child, child_name in _in_order(element, rule, where):
        _check(child, child_name, f"{where}/{child_name}")


def _in_order(element: Element, rule: Rule, where: str) -> Iterator[tuple[Element, str]]:
    position, seen = 0, 0
    for child in element:
        assert child.tag.startswith(f"{{{GPX}}}"), f"{where}: {child.tag} outside extensions"
        assert not (child.tail or "").strip(), f"{where} holds text"
        name = child.tag.removeprefix(f"{{{GPX}}}")
        while position < len(rule.children) and rule.children[position].rstrip("*") != name:
            position, seen = position + 1, 0
        assert position < len(rule.children), f"{where}: {name} is out of order or unknown"
        seen += 1
        assert seen == 1 or rule.children[position].endswith("*"), f"{where}: {name} twice"
        yield child, name


def _check_attributes(element: Element, rule: Rule, where: str) -> None:
    allowed = {*rule.required, *rule.optional}
    names = {name for name in element.attrib if not name.startswith(f"{{{XSI}}}")}
    assert names <= allowed, f"{where} has unknown attributes {names - allowed}"
    assert set(rule.required) <= names, f"{where} lacks {set(rule.required) - names}"
    for name in names & {"lat", "lon", "minlat", "maxlat", "minlon", "maxlon"}:
        text = element.attrib[name]
        assert DECIMAL.fullmatch(text), f"{where}@{name} is no decimal: {text}"
        value = float(text)
        if name.endswith("lat"):
            assert -90 <= value <= 90, f"{where}@{name}"
        else:
            assert -180 <= value < 180, f"{where}@{name}"


def _check_value(name: str, text: str, where: str) -> None:
    if name in DECIMALS:
        assert DECIMAL.fullmatch(text), f"{where} is no decimal: {text}"
    elif name == "time":
        assert UTC_TIME.fullmatch(text), f"{where} is no UTC time: {text}"
        datetime.fromisoformat(text)
    elif name in ("sat", "number"):
        assert text.isdigit(), f"{where} is no count: {text}"
    elif name == "fix":
        assert text in ("none", "2d", "3d", "dgps", "pps"), where
    elif name in ("magvar", "dgpsid"):
        assert DECIMAL.fullmatch(text), where
    else:
        assert name in TEXTS | {"text", "year", "license"}, f"{where} is unknown"
