"""The classes of a jorong from its stands: per operator and technology, per operator, for all.

Every figure is given with its count, and *final* only where the rules' minimum is met; what is
missing is listed. The order in which stands come changes nothing. Knows nothing of storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Literal

from survey.domain.class_rules import ClassRules
from survey.domain.classes import CLASSES
from survey.domain.stands import Stand, Verdict, judge_stand

Standing = Literal["final", "provisional", "unmeasured"]
NEEDED_PLACES = ("centre", "last_house", "public")


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a class lacks to be final: a code (see class_words) and its details."""

    code: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Levels:
    """Values in dBm, one a stand. `too_few` says that the median is no more than a hint.

    `share_below` counts stands below the cut or without service, of all with a value or without
    service; None without a cut (2G) or without either.
    """

    n: int
    median_dbm: float | None
    minimum_dbm: float | None
    maximum_dbm: float | None
    cut_dbm: float | None
    n_below: int
    n_without_service: int
    share_below: float | None
    too_few: bool


@dataclass(frozen=True, slots=True)
class ServiceClass:
    """The class of one operator in a jorong, over all technologies (None) or in one.

    `by_class` counts the stands that the class comes from; `apart` is the class indoors, in a
    vehicle and where people go for signal, with the stands there.
    """

    operator: str
    technology: str | None
    letter: str | None
    standing: Standing
    missing: tuple[Missing, ...]
    n_stands: int
    n_days: int
    by_class: Mapping[str, int]
    best: str | None
    worst: str | None
    n_proven: int
    n_emergency: int
    n_power_cut_aside: int
    apart: Mapping[str, Mapping[str, Any]]
    levels: Levels | None = None
    technologies: tuple[ServiceClass, ...] = ()


@dataclass(frozen=True, slots=True)
class JorongClass:
    """The class of a jorong: that of its best operator, and all that it comes from."""

    letter: str | None
    standing: Standing
    missing: tuple[Missing, ...]
    n_stands: int
    n_days: int
    best: tuple[str, ...]
    worst: tuple[str, ...]
    unmeasured: tuple[str, ...]
    operators: tuple[ServiceClass, ...]


def classify(stands: Iterable[Stand], operators: Iterable[str], rules: ClassRules) -> JorongClass:
    """Return the classes of one jorong; `operators` are those that should have been tried."""
    known = list(dict.fromkeys(operators))
    by_operator: dict[str, list[Verdict]] = {key: [] for key in known}
    for stand in stands:
        for key, verdict in judge_stand(stand, rules).items():
            by_operator.setdefault(key, []).append(verdict)
    order = [*known, *sorted(by_operator.keys() - set(known))]
    rows = tuple(_classify_operator(key, by_operator[key], rules) for key in order)
    outdoor = {
        (verdict.visit_id, verdict.day)
        for verdicts in by_operator.values()
        for verdict in verdicts
        if verdict.where == "outdoor"
    }
    return _classify_jorong(rows, len(outdoor), len({day for _, day in outdoor}))


def _classify_jorong(rows: tuple[ServiceClass, ...], n_stands: int, n_days: int) -> JorongClass:
    letters = [row.letter for row in rows if row.letter]
    best, worst = max(letters, default=None), min(letters, default=None)
    unmeasured = tuple(row.operator for row in rows if row.letter is None)
    missing: list[Missing] = []
    if best is not None:
        # Nobody can be better than D; below that, whoever is not final may yet be.
        open_rows = [row.operator for row in rows if row.letter and row.standing != "final"]
        if best == CLASSES[-1]:
            sure = any(row.letter == best and row.standing == "final" for row in rows)
            open_rows = [] if sure else [row.operator for row in rows if row.letter == best]
        elif unmeasured:
            missing.append(Missing("operators_unmeasured", {"operators": unmeasured}))
        if open_rows:
            missing.append(Missing("operators_provisional", {"operators": tuple(open_rows)}))
    return JorongClass(
        letter=best,
        standing="unmeasured" if best is None else "provisional" if missing else "final",
        missing=tuple(missing),
        n_stands=n_stands,
        n_days=n_days,
        best=tuple(row.operator for row in rows if best and row.letter == best),
        worst=tuple(row.operator for row in rows if worst and row.letter == worst),
        unmeasured=unmeasured,
        operators=rows,
    )


def _classify_operator(key: str, verdicts: list[Verdict], rules: ClassRules) -> ServiceClass:
    seen = sorted({technology for verdict in verdicts for technology in verdict.technologies})
    rows = tuple(
        _classify_service(key, technology, _in_technology(verdicts, technology), rules)
        for technology in seen
    )
    return replace(_classify_service(key, None, verdicts, rules), technologies=rows)


def _in_technology(verdicts: list[Verdict], technology: str) -> list[Verdict]:
    """Return what stands say of a technology; no service at all is none in this one too."""
    found = []
    for verdict in verdicts:
        if technology in verdict.technologies:
            found.append(verdict.technologies[technology])
        elif verdict.letter == "A":
            found.append(verdict)
    return found


def _classify_service(
    key: str, technology: str | None, verdicts: Sequence[Verdict], rules: ClassRules
) -> ServiceClass:
    outdoor = [verdict for verdict in verdicts if verdict.where == "outdoor"]
    counted, aside = _set_power_cuts_aside(outdoor)
    only_power_cuts = bool(aside) and not counted
    if only_power_cuts:
        counted, aside = aside, []
    letter = reached_class([verdict.letter for verdict in counted], rules.share)
    missing = _list_missing(letter, counted, rules, only_power_cuts) if letter else ()
    counts = Counter(verdict.letter for verdict in counted)
    return ServiceClass(
        operator=key,
        technology=technology,
        letter=letter,
        standing="unmeasured" if letter is None else "provisional" if missing else "final",
        missing=missing,
        n_stands=len(counted),
        n_days=len({verdict.day for verdict in counted}),
        by_class={one: counts[one] for one in CLASSES},
        best=max(counts, default=None),
        worst=min(counts, default=None),
        n_proven=sum(verdict.proven for verdict in counted),
        n_emergency=sum(verdict.emergency for verdict in counted),
        n_power_cut_aside=len(aside),
        apart=_apart(verdicts, rules),
        levels=_levels(counted, technology, rules) if technology else None,
    )


def reached_class(letters: Sequence[str], share: float) -> str | None:
    """Return the best class that at least this share of stands reach; None without stands."""
    for letter in reversed(CLASSES):
        reached = sum(one >= letter for one in letters)
        if letters and reached + 1e-9 >= share * len(letters):
            return letter
    return None


def _set_power_cuts_aside(outdoor: list[Verdict]) -> tuple[list[Verdict], list[Verdict]]:
    """Return stands that count, and nones during a power cut that no other day confirms."""
    sure_days = {one.day for one in outdoor if one.letter == "A" and not one.power_cut}
    counted: list[Verdict] = []
    aside: list[Verdict] = []
    for verdict in outdoor:
        doubtful = verdict.letter == "A" and verdict.power_cut
        confirmed = bool(sure_days - {verdict.day})
        (aside if doubtful and not confirmed else counted).append(verdict)
    return counted, aside


def _list_missing(
    letter: str, counted: Sequence[Verdict], rules: ClassRules, only_power_cuts: bool
) -> tuple[Missing, ...]:
    missing = []
    days = len({verdict.day for verdict in counted})
    kinds = {verdict.place_kind for verdict in counted}
    places = {*kinds} | ({"public"} if kinds & set(rules.public_places) else set())
    if len(counted) < rules.minimum_stands:
        missing.append(Missing("stands", {"have": len(counted), "need": rules.minimum_stands}))
    if days < rules.minimum_days:
        missing.append(Missing("days", {"have": days, "need": rules.minimum_days}))
    if lacking := tuple(place for place in NEEDED_PLACES if place not in places):
        missing.append(Missing("places", {"places": lacking}))
    if letter == "A" and rules.proven_none and not any(one.proven for one in counted):
        missing.append(Missing("proven_none", {}))
    without = sum(not verdict.controlled for verdict in counted)
    if letter in rules.control_classes and without:
        missing.append(Missing("controls", {"stands": without, "days": rules.control_days}))
    if only_power_cuts:
        missing.append(Missing("power_cut", {"stands": len(counted)}))
    return tuple(missing)


def _apart(verdicts: Sequence[Verdict], rules: ClassRules) -> dict[str, dict[str, Any]]:
    found = {}
    for where in ("indoor", "vehicle", "signal_spot"):
        letters = [verdict.letter for verdict in verdicts if verdict.where == where]
        if letters:
            letter = reached_class(letters, rules.share)
            found[where] = {"letter": letter, "n_stands": len(letters), "worst": min(letters)}
    return found


def _levels(counted: Sequence[Verdict], technology: str, rules: ClassRules) -> Levels:
    values = sorted(one.value_dbm for one in counted if one.value_dbm is not None)
    cut = rules.cuts_dbm.get(technology)
    silent = sum(one.letter == "A" for one in counted)
    heard = [one.value_dbm for one in counted if one.value_dbm is not None and one.letter != "A"]
    below = 0 if cut is None else sum(value < cut for value in heard)
    told = len(heard) + silent
    return Levels(
        n=len(values),
        median_dbm=float(median(values)) if values else None,
        minimum_dbm=values[0] if values else None,
        maximum_dbm=values[-1] if values else None,
        cut_dbm=cut,
        n_below=below,
        n_without_service=silent,
        share_below=round((below + silent) / told, 4) if told and cut is not None else None,
        too_few=len(values) < rules.minimum_values,
    )
