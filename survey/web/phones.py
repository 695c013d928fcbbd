"""The office's view of the phones: what each last said of itself; revoking one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.services import enrolling
from survey.web.context import survey
from survey.web.guards import current_person, require_roles, safe_target

blueprint = Blueprint("phones", __name__, url_prefix="/phones")


@blueprint.get("")
@require_roles("supervisor", "admin")
def list_phones() -> ResponseReturnValue:
    """Show every phone: in use first, newest contact first."""
    return render_template(
        "people/phones.html", devices=enrolling.list_devices(survey().store)
    )


@blueprint.post("/<int:key>/revoke")
@require_roles("admin")
def revoke_phone(key: int) -> ResponseReturnValue:
    """Refuse a phone from its next request on; what it holds stays on it."""
    here = survey()
    enrolling.revoke_device(here.store, key, here.clock(), actor=current_person().id)
    return redirect(safe_target(request.form.get("next")) or "/phones", 303)
