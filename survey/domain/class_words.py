"""What people call the parts of a class: English texts that are msgids of the catalogue."""

from __future__ import annotations

from typing import Final

from survey.domain.labels import N_

PROVISIONAL: Final = N_("provisional ({stands} stands, {days} days)")
STANDINGS: Final = {
    "final": N_("Final"),
    "provisional": N_("Provisional"),
    "unmeasured": N_("Not measured"),
}
MISSING: Final = {
    "stands": N_("{have} of {need} stands"),
    "days": N_("{have} of {need} days"),
    "places": N_("No stand at: {places}"),
    "proven_none": N_("No none with full proof"),
    "controls": N_("No control passed within {days} days is known for the SIM of {stands} stands"),
    "power_cut": N_("All of {stands} nones fell into a power cut; a second day is needed"),
    "operators_unmeasured": N_("Not measured: {operators}"),
    "operators_provisional": N_("Still provisional: {operators}"),
}
NEEDED_PLACES: Final = {
    "centre": N_("Centre of the jorong"),
    "last_house": N_("Last house"),
    "public": N_("A public facility"),
}
TOO_FEW: Final = N_("Too few values")
PODES_STRENGTHS: Final = {
    "very_strong": N_("Very strong"),
    "strong": N_("Strong"),
    "weak": N_("Weak"),
    "none": N_("No signal"),
}
PODES_INTERNET: Final = {
    "4g_5g": N_("5G, 4G or LTE"),
    "3g": N_("3G"),
    "2g": N_("2.5G or GPRS"),
    "none": N_("No internet signal"),
}
NOT_SPOTS: Final = {
    "complete": N_("Complete not-spot"),
    "no_mobile_broadband": N_("No mobile broadband"),
    "operator_specific": N_("Some operators only"),
    "on_the_move": N_("Lost on the move"),
    "indoor": N_("Lost indoors"),
}
