"""What the map of one visit draws, as JSON values: points, a circle, an edge. Draws nothing."""

from __future__ import annotations

from typing import Any

from survey.domain.areas import Area
from survey.domain.geo import distance_m
from survey.services.visit_pages import VisitPage
from survey.settings import Settings
from survey.web.formatting import show_distance
from survey.web.language import gettext


def find_area_point(page: VisitPage) -> tuple[Area, bool] | None:
    """Return the nearest area with a point and whether it is the visit's own area, or None."""
    for area in page.place.path:
        if area.latitude_deg is not None and area.level != "kabupaten":
            return area, area.id == page.visit["area_id"]
    return None


def measure_to_area(page: VisitPage) -> float | None:
    """Return the metres from the position to the area's own point, None without either."""
    found = find_area_point(page)
    visit = page.visit
    if found is None or not found[1] or visit["latitude_deg"] is None:
        return None
    area = found[0]
    if area.latitude_deg is None or area.longitude_deg is None:
        return None
    return distance_m(
        visit["latitude_deg"], visit["longitude_deg"], area.latitude_deg, area.longitude_deg
    )


def describe_map(page: VisitPage, settings: Settings) -> dict[str, Any] | None:
    """Return what to draw; None when nothing has a place."""
    visit = page.visit
    found = find_area_point(page)
    drawn: dict[str, Any] = {
        "point": None,
        "area": None,
        "boundary": page.place.boundary,
        "earlier": [
            {
                "lat": one["latitude_deg"],
                "lon": one["longitude_deg"],
                "sign": str(number),
            }
            for number, one in enumerate(page.neighbours, start=1)
            if one["latitude_deg"] is not None
        ],
        "tiles": (
            {"url": settings.tile_url, "attribution": settings.tile_attribution}
            if settings.tile_url
            else None
        ),
        "words": {"zoom_in": gettext("Zoom in"), "zoom_out": gettext("Zoom out")},
    }
    if visit["latitude_deg"] is not None:
        drawn["point"] = {
            "lat": visit["latitude_deg"],
            "lon": visit["longitude_deg"],
            "accuracy_m": visit["accuracy_m"],
            "label": gettext(
                "This visit, good to {distance}", distance=show_distance(visit["accuracy_m"])
            ),
        }
    if found is not None:
        area, own = found
        drawn["area"] = {
            "lat": area.latitude_deg,
            "lon": area.longitude_deg,
            "label": area.name if own else f"≈ {area.name}",
        }
    if not any(drawn[name] for name in ("point", "area", "boundary", "earlier")):
        return None
    return drawn
