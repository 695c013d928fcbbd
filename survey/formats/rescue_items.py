"""What a rescue file holds, line by line: records, files, notes, and lines that give nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from survey.domain.labels import N_
from survey.formats.wire import Envelope, UnreadableEnvelope

Why = Literal[
    "not_json",
    "cut",
    "too_long",
    "unknown_type",
    "too_many",
    "bad_file",
    "bad_entry",
    "locked",
    "nested",
    "not_rescue",
    "cut_file",
    "cut_zip",
    "too_large",
    "newer_form",
]

WHY_MESSAGES: Final[dict[str, str]] = {
    "not_json": N_("This line is not of a rescue file."),
    "cut": N_("This line is cut off. Ask for the file again, sent as a document."),
    "too_long": N_("This line is longer than any record or photo."),
    "unknown_type": N_("This kind of line is not known here."),
    "too_many": N_("There are too many lines; the rest was not read."),
    "bad_file": N_("The bytes of this photo are not readable."),
    "bad_entry": N_("This part of the ZIP is damaged."),
    "locked": N_("This part of the ZIP is locked by a password. Ask for the file without one."),
    "nested": N_("This is a ZIP inside the ZIP. Unpack it and take in the inner one by itself."),
    "not_rescue": N_("This part of the ZIP is not of a rescue file."),
    "cut_file": N_("This photo is cut off. Ask for the file again, sent as a document."),
    "cut_zip": N_("The end of this ZIP is missing or damaged. Ask for the file again."),
    "too_large": N_("The file unpacks to more than is allowed; the rest was not read."),
    "newer_form": N_("A newer app wrote this file. What is known of its form was read."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the name inside a ZIP, else empty, and the line from 1.

    Line 0 stands for the whole entry, or for the whole file.
    """

    entry: str
    line: int


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that gives nothing, and why: a key of `WHY_MESSAGES`."""

    place: Place
    why: Why


@dataclass(frozen=True, slots=True)
class RescueNote:
    """A line that was understood and carries no data to take in: header, officer or draft."""

    place: Place
    kind: str


@dataclass(frozen=True, slots=True)
class RescueRecord:
    """A record as the phone froze it; `order` is its number on the phone, 0 when unknown.

    `files` are the hashes of all files it names, `photos` of those that are photos.
    """

    place: Place
    officer_id: str | None
    envelope: Envelope | UnreadableEnvelope
    order: int
    area_id: str | None
    area_name: str | None
    files: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RescueFile:
    """A file by its hash; `data` is None when the phone had let go of the bytes.

    `officer_id` is None when no line said whose it is.
    """

    place: Place
    officer_id: str | None
    sha256: str
    kind: str
    content_type: str
    data: bytes | None


Item = RescueRecord | RescueFile | RescueNote | BadLine
