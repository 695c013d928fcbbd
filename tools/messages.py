"""`make messages`: brings the Indonesian catalogue in line with the texts of the code.

Owns what counts as a text for people and the form of survey/translations/id.po: sorted, one line
a text, files without line numbers, nothing fuzzy. Entries that were added twice become one.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import unescape, write_po

from survey.domain.problems import PROBLEMS
from tools import javascript

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "survey" / "translations" / "id.po"
HEADER = """\
# Indonesian texts of Jejak Sinyal. `make messages` keeps this file in line with the code.
msgid ""
msgstr ""
"Project-Id-Version: Jejak Sinyal\\n"
"Language: id\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
# Name of a function -> which of its arguments are texts; N_ marks one that is translated later.
PYTHON_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "N_": None,
    "n_": (1, 2),
    "ngettext": (1, 2),
}
_ENTRY_LINE = re.compile(r'(?:(msgid_plural|msgid|msgstr(?:\[\d\])?)\s+)?("(?:[^"\\]|\\.)*")$')
JAVASCRIPT_KEYWORDS = {"t": 1, "nt": 2, "N_": 1}


@dataclass(slots=True)
class Text:
    """One text of the code: the English source, its plural if it counts, the files that use it."""

    singular: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)


class MessagesError(ValueError):
    """A text cannot be collected; the message names the file and the remedy."""


def collect() -> dict[str, Text]:
    """Every text for people in templates, Python and JavaScript, by its English source."""
    texts: dict[str, Text] = {}
    for file, singular, plural in _found():
        text = texts.setdefault(singular, Text(singular))
        if plural is not None and text.plural not in {None, plural}:
            raise MessagesError(f"{file}: {singular!r} has two plurals; give it one")
        text.plural = plural if plural is not None else text.plural
        text.files.add(file)
    return texts


def read_catalogue(path: Path = CATALOGUE) -> dict[str, str]:
    """Translation by English source; of an entry given twice the last one that says something.

    Retired entries (#~) count too, so that a text that returns finds its translation again.
    """
    translations: dict[str, str] = {}
    parts: dict[str, str] = {}
    part = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        match = _ENTRY_LINE.match(line.removeprefix("#~ ").strip())
        if not match:
            continue
        part = match.group(1) or part
        if match.group(1) == "msgid":
            if parts.get("msgid") and (text := parts.get("msgstr") or parts.get("msgstr[0]")):
                translations[parts["msgid"]] = text
            parts = {}
        parts[part] = parts.get(part, "") + unescape(match.group(2))
    return translations


def update(path: Path = CATALOGUE) -> list[str]:
    """Rewrite the catalogue and return the texts that still lack a translation."""
    texts = collect()
    known = read_catalogue(path)
    fresh = Catalog(locale="id", fuzzy=False)
    fresh.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]
    for key, text in sorted(texts.items()):
        places = [(file, 0) for file in sorted(text.files)]
        translation = known.get(key, "")
        if text.plural is None:
            fresh.add(text.singular, translation, places)
        else:
            fresh.add((text.singular, text.plural), (translation,), places)
    for key in sorted(known.keys() - texts.keys()):
        fresh.obsolete[key] = Message(key, known[key])
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=0, sort_output=True, include_lineno=False, omit_header=True)
    path.write_text(HEADER + buffer.getvalue().decode("utf-8").rstrip() + "\n", encoding="utf-8")
    return sorted(texts.keys() - known.keys())


def _found() -> Iterator[tuple[str, str, str | None]]:
    """File, source text and plural of each text, in the order of the files."""
    for path in sorted((ROOT / "survey").rglob("*.py")):
        yield from _by_babel(path, "python")
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield from _by_babel(path, "jinja2")
    for path in sorted((ROOT / "static").rglob("*.js")):
        if "vendor" not in path.relative_to(ROOT / "static").parts:
            yield from _by_javascript(path)
    for _status, message in PROBLEMS.values():
        yield "survey/domain/problems.py", message, None


def _by_babel(path: Path, method: str) -> Iterator[tuple[str, str, str | None]]:
    name = path.relative_to(ROOT).as_posix()
    options = {"silent": "false"} if method == "jinja2" else {"encoding": "utf-8"}
    with path.open("rb") as file:
        for _line, found, _comments, _context in extract(
            method, file, PYTHON_KEYWORDS, (), options
        ):
            if isinstance(found, tuple):
                yield name, found[0], found[1]
            else:
                yield name, found, None


def _by_javascript(path: Path) -> Iterator[tuple[str, str, str | None]]:
    name = path.relative_to(ROOT).as_posix()
    source = path.read_text(encoding="utf-8")
    for line, function, arguments in javascript.calls(source, set(JAVASCRIPT_KEYWORDS)):
        count = JAVASCRIPT_KEYWORDS[function]
        texts = [argument for argument in arguments[:count] if argument is not None]
        if len(texts) == count:
            yield name, texts[0], texts[1] if count == 2 else None
        elif count == 2:
            raise MessagesError(f"{name}:{line}: nt() takes two literal texts")


def main() -> int:
    """Update the catalogue and list what a translator still has to do."""
    try:
        missing = update()
    except MessagesError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{CATALOGUE.relative_to(ROOT)} is in line with the code; {len(missing)} to translate.")
    for text in missing:
        print(f"  {text}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
