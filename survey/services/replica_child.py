"""Becomes Litestream; run as a program, so that Litestream ends when its server is killed.

A process of its own: what is set between fork and exec may not run inside a server with threads.
Usage: python replica_child.py PID-OF-THE-PARENT BINARY ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, arguments: list[str]) -> None:
    """Ask the kernel for a signal at the parent's death, then become the other program."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)  # it died before the kernel was asked
    os.umask(0o077)
    os.execv(arguments[0], arguments)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
