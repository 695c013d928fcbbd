// @ts-check
/** The tree of areas on the phone: paths, points ("≈" when only the parent's is known), search. */
import { distanceM } from "../core/geo.js";
import { searchAreas } from "../core/spelling.js";

/**
 * @typedef {Object} Area
 * @property {string} id
 * @property {"kabupaten"|"kecamatan"|"nagari"|"jorong"} level
 * @property {string} name
 * @property {string|null} parent_id
 * @property {number|null} latitude_deg
 * @property {number|null} longitude_deg
 * @property {string[]} aliases
 *
 * @typedef {{byId: Map<string, Area>, jorong: Area[], nagari: Area[]}} AreaIndex
 * @typedef {{latitude_deg: number, longitude_deg: number, approximate: boolean}} AreaPoint
 */

/** @param {Object<string, any>[]} rows @returns {AreaIndex} */
export function indexAreas(rows) {
  const all = /** @type {Area[]} */ (rows.map((row) => ({ ...row, aliases: row.aliases ?? [] })));
  const named = (/** @type {string} */ level) => all.filter((area) => area.level === level).sort((a, b) => a.name.localeCompare(b.name));
  return { byId: new Map(all.map((area) => [area.id, area])), jorong: named("jorong"), nagari: named("nagari") };
}

/** @param {AreaIndex} index @param {Area} area @returns {Area[]} parents, nearest first, without the regency */
export function parentsOf(index, area) {
  const found = [];
  for (let next = area.parent_id; next && found.length < 5; ) {
    const parent = index.byId.get(next);
    if (!parent || parent.level === "kabupaten") break;
    found.push(parent);
    next = parent.parent_id;
  }
  return found;
}

/** @param {AreaIndex} index @param {Area} area @returns {string} "Nagari Lubuk Gadang, Kec. Sangir" */
export function pathOf(index, area) {
  return parentsOf(index, area).map((parent) => (parent.level === "nagari" ? `Nagari ${parent.name}` : `Kec. ${parent.name}`)).join(", ");
}

/** @param {{latitude_deg: number|null, longitude_deg: number|null}|undefined} area */
function hasPoint(area) {
  return typeof area?.latitude_deg === "number" && typeof area.longitude_deg === "number";
}

/** Its own point, else the nearest parent's, marked so. @param {AreaIndex} index @param {Area} area @returns {AreaPoint|null} */
export function pointOf(index, area) {
  const source = [area, ...parentsOf(index, area)].find(hasPoint);
  if (!source) return null;
  return { latitude_deg: Number(source.latitude_deg), longitude_deg: Number(source.longitude_deg), approximate: source !== area };
}

/** @param {Area|undefined} area @returns {{latitude_deg: number, longitude_deg: number}|null} only its own point */
export function ownPoint(area) {
  return area && hasPoint(area) ? { latitude_deg: Number(area.latitude_deg), longitude_deg: Number(area.longitude_deg) } : null;
}

/**
 * @param {AreaIndex} index
 * @param {Area} area
 * @param {{latitude_deg: number, longitude_deg: number}|null} from
 * @returns {{metres: number, approximate: boolean}|null}
 */
export function distanceTo(index, area, from) {
  const point = pointOf(index, area);
  return from && point ? { metres: distanceM(from, point), approximate: point.approximate } : null;
}

/**
 * Jorong by name: as spelled first, then Minang and misspelled ones as suggestions.
 * @param {AreaIndex} index
 * @param {string} query
 * @returns {{area: Area, suggested: boolean}[]}
 */
export function findJorong(index, query) {
  return searchAreas(index.jorong, query, 20);
}

/** Jorong of the nagari that answer to the query. @param {AreaIndex} index @param {string} query @returns {{nagari: Area, jorong: Area[]}[]} */
export function findByNagari(index, query) {
  return searchAreas(index.nagari, query, 3)
    .map(({ area: nagari }) => ({ nagari, jorong: index.jorong.filter((area) => area.parent_id === nagari.id) }))
    .filter((group) => group.jorong.length > 0);
}
