"""Network codes of Indonesia (MCC 510) as dated data: whose brand, and from when to when.

Keys are those of `operators`. Codes that went off the air stay, so that old logs and public
lists are understood. Source: the public MCC/MNC list of 2023-04 and press of the mergers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from survey.domain.operators import OPERATORS


@dataclass(frozen=True, slots=True)
class PlmnUse:
    """Whose code a PLMN was: `since` and `until` are days, None is "not known" or "still"."""

    plmn: str
    operator: str | None
    name: str
    since: str | None = None
    until: str | None = None


PLMN_USES: Final = (
    PlmnUse("51010", "telkomsel", "Telkomsel"),
    PlmnUse("51001", "indosat", "Indosat IM3"),
    PlmnUse("51021", "indosat", "Indosat IM3 (formerly Indosat-M3)"),
    PlmnUse("51089", "tri", "Tri"),
    PlmnUse("51011", "xl", "XL"),
    PlmnUse("51008", "xl", "AXIS"),
    PlmnUse("51009", "smartfren", "Smartfren"),
    PlmnUse("51028", "smartfren", "Smartfren (formerly Mobile-8)"),
    PlmnUse("51000", None, "PSN (satellite)"),
    PlmnUse("51027", None, "Net1 / Sampoerna", until="2021-11-30"),
    PlmnUse("51078", None, "Hinet", until="2022-11-16"),
    PlmnUse("51088", None, "Bolt", until="2018-12-28"),
    PlmnUse("51003", None, "StarOne"),
    PlmnUse("51007", None, "Flexi"),
    PlmnUse("51020", None, "Telkom Mobile"),
    PlmnUse("51099", None, "Esia"),
)


def find_plmn_use(plmn: str, day: str) -> PlmnUse | None:
    """Return whose code a PLMN was on a day (ISO date), None for one that nobody had."""
    for use in PLMN_USES:
        if use.plmn == plmn and (use.since or "") <= day <= (use.until or "9999"):
            return use
    return None


@lru_cache(maxsize=4096)
def operator_of_plmn(mcc: str | None, mnc: str | None, day: str) -> str | None:
    """Return the key of the operator that a PLMN belonged to on a day, None when it is none."""
    if mcc is None or mnc is None:
        return None
    use = find_plmn_use(mcc + mnc, day)
    return use.operator if use is not None else None


_NAMES: Final[Mapping[str, str]] = {
    "telkomsel": "telkomsel",
    "tsel": "telkomsel",
    "simpati": "telkomsel",
    "indosat": "indosat",
    "im3": "indosat",
    "ioh": "indosat",
    "tri": "tri",
    "3": "tri",
    "xl": "xl",
    "axis": "xl",
    "xlsmart": "xl",
    "smartfren": "smartfren",
    "smart": "smartfren",
    "fren": "smartfren",
}


@lru_cache(maxsize=1024)
def operator_of_name(name: str) -> str | None:
    """Return the operator that a phone's text names ("TELKOMSEL 4G", "3", "XL Axiata"), or None.

    Only whole words count, and two operators in one text are none.
    """
    letters = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    found = {_NAMES[word] for word in letters.split() if word in _NAMES}
    return found.pop() if len(found) == 1 else None


def plmns_of(operators: Iterable[str]) -> frozenset[str]:
    """Return every PLMN that ever belonged to some operators."""
    wanted = set(operators)
    return frozenset(use.plmn for use in PLMN_USES if use.operator in wanted)


def unlisted_plmns() -> set[str]:
    """Return PLMNs of the operators list that have no dated use here; must be empty."""
    known = {use.plmn for use in PLMN_USES}
    return {plmn for operator in OPERATORS for plmn in operator.plmns} - known
