"""What people call each key of a list: English texts that are msgids of the catalogue.

One table serves templates, exports and the phone. Knows nothing of languages.
"""

from __future__ import annotations

from typing import Final


def N_(text: str) -> str:  # noqa: N802 - the usual gettext mark for texts translated later
    """Mark a text for the catalogue and return it unchanged."""
    return text


LABELS: Final[dict[str, dict[str, str]]] = {
    "service_results": {
        "none": N_("No signal"),
        "emergency_only": N_("Emergency calls only"),
        "voice": N_("Can call"),
        "voice_sms": N_("Can call and text"),
        "data": N_("Internet works"),
    },
    "proofs": {"quick": N_("Quick"), "proven": N_("Full proof")},
    "technologies": {
        "gsm": N_("2G (GSM)"),
        "wcdma": N_("3G (WCDMA)"),
        "lte": N_("4G (LTE)"),
        "nr_nsa": N_("5G with a 4G anchor (NSA)"),
        "nr_sa": N_("5G standalone (SA)"),
    },
    "place_kinds": {
        "centre": N_("Centre of the jorong"),
        "last_house": N_("Last house"),
        "school": N_("School"),
        "health": N_("Health post"),
        "mosque": N_("Mosque or surau"),
        "office": N_("Office"),
        "market": N_("Market"),
        "road": N_("Road"),
        "signal_spot": N_("Where people go for signal"),
        "other": N_("Another place"),
    },
    "settings": {
        "outdoor": N_("Outdoors"),
        "indoor": N_("Indoors"),
        "vehicle": N_("In a vehicle"),
    },
    "power": {
        "on": N_("Mains power is on"),
        "off": N_("Power cut now"),
        "none": N_("No mains power here"),
        "unknown": N_("Not known"),
    },
    "usually_signal": {
        "yes": N_("Usually there is signal"),
        "weak": N_("Usually weak or comes and goes"),
        "no": N_("Never signal"),
        "unknown": N_("Nobody asked"),
    },
    "position_methods": {
        "averaged": N_("Averaged"),
        "single": N_("One fix"),
        "manual": N_("By hand"),
    },
    "handsets": {
        "own": N_("This phone"),
        "office": N_("Office phone"),
        "borrowed": N_("Borrowed phone"),
        "other": N_("Another phone"),
    },
    "sources": {"typed": N_("Typed in"), "imported": N_("Imported")},
    "photo_kinds": {
        "proof_screen": N_("Screen as proof"),
        "site": N_("The place"),
        "access_road": N_("Road to it"),
        "tower": N_("Tower"),
        "power": N_("Power"),
        "berita_acara": N_("Signed record"),
        "other": N_("Something else"),
    },
    "states": {
        "received": N_("Received"),
        "has_issues": N_("Returned"),
        "edited": N_("Corrected"),
        "approved": N_("Approved"),
        "rejected": N_("Rejected"),
        "withdrawn": N_("Withdrawn"),
    },
    "roles": {
        "officer": N_("Officer"),
        "supervisor": N_("Supervisor"),
        "admin": N_("Admin"),
        "viewer": N_("Viewer"),
    },
    "levels": {
        "kabupaten": N_("Regency"),
        "kecamatan": N_("District"),
        "nagari": N_("Nagari"),
        "jorong": N_("Jorong"),
    },
    "standings": {
        "official": N_("Official"),
        "unofficial": N_("Unofficial sample"),
        "claimed": N_("Named in the field"),
    },
}


def label_of(group: str, key: str | None) -> str:
    """Return the msgid of a key; an unknown key is its own label, None an empty text."""
    if key is None:
        return ""
    return LABELS[group].get(key, key)
