"""The gettext catalogue: a .po file to plain texts by msgid, read once at start.

English is the source language, so it needs no file. Knows nothing of requests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import read_po


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language: `messages` by msgid, `plurals` as (one, many) by msgid.

    `phone` names the msgids that the phone may show: those of its modules and of the domain.
    """

    language: str
    messages: dict[str, str] = field(default_factory=dict)
    plurals: dict[str, tuple[str, str]] = field(default_factory=dict)
    phone: frozenset[str] = frozenset()

    def translate(self, message: str, /, **params: object) -> str:
        """Return the text of a msgid with its `{name}` places filled in."""
        text = self.messages.get(message) or message
        return text.format(**params) if params else text

    def translate_plural(self, one: str, many: str, n: int, /, **params: object) -> str:
        """Return the text for a count; English has two forms, Indonesian one."""
        forms = self.plurals.get(one) or (one, many)
        text = forms[0] if n == 1 else forms[1]
        return text.format(n=n, **params)

    def for_phone(self) -> dict[str, object]:
        """Return what the phone loads: its own messages and plurals only."""
        return {
            "language": self.language,
            "messages": {
                key: text for key, text in sorted(self.messages.items()) if key in self.phone
            },
            "plurals": {
                key: list(forms) for key, forms in sorted(self.plurals.items()) if key in self.phone
            },
        }


def load_catalogue(language: str, path: Path) -> Catalogue:
    """Read a .po file; a missing file gives an empty catalogue (the source language)."""
    if not path.is_file():
        return Catalogue(language)
    with path.open("rb") as file:
        source = read_po(file, locale=language)
    messages: dict[str, str] = {}
    plurals: dict[str, tuple[str, str]] = {}
    phone: set[str] = set()
    for entry in source:
        if not entry.id or not entry.string:
            continue
        if isinstance(entry.id, (tuple, list)):
            key = str(entry.id[0])
            forms = [str(form) for form in entry.string if form] or [str(entry.id[1])]
            plurals[key] = (forms[0], forms[-1])
        else:
            key = str(entry.id)
            messages[key] = str(entry.string)
        places = [place for place, _ in entry.locations]
        if not places or any(place.startswith(("static/", "survey/domain/")) for place in places):
            phone.add(key)
    return Catalogue(language, messages, plurals, frozenset(phone))
