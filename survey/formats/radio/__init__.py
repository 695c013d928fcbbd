"""Logs of radio apps and public tower lists: bytes -> samples, cells, and why a row is neither.

`recognising` tells a format by its content, `reading` reads it; one module a format. Pure: asks
no store, knows no area.
"""
