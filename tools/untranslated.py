"""Finds texts for people that stand in the source outside gettext: a heuristic, with an allow list.

Looks at text nodes and spoken or shown attributes of templates and of htm`...` in JavaScript, and
at the few calls that show a text directly. Knows nothing of catalogues.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment

from tools import javascript

# Names and units that are the same in every language.
NAMES = (
    "Jejak Sinyal",
    "Bahasa Indonesia",
    "English",
    "GeoJSON",
    "GPX",
    "CSV",
    "ZIP",
    "KML",
    "QR",
    "SIM",
    "GPS",
    "PIN",
    "USSD",
    "RSRP",
    "RSRQ",
    "SINR",
    "RSSI",
    "RSCP",
    "ASU",
    "dBm",
    "dB",
    "km",
    "MB",
    "kB",
    "UTC",
    "WIB",
)
ATTRIBUTES = {"aria-label", "aria-description", "placeholder", "title", "alt"}
# What our own components take as a text to show.
PROPERTIES = {"label", "hint", "heading", "text", "summary", "detail", "message"}
SILENT_ELEMENTS = {"script", "style", "code", "kbd", "samp", "pre"}
SHOWN_BY_ASSIGNMENT = {"textContent", "innerText", "title", "placeholder", "alt", "ariaLabel"}
SHOWN_BY_CALL = {"alert", "confirm", "prompt"}
_SLOT = "xslotx"
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NAMES = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in NAMES))


def is_text(value: str | None) -> bool:
    """Whether a value holds words of a language, not only names, units, numbers and signs."""
    return bool(value and _LETTERS.search(_NAMES.sub(" ", value.replace(_SLOT, " "))))


def in_template(source: str) -> list[str]:
    """The texts outside gettext of a Jinja template."""
    pieces = []
    inside = False
    for _line, kind, text in Environment(autoescape=True).lex(source):
        if kind == "data" or kind == "raw_data":
            pieces.append(text)
        elif kind == "variable_begin":
            inside = True
        elif kind == "variable_end" and inside:
            pieces.append(_SLOT)
            inside = False
    return _in_markup("".join(pieces), ATTRIBUTES)


def in_javascript(source: str) -> list[str]:
    """The texts outside gettext of a module: its htm`...` templates and its direct showing."""
    found = []
    stream = javascript.tokens(source)
    for index, token in enumerate(stream):
        if token.kind == "template" and token.tag == "html":
            found += _in_markup(_SLOT.join(token.chunks), ATTRIBUTES | PROPERTIES)
        if token.kind not in {"string", "template"} or index < 2:
            continue
        value = _SLOT.join(token.chunks) if token.kind == "template" else token.text
        before, name = stream[index - 1].text, stream[index - 2].text
        assigned = before == "=" and name in SHOWN_BY_ASSIGNMENT and stream[index - 3].text == "."
        called = before == "(" and name in SHOWN_BY_CALL
        named = before == "," and stream[index - 2].text in ATTRIBUTES
        if (assigned or called or named) and is_text(value):
            found.append(value)
    return found


def in_python(source: str) -> list[str]:
    """The texts outside gettext of a module of views or forms: flash(), fields, validators."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        shown = [node.args[0]] if node.args and (name == "flash" or name.endswith("Field")) else []
        shown += [word.value for word in node.keywords if word.arg in {"message", "description"}]
        for value in shown:
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and is_text(value.value)
            ):
                found.append(value.value)
    return found


def in_project(root: Path) -> Iterator[str]:
    """Each finding of the project as a line: file, then the text."""
    static = root / "static"
    modules = [
        path for path in static.rglob("*.js") if path.relative_to(static).parts[0] != "vendor"
    ]
    for paths, look in (
        ((root / "templates").rglob("*.html"), in_template),
        (modules, in_javascript),
        ((root / "survey" / "web").rglob("*.py"), in_python),
    ):
        for path in sorted(paths):
            for text in look(path.read_text(encoding="utf-8")):
                yield f"{path.relative_to(root)}: {' '.join(text.replace(_SLOT, '…').split())!r}"


def _in_markup(markup: str, attributes: set[str]) -> list[str]:
    reader = _Markup(attributes)
    reader.feed(markup)
    reader.close()
    return reader.found


class _Markup(HTMLParser):
    def __init__(self, attributes: set[str]) -> None:
        super().__init__()
        self.attributes = attributes
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT_ELEMENTS
        self.found += [
            str(value) for name, value in attrs if name in self.attributes and is_text(value)
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT_ELEMENTS and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent and is_text(data):
            self.found.append(data)
