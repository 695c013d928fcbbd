"""The one address of an instance: phones' data belong to it for ever.

It is fixed when the first phone enrols; what does not fit it is a red warning to the admin.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.problems import Problem
from survey.settings import Settings
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.devices import Device, list_devices
from survey.store.meta import find_meta, set_meta

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


def find_enrolled_address(store: Store) -> str | None:
    """Return the address under which phones were enrolled, None before the first."""
    return find_meta(store.reader(), "public_url")


def list_phones_with_unsent(store: Store) -> list[Device]:
    """Return the phones in use that said they hold something, or never said what they hold."""
    return _hold_something(store.reader())


def _hold_something(connection: sqlite3.Connection) -> list[Device]:
    return [
        device
        for device in list_devices(connection)
        if not device.revoked_at and (device.unsent_records, device.unsent_files) != (0, 0)
    ]


def confirm_move(store: Store, settings: Settings, now: Instant, *, actor: str) -> bool:
    """Take the setting for the phones' address from now on; False when it is so already.

    Raises `address.unsent` while a phone may hold something under the old address.
    """
    if find_enrolled_address(store) in (None, settings.public_url):
        return False

    def move(connection: sqlite3.Connection) -> None:
        if waiting := _hold_something(connection):
            raise Problem("address.unsent", n=len(waiting))
        before = find_meta(connection, "public_url")
        set_meta(connection, "public_url", settings.public_url)
        text = f"{before} {settings.public_url}"
        append_audit(connection, now, actor, "address.moved", settings.public_url, text)

    store.write(move)
    return True
