"""The queue's filter as it stands in an address: read, kept in links, said in words.

What cannot be read is no filter: an old bookmark shows more, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from survey.domain.flags import FLAGS
from survey.domain.labels import N_
from survey.domain.review import OPEN_STATES, STATES
from survey.store.connection import Store
from survey.store.queue import QueueFilter
from survey.store.users import find_user

TABS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("waiting", N_("Waiting"), tuple(s for s in STATES if s in OPEN_STATES)),
    ("has_issues", N_("Returned"), ("has_issues",)),
    ("approved", N_("Approved"), ("approved",)),
    ("rejected", N_("Rejected"), ("rejected",)),
    ("withdrawn", N_("Withdrawn"), ("withdrawn",)),
    ("all", N_("All"), ()),
)
"""Key in the address, name, the states it shows (none: all)."""

DEFAULT_TAB: Final = "waiting"
FIELDS: Final = ("kecamatan", "nagari", "officer", "campaign", "from", "to", "flag")
SWITCHES: Final = ("unmapped", "conflict", "practice")


@dataclass(frozen=True, slots=True)
class AddressFilter:
    """A filter as the address has it; `values` holds only what is set and readable."""

    tab: str
    values: Mapping[str, str]
    chosen: QueueFilter

    @property
    def narrowed(self) -> bool:
        """Tell whether anything besides the tab narrows the queue."""
        return bool(self.values)

    def query(self, **changes: str | int | None) -> str:
        """Return the query of an address under this filter; None takes a value out."""
        values: dict[str, str | int | None] = {**self.values}
        if self.tab != DEFAULT_TAB:
            values["state"] = self.tab
        values.update(changes)
        if values.get("state") == DEFAULT_TAB:
            del values["state"]
        return urlencode({name: value for name, value in values.items() if value is not None})


def read_filter(store: Store, arguments: Mapping[str, str]) -> AddressFilter:
    """Return the filter of an address."""
    wanted = arguments.get("state", DEFAULT_TAB)
    tab, _, states = next((one for one in TABS if one[0] == wanted), TABS[0])
    values = {name: arguments[name] for name in FIELDS if arguments.get(name)}
    values |= {name: "1" for name in SWITCHES if arguments.get(name) == "1"}
    for name in ("from", "to"):
        if name in values and not _is_day(values[name]):
            del values[name]
    if values.get("flag") not in FLAGS:
        values.pop("flag", None)
    officer = find_user(store.reader(), values["officer"]) if "officer" in values else None
    if officer is None:
        values.pop("officer", None)
    chosen = QueueFilter(
        states=states,
        area_id=values.get("nagari") or values.get("kecamatan"),
        officer_key=officer.key if officer else None,
        campaign_id=values.get("campaign"),
        first_day=values.get("from"),
        last_day=values.get("to"),
        flag=values.get("flag"),
        unmapped="unmapped" in values,
        conflict="conflict" in values,
        practice="practice" in values,
    )
    return AddressFilter(tab, values, chosen)


def read_position(text: str | None) -> int | None:
    """Return a position in the queue from an address, None for what is none."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
