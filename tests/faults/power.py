"""A disk that can lose its power: an ext4 file system in a file, mounted by loop.

A cut copies the file while whoever writes is frozen: what the kernel had not yet written to that
"disk" is not in the copy, as after a power cut. The copy is then mounted in its place. It is not
taken in one instant, so this is a good likeness of a power cut and no proof.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SIZE_MB = 600


class Disk:
    """A mounted image at `place`; `cut` takes its power away. `with Disk(folder) as disk`."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "disk"
        self._folder = folder
        self._images = 0
        self._image = self._next_image()

    def __enter__(self) -> Disk:
        """Make and mount the file system; where that is refused the test is skipped."""
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(SIZE_MB << 20)
        for command in (["mkfs.ext4", "-q", "-F", str(self._image)], self._mount_command()):
            refusal = _run(command)
            if refusal is not None:
                pytest.skip(f"this machine refuses to mount a disk: {refusal}")
        return self

    def __exit__(self, *_: object) -> None:
        self._unmount()

    def cut(self, freeze: Callable[[], None], kill: Callable[[], None]) -> None:
        """Cut the power: `freeze` stops all who write, `kill` ends them; mount what is left."""
        freeze()
        left = self._next_image()
        # Holes stay holes, or each copy would be as large as the disk.
        subprocess.run(["cp", "--sparse=always", str(self._image), str(left)], check=True)
        kill()
        self._unmount()
        self._image.unlink()
        self._image = left
        refusal = _run(self._mount_command())
        assert refusal is None, refusal

    def _next_image(self) -> Path:
        self._images += 1
        return self._folder / f"disk-{self._images}.img"

    def _mount_command(self) -> list[str]:
        return ["mount", "-o", "loop", str(self._image), str(self.place)]

    def _unmount(self) -> None:
        """Unmount; a process that was just killed may hold the disk for a moment."""
        refusal: str | None = ""
        for _ in range(100):
            refusal = _run(["umount", str(self.place)])
            if refusal is None or "not mounted" in refusal:
                return
            time.sleep(0.05)
        # Nothing of it may stay behind, whoever still holds it.
        _run(["umount", "--lazy", str(self.place)])
        raise AssertionError(refusal)


def _run(command: list[str]) -> str | None:
    """Run a command; return None, or why it did not work."""
    if shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        return f"there is no {command[0]}"
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else result.stderr.strip()
