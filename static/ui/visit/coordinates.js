// @ts-check
/** Understands a position as people write it down, in decimal degrees. Pure. */

const NUMBER = /(?:\b(LS|S|W|BB)\s*)?(-?\d+(?:\.\d+)?)\s*°?\s*(LS|S|W|BB)?\b/gi;

/**
 * The numbers of "-1.5416, 101.2433", "1,5416 LS 101,2433 BT", "S 1.5416 E 101.2433". South and
 * west are negative. Degrees and minutes give more than two numbers, so they are no position.
 * @param {string} text
 * @returns {number[]} decimal degrees
 */
export function coordinatesIn(text) {
  const commas = !/\d\.\d/.test(text) && /\d,\d+\s*[;\s]/.test(`${text} `);
  const decimal = commas ? text.replace(/(\d),(\d)/g, "$1.$2") : text;
  return [...decimal.matchAll(NUMBER)].map(([, before, digits, after]) => (before || after ? -Math.abs(Number(digits)) : Number(digits)));
}
