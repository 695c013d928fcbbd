"""The doctor: tells whether a server on the internet will do for phones.

Runs the checks in the order in which one failing makes the next ones meaningless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from survey.services import (
    doctor_address,
    doctor_pages,
    doctor_server,
    doctor_tls,
    doctor_uploads,
)
from survey.services.doctor_probe import Probe
from survey.services.doctor_target import Finding as Finding
from survey.services.doctor_target import Target as Target
from survey.services.doctor_target import read_target as read_target


def examine(
    target: Target, progress: Callable[[str, int, int], None], *, slow: bool = False
) -> Iterator[Finding]:
    """Yield what each check saw, as it comes; `slow` adds a body as slow as on 2G."""
    yield from doctor_address.check_name(target)
    addresses, found = doctor_address.resolve(target)
    yield from found
    reached, found = doctor_address.check_connections(target, addresses)
    yield from found
    if not reached:
        return
    probe = Probe(target)
    if target.is_https:
        probe.context, found = doctor_tls.check_tls(target, reached[0])
        yield from found
        if probe.context is None:
            return
    yield from doctor_address.check_plain_http(target)
    met, found = doctor_server.check_ping(probe)
    yield from found
    if met is not None:
        yield from _examine_ours(probe, met, reached, progress, slow=slow)


def _examine_ours(
    probe: Probe,
    met: doctor_server.Met,
    addresses: list[str],
    progress: Callable[[str, int, int], None],
    *,
    slow: bool,
) -> Iterator[Finding]:
    yield from doctor_address.check_twin(probe, met.store_id)
    yield from doctor_server.check_instances(probe, met, addresses)
    yield from doctor_server.check_beliefs(probe, met, addresses)
    yield from doctor_server.check_token(probe)
    yield from doctor_uploads.check_methods(probe, met)
    yield from doctor_uploads.check_large_record(probe)
    if met.arrival:
        yield from doctor_uploads.check_chunk(probe)
        yield from doctor_uploads.check_packed_body(probe)
        if slow:
            yield from doctor_uploads.check_slow_body(probe)
    yield from doctor_pages.check_shell(probe)
    files, found = doctor_pages.check_worker(probe, met)
    yield from found
    if files:
        yield from doctor_pages.check_files(probe, files, progress)
        yield from doctor_pages.check_ranges(probe, files)
    yield from doctor_pages.check_office(probe)
