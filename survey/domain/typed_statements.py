"""What a text says: which number belongs to which name, and to which network.

It judges no value; a number that may belong to two names belongs to none. The same steps as the
phone's `static/core/typed_statements.js`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from survey.domain.typed_words import Token, read_tokens

NOT_AVAILABLE: Final = (2147483647, 2147483646)
UNKNOWN_ASU: Final = (99, 255)
_LEVELS: Final = ("rsrp", "rscp", "rssi", "rxlev", "signal", "")


@dataclass(frozen=True, slots=True)
class Statement:
    """A number with what it is said to be; `dash`: its minus may be a hyphen."""

    name: str
    nr: bool
    antenna: bool
    value: float
    sign: str
    unit: str
    unclear: bool
    dash: bool
    networks: tuple[str, ...]


@dataclass(slots=True)
class Statements:
    """All that a text says.

    `bare`: numbers without a name. `doubtful`: near a name, which may be theirs. `unnamed`:
    behind a name that is not known. `modern`: the text is of an Android that writes whole dB.
    """

    said: list[Statement] = field(default_factory=list)
    bare: list[Statement] = field(default_factory=list)
    doubtful: list[Statement] = field(default_factory=list)
    unnamed: list[Statement] = field(default_factory=list)
    asu: list[Statement] = field(default_factory=list)
    modern: bool = False

    def keep(self, wanted: Callable[[Statement], bool]) -> None:
        """Drop every statement that is not wanted."""
        for name in ("said", "bare", "doubtful", "unnamed", "asu"):
            setattr(self, name, [one for one in getattr(self, name) if wanted(one)])


@dataclass(frozen=True, slots=True)
class _Item:
    token: Token
    label: bool
    name: str
    networks: tuple[str, ...]
    broken: bool
    dash: bool


@dataclass(slots=True)
class _Group:
    labels: list[_Item] = field(default_factory=list)
    numbers: list[_Item] = field(default_factory=list)


def read_statements(text: str) -> Statements:
    """Say what a text says."""
    items = _read_items(read_tokens(text))
    out = Statements(modern="cqitableindex" in text.lower())
    out.asu = [_state(item, None) for item in items if item.token.unit == "asu"]
    groups = _group([item for item in items if item.token.unit != "asu"])
    for group in groups:
        _read_group(group, out)
    backwards = _read_backwards(groups)
    if backwards is not None and all(map(_plausible, backwards)):
        others = (*out.said, *out.bare, *out.doubtful, *out.unnamed)
        forwards = all(map(_plausible, others))
        out.said, out.doubtful = ([], backwards) if forwards else (backwards, [])
        out.bare, out.unnamed = [], []
    out.asu += [one for one in out.said if one.name == "asu"]
    out.asu = [one for one in out.asu if one.value not in UNKNOWN_ASU]
    out.bare = [*(one for one in out.said if one.name == "signal"), *out.bare]
    nothing = ("asu", "signal", "other", "unknown")
    out.said = [one for one in out.said if one.name not in nothing]
    out.keep(lambda one: one.value not in NOT_AVAILABLE)
    return out


def _read_items(tokens: list[Token]) -> list[_Item]:
    items: list[_Item] = []
    spoken = {token.networks for token in tokens if token.kind == "network"}
    # the only network named is that of the whole text, wherever it stands
    here: tuple[str, ...] = next(iter(spoken)) if len(spoken) == 1 else ()
    gathering = broken = False
    for token in tokens:
        if token.kind == "network":
            here = (*here, *token.networks) if gathering else token.networks
            gathering = True
        elif token.kind == "word" and not token.closed:
            broken = True
        else:
            last = items[-1] if items else None
            dash = (
                token.sign == "-"
                and last is not None
                and last.label
                and (last.token.end == token.start or token.spaced)
            )
            name = "unknown" if token.kind == "word" else token.name
            items.append(_Item(token, token.kind != "number", name, here, broken, dash))
            broken = False
            gathering = gathering and token.kind != "number"
    return items


def _state(number: _Item, label: _Item | None) -> Statement:
    return Statement(
        label.name if label else "",
        label.token.nr if label else False,
        label.token.antenna if label else False,
        number.token.value,
        number.token.sign,
        number.token.unit,
        number.token.unclear,
        number.dash,
        number.networks,
    )


def _group(items: list[_Item]) -> list[_Group]:
    groups = [_Group()]
    for item in items:
        if not item.label:
            groups[-1].numbers.append(item)
        elif not groups[-1].numbers:
            groups[-1].labels.append(item)
        else:
            groups.append(_Group([item]))
    return groups


def _plausible(one: Statement) -> bool:
    """Tell whether a number may be its quantity: a level far below zero, a ratio near it."""
    if one.name in _LEVELS:
        return -156 <= one.value <= -24
    if one.name in ("sinr", "rssnr"):
        return -23 <= one.value <= 40
    return -43 <= one.value <= 0


def _read_backwards(groups: list[_Group]) -> list[Statement] | None:
    """Read "-108 dBm RSRP, -12 dB RSRQ": names behind their numbers."""
    if len(groups) < 2 or groups[0].labels or not groups[0].numbers or groups[-1].numbers:
        return None
    pairs = []
    for before, group in pairwise(groups):
        if len(group.labels) != 1 or len(before.numbers) != 1:
            return None
        pairs.append(_state(before.numbers[0], group.labels[0]))
    return pairs


def _read_group(group: _Group, out: Statements) -> None:
    names, numbers = group.labels, group.numbers
    if len(names) > 1:
        names = [label for label in names if label.name != "signal"]
    known = [label for label in names[:-1] if not label.token.closed] + names[-1:]
    if not known:
        out.bare += [_state(number, None) for number in numbers]
    elif len(known) == 1:
        _read_one_name(known[0], numbers, out)
    elif len(known) == len(numbers) and _is_header(known, numbers):
        for label, number in zip(known, numbers, strict=True):
            if label.name != "other":
                target = out.unnamed if label.name == "unknown" else out.said
                target.append(_state(number, label))
    else:
        out.doubtful += [_state(number, known[-1]) for number in numbers]


def _is_header(labels: list[_Item], numbers: list[_Item]) -> bool:
    """Tell names in a row above their numbers ("RSRP/RSRQ: -108/-12") from "SINR level=2"."""
    quantities = all(label.name not in ("other", "unknown") for label in labels)
    unclosed = all(not label.token.closed for label in labels)
    return (quantities or unclosed) and not any(number.broken for number in numbers)


def _read_one_name(label: _Item, numbers: list[_Item], out: Statements) -> None:
    if not numbers or label.name == "other":
        return
    first, *more = (_state(number, label) for number in numbers)
    if label.name == "unknown":
        out.unnamed += [first, *more]
        return
    (out.doubtful if numbers[0].broken else out.said).append(first)
    out.bare += [replace(one, name="", nr=False, antenna=False) for one in more]
