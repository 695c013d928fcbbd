// @ts-check
/** Keys that number keyboards of phones lack: the names of quantities and the sign. Pure. */

/** @typedef {{text: string, caret: number}} Typed */

/** Quantities that are never above zero get their minus with the name. */
const NEGATIVE = ["RSRP", "RSRQ", "RSCP", "Ec/No"];

/** Put a name where the caret is, with a gap around it. @param {string} text @param {number} caret @param {string} name @returns {Typed} */
export function insertName(text, caret, name) {
  const before = text.slice(0, caret).replace(/[ ]+$/, "");
  const gap = before === "" || before.endsWith("\n") ? "" : " ";
  const head = `${before}${gap}${name} ${NEGATIVE.includes(name) ? "-" : ""}`;
  return { text: head + text.slice(caret).replace(/^[ ]+/, ""), caret: head.length };
}

/** Turn the sign of the number at the caret, or begin a negative one. @param {string} text @param {number} caret @returns {Typed} */
export function turnSign(text, caret) {
  const end = caret + (/^[\d.,]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const found = /([-\u2212]\s?)?([\d.,]*)$/.exec(text.slice(0, end));
  const sign = found?.[1] ?? "";
  const at = end - (found?.[0].length ?? 0);
  const next = sign ? "" : "-";
  return { text: text.slice(0, at) + next + text.slice(at + sign.length), caret: Math.max(at, caret + next.length - sign.length) };
}
