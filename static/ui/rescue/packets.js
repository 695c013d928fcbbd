// @ts-check
/**
 * The text form in the officer's hands: planned when the screen opens, each part made when it is
 * tapped and let go of when the next one is.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { rescueFileName } from "../../core/rescue_name.js";
import { shareTextFile } from "../../device/share.js";
import { countRescue } from "../../storage/rescue_rows.js";
import { makeTextPart, planText } from "../../storage/rescue_text.js";
import { today } from "../duty.js";
import { sync } from "../state.js";
import { downloadFile } from "./download.js";
import { holdersHere } from "./holders.js";
import { dismissRisks } from "./risk.js";

/** @typedef {import("../../storage/rescue_text.js").TextPlan} TextPlan */
/** @typedef {import("../../storage/rescue_rows.js").RescueCount} RescueCount */
/** @typedef {"waiting"|"making"|"tap_again"|"shared"|"saved"|"failed"} PacketState */
/** @typedef {{plan: TextPlan, count: RescueCount, states: PacketState[], done: number, of: number}} Packets */

/** @param {boolean} unsentOnly @returns {Promise<Packets>} */
async function planNow(unsentOnly) {
  const holders = holdersHere();
  const header = { made_at: toInstant(Date.now()), unsent_only: unsentOnly };
  const [plan, count] = await Promise.all([planText(holders, header), countRescue(holders, unsentOnly)]);
  return { plan, count, states: plan.files.map(() => "waiting"), done: 0, of: 0 };
}

/** About the bytes of a part, before it is made. @param {TextPlan} plan @param {number} part from 1 */
export function partBytes(plan, part) {
  const files = plan.files[part - 1].reduce((sum, { file }) => sum + (file.held ? (file.bytes * 4) / 3 : 0) + 600, 0);
  return files + (part === 1 ? plan.text.size : 0);
}

/** @param {Packets} packets @param {"txt"|"zip"} ending @param {number} [part] */
export function packetName({ plan, count }, ending, part = 1) {
  const parts = ending === "zip" ? 1 : plan.files.length;
  return rescueFileName({ names: plan.holders.map((holder) => holder.name), day: today(), visits: count.visits, ending, part, parts });
}

/**
 * @param {boolean} unsentOnly
 * @returns {{packets: Packets|null, problem: unknown, give: (part: number, way: "share"|"save") => Promise<void>}}
 */
export function usePackets(unsentOnly) {
  const [packets, setPackets] = useState(/** @type {Packets|null} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const busy = useRef(false);
  const made = useRef(/** @type {{plan: TextPlan, part: number, blob: Blob}|null} */ (null));
  const status = sync.value;
  useEffect(() => {
    if (busy.current) return undefined;
    let present = true;
    planNow(unsentOnly).then((found) => present && !busy.current && setPackets(found), (error) => present && setProblem(error));
    return () => {
      present = false;
    };
  }, [unsentOnly, status?.unsent_records, status?.unsent_files]);

  /** @param {number} part @param {PacketState} state */
  const mark = (part, state) => setPackets((old) => old && { ...old, states: old.states.map((one, n) => (n === part - 1 ? state : one)) });

  /** @param {number} part @param {"share"|"save"} way */
  const give = async (part, way) => {
    if (!packets || busy.current) return;
    busy.current = true;
    mark(part, "making");
    try {
      const blob = await make(packets.plan, part);
      const name = packetName(packets, "txt", part);
      if (way === "save") downloadFile(blob, name);
      const outcome = way === "save" ? "saved" : await shareTextFile(blob, name);
      if (outcome === "shared" || outcome === "saved") dismissRisks();
      mark(part, outcome === "cancelled" ? "waiting" : outcome);
    } catch (error) {
      setProblem(error);
      mark(part, "failed");
    }
    busy.current = false;
  };

  /** @param {TextPlan} plan @param {number} part */
  const make = async (plan, part) => {
    if (made.current?.plan === plan && made.current.part === part) return made.current.blob;
    made.current = null;
    const blob = await makeTextPart(plan, part, (done, of) => setPackets((old) => old && { ...old, done, of }));
    made.current = { plan, part, blob };
    return blob;
  };
  return { packets, problem, give };
}
