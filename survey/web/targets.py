"""Where a page may send a browser on: to paths of this site, wherever the wish came from."""

from __future__ import annotations


def safe_target(target: str | None) -> str | None:
    """Return a path of this site to go to, or None when it leads anywhere else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return target if target.isprintable() else None
