"""The one address of an instance: phones' data belong to it for ever.

It is fixed when the first phone enrols; what does not fit it is a red warning to the admin.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from survey.domain.labels import N_
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.meta import find_meta

SETTING_CHANGED = N_(
    "Phones were enrolled under {enrolled}, but SURVEY_PUBLIC_URL now says {setting}. "
    "Their unsent visits stay behind the old address: put it back before anyone enrols again."
)
OTHER_HOST = N_(
    "This page is open under {host}, but phones use {setting}. Open {setting} instead; "
    "if that is not the final address, correct SURVEY_PUBLIC_URL before the first phone is "
    "enrolled."
)


def public_url_warning(
    store: Store, settings: Settings, host: str
) -> tuple[str, dict[str, str]] | None:
    """Return the msgid and parameters of what is wrong with the address, or None.

    `host` is the host (and port) under which this page was asked for.
    """
    enrolled = find_meta(store.reader(), "public_url")
    if enrolled is not None and enrolled != settings.public_url:
        return SETTING_CHANGED, {"enrolled": enrolled, "setting": settings.public_url}
    if host.lower() != urlsplit(settings.public_url).netloc.lower():
        return OTHER_HOST, {"host": host, "setting": settings.public_url}
    return None
