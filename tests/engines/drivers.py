"""Two more browser engines, driven by their own protocols and no package: Gecko and WebKit.

Only what a smoke test needs: open an address, load anew, run a function in the page, wait.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.browser.server_process import find_free_port

START_S = 90
SCRIPT_S = 60
FIREFOX = "firefox-esr"
WEBKIT = "WebKitWebDriver"
DISPLAY = "Xvfb"
REMEDIES = {
    FIREFOX: "Firefox ESR is not installed here (Debian: firefox-esr)",
    WEBKIT: "WebKitGTK's driver is not installed here (Debian: webkit2gtk-driver)",
    DISPLAY: "WebKitGTK needs a display, and Xvfb is not installed here (Debian: xvfb)",
}
CALL = """
const done = arguments[arguments.length - 1];
Promise.resolve().then(() => (%s)(arguments[0])).then(
  (value) => done({ value: value === undefined ? null : value }),
  (error) => done({ error: String(error) + " " + (error && error.stack) }),
);
"""
PREFERENCES: dict[str, object] = {
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_open_during_load": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "remote.prefs.recommended": True,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def find_missing(*programs: str) -> str | None:
    """Say which of the programs is missing, None when all are here."""
    return next((REMEDIES[one] for one in programs if shutil.which(one) is None), None)


class Engine:
    """A browser of one engine in a process group of its own."""

    def __init__(self, command: list[str], folder: Path, **environ: str) -> None:
        folder.mkdir()
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "HOME": str(folder), **environ},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Open a session once the browser listens."""
        raise NotImplementedError

    def goto(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        raise NotImplementedError

    def _run(self, script: str, arguments: list[object]) -> Any:
        raise NotImplementedError

    def call(self, function: str, argument: object = None) -> Any:
        """Run a function of JavaScript, async or not, and return what it returns."""
        answer = self._run(CALL % function.strip().rstrip(";"), [argument])
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["value"]

    def wait(self, function: str, argument: object = None, seconds: float = 40) -> Any:
        """Wait until a function returns something true, and return it."""
        deadline = time.monotonic() + seconds
        while not (value := self.call(function, argument)):
            if time.monotonic() > deadline:
                shown = self.call("() => location.href + ' ' + document.body.innerText")
                raise AssertionError(f"not within {seconds} s: {function} {argument}\n{shown}")
            time.sleep(0.05)
        return value

    def close(self) -> None:
        """End the browser with all its processes."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._log.close()


class Firefox(Engine):
    """Gecko by Marionette: JSON with its length before it, on a socket of this machine."""

    def __init__(self, folder: Path) -> None:
        profile = folder.parent / f"{folder.name}-profile"
        profile.mkdir()
        port = find_free_port()
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in {**PREFERENCES, "marionette.port": port}.items()
        ]
        (profile / "user.js").write_text("".join(lines))
        command = [FIREFOX, "--marionette", "--no-remote", "--profile", str(profile)]
        self._port, self._number, self._link = port, 0, socket.socket()
        super().__init__(command, folder, MOZ_HEADLESS="1")

    def _begin(self) -> None:
        self._link.close()
        self._link = self._connect(self._port)
        self._read()  # its greeting
        timeouts = {"script": SCRIPT_S * 1_000, "pageLoad": SCRIPT_S * 1_000}
        self._ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"timeouts": timeouts}}})

    def _connect(self, port: int) -> socket.socket:
        deadline = time.monotonic() + START_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), SCRIPT_S + 10)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "Firefox did not start"
                time.sleep(0.05)

    def _read(self) -> Any:
        digits = b""
        while (byte := self._link.recv(1)) != b":":
            assert byte, "Firefox hung up"
            digits += byte
        data = b""
        while len(data) < int(digits):
            piece = self._link.recv(int(digits) - len(data))
            assert piece, "Firefox hung up"
            data += piece
        return json.loads(data)

    def _ask(self, command: str, parameters: dict[str, object]) -> Any:
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._link.sendall(b"%d:%s" % (len(data), data))
        _, number, error, result = self._read()
        assert number == self._number
        assert error is None, f"{command}: {error}"
        return result

    def goto(self, url: str) -> None:
        self._ask("WebDriver:Navigate", {"url": url})

    def _run(self, script: str, arguments: list[object]) -> Any:
        asked = {"script": script, "args": arguments, "newSandbox": False, "sandbox": None}
        return self._ask("WebDriver:ExecuteAsyncScript", asked)["value"]

    def close(self) -> None:
        self._link.close()
        super().close()


class WebKit(Engine):
    """WebKitGTK by its own WebDriver, on a display that nobody sees."""

    def __init__(self, folder: Path) -> None:
        self._port = find_free_port()
        self._display, number = _open_display()
        super().__init__(
            [WEBKIT, f"--port={self._port}"],
            folder,
            DISPLAY=f":{number}",
            WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1",  # as root there is no sandbox
        )

    def _begin(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                # Empty on purpose: it refuses what other drivers like to be told.
                self._session = self._ask("POST", "/session", {"capabilities": {}})["sessionId"]
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "WebKitGTK did not start"
                time.sleep(0.05)
        timeouts = {"script": SCRIPT_S * 1_000, "pageLoad": SCRIPT_S * 1_000}
        self._command("POST", "/timeouts", timeouts)

    def _ask(self, method: str, path: str, body: dict[str, object]) -> Any:
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SCRIPT_S + 10)
        try:
            link.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            answer = link.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            link.close()
        assert answer.status == 200, f"{path}: {value}"
        return value

    def _command(self, method: str, path: str, body: dict[str, object]) -> Any:
        return self._ask(method, f"/session/{self._session}{path}", body)

    def goto(self, url: str) -> None:
        self._command("POST", "/url", {"url": url})

    def _run(self, script: str, arguments: list[object]) -> Any:
        return self._command("POST", "/execute/async", {"script": script, "args": arguments})

    def close(self) -> None:
        super().close()
        self._display.terminate()  # politely: it takes its lock file along
        self._display.wait(10)


def _open_display() -> tuple[subprocess.Popen[bytes], int]:
    """Start a display that nobody sees on the first number that is free."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as told:
        try:
            command = [DISPLAY, "-displayfd", str(writer), "-screen", "0", "800x1200x24"]
            process = subprocess.Popen(
                [*command, "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL
            )
        finally:
            os.close(writer)
        line = told.readline()
    assert line, "Xvfb did not start"
    return process, int(line)
