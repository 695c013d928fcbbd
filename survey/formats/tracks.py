"""Track parts: columns of deltas on the wire, packed bytes in the store, segments for exports.

The wire (record of kind `track_part`, schema 1), as static/core/track.js encodes it:

    {"id": "<uuid>", "track_id": "<id of the record of kind track>", "number": 1,
     "segment_starts": [120],
     "columns": {"time_ms": [1777860669120, 1000, ...], "latitude_e6": [-1541671, 3, ...],
                 "longitude_e6": [...], "altitude_dm": [4310, null, ...], "accuracy_dm": [...]}}

The five columns have the same length, at most 3,000. The first number of a column is the value
itself, each next one the difference to the last value that is not null; null is "not known".
`number` counts from 1; `segment_starts` are the indices of points before which is a gap (0: the
part begins after one). Knows no database.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

from survey.domain.exports import Segment
from survey.domain.limits import TRACK_PART_POINTS, Limit
from survey.domain.track import COLUMN_LIMITS, TrackColumns, TrackPart, iter_segments
from survey.formats.payload_walk import Walk

_VERSION: Final = b"\x01"
_HEAD: Final = struct.Struct("<HH")
_COLUMN: Final = struct.Struct("<cB")
_WIDTHS: Final = "bhiq"
"""Array codes of 1, 2, 4 and 8 bytes: each column takes the narrowest that holds its deltas."""


def sum_columns(part: TrackPart, walk: Walk) -> None:
    """Turn the deltas of a part into values, in place; a value that cannot be becomes None.

    Columns of unequal length are cut to the shortest of time and place; a missing altitude or
    accuracy is unknown. `walk` gets an oddity for each column that was not right.
    """
    columns = part.columns
    length = min(len(columns.time_ms), len(columns.latitude_e6), len(columns.longitude_e6))
    for name, limit in COLUMN_LIMITS.items():
        deltas: list[Any] = getattr(columns, name)
        if len(deltas) != length and deltas:
            walk.note(f"columns.{name}", len(deltas), "wrong_type")
        values, sound = _sum(deltas[:length], limit)
        if not sound:
            walk.note(f"columns.{name}", deltas, "out_of_range")
        values.extend([None] * (length - len(values)))
        setattr(columns, name, values)
    part.segment_starts = sorted({start for start in part.segment_starts if start < length})


def _sum(deltas: Sequence[Any], limit: Limit) -> tuple[list[int | None], bool]:
    """Return the values of one column and whether all were integers within the limit."""
    if None not in deltas and all(type(delta) is int for delta in deltas):
        values = list(accumulate(deltas))
        if not values or (limit.minimum <= min(values) and max(values) <= limit.maximum):
            return list(values), True
    sound, last = True, 0
    kept: list[int | None] = []
    for delta in deltas:
        value: int | None = None
        if type(delta) is int:
            last += delta
            if limit.allows(last):
                value = last
        sound = sound and (delta is None or value is not None)
        kept.append(value)
    return kept, sound


def pack_part(part: TrackPart) -> bytes:
    """Return the points of a part as bytes for the store: about 4 bytes a point."""
    columns = part.columns
    body = [_HEAD.pack(len(columns), len(part.segment_starts))]
    body.append(_little("H", part.segment_starts))
    for name in COLUMN_LIMITS:
        values: list[int | None] = getattr(columns, name)
        present = [value for value in values if value is not None]
        deltas = [now - before for now, before in zip(present, [0, *present], strict=False)]
        code = _narrowest(deltas)
        has_gaps = len(present) != len(values)
        body.append(_COLUMN.pack(code.encode(), has_gaps))
        if has_gaps:
            body.append(bytes(value is not None for value in values))
        body.append(_little(code, deltas[1:]))
        body.append(struct.pack("<q", deltas[0] if deltas else 0))
    return _VERSION + zlib.compress(b"".join(body), 6)


def unpack_part(blob: bytes, track_id: str | None = None, number: int | None = None) -> TrackPart:
    """Return the part whose points `pack_part` packed; other bytes raise ValueError."""
    if blob[:1] != _VERSION:
        raise ValueError("not a packed track part")
    body = memoryview(zlib.decompress(blob[1:]))
    points, starts_count = _HEAD.unpack_from(body)
    offset = _HEAD.size
    starts, offset = _read("H", body, offset, starts_count)
    columns = TrackColumns()
    for name in COLUMN_LIMITS:
        code, has_gaps = _COLUMN.unpack_from(body, offset)
        offset += _COLUMN.size
        mask = bytes(body[offset : offset + points]) if has_gaps else b""
        offset += len(mask)
        count = sum(mask) if has_gaps else points
        deltas, offset = _read(code.decode(), body, offset, max(0, count - 1))
        (first,) = struct.unpack_from("<q", body, offset)
        offset += 8
        present = list(accumulate(deltas, initial=first)) if count else []
        setattr(columns, name, _spread(present, mask) if has_gaps else present)
    return TrackPart(track_id=track_id, number=number, segment_starts=starts, columns=columns)


def read_segments(blobs: Iterable[bytes]) -> Iterator[Segment]:
    """Yield the segments of a track from its packed parts in order, one part in memory."""
    return iter_segments(unpack_part(blob) for blob in blobs)


def _narrowest(deltas: Sequence[int]) -> str:
    """Return the array code that holds all but the first delta, which stands apart."""
    low, high = min(deltas[1:], default=0), max(deltas[1:], default=0)
    for code in _WIDTHS:
        bits = array(code).itemsize * 8 - 1
        if -(1 << bits) <= low and high < 1 << bits:
            return code
    raise OverflowError("a column wider than 64 bits")


def _little(code: str, values: Iterable[int]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _read(code: str, body: memoryview, offset: int, count: int) -> tuple[list[int], int]:
    values = array(code)
    end = offset + count * values.itemsize
    values.frombytes(body[offset:end])
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist(), end


def _spread(present: Sequence[int], mask: bytes) -> list[int | None]:
    values = iter(present)
    return [next(values) if held else None for held in mask]


assert TRACK_PART_POINTS < 1 << 16  # noqa: S101 - counts are packed as 16 bits
