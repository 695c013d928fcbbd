"""The one catalogue of what can go wrong: code, HTTP status, message.

Floors above raise `Problem`; the door turns it once into JSON, an HTML page or a line on
stderr. Clients match codes, never prose. Messages are msgids of the catalogue of texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    # the wire
    "request.malformed": (400, "The request is not readable."),
    "request.too_large": (413, "The request is larger than allowed."),
    "request.wrong_type": (415, "The content type of the request is not accepted."),
    "request.foreign_site": (403, "Requests from other sites are refused."),
    "request.not_found": (404, "There is nothing at this address."),
    "request.method": (405, "This address does not take this method."),
    "request.csrf": (400, "This page was open too long. Please send it again."),
    "auth.missing": (401, "Sign in, or enrol this phone, first."),
    "auth.revoked": (401, "This phone needs a new code from the office."),
    "auth.disabled": (401, "This account is disabled."),
    "auth.wrong_password": (401, "The name or the password is not right."),
    "auth.throttled": (429, "Too many tries. Please wait {minutes} minutes."),
    "auth.forbidden": (403, "Your role does not allow this."),
    "auth.link_used": (410, "This link was used already or is too old. Ask for a new one."),
    "enrol.unknown_code": (404, "This code is not known. Please check it with the office."),
    "enrol.expired_code": (410, "This code is too old. Please ask the office for a new one."),
    "enrol.used_code": (409, "This code was used on another phone."),
    "enrol.not_officer": (
        409,
        "Only an officer can use a phone. Give this person that role first.",
    ),
    "enrol.throttled": (429, "Too many tries. Please wait {minutes} minutes."),
    "record.wrong_hash": (422, "The record's hash does not match its payload."),
    "record.foreign_officer": (403, "This record belongs to another officer."),
    "record.unreadable_envelope": (422, "The envelope of this record is not readable."),
    "record.erased": (410, "This record was erased by the office."),
    "file.wrong_hash": (422, "The file's hash does not match its bytes. Send it again."),
    "file.wrong_offset": (409, "The file continues at another byte."),
    "file.too_large": (413, "The file is larger than declared or allowed."),
    "file.erased": (410, "This file was erased by the office."),
    "file.not_found": (404, "This file is not known here."),
    "cursor.unknown": (400, "This cursor is not known. Start again without one."),
    "server.busy": (503, "The server is busy. Please try again soon."),
    "server.disk_full": (507, "The server's disk is full. Nothing was lost; tell the office."),
    "server.error": (500, "The server made a mistake. Nothing you entered is lost on the phone."),
    # the office
    "visit.not_found": (404, "This visit is not known."),
    "visit.own": (403, "Nobody decides on a visit of their own."),
    "visit.changed": (409, "Somebody changed this visit meanwhile. Look at it again first."),
    "visit.not_reviewable": (409, "This visit cannot be decided in its present state."),
    "review.reason_missing": (422, "Please give a reason."),
    "review.unknown_decision": (422, "This decision is not known."),
    "layer.unknown_field": (422, "The office cannot correct this field."),
    "layer.bad_value": (422, "This value is not allowed here."),
    "conflict.not_found": (404, "This question is not open any more."),
    "conflict.unknown_choice": (422, "This choice is not known."),
    "comment.empty": (422, "Please write something."),
    "area.not_found": (404, "This area is not known."),
    "area.import_faulty": (422, "The file has faults; nothing was changed."),
    "area.import_unreadable": (422, "The file is not readable."),
    "area.import_too_large": (413, "The file is larger than {limit} MB."),
    "area.upload_gone": (410, "The chosen file is not here any more. Please choose it again."),
    "area.import_not_found": (404, "This import is not known."),
    "area.import_superseded": (409, "A later change stands on this import; it cannot be undone."),
    "area.merge_impossible": (422, "These areas cannot be merged."),
    "area.name_taken": (409, "There is an area of this name here already."),
    "area.bad_parent": (422, "An area of this level cannot stand under that area."),
    "area.no_root": (409, "This instance has no kabupaten yet. Import one first."),
    "user.not_found": (404, "This person is not known."),
    "user.name_taken": (409, "This user name is taken."),
    "user.bad_name": (
        422,
        "A user name has 2 to 40 letters, digits, dots, dashes or underscores.",
    ),
    "user.bad_password": (422, "A password needs at least {minimum} characters."),
    "user.long_password": (422, "A password has at most {maximum} characters."),
    "user.password_is_name": (422, "The password must not be the user name."),
    "user.name_missing": (422, "Please enter the person's name (at most 200 characters)."),
    "user.unknown_role": (422, "This role is not known."),
    "user.no_role": (422, "Choose at least one role."),
    "user.unknown_language": (422, "This language is not known."),
    "user.last_admin": (409, "The last admin cannot be disabled or lose the role."),
    "device.not_found": (404, "This phone is not known."),
    "campaign.not_found": (404, "This campaign is not known."),
    "campaign.closed": (409, "This campaign is closed."),
    "campaign.practice_fixed": (409, "The practice campaign cannot be changed or assigned."),
    "campaign.target_assigned": (409, "Cancel the assignment of this jorong first."),
    "assignment.not_found": (404, "This assignment is not known."),
    "assignment.no_officer": (422, "Choose at least one officer."),
    "assignment.not_an_officer": (422, "{name} has no officer role or is disabled."),
    "assignment.not_a_target": (422, "This jorong is not a target of the campaign."),
    "rule.not_found": (404, "This version of the rules is not known."),
    "field.invalid": (422, "Please check the marked fields."),
    "export.unknown_format": (404, "This export format is not known."),
    "import.unreadable": (422, "The file is not readable."),
    "erase.reason_missing": (422, "An erasure needs a reason."),
    "instance.not_initialised": (409, "This folder is no instance yet. Run `survey init` first."),
    "instance.not_migrated": (
        409,
        "This instance is of an older version. Run `survey init` first.",
    ),
    "instance.has_visits": (409, "This instance holds real visits; demo data is refused."),
    "instance.half_demo": (
        409,
        "Loading the demo was cut off here. Remove this folder, then load it again.",
    ),
    "instance.not_empty": (409, "This instance is not empty."),
    "instance.damaged": (500, "The store is damaged."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of one field: `field` is its path, e.g. ``position.latitude_deg``."""

    field: str
    message: str


class Problem(Exception):
    """Something went wrong that a caller can understand: a code of `PROBLEMS`."""

    def __init__(self, code: str, errors: Sequence[FieldError] = (), **params: object) -> None:
        self.status, self.template = PROBLEMS[code]
        self.code = code
        self.errors = tuple(errors)
        self.params = params
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English sentence with its parameters filled in."""
        return self.template.format(**self.params)
