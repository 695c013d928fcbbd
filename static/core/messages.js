// @ts-check
/**
 * The words of the app. The English source text is the key; a catalogue made by the server
 * (/app/messages/<language>.json) turns it into Indonesian. Call t() when showing, never when
 * a module loads: the language can change.
 */

/** @typedef {{messages: Object<string, string>, plurals: Object<string, string|string[]>}} Catalogue */
/** @typedef {Object<string, string|number>} Params */

/** @type {Catalogue} */
let catalogue = { messages: {}, plurals: {} };

/**
 * Use this catalogue from now on; null means the English source text.
 * @param {Partial<Catalogue>|null} next
 */
export function useMessages(next) {
  catalogue = { messages: next?.messages ?? {}, plurals: next?.plurals ?? {} };
}

/**
 * Fill `{name}` placeholders; one that is not given stays as it is, so that it is seen.
 * @param {string} text
 * @param {Params} params
 */
function fill(text, params) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/**
 * Translate a text.
 * @param {string} text English source text
 * @param {Params} [params]
 */
export function t(text, params = {}) {
  return fill(catalogue.messages[text] || text, params);
}

/**
 * Translate a text that counts; `{n}` is the number.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Params} [params]
 */
export function nt(one, many, n, params = {}) {
  const found = catalogue.plurals[one];
  const forms = typeof found === "string" ? [found] : (found ?? []);
  const form = n === 1 ? forms[0] : forms[forms.length - 1];
  return fill(form || (n === 1 ? one : many), { n, ...params });
}
