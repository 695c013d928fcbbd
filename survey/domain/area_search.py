"""Which areas answer to a text: as spelled first, then other spellings as suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from survey.domain.areas import LEVELS, Area
from survey.domain.spelling import edit_distance, fold_name, plain_name

Match = Literal["exact", "folded", "prefix", "folded_prefix", "near"]

_ORDER: Final = ("exact", "folded", "prefix", "folded_prefix", "near")
_SUGGESTED: Final = frozenset({"folded", "folded_prefix", "near"})
_NEAR_FROM_LETTERS: Final = 4
_NEAR_TWO_FROM_LETTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An area that answers to a text; `matched_name` is its name or the alias that did."""

    area: Area
    match: Match
    matched_name: str

    @property
    def suggested(self) -> bool:
        """Tell whether the spelling differs from what was asked, so that a person must agree."""
        return self.match in _SUGGESTED


def search_names(areas: Iterable[Area], text: str, limit: int) -> list[Suggestion]:
    """Return the live areas that answer to a text, the likeliest first; none for no letters."""
    plain, folded = plain_name(text), fold_name(text)
    if not plain:
        return []
    found: list[tuple[tuple[object, ...], Suggestion]] = []
    for area in areas:
        if not area.is_live:
            continue
        best = _best_match(area, plain, folded)
        if best is not None:
            (match, distance, is_alias), name = best
            key = (
                _ORDER.index(match),
                distance,
                is_alias,
                LEVELS.index(area.level),
                area.name.lower(),
                area.id,
            )
            found.append((key, Suggestion(area, match, name)))
    found.sort(key=lambda pair: pair[0])
    return [suggestion for _, suggestion in found[:limit]]


def _best_match(area: Area, plain: str, folded: str) -> tuple[tuple[Match, int, bool], str] | None:
    best: tuple[tuple[Match, int, bool], str] | None = None
    for name in (area.name, *area.aliases):
        match, distance = _match_name(name, plain, folded)
        if match is None:
            continue
        rank = (match, distance, name != area.name)
        if best is None or _rank_key(rank) < _rank_key(best[0]):
            best = (rank, name)
    return best


def _rank_key(rank: tuple[Match, int, bool]) -> tuple[int, int, bool]:
    return (_ORDER.index(rank[0]), rank[1], rank[2])


def _match_name(name: str, plain: str, folded: str) -> tuple[Match | None, int]:
    name_plain, name_folded = plain_name(name), fold_name(name)
    if name_plain == plain:
        return "exact", 0
    key, name_key = folded.replace(" ", ""), name_folded.replace(" ", "")
    if name_key == key:
        return "folded", 0
    if name_plain.startswith(plain):
        return "prefix", 0
    if _words_begin(name_plain, plain):
        return "prefix", 1
    if name_folded.startswith(folded) or _words_begin(name_folded, folded):
        return "folded_prefix", 0
    # Somebody who is still typing: "pasi" begins "pasir", though it folds to itself.
    if name_folded.startswith(plain) or _words_begin(name_folded, plain):
        return "folded_prefix", 1
    if len(key) >= _NEAR_FROM_LETTERS:
        limit = 2 if len(key) >= _NEAR_TWO_FROM_LETTERS else 1
        distance = edit_distance(key, name_key, limit)
        if distance <= limit:
            return "near", distance
    return None, 0


def _words_begin(name: str, asked: str) -> bool:
    """Tell whether every word asked for begins some word of the name."""
    words = name.split(" ")
    return all(any(word.startswith(part) for word in words) for part in asked.split(" "))
