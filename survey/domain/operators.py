"""Mobile operators of Indonesia (MCC 510) as dated data: brand, PLMNs, owner.

An office adds its own in the store; this list is what ships. PLMNs are text: a leading
zero belongs to them; whose each was and when is in `plmns`. Icon Plus and BAKTI are programmes of
access (fibre, VSAT, towers that an operator runs) and no operators: no SIM card is theirs.
Source: public MCC/MNC list of 2023-04 and the XLSMART merger of April 2025.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """One brand that a SIM card bears; `technologies` in the order in which phones meet them."""

    key: str
    brand: str
    owner: str
    plmns: tuple[str, ...]
    technologies: tuple[str, ...]
    owner_since: str | None = None


OPERATORS = (
    Operator(
        "telkomsel",
        "Telkomsel",
        "PT Telekomunikasi Selular",
        ("51010",),
        ("gsm", "lte", "nr_nsa", "nr_sa"),
    ),
    Operator(
        "indosat",
        "Indosat IM3",
        "PT Indosat Tbk (Indosat Ooredoo Hutchison)",
        ("51001", "51021"),
        ("gsm", "lte", "nr_nsa"),
        "2022-01-04",
    ),
    Operator(
        "tri",
        "Tri",
        "PT Indosat Tbk (Indosat Ooredoo Hutchison)",
        ("51089",),
        ("gsm", "lte"),
        "2022-01-04",
    ),
    Operator(
        "xl",
        "XL / AXIS",
        "PT XLSMART Telecom Sejahtera Tbk",
        ("51011",),
        ("gsm", "lte", "nr_nsa"),
        "2025-04-16",
    ),
    Operator(
        "smartfren",
        "Smartfren",
        "PT XLSMART Telecom Sejahtera Tbk",
        ("51009", "51028"),
        ("lte",),
        "2025-04-16",
    ),
)

SWITCHED_OFF = {"wcdma": "2023-12-31"}
"""Networks that are off in the whole country since a day; a reading of one is a question, never
refused: the last operator promised its 3G off by the end of 2023, and remainders were admitted."""

OPERATOR_KEYS = tuple(operator.key for operator in OPERATORS)
