// @ts-check
/**
 * Draws the map of one visit with Leaflet (a classic script before this one): the stand and how
 * exact it is, the jorong's known point, its boundary, other visits. No tiles unless the office
 * set some up: the shapes and the scale stand on plain ground.
 */

/**
 * @typedef {{lat: number, lon: number, label?: string, sign?: string, accuracy_m?: number|null}} Place
 * @typedef {{point: Place|null, area: Place|null, boundary: object|null, earlier: Place[],
 *   tiles: {url: string, attribution: string}|null, words: {zoom_in: string, zoom_out: string}}} Drawing
 */

/** @type {any} */
const L = /** @type {any} */ (window).L;
const CLOSEST_ZOOM = 17;
const FARTHEST_M = 60_000;

/** @param {string} name of the custom property */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * A sign of ours instead of Leaflet's picture; the element carries no markup from data.
 * @param {string} sign @param {string} kind @param {number} size
 */
function pin(sign, kind, size) {
  const element = document.createElement("span");
  element.className = `pin ${kind}`;
  element.textContent = sign;
  return L.divIcon({ html: element, className: "", iconSize: [size, size] });
}

/** A sign to look at, not to press. @param {any} map @param {Place} place @param {any} icon */
function mark(map, place, icon) {
  L.marker([place.lat, place.lon], { icon, interactive: false, keyboard: false }).addTo(map);
}

/** @param {Drawing} drawing */
function shapeBoundary(drawing) {
  if (!drawing.boundary) return null;
  const style = { color: colour("--info-solid"), weight: 3, dashArray: "8 6", fillOpacity: 0.05 };
  return L.geoJSON(drawing.boundary, { style, interactive: false });
}

/**
 * What must be seen: the stand and its circle, and what lies near enough to it to help.
 * @param {Drawing} drawing @param {any} boundary
 */
function frame(drawing, boundary) {
  const bounds = L.latLngBounds([]);
  const { point } = drawing;
  if (point) {
    const radius = Math.min(point.accuracy_m ?? 0, FARTHEST_M);
    bounds.extend(L.latLng(point.lat, point.lon).toBounds(Math.max(radius * 2, 300)));
  }
  for (const place of [drawing.area, ...drawing.earlier]) {
    if (!place) continue;
    const spot = L.latLng(place.lat, place.lon);
    if (!point || spot.distanceTo([point.lat, point.lon]) < FARTHEST_M) bounds.extend(spot);
  }
  if (!bounds.isValid() && boundary) bounds.extend(boundary.getBounds());
  return bounds;
}

/** @param {HTMLElement} element */
function draw(element) {
  /** @type {Drawing} */
  const drawing = JSON.parse(element.dataset.map ?? "{}");
  const map = L.map(element, { zoomControl: false, attributionControl: drawing.tiles !== null, scrollWheelZoom: false });
  map.attributionControl?.setPrefix(false);
  L.control.zoom({ zoomInTitle: drawing.words.zoom_in, zoomOutTitle: drawing.words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (drawing.tiles) L.tileLayer(drawing.tiles.url, { attribution: drawing.tiles.attribution }).addTo(map);
  const boundary = shapeBoundary(drawing);
  const { point } = drawing;
  // The view first: Leaflet cannot draw shapes of a group before it knows what is seen.
  map.fitBounds(frame(drawing, boundary), { paddingTopLeft: [72, 24], paddingBottomRight: [24, 36], maxZoom: CLOSEST_ZOOM, animate: false });
  boundary?.addTo(map);
  if (point?.accuracy_m) {
    const style = { radius: point.accuracy_m, color: colour("--brand"), weight: 2, fillOpacity: 0.15, interactive: false };
    L.circle([point.lat, point.lon], style).addTo(map);
  }
  for (const place of drawing.earlier) mark(map, place, pin(place.sign ?? "", "pin--earlier", 26));
  if (drawing.area) mark(map, drawing.area, pin("■", "pin--area", 28));
  if (point) mark(map, point, pin("●", "", 30));
}

const element = document.getElementById("map");
if (element && L) draw(element);
