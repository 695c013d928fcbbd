// @ts-check
/** The danger that what is unsent is in, looked at whenever the counts or the clock move on. */
import { useEffect, useRef, useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { reference } from "../../core/reference.js";
import { offerFor, risksOf } from "../../core/risk.js";
import { storageState } from "../../device/storage_manager.js";
import { openDevice, readSetting, writeSetting } from "../../storage/device.js";
import { oldestUnsent } from "../../storage/rescue_rows.js";
import { timeNow } from "../clock.js";
import { today } from "../duty.js";
import { now, sync } from "../state.js";
import { holdersHere } from "./holders.js";

/** @typedef {import("../../core/risk.js").RiskKey} RiskKey */
/** @typedef {import("../../core/risk.js").Dismissed} Dismissed */

const DISMISSED = "rescue_dismissed";

/** The hour of the office's day. @param {number} ms */
function hourOf(ms) {
  try {
    return Number(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: reference().timezone ?? "UTC" }).format(new Date(ms)));
  } catch {
    return Number(toInstant(ms).slice(11, 13));
  }
}

/** @returns {Promise<RiskKey[]>} gravest first */
async function lookAround() {
  const status = sync.peek();
  if (!status) return [];
  const oldest = async () => (await Promise.all(holdersHere().map(({ db }) => oldestUnsent(db)))).filter((at) => at !== null).sort()[0] ?? null;
  const [oldest_at, storage] = await Promise.all([oldest().catch(() => null), storageState()]);
  return risksOf({
    unsent_records: status.unsent_records, unsent_files: status.unsent_files, last_contact_at: status.last_contact_at, oldest_at,
    persisted: storage.persisted, free_bytes: storage.free_bytes, failure: status.failure?.kind ?? null, hour: hourOf(timeNow()),
  }, now.peek());
}

/** Say no more of today's dangers until tomorrow. */
export async function dismissRisks() {
  const keys = await lookAround();
  if (keys.length > 0) await writeSetting(openDevice(), DISMISSED, { day: today(), keys }).catch(() => undefined);
}

/** The one danger to speak of now, if any. @returns {Promise<RiskKey|null>} */
export async function currentOffer() {
  const found = await lookAround();
  const dismissed = await readSetting(openDevice(), DISMISSED, /** @type {Dismissed|null} */ (null)).catch(() => null);
  return offerFor(found, dismissed, today());
}

/** What to say now. @returns {{risk: RiskKey|null, dismiss: () => Promise<void>}} */
export function useRisk() {
  const [risk, setRisk] = useState(/** @type {RiskKey|null} */ (null));
  // Looks overlap: only the newest may speak, or one from before "not today" brings the card back.
  const newest = useRef(0);
  const status = sync.value;
  const look = async () => {
    const mine = (newest.current += 1);
    const found = await currentOffer().catch(() => undefined);
    if (found !== undefined && mine === newest.current) setRisk(found);
  };
  useEffect(() => {
    look();
    return () => {
      newest.current += 1;
    };
  }, [now.value, status?.unsent_records, status?.unsent_files, status?.last_contact_at, status?.failure?.kind]);
  const dismiss = async () => {
    newest.current += 1;
    setRisk(null);
    await dismissRisks().catch(() => undefined);
    await look();
  };
  return { risk, dismiss };
}
