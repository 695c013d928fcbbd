// @ts-check
/**
 * The position of one stand while its form is open: feeds the watch's fixes to core's average,
 * stops at the target, and keeps what the officer took. A position already in the draft stays
 * until it is measured again, so walking on never smears it.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { addFix, describeAveraging, newAveraging } from "../../core/position.js";
import { listenToGps, locationPermission, restartGps } from "../../device/gps.js";
import { keepScreenOn } from "../../device/wake_lock.js";

/** @typedef {import("../../core/types.js").Position} Position */
/** @typedef {import("../../device/gps.js").GpsState} GpsState */
/** @typedef {ReturnType<typeof describeAveraging>} Measure */

/**
 * @typedef {Object} Stand
 * @property {boolean} measuring
 * @property {GpsState} gps
 * @property {Measure|null} measure  what the average says now; null when not measuring
 * @property {() => void} start      measure (again); the browser may ask for permission
 * @property {() => void} take       keep what there is
 * @property {() => void} retry      ask the phone again after a remedy
 * @property {() => void} stop       leave off without changing the draft
 */

/**
 * @param {Position|null} position of the draft
 * @param {(position: Position|null) => void} keep writes into the draft
 * @returns {Stand}
 */
export function useStand(position, keep) {
  const [measuring, setMeasuring] = useState(false);
  const [gps, setGps] = useState(/** @type {GpsState} */ ("idle"));
  const [measure, setMeasure] = useState(/** @type {Measure|null} */ (null));
  const averaging = useRef(newAveraging(0));
  const keepLatest = useRef(keep);
  keepLatest.current = keep;

  const start = useCallback(() => {
    averaging.current = newAveraging(Date.now());
    setMeasure(describeAveraging(averaging.current, Date.now()));
    setMeasuring(true);
  }, []);

  // with permission given the watch starts by itself; without, only on a tap
  useEffect(() => {
    let here = true;
    if (position === null) locationPermission().then((answer) => here && answer === "granted" && start());
    return () => {
      here = false;
    };
  }, []);

  useEffect(() => {
    if (!measuring) return undefined;
    const letSleep = keepScreenOn();
    const stopGps = listenToGps((report, isNewFix) => {
      setGps(report.state);
      if (isNewFix && report.fix) averaging.current = addFix(averaging.current, report.fix);
      const now = describeAveraging(averaging.current, Date.now());
      setMeasure(now);
      if (now.position) keepLatest.current(now.position);
      if (now.target_reached) setMeasuring(false);
    });
    const ticking = setInterval(() => setMeasure(describeAveraging(averaging.current, Date.now())), 1000);
    return () => {
      clearInterval(ticking);
      stopGps();
      letSleep();
    };
  }, [measuring]);

  return { measuring, gps, measure, start, take: () => setMeasuring(false), stop: () => setMeasuring(false), retry: restartGps };
}
