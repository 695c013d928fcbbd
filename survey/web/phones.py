"""The office's view of the phones: what each last said of itself; revoking one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.instants import normalise_instant
from survey.domain.labels import N_
from survey.services import enrolling
from survey.web.context import survey
from survey.web.guards import current_person, require_roles, safe_target

CHECK_LABELS = {
    "icon": N_("opened from its icon"),
    "offline": N_("stored for offline"),
    "location": N_("location"),
    "camera": N_("camera"),
    "storage": N_("protected storage"),
    "space": N_("free space"),
    "clock": N_("clock"),
    "assignments": N_("assignments"),
    "contact": N_("contact today"),
    "copy": N_("automatic copy"),
    "outbox": N_("everything sent"),
}
"""What each check before leaving looks at; static/ui/ready/checks.js makes them."""

blueprint = Blueprint("phones", __name__, url_prefix="/phones")


@blueprint.get("")
@require_roles("supervisor", "admin")
def list_phones() -> ResponseReturnValue:
    """Show every phone: in use first, newest contact first."""
    return render_template(
        "people/phones.html",
        devices=enrolling.list_devices(survey().store),
        may_revoke=current_person().has_role("admin"),
    )


@blueprint.post("/<int:key>/revoke")
@require_roles("admin")
def revoke_phone(key: int) -> ResponseReturnValue:
    """Refuse a phone from its next request on; what it holds stays on it."""
    here = survey()
    enrolling.revoke_device(here.store, key, here.clock(), actor=current_person().id)
    return redirect(safe_target(request.form.get("next")) or "/phones", 303)


@blueprint.app_template_filter("readiness")
def read_readiness(text: str | None) -> dict[str, object] | None:
    """Return `ready`, `at` and the labels `todo` of a phone's last check, or None."""
    if text is None:
        return None
    check = json.loads(text)
    if not isinstance(check, Mapping):
        return None
    at = check.get("at")
    try:
        at = normalise_instant(at) if isinstance(at, str) else None
    except ValueError:
        at = None
    checks = check.get("checks")
    todo = [
        label
        for key, label in CHECK_LABELS.items()
        if isinstance(checks, Mapping) and checks.get(key) is False
    ]
    return {"ready": check.get("ready") is True, "at": at, "todo": todo}
