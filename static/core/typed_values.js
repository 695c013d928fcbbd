// @ts-check
/**
 * One number of one quantity: is it what a phone can mean? And numbers without a name: whose they
 * are where that is clear, a question where not. Part of typed_rules. Pure.
 */

/** @typedef {import("./types.js").Technology} Technology */
/** @typedef {import("./typed_rules.js").Answer} Answer */
/** @typedef {import("./typed_rules.js").Question} Question */
/** @typedef {import("./typed_rules.js").Case} Case */
/** @typedef {import("./typed_statements.js").Statement} Statement */

/** Largest ASU of LTE and NR. */
const ASU_MAXIMUM = 97;
/** No phone shows a stronger level, whatever the standard allows; such a number is something else. */
const NR_STRONGEST_DBM = -44;
const WCDMA_STRONGEST_DBM = -40;

/** @param {string} field @param {number} value */
const only = (field, value) => ({ values: { [field]: value } });

/** @param {Statement} one @param {Case} room @returns {number|null} dBm if the number is an ASU */
function fromAsu(one, room) {
  const size = Math.abs(one.value);
  if (one.unit !== "" || !Number.isInteger(size) || size > ASU_MAXIMUM || room.technology === "wcdma") return null;
  return room.technology === "gsm" ? 2 * size - 113 : size - 140;
}

/**
 * @param {string} field @param {Statement} one @param {Case} room @param {number|undefined} rsrq
 * @returns {Question|null}
 */
export function judgeLevel(field, one, room, rsrq) {
  const { value } = one;
  const nr = room.technology.startsWith("nr");
  const strongest = field === "rscp_dbm" ? WCDMA_STRONGEST_DBM : nr && field === "rsrp_dbm" ? NR_STRONGEST_DBM : 0;
  const fits = (/** @type {number} */ dbm) => dbm < 0 && room.within(field, dbm) && dbm <= strongest;
  const common = { field, value, insist: only(field, value) };
  const dbm = fromAsu(one, room);
  const asu = dbm !== null && fits(dbm) ? [only(field, dbm)] : [];
  if (fits(value)) {
    const bogus = (room.technology === "gsm" && value === -51) || (nr && value === NR_STRONGEST_DBM && (rsrq === undefined || Math.abs(rsrq) === 3));
    return bogus ? { ...common, code: "bogus", answers: [] } : null;
  }
  // 3G has two formulas, so its ASU has no answer
  const bare3g = room.technology === "wcdma" && one.unit === "" && Number.isInteger(value) && Math.abs(value) <= ASU_MAXIMUM && !fits(-Math.abs(value));
  if (value > 0 && fits(-value)) return { ...common, code: "sign", answers: [only(field, -value), ...asu] };
  return asu.length > 0 || bare3g ? { ...common, code: "asu", answers: asu } : { ...common, code: "range", answers: [] };
}

/**
 * @param {string} field @param {Statement} one @param {Case} room
 * @param {boolean} modern the text shows that whole dB are meant by "rssnr"
 * @returns {Question|null}
 */
export function judgeRatio(field, one, room, modern) {
  const { value, sign } = one;
  const common = { field, value, insist: only(field, value) };
  const tenth = value / 10;
  if (field === "sinr_db") {
    if (one.dash && room.within(field, -value)) return { ...common, code: "hyphen", answers: [only(field, value), only(field, -value)].filter(({ values }) => room.within(field, values[field])), insist: null };
    // Android wrote tenths here once; within the range nobody can tell
    if (one.name === "rssnr" && !modern && value !== 0 && Number.isInteger(value) && room.within(field, value)) return { ...common, code: "tenth", answers: [only(field, value), only(field, tenth)], insist: null };
  } else {
    if (value === 0) return { ...common, code: "bogus", answers: [] };
    if (value > 0 && sign !== "+" && room.within(field, -value)) return { ...common, code: "sign", answers: [only(field, -value)] };
  }
  if (room.within(field, value)) return null;
  return room.within(field, tenth) && Number.isInteger(value) ? { ...common, code: "tenth", answers: [only(field, tenth)] } : { ...common, code: "range", answers: [] };
}

/** dBm from ASU as phones write it: network, factor, offset. 3G has two. @type {[Technology, number, number][]} */
export const FORMULAS = [["gsm", 2, -113], ["wcdma", 1, -120], ["wcdma", 1, -116], ["lte", 1, -140], ["nr_nsa", 1, -140], ["nr_sa", 1, -140]];

/**
 * Give the numbers without a name to the main quantity where that is clear.
 * @param {import("./typed_statements.js").Statements} told @param {Case} room
 * @param {Map<string, Statement[]>} byField @param {(field: string, one: Statement) => void} add
 * @returns {Statement[]} those that stay without a place
 */
export function placeBare(told, room, byField, add) {
  const levels = told.bare.filter((one) => one.unit === "dbm" || (one.name === "signal" && one.unit === ""));
  let plain = told.bare.filter((one) => !levels.includes(one));
  levels.forEach((one) => add(room.main, one));
  const known = new Set([...byField.values()].flat().map((one) => one.value));
  plain = plain.filter((one) => !known.has(one.value));
  const stated = byField.get(room.main)?.[0];
  const free = plain.filter((one) => one.unit === "");
  if (!stated) {
    const pair = free.length === 2 && plain.length === 2 && !told.asu.length && FORMULAS.some(([, factor, offset]) => free[0].value === factor * free[1].value + offset);
    if (pair) told.asu.push(free[1]);
    if (pair || (free.length === 1 && plain.length === 1 && (byField.size === 0 || free[0].value < 0 || room.within(room.main, -free[0].value)))) {
      add(room.main, free[0]);
      plain = [];
    }
  } else if (free.length === 1 && plain.length === 1 && !told.asu.length && stated.value < 0 && FORMULAS.some(([, factor, offset]) => stated.value === factor * free[0].value + offset)) {
    told.asu.push(free[0]);
    plain = [];
  }
  return [...plain, ...told.doubtful];
}

/** Numbers that may be several things. @param {Statement[]} loose @param {Case} room @param {Map<string, Statement[]>} byField @returns {Question} */
export function askWhich(loose, room, byField) {
  const free = [room.main, "rsrq_db", "sinr_db", "ecno_db"].filter((field, n, list) => room.has(field) && !byField.has(field) && list.indexOf(field) === n);
  const [first, second, third] = loose.map((one) => one.value);
  const fits = (/** @type {string} */ field, /** @type {number} */ value) => free.includes(field) && room.within(field, value) && (field === "sinr_db" || value < 0);
  /** @type {Answer[]} */
  const answers = [];
  if (loose.length === 1) {
    for (const field of free) if (fits(field, first) && !(first < -43 && field !== room.main)) answers.push({ values: { [field]: first } });
  } else if (loose.length <= 3 && fits(room.main, first)) {
    for (const field of free.slice(1)) {
      /** @type {Object<string, number>} */
      const more = field === "rsrq_db" && third !== undefined ? { sinr_db: third } : {};
      const fit = fits(field, second) && (third === undefined || (field === "rsrq_db" && fits("sinr_db", third)));
      if (fit) answers.push({ values: { [room.main]: first, [field]: second, ...more } });
    }
  }
  if (answers.length === 0 && loose.length === 2 && fits(room.main, first) && fits(room.main, second)) answers.push({ values: { [room.main]: first } }, { values: { [room.main]: second } });
  return { code: "which", field: null, value: first, answers, insist: null };
}
