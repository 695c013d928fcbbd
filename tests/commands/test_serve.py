"""`survey serve`: what stops it before it serves."""

from __future__ import annotations

import resource
import socket

import pytest
from click.testing import CliRunner

from survey.cli import main
from survey.server import CONNECTIONS, OTHER_FILES, PortTakenError, allow_connections, check_port
from survey.settings import Settings


def test_a_port_in_use_is_said_and_nothing_starts(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError):
            check_port("127.0.0.1", port)
        result = CliRunner().invoke(
            main,
            ["serve", "--port", str(port)],
            env={"SURVEY_INSTANCE": str(settings.instance)},
        )
    assert result.exit_code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in result.stderr


def test_a_folder_that_is_no_instance_is_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    result = CliRunner().invoke(
        main, ["serve", "--port", "1"], env={"SURVEY_INSTANCE": str(tmp_path)}
    )
    assert result.exit_code == 1


def test_a_bad_setting_stops_the_start_with_its_name(settings: Settings) -> None:
    result = CliRunner().invoke(
        main,
        ["serve", "--port", "8999"],
        env={"SURVEY_INSTANCE": str(settings.instance), "SURVEY_TIMEZONE": "Mars/Olympus"},
    )
    assert result.exit_code == 1
    assert "SURVEY_TIMEZONE" in result.stderr


@pytest.mark.parametrize(
    ("limits", "raised_to", "connections"),
    [
        ((1_024, 1_048_576), 2 * CONNECTIONS + OTHER_FILES, CONNECTIONS),
        ((1_024, 4_096), 4_096, (4_096 - OTHER_FILES) // 2),
        ((1_024, resource.RLIM_INFINITY), 2 * CONNECTIONS + OTHER_FILES, CONNECTIONS),
        ((1_048_576, 1_048_576), None, CONNECTIONS),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None, CONNECTIONS),
        ((300, 300), None, OTHER_FILES),
    ],
)
def test_as_many_connections_are_taken_as_files_may_be_open(
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    raised_to: int | None,
    connections: int,
) -> None:
    raised = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: raised.append(pair))
    assert allow_connections() == connections
    assert raised == ([(raised_to, limits[1])] if raised_to else [])
