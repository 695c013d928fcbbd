// @ts-check
/** One position for "nearest first", when the officer already allowed it or taps for it. */
import { useEffect, useState } from "preact/hooks";
import { listenToGps, locationPermission } from "../device/gps.js";
import { here } from "./state.js";

const FRESH_MS = 120_000;
const PATIENCE_MS = 30_000;
/** For sorting jorong a rough place is enough. */
const ENOUGH_M = 500;

/** @returns {{mayAsk: boolean, looking: boolean, look: () => void}} */
export function useHere() {
  const [looking, setLooking] = useState(false);
  const [mayAsk, setMayAsk] = useState(false);
  useEffect(() => {
    let present = true;
    locationPermission().then((answer) => {
      if (!present) return;
      if (answer === "granted" && Date.now() - (here.value?.at_ms ?? 0) > FRESH_MS) setLooking(true);
      setMayAsk(answer !== "granted" && answer !== "denied");
    });
    return () => {
      present = false;
    };
  }, []);
  useEffect(() => {
    if (!looking) return undefined;
    const giveUp = setTimeout(() => setLooking(false), PATIENCE_MS);
    const stop = listenToGps((report, isNewFix) => {
      if (["denied", "off", "missing"].includes(report.state)) setLooking(false);
      if (!isNewFix || !report.fix) return;
      const { latitude_deg, longitude_deg, accuracy_m } = report.fix;
      here.value = { latitude_deg, longitude_deg, at_ms: Date.now() };
      setMayAsk(false);
      if (accuracy_m <= ENOUGH_M) setLooking(false);
    });
    return () => {
      clearTimeout(giveUp);
      stop();
    };
  }, [looking]);
  return { mayAsk, looking, look: () => setLooking(true) };
}
