// @ts-check
/**
 * Lets Minang and Indonesian spellings of a place find each other: both are folded to one key.
 * The key is for comparing only, never shown; folding too much only widens a suggestion.
 * survey/domain/spelling.py folds by the same tables; tests/shared/spelling_vectors.json holds both.
 */

/** Said before a name ("Jr. Simancuang"); not part of it unless nothing else is left. */
const LEVEL_WORDS = new Set(["jorong", "jor", "jr", "nagari", "nag", "kecamatan", "kec", "kabupaten", "kab"]);

/** Whole words, tried before the endings: abbreviations, Minang words, numbers and Roman figures. */
const WORDS = new Map(Object.entries({
  sei: "sungai", sungei: "sungai", sg: "sungai", s: "sungai", kp: "kampung", kpg: "kampung",
  kampong: "kampung", tj: "tanjung", tjg: "tanjung", tg: "tanjung", bt: "batang", pd: "padang", pdg: "padang",
  lb: "lubuk", lbk: "lubuk", aia: "air", aie: "air", ayia: "air", ayie: "air", pasa: "pasar", banda: "bandar",
  laweh: "luas", lua: "luar", tuo: "tua", tua: "tua", baruah: "bawah", baruh: "bawah", ketek: "kecil",
  kaciak: "kecil", kacik: "kecil", karambia: "kelapa", sabalah: "sebelah", sabarang: "seberang", i: "1",
  ciek: "1", satu: "1", ii: "2", duo: "2", dua: "2", iii: "3", tigo: "3", tiga: "3", iv: "4", ampek: "4",
  empat: "4", v: "5", limo: "5", lima: "5", vi: "6", anam: "6", enam: "6", vii: "7", tujuah: "7", tujuh: "7",
  viii: "8", salapan: "8", delapan: "8", ix: "9", sambilan: "9", sembilan: "9", x: "10", sapuluah: "10",
  sepuluh: "10",
}));

/** Ending, what it folds to, examples; the first that fits is used, once. */
const ENDINGS = [
  ["uang", "ung", "kampuang, kampung; lauang, laung"],
  ["iang", "ing", "gasiang, gasing; gantiang, ganting"],
  ["uak", "uk", "lubuak, lubuk"],
  ["iak", "it", "mudiak, mudik"],
  ["uik", "ut", "rumpuik, rumput"],
  ["aik", "at", "baraik, barat"],
  ["ik", "it", "bukik, bukit; parik, parit"],
  ["ek", "at", "dakek, dekat; pulakek"],
  ["uah", "uh", "pauah, pauh; labuah, labuh"],
  ["iah", "is", "putiah, putih"],
  ["uih", "us", "baguih, bagus"],
  ["ih", "is", "manggih, manggis"],
  ["eh", "as", "ateh, atas; kapeh, kapas"],
  ["ia", "ir", "pasia, pasir; sangia, sangir"],
  ["ie", "ir", "ilie, ilir"],
  ["ua", "ur", "timua, timur; pangkua, pangkur"],
  ["ue", "ur", "timue, timur"],
  ["o", "a", "koto, kota; muaro, muara"],
];

/** @param {string} word in small letters */
function foldWord(word) {
  let folded = WORDS.get(word);
  if (folded === undefined) {
    folded = word.replace(/oe/g, "u"); // Dutch spelling: Loeboek, Moeara
    if (folded.length > 2) folded = foldEnding(folded);
  }
  // The unstressed vowel is written both ways: pekan and pakan, teratak and taratak.
  return folded.replace(/e/g, "a").replace(/(.)\1+/gu, "$1");
}

/** @param {string} word */
function foldEnding(word) {
  const rule = ENDINGS.find(([ending]) => word.endsWith(ending));
  return rule ? word.slice(0, -rule[0].length) + rule[1] : word;
}

/** The words of a name without case, accents, marks and level words. @param {string} text */
function wordsOf(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/['’`ʼ]/g, "");
  const words = bare.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  let first = 0;
  while (first < words.length - 1 && LEVEL_WORDS.has(words[first])) first += 1;
  return words.slice(first);
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
