// @ts-check
/** Whose data a rescue file holds: everybody's on this phone, the officer on duty first. */
import { openOfficer } from "../../storage/officer.js";
import { officer, officers } from "../state.js";

/** @returns {import("../../storage/rescue_rows.js").Holder[]} */
export function holdersHere() {
  const mine = officer.peek()?.id;
  const sorted = [...officers.peek()].sort((a, b) => Number(b.id === mine) - Number(a.id === mine));
  return sorted.map(({ id, name }) => ({ id, name, db: openOfficer(id) }));
}
