"""QR codes as inline SVG, for a page that may hold no inline style. Knows no address."""

from __future__ import annotations

import io

import segno


def draw_qr(text: str) -> str:
    """Return an SVG element of class `qr` that scales to its box: dark on white, quiet zone."""
    code = segno.make(text, error="m", micro=False)
    buffer = io.BytesIO()
    code.save(
        buffer,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass="qr__modules",
        nl=False,
    )
    return buffer.getvalue().decode()
