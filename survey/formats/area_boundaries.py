"""Boundaries as GeoJSON (RFC 7946): text to geometries, every fault with its feature.

Polygons and MultiPolygons in WGS 84 degrees; rings are checked, never repaired or simplified.
Knows nothing of the areas that exist.
"""

from __future__ import annotations

import json
from typing import Any, Final

from survey.domain.area_lines import (
    FILE_ROWS,
    SHOWN_FAULTS,
    AreaFile,
    BoundaryLine,
    Fault,
)
from survey.domain.areas import LEVELS
from survey.domain.labels import N_
from survey.domain.limits import NAME_CHARACTERS

_CODE_PROPERTIES: Final = ("kemendagri_code", "id", "code", "bps_code")
_NAME_PROPERTIES: Final = ("name", "nama")
_LEVEL_PROPERTIES: Final = ("level", "type")
_PARENT_PROPERTIES: Final = ("parent", "parent_code", "parent_id", "kecamatan")
_WGS84_NAMES: Final = ("CRS84", "EPSG::4326", "EPSG:4326")
_RING_POSITIONS: Final = 4


class _UnfitError(Exception):
    """A geometry cannot be taken; the text is a msgid."""


def read_boundaries(text: str) -> AreaFile:
    """Return the boundaries of a FeatureCollection or a Feature, and every fault."""
    result = AreaFile()
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        result.faults.append(Fault(0, "", N_("The JSON is nested too deeply.")))
        return result
    except json.JSONDecodeError as error:
        result.faults.append(
            Fault(error.lineno, "", N_("The JSON breaks off or is not well formed here."))
        )
        return result
    except ValueError:
        result.faults.append(Fault(0, "", N_("The JSON holds NaN, Infinity or a huge number.")))
        return result
    features = _find_features(content)
    if features is None:
        result.faults.append(Fault(0, "", N_("This is no GeoJSON FeatureCollection.")))
    elif not features:
        result.faults.append(Fault(0, "", N_("The file holds no features.")))
    elif len(features) > FILE_ROWS:
        result.faults.append(Fault(0, "", N_("The file has more than {n} rows."), {"n": FILE_ROWS}))
    elif not _is_wgs84(content):
        result.faults.append(
            Fault(0, "crs", N_("The coordinates must be WGS 84 (EPSG:4326) in degrees."))
        )
    else:
        for row, feature in enumerate(features, start=1):
            _read_feature(result, row, feature)
            if len(result.faults) >= SHOWN_FAULTS:
                break
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _find_features(content: object) -> list[object] | None:
    if not isinstance(content, dict):
        return None
    if content.get("type") == "Feature":
        return [content]
    features = content.get("features")
    return (
        features
        if content.get("type") == "FeatureCollection" and isinstance(features, list)
        else None
    )


def _is_wgs84(content: dict[str, Any]) -> bool:
    """Tell whether the outdated `crs` member, if any, names WGS 84."""
    crs = content.get("crs")
    return crs is None or any(name in json.dumps(crs) for name in _WGS84_NAMES)


def _read_feature(result: AreaFile, row: int, feature: object) -> None:
    def fault(column: str, message: str) -> None:
        result.faults.append(Fault(row, column, message))

    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        fault("", N_("This is no GeoJSON feature."))
        return
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        fault("properties", N_("The properties are no object."))
        return
    named = {**(properties or {})}
    codes = _texts(named, _CODE_PROPERTIES)
    if isinstance(feature.get("id"), (str, int)):
        codes = (*codes, str(feature["id"]))
    level = next((t for t in _texts(named, _LEVEL_PROPERTIES) if t.lower() in LEVELS), None)
    names = _texts(named, _NAME_PROPERTIES)
    if not codes and not names:
        fault("properties", N_("A feature needs kemendagri_code, id or name."))
        return
    try:
        geometry = _check_geometry(feature.get("geometry"))
    except _UnfitError as unfit:
        fault("geometry", str(unfit))
        return
    result.boundaries.append(
        BoundaryLine(
            row,
            codes=tuple(dict.fromkeys(codes)),
            name=names[0] if names else None,
            level=level.lower() if level else None,
            parent=next(iter(_texts(named, _PARENT_PROPERTIES)), None),
            geometry=geometry,
            text=json.dumps(geometry, separators=(",", ":"), allow_nan=False),
        )
    )


def _texts(properties: dict[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the properties that hold a usable text or whole number, in the order of the names."""
    found = (properties.get(name) for name in names)
    texts = (
        " ".join(str(value).split())
        for value in found
        if isinstance(value, (str, int)) and not isinstance(value, bool)
    )
    return tuple(text for text in texts if 0 < len(text) <= NAME_CHARACTERS and text.isprintable())


def _check_geometry(geometry: object) -> dict[str, Any]:
    """Return a geometry with positions of two numbers, or raise _UnfitError."""
    if not isinstance(geometry, dict):
        raise _UnfitError(N_("The feature has no geometry."))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise _UnfitError(N_("A boundary is a Polygon or a MultiPolygon."))
    if not isinstance(coordinates, list) or not coordinates:
        raise _UnfitError(N_("The geometry has no coordinates."))
    if kind == "Polygon":
        return {"type": kind, "coordinates": _check_polygon(coordinates)}
    return {"type": kind, "coordinates": [_check_polygon(polygon) for polygon in coordinates]}


def _check_polygon(rings: object) -> list[list[list[float]]]:
    if not isinstance(rings, list) or not rings:
        raise _UnfitError(N_("A polygon has no rings."))
    return [_check_ring(ring) for ring in rings]


def _check_ring(ring: object) -> list[list[float]]:
    if not isinstance(ring, list):
        raise _UnfitError(N_("A ring is no list of positions."))
    positions = [_check_position(position) for position in ring]
    if len(positions) < _RING_POSITIONS:
        raise _UnfitError(N_("A ring needs at least four positions."))
    if positions[0] != positions[-1]:
        raise _UnfitError(N_("A ring does not end where it began."))
    return positions


def _check_position(position: object) -> list[float]:
    if not isinstance(position, list) or len(position) < 2:
        raise _UnfitError(N_("A position is not two numbers."))
    longitude, latitude = position[0], position[1]
    for value in (longitude, latitude):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _UnfitError(N_("A position is not two numbers."))
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise _UnfitError(
            N_("A position lies outside the world: longitude comes first, in WGS 84 degrees.")
        )
    return [longitude, latitude]
