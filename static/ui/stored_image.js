// @ts-check
/** A photo by its hash: from this phone's storage, else from the server, else said to be absent. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../core/messages.js";
import { readFile } from "../storage/files.js";
import { fetchOwnFile } from "./server.js";
import { html } from "./kit/html.js";
import { Icon } from "./kit/icon.js";
import { officerDb } from "./work.js";

/** @typedef {"loading"|"here"|"absent"} Presence */

/**
 * @param {string} sha256
 * @param {string} kind "photo" | "thumbnail"
 * @returns {{presence: Presence, url: string|null}}
 */
export function useStoredImage(sha256, kind) {
  const [state, setState] = useState(/** @type {{presence: Presence, url: string|null}} */ ({ presence: "loading", url: null }));
  useEffect(() => {
    let url = "";
    let present = true;
    setState({ presence: "loading", url: null });
    load(sha256, kind).then((blob) => {
      if (!present) return;
      if (blob) url = URL.createObjectURL(blob);
      setState(blob ? { presence: "here", url } : { presence: "absent", url: null });
    });
    return () => {
      present = false;
      if (url) URL.revokeObjectURL(url);
    };
  }, [sha256]);
  return state;
}

/** @param {string} sha256 @param {string} kind @returns {Promise<Blob|null>} */
async function load(sha256, kind) {
  const db = officerDb();
  const found = await readFile(db, sha256).catch(() => null);
  if (found) return new Blob([found.data], { type: found.file.type });
  return fetchOwnFile(sha256, kind).catch(() => null);
}

/** @param {{sha256: string, kind: "photo"|"thumbnail", alt: string}} props */
export function StoredImage({ sha256, kind, alt }) {
  const { presence, url } = useStoredImage(sha256, kind);
  if (presence === "here" && url) return html`<img src=${url} alt=${alt} data-testid="image-here" />`;
  if (presence === "loading") return html`<span class="small soft">${t("Loading…")}</span>`;
  return html`<span class="small center" data-testid="image-absent"><${Icon} name="image" /><span class="block">${t("Not on this phone. It loads when there is a network.")}</span></span>`;
}
