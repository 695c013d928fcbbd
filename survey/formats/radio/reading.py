"""One door to all formats: a recognised log as samples, reference cells and rejections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final

from survey.formats.radio import (
    geopackage,
    geosubmit,
    gnettrack,
    neostumbler,
    network_survey,
    phone_state,
    termux,
    tower_lists,
    towercollector,
    wigle,
)
from survey.formats.radio.items import LogContext, Row

Reader = Callable[[BinaryIO, LogContext], Iterator[Row]]

READERS: Final[dict[str, Reader]] = {
    "towercollector": towercollector.read,
    **{key: partial(network_survey.read_kind, key=key) for key in network_survey.KINDS},
    "network_survey_phone_state": phone_state.read,
    "network_survey_wifi": partial(network_survey.read_dropped, reason="wifi"),
    "network_survey_bluetooth": partial(network_survey.read_dropped, reason="bluetooth"),
    "network_survey_gpkg": geopackage.read,
    "gnettrack": gnettrack.read,
    "gnettrack_pro": gnettrack.read_pro,
    "neostumbler": neostumbler.read,
    "wigle": wigle.read,
    "geosubmit": geosubmit.read,
    "termux": termux.read,
    "opencellid": tower_lists.read_opencellid,
    "netmonster": tower_lists.read_netmonster,
    "clf": tower_lists.read_clf,
}


def read_log(stream: BinaryIO, format_key: str, context: LogContext) -> Iterator[Row]:
    """Yield what each row of a log is, in order, in bounded memory; `stream` must seek.

    After it, `context` says what the log tells of its app and device.
    """
    return READERS[format_key](stream, context)
