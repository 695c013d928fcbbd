// @ts-check
/**
 * Lets Minang and Indonesian spellings of a place find each other: both are folded to one key.
 * The key is for comparing only, never shown; folding too much only widens a suggestion.
 * The server's search folds by the same table (survey/domain).
 */

/** Whole words whose vowels differ: Minang -> Indonesian. */
const WORDS = new Map(Object.entries({
  tangah: "tengah", sabalah: "sebelah", sabarang: "seberang", ampek: "empat", anam: "enam", salapan: "delapan",
  gadang: "gedang", ketek: "kecil", lamo: "lama", bawah: "bawah", ateh: "atas", dalam: "dalam", lua: "luar",
  kubang: "kubang", batuang: "betung", banda: "bandar", labuah: "labuh", laweh: "luas", tabek: "tebat",
  karambia: "kelapa", sei: "sungai", sungei: "sungai", sg: "sungai", kp: "kampung", tj: "tanjung", bt: "batang",
  i: "1", ii: "2", iii: "3", iv: "4", v: "5", vi: "6", vii: "7", viii: "8", ix: "9", x: "10",
  ciek: "1", satu: "1", duo: "2", dua: "2", tigo: "3", tiga: "3", limo: "5", lima: "5",
}));

/** Endings, the first that fits: Minang and Indonesian to one key. @type {[RegExp, string, string][]} */
const ENDINGS = [
  [/uang$/, "ung", "kampuang, kampung"],
  [/iang$/, "ing", "gasiang, gasing"],
  [/uak$/, "uk", "lubuak, lubuk"],
  [/iak$/, "it", "sariak, sarik"],
  [/uik$/, "ut", "rumpuik, rumput"],
  [/ik$/, "it", "bukik, bukit"],
  [/uah$/, "uh", "sapuluah, sepuluh"],
  [/iah$/, "ih", "putiah, putih"],
  [/(ia|ie)$/, "ir", "pasia, pasir; aia, air"],
  [/(ua|ue)$/, "ur", "kapua, kapur"],
  [/eh$/, "as", "ateh, atas"],
  [/ek$/, "at", "ampek, empat"],
  [/o$/, "a", "koto, kota; rimbo, rimba; muaro, muara"],
];

/** @param {string} word */
function foldWord(word) {
  const whole = WORDS.get(word);
  if (whole) return whole;
  if (word.length < 3) return word;
  const rule = ENDINGS.find(([ending]) => ending.test(word));
  const folded = rule ? word.replace(rule[0], rule[1]) : word;
  return folded.replace(/(.)\1/g, "$1");
}

/** The words of a name without case, accents and marks. @param {string} text */
function wordsOf(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/['’`]/g, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/**
 * The key under which all spellings of a name meet.
 * @param {string} text
 */
export function foldName(text) {
  return wordsOf(text).map(foldWord).join(" ");
}

/** @typedef {{id: string, name: string, aliases?: string[]}} Named */

/**
 * Areas that answer to a query, the likeliest first: as spelled, then by the folded spelling
 * (`suggested`). Every word of the query must begin a word of the name or of one alias.
 * @template {Named} A
 * @param {A[]} areas
 * @param {string} query empty: nothing
 * @param {number} [limit]
 * @returns {{area: A, suggested: boolean}[]}
 */
export function searchAreas(areas, query, limit = 20) {
  const plain = wordsOf(query);
  if (!plain.length) return [];
  const folded = plain.map(foldWord);
  /** @type {{area: A, suggested: boolean, rank: number}[]} */
  const found = [];
  for (const area of areas) {
    const names = [area.name, ...(area.aliases ?? [])];
    const asSpelled = Math.min(...names.map((name) => rank(wordsOf(name), plain)));
    const asFolded = Math.min(...names.map((name) => Math.min(rank(wordsOf(name).map(foldWord), folded), rank(wordsOf(name).map(foldWord), plain))));
    if (asSpelled < Infinity) found.push({ area, suggested: false, rank: asSpelled });
    else if (asFolded < Infinity) found.push({ area, suggested: true, rank: 10 + asFolded });
  }
  found.sort((a, b) => a.rank - b.rank || a.area.name.localeCompare(b.area.name));
  return found.slice(0, limit).map(({ area, suggested }) => ({ area, suggested }));
}

/**
 * 0 the whole name, 1 its beginning, 2 any words of it, Infinity no match.
 * @param {string[]} name
 * @param {string[]} query
 */
function rank(name, query) {
  const [text, asked] = [name.join(" "), query.join(" ")];
  if (text === asked) return 0;
  if (text.startsWith(asked)) return 1;
  return query.every((word) => name.some((part) => part.startsWith(word))) ? 2 : Infinity;
}
