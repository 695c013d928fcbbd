"""One fault at one moment of sending: saved before, checked after, noted for the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.field import FieldPhone
from tests.faults.kinds import Kind
from tests.faults.proxy import Rule
from tests.faults.tally import record_tally

Note = Callable[[str, object], None]
"""pytest's record_property."""


@dataclass(frozen=True)
class Moment:
    """A point in a run of sending: the request under way, and how far it is."""

    name: str
    method: str | None
    path: str
    up: int | None
    """Bytes of the body that pass; None: the request passes and its answer is under way."""


GREETING = Moment("greeting", "GET", "/api/v1/ping", 0)
RECORDS_UP = Moment("records on their way up", "POST", "/api/v1/records", 400)
RECORDS_ANSWER = Moment("answer to the records", "POST", "/api/v1/records", None)
THUMBNAIL = Moment("thumbnail", None, "/api/v1/files/{thumbnail}", 1_000)
PHOTO_UP = Moment("photo on its way up", None, "/api/v1/files/{photo}", 30_000)
PHOTO_ANSWER = Moment("answer to a piece of a photo", None, "/api/v1/files/{photo}", None)
CHANGES = Moment("changes", "GET", "/api/v1/changes", None)
MOMENTS = (
    GREETING,
    RECORDS_UP,
    RECORDS_ANSWER,
    THUMBNAIL,
    PHOTO_UP,
    PHOTO_ANSWER,
    CHANGES,
)


class Count:
    """Notes what was saved within; each cell was checked as it ended, so nothing is wrong."""

    def __init__(self, phone: FieldPhone, note: Note, fault: str, moments: int) -> None:
        self._phone, self._note, self._fault, self._moments = phone, note, fault, moments
        self._before = len(phone.ledger)

    def __enter__(self) -> None:
        return

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            saves = self._phone.ledger[self._before :]
            files = sum(len(save.files) for save in saves)
            record_tally(
                self._note,
                fault=self._fault,
                moments=self._moments,
                records=len(saves),
                files=files,
            )


class Cell:
    """One fault at one moment: saved before, checked after."""

    def __init__(self, phone: FieldPhone, name: str) -> None:
        self.phone = phone
        before = len(phone.ledger)
        phone.save(name)
        self.thumbnail, self.photo = phone.ledger[before].files

    def set(self, moment: Moment, kind: Kind, times: int | None = None) -> Rule:
        """Set a fault for the moment's request."""
        path = moment.path.format(thumbnail=self.thumbnail, photo=self.photo)
        return self.phone.proxy.set(kind, method=moment.method, path=path, times=times)

    def recover(self) -> None:
        """Take the fault away; the app notices by itself, and all is there once."""
        self.phone.proxy.clear()
        self.phone.wait_until_sent()
        self.phone.assert_all_arrived()
