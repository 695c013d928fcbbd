// @ts-check
/**
 * Notices that the phone's clock was set while the app is open, by comparing it with the one that
 * only counts. That one stands still while the phone sleeps, so a step forward over a sleep tells
 * nothing; a step back always does.
 */
import { JUMP_MS } from "../core/clock.js";
import { isVisible, whenVisible } from "./visibility.js";

const LOOK_EVERY_MS = 10_000;

/**
 * @typedef {Object} Clocks
 * @property {() => number} now        ms since 1970, may be set
 * @property {() => number} monotonic  ms, only counts
 */

/**
 * @param {(stepMs: number, nowMs: number) => void} onStep forward is positive
 * @param {Clocks} [clocks]
 * @returns {{look: () => void, stop: () => void}} `look`: now, and not only every ten seconds
 */
export function watchClock(onStep, clocks = { now: () => Date.now(), monotonic: () => performance.now() }) {
  let [wall, counted, awake] = [clocks.now(), clocks.monotonic(), isVisible()];
  const look = () => {
    const [nowMs, monotonic] = [clocks.now(), clocks.monotonic()];
    const step = nowMs - wall - (monotonic - counted);
    const slept = !awake || !isVisible();
    [wall, counted, awake] = [nowMs, monotonic, isVisible()];
    if (step < -JUMP_MS || (step > JUMP_MS && !slept)) onStep(Math.round(step), nowMs);
  };
  const hidden = () => {
    if (!isVisible()) awake = false;
  };
  document.addEventListener("visibilitychange", hidden);
  const timer = setInterval(look, LOOK_EVERY_MS);
  const stopVisible = whenVisible(look);
  return {
    look,
    stop() {
      clearInterval(timer);
      stopVisible();
      document.removeEventListener("visibilitychange", hidden);
    },
  };
}
