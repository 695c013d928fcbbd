"""Who may do what. Roles are a set: a supervisor may also be officer and admin."""

from __future__ import annotations

ROLES = ("officer", "supervisor", "admin", "viewer")
"""petugas, pengawas, admin, pembaca."""

STAFF_ROLES = frozenset({"supervisor", "admin", "viewer"})
"""Roles that may sign in to the office; an officer's place is the phone."""


def may_see_office(roles: frozenset[str]) -> bool:
    """Tell whether a person may look at the office pages."""
    return bool(roles & STAFF_ROLES)


def may_review(roles: frozenset[str]) -> bool:
    """Tell whether a person may decide on visits (of others: see `review.may_decide`)."""
    return "supervisor" in roles


def may_administer(roles: frozenset[str]) -> bool:
    """Tell whether a person may manage people, areas, campaigns and settings."""
    return "admin" in roles


def may_see_personal_data(roles: frozenset[str]) -> bool:
    """Tell whether a person may see and export fields marked personal."""
    return bool(roles & {"supervisor", "admin"})
