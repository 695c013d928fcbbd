"""Lets Minang and Indonesian spellings of a place find each other.

A name is folded to a key that is only compared, never shown; folding too much only widens a
suggestion. `static/core/spelling.js` folds by the same two tables; both are held to
tests/shared/spelling_vectors.json. Knows nothing of areas or storage.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LEVEL_WORDS: Final = frozenset(
    {"jorong", "jor", "jr", "nagari", "nag", "kecamatan", "kec", "kabupaten", "kab"}
)
"""Said before a name ("Jr. Simancuang"); not part of it unless nothing else is left."""

WORDS: Final[dict[str, str]] = {
    # abbreviations
    "sei": "sungai",
    "sungei": "sungai",
    "sg": "sungai",
    "s": "sungai",
    "kp": "kampung",
    "kpg": "kampung",
    "kampong": "kampung",
    "tj": "tanjung",
    "tjg": "tanjung",
    "tg": "tanjung",
    "bt": "batang",
    "pd": "padang",
    "pdg": "padang",
    "lb": "lubuk",
    "lbk": "lubuk",
    # Minang words whose Indonesian form no ending explains
    "aia": "air",
    "aie": "air",
    "ayia": "air",
    "ayie": "air",
    "pasa": "pasar",
    "banda": "bandar",
    "laweh": "luas",
    "lua": "luar",
    "tuo": "tua",
    "tua": "tua",
    "baruah": "bawah",
    "baruh": "bawah",
    "ketek": "kecil",
    "kaciak": "kecil",
    "kacik": "kecil",
    "karambia": "kelapa",
    "sabalah": "sebelah",
    "sabarang": "seberang",
    # numbers in words, in Minang and as Roman figures
    "i": "1",
    "ciek": "1",
    "satu": "1",
    "ii": "2",
    "duo": "2",
    "dua": "2",
    "iii": "3",
    "tigo": "3",
    "tiga": "3",
    "iv": "4",
    "ampek": "4",
    "empat": "4",
    "v": "5",
    "limo": "5",
    "lima": "5",
    "vi": "6",
    "anam": "6",
    "enam": "6",
    "vii": "7",
    "tujuah": "7",
    "tujuh": "7",
    "viii": "8",
    "salapan": "8",
    "delapan": "8",
    "ix": "9",
    "sambilan": "9",
    "sembilan": "9",
    "x": "10",
    "sapuluah": "10",
    "sepuluh": "10",
}
"""Whole words, tried before the endings."""

ENDINGS: Final[tuple[tuple[str, str, str], ...]] = (
    ("uang", "ung", "kampuang, kampung; lauang, laung"),
    ("iang", "ing", "gasiang, gasing; gantiang, ganting"),
    ("uak", "uk", "lubuak, lubuk"),
    ("iak", "it", "mudiak, mudik"),
    ("uik", "ut", "rumpuik, rumput"),
    ("aik", "at", "baraik, barat"),
    ("ik", "it", "bukik, bukit; parik, parit"),
    ("ek", "at", "dakek, dekat; pulakek"),
    ("uah", "uh", "pauah, pauh; labuah, labuh"),
    ("iah", "is", "putiah, putih"),
    ("uih", "us", "baguih, bagus"),
    ("ih", "is", "manggih, manggis"),
    ("eh", "as", "ateh, atas; kapeh, kapas"),
    ("ia", "ir", "pasia, pasir; sangia, sangir"),
    ("ie", "ir", "ilie, ilir"),
    ("ua", "ur", "timua, timur; pangkua, pangkur"),
    ("ue", "ur", "timue, timur"),
    ("o", "a", "koto, kota; muaro, muara"),
)
"""Ending, what it folds to, examples; the first that fits is used, once."""

_MARKS = re.compile(r"['’`ʼ]")
_BREAKS = re.compile(r"[^\w]|_", re.UNICODE)
_ROMAN = re.compile(r"[IVX]+")
_DOUBLES = re.compile(r"(.)\1+")


def split_words(text: str) -> list[str]:
    """Return the words of a name in small letters without accents, marks and level words."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = [word for word in _BREAKS.split(_MARKS.sub("", bare.lower())) if word]
    first = 0
    while first < len(words) - 1 and words[first] in LEVEL_WORDS:
        first += 1
    return words[first:]


def fold_word(word: str) -> str:
    """Return the key of one word in small letters."""
    folded = WORDS.get(word)
    if folded is None:
        folded = word.replace("oe", "u")  # Dutch spelling: Loeboek, Moeara
        if len(folded) > 2:
            folded = _fold_ending(folded)
    # The unstressed vowel is written both ways: pekan and pakan, teratak and taratak.
    return _DOUBLES.sub(r"\1", folded.replace("e", "a"))


def _fold_ending(word: str) -> str:
    for ending, replacement, _ in ENDINGS:
        if word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word


@lru_cache(maxsize=16_384)
def fold_name(text: str) -> str:
    """Return the key under which all spellings of a name meet; empty for a name of no letters."""
    return " ".join(fold_word(word) for word in split_words(text))


@lru_cache(maxsize=16_384)
def plain_name(text: str) -> str:
    """Return a name as spelled, without case, accents, marks, level words and odd spaces."""
    return " ".join(split_words(text))


def bare_name(text: str) -> str:
    """Return a name as spelled without the level words before it: "Jr. Koto" is "Koto"."""
    name = " ".join(text.split())
    while True:
        first, _, rest = name.partition(" ")
        if first.lower().rstrip(".") not in LEVEL_WORDS or not split_words(rest):
            return name
        name = rest


def calm_capitals(text: str) -> str:
    """Return a name written in capitals as names are written; others as they are.

    "KOTO BARU II" is "Koto Baru II"; a word of up to three letters alone (TLB) stays.
    """
    if not text.isupper() or sum(letter.isalpha() for letter in text) <= 3:
        return text
    return " ".join(
        word if _ROMAN.fullmatch(word) else word.capitalize() for word in text.split(" ")
    )


def edit_distance(left: str, right: str, limit: int) -> int:
    """Return how many letters to add, drop, change or swap; `limit` + 1 when it is more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (letter != other),
            )
            swapped = row > 1 and column > 1 and letter == right[column - 2]
            if swapped and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)
