// @ts-check
/**
 * The words in what a phone shows of its signal: names of quantities, of networks, and of numbers
 * that are nothing of ours. Cuts a text into tokens; what belongs to what is decided elsewhere.
 * The same words are in survey/domain/typed_words.py; tests hold both to the same answers.
 */

/** @typedef {"gsm"|"wcdma"|"lte"|"nr_nsa"|"nr_sa"} Technology */

/**
 * `label`: a quantity or a number's name. `number`: `unclear` when its commas may mean two things.
 * `network`: a technology, "cdma" for one that is none of ours. `word`: anything else.
 * @typedef {{kind: "label"|"number"|"network"|"word", start: number, end: number, name: string, nr: boolean, antenna: boolean,
 *   closed: boolean, value: number, sign: string, spaced: boolean, unit: string, unclear: boolean, networks: string[]}} Token
 */

const QUANTITIES = "(?:rsrp|rsrq|rssnr|snr|sinr)";
/** Names of numbers that are no signal: cells, channels, places, batteries. */
const OTHERS = [
  `csi[ _-]?${QUANTITIES}`, "(?:cdma|evdo)(?:dbm|ecio|snr)", "m?cqi(?:tableindex)?", "csicqi(?:tableindex|report)?", "m?ta", "m?timing ?advance", "pci", "psc", "bsic",
  "[eun]?u?arfcn(?:dl|ul)?", "nr-?arfcn", "(?:phys(?:ical)? )?cell[ _-]?(?:id|identity)", "(?:freq|frequency|frekuensi)", "band", "bw", "bandwidth", "[tlrp]ac",
  "[en]?ci", "cid", "cell", "[eg]nb", "[eg]node-?b", "mcc", "mnc", "plmn", "m?level", "m?ber", "ss(?=\\s*[:=])", "[du]l(?: ch)?", "tx ?(?:pwr|power)?", "rx", "r[ia]", "slot",
  "sim", "imsi", "imei", "id", "rrc", "mode", "node", "sector", "sektor", "jarak", "distance", "ping", "bar(?:s)?", "speed", "baterai", "battery", "akurasi",
  "accuracy", "lat(?:itude)?", "lon(?:gitude)?", "alt(?:itude)?", "parametersuseforlevel", "tdscdma",
].join("|");

/** Name, then how it is written; the first that fits counts. An index means an antenna. */
const LABELS = [
  ["rsrp", "m?(ss|nr|lte)?[ _-]?rsrp(?:[ _]?(?:rx)?[0-3](?=\\s*[:=]|\\s*-\\d|\\s+\\d))?(?![a-z])"],
  ["rsrq", "m?(ss|nr|lte)?[ _-]?rsrq(?:[ _]?(?:rx)?[0-3](?=\\s*[:=]|\\s*-\\d|\\s+\\d))?(?![a-z])"],
  ["rssnr", "m?rssnr(?![a-z])"],
  ["sinr", "m?(ss|nr|lte|rs)?[ _-]?(?:sinr|snr)(?:[ _]?(?:rx)?[0-3](?=\\s*[:=]))?(?![a-z])"],
  ["rxlev", "(?:rx ?lev(?:el)?|rxl)(?![a-z])"],
  ["rssi", "m?(?:lte|gsm|carrier)?[ _-]?rssi(?![a-z])"],
  ["rscp", "m?rscp(?![a-z])"],
  ["ecno", "m?ec[ _/-]?(?:no|n0|io|i0)(?![a-z])"],
  ["asu", "asu(?:[ _-]?level)?(?![a-z])"],
  ["signal", "(?:m?signal(?:[ _-]?strength)?|(?:kekuatan[ _-]?)?sin[iy]al|daya|dbm)(?![a-z])"],
  ["other", `(?:${OTHERS})(?![a-z])`],
].map(([name, pattern]) => ({ name, pattern: new RegExp(pattern, "y") }));

/** @type {[RegExp, string[]][]} */
const NETWORKS = /** @type {[string, string[]][]} */ ([
  ["m?(?:cellsignalstrength|cellinfo)?(?:5g|nr)[ _-]*nsa(?![a-z])|nsa(?![a-z])|non[ -]standalone", ["nr_nsa"]],
  ["(?:5g|nr)[ _-]*sa(?![a-z])|standalone", ["nr_sa"]],
  ["m?(?:cellsignalstrength|cellinfo)?(?:5g|nr)(?![a-z0-9])", ["nr_nsa", "nr_sa"]],
  ["m?(?:cellsignalstrength|cellinfo)?(?:4g|lte)(?:[ _-]?[ap])?(?![a-z0-9])\\+?", ["lte"]],
  ["m?(?:cellsignalstrength|cellinfo)?(?:3g|wcdma|umts)(?![a-z0-9])|hs(?:d|u)?pap?(?![a-z])\\+?|h\\+", ["wcdma"]],
  ["m?(?:cellsignalstrength|cellinfo)?(?:2g|gsm)(?![a-z0-9])|edge(?![a-z])|gprs(?![a-z])", ["gsm"]],
  ["m?(?:cellsignalstrength|cellinfo)?(?:td-?s)?cdma(?![a-z0-9])", ["cdma"]],
]).map(([pattern, networks]) => [new RegExp(pattern, "y"), networks]);

/** Clock times, days, hexadecimal ids: digits that are no reading. */
const NOISE = /\d{1,2}:\d{2}(?::\d{2})?(?![\d:])|\d{4}-\d{2}-\d{2}|\d{1,2}\/\d{1,2}\/\d{2,4}(?!\d)|0x[0-9a-f]+/y;
const NUMBER = /([+-]?)(\s?)(\d+(?:[.,]\d+)*)/y;
const UNIT = /\s*[([]?\s*(dbm|db|asu)(?![a-z])/y;
/** A unit that is none of ours, or letters grown onto the number: no reading. */
const FOREIGN = /\s*(?:db[a-z]+|[kmg]?hz|ms|km|mw|[km]bps|[km]b|[msvw]|bars?|jam|menit|detik)(?![a-z])|\s*[%\u00b0]|[a-z][a-z0-9_]*/y;
/** Between a name and its number nothing is said by these. */
const FILLER = /(?:is|adalah|nilai|value|val|cur(?:rent)?|max|min|avg|dbm?)(?![a-z])/y;
const BEGINS = /[a-z0-9+-]/;
const WORD = /[a-z][a-z0-9_]*(?:[.,]\d+)*/y;
/** More digits are an id. */
const DIGITS = 12;
/** After a name: it is closed when a sign of its value follows, even if the value is missing. */
const CLOSED = /\s*(?:[([]\s*dbm?\s*[)\]])?\s*[:=-]/y;

/** An unknown word that names what follows. */
const NAMES = /\s*[:=]/y;

/** Dashes of all kinds are a minus, letters are small and plain; anything else is a gap. @param {string} text */
export function plainText(text) {
  return text
    .replace(/[\u02d7\u2010-\u2015\u207b\u2212\ufe58\ufe63\uff0d]/g, "-")
    .replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .replace(/[^\x20-\x7e\u00b0]/g, " ")
    .toLowerCase();
}

/** @param {RegExp} pattern @param {string} text @param {number} at */
function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** @param {Token["kind"]} kind @param {number} start @param {number} end @param {Partial<Token>} more @returns {Token} */
const token = (kind, start, end, more) =>
  ({ kind, start, end, name: "", nr: false, antenna: false, closed: false, value: 0, sign: "", spaced: false, unit: "", unclear: false, networks: [], ...more });

/** Cut a text into tokens. @param {string} raw @returns {Token[]} */
export function tokensOf(raw) {
  const text = plainText(raw);
  const tokens = [];
  for (let at = 0; at < text.length; ) {
    if (!BEGINS.test(text[at])) {
      at += 1;
      continue;
    }
    const noise = match(NOISE, text, at);
    const found = noise ? null : (networkAt(text, at) ?? labelAt(text, at) ?? numberAt(text, at));
    const filler = found || noise ? null : match(FILLER, text, at);
    const word = found || noise || filler ? null : match(WORD, text, at);
    if (found && found.name !== "noise") tokens.push(found);
    if (word) tokens.push(token("word", at, at + word[0].length, { closed: Boolean(match(NAMES, text, at + word[0].length)) }));
    at = found ? found.end : at + (noise ?? filler ?? word ?? " ")[0].length;
  }
  return tokens;
}

/** @param {string} text @param {number} at */
function networkAt(text, at) {
  for (const [pattern, networks] of NETWORKS) {
    const found = match(pattern, text, at);
    if (found) return token("network", at, at + found[0].length, { networks });
  }
  return null;
}

/** @param {string} text @param {number} at */
function labelAt(text, at) {
  for (const { name, pattern } of LABELS) {
    const found = match(pattern, text, at);
    if (!found) continue;
    const end = at + found[0].length;
    // "RSRP (dBm): -108" names a unit; alone before a number "dBm: -108" is the signal
    if (found[0] === "dbm" && !match(CLOSED, text, end)) return null;
    return token("label", at, end, { name, nr: found[1] === "ss" || found[1] === "nr", antenna: /\d$/.test(found[0]) && name !== "ecno", closed: Boolean(match(CLOSED, text, end)) });
  }
  return null;
}

/** @param {string} text @param {number} at */
function numberAt(text, at) {
  const found = match(NUMBER, text, at);
  if (!found || (found[1] === "" && found[2] !== "")) return null;
  const [whole, sign, space, digits] = found;
  const unit = match(UNIT, text, at + whole.length);
  const end = at + whole.length + (unit ? unit[0].length : 0);
  const foreign = unit ? null : match(FOREIGN, text, end);
  if (foreign || digits.length > DIGITS) return token("number", at, end + (foreign?.[0].length ?? 0), { name: "noise" });
  const parts = digits.split(/[.,]/);
  const unclear = parts.length > 2 || (digits.includes(",") && parts[1].length > 1);
  const size = Number(`${parts[0]}${parts.length > 1 ? `.${parts[1]}` : ""}`);
  return token("number", at, end, { value: sign === "-" && size !== 0 ? -size : size, sign, spaced: space !== "", unit: unit?.[1] ?? "", unclear });
}
