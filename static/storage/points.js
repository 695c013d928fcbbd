// @ts-check
/** Points of tracks as they are recorded: appended at once, never rewritten. */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/track.js").TrackPoint} TrackPoint */
/** @typedef {TrackPoint & {segment: number}} StoredPoint a gap in recording starts a new segment */

const LAST = Number.MAX_SAFE_INTEGER;
/** @param {string} trackId */
const ofTrack = (trackId) => IDBKeyRange.bound([trackId, 0], [trackId, LAST]);

/**
 * Append points to a track.
 * @param {Database} db
 * @param {string} trackId
 * @param {StoredPoint[]} points
 * @returns {Promise<number>} how many the track has now
 */
export function addPoints(db, trackId, points) {
  return db.write(["points"], async (tx) => {
    const store = tx.objectStore("points");
    const last = await result(store.openKeyCursor(ofTrack(trackId), "prev"));
    const key = last?.primaryKey;
    let n = Array.isArray(key) ? Number(key[1]) + 1 : 0;
    for (const point of points) {
      store.put({ track_id: trackId, n, ...point });
      n += 1;
    }
    return n;
  });
}

/** @param {Database} db @param {string} trackId @returns {Promise<StoredPoint[]>} in order */
export async function readPoints(db, trackId) {
  const rows = await db.read(["points"], (tx) => result(tx.objectStore("points").getAll(ofTrack(trackId))));
  return rows.map(({ track_id: _track, n: _n, ...point }) => point);
}
