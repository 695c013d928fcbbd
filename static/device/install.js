// @ts-check
/**
 * Where the app runs: which browser, opened from the icon or in a tab, and whether it can be
 * installed. Also the phone's model, as far as the browser tells it.
 */

/**
 * @typedef {Object} BrowserFacts
 * @property {string} name        for people: "Chrome", "WhatsApp", "Mi Browser"
 * @property {boolean} in_app     a view inside another app: its storage is not to be trusted
 * @property {boolean} ios
 * @property {boolean} android
 */

/** In-app views and browsers that throw storage away or cannot install; first match wins. */
const UNFIT = [
  [/FBAN|FBAV|FB_IAB/, "Facebook"],
  [/Instagram/, "Instagram"],
  [/WhatsApp/, "WhatsApp"],
  [/Telegram/, "Telegram"],
  [/\bLine\//, "LINE"],
  [/TikTok|musical_ly|Bytedance/i, "TikTok"],
  [/Twitter/, "X"],
  [/MiuiBrowser|XiaoMi/i, "Mi Browser"],
  [/UCBrowser|UBrowser/, "UC Browser"],
  [/HeyTapBrowser/, "Browser OPPO/realme"],
  [/VivoBrowser/, "Browser vivo"],
  [/OPR\/.*Mini|Opera Mini/, "Opera Mini"],
  [/; wv\)|GSA\//, "Google"],
];
const FIT = [
  [/SamsungBrowser\//, "Samsung Internet"],
  [/EdgA?\/|EdgiOS\//, "Microsoft Edge"],
  [/OPR\//, "Opera"],
  [/FxiOS\/|Firefox\//, "Firefox"],
  [/CriOS\/|Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];

/**
 * @param {string} [userAgent]
 * @param {number} [touchPoints]
 * @returns {BrowserFacts}
 */
export function browserFacts(userAgent = navigator.userAgent, touchPoints = navigator.maxTouchPoints) {
  const iPad = /Macintosh/.test(userAgent) && touchPoints > 1;
  const place = { ios: /iPhone|iPad|iPod/.test(userAgent) || iPad, android: /Android/.test(userAgent) };
  for (const [pattern, name] of UNFIT) {
    if (/** @type {RegExp} */ (pattern).test(userAgent)) return { name: String(name), in_app: true, ...place };
  }
  const known = FIT.find(([pattern]) => /** @type {RegExp} */ (pattern).test(userAgent));
  return { name: known ? String(known[1]) : "", in_app: false, ...place };
}

/** @returns {boolean} whether the app was opened from its icon */
export function openedFromIcon() {
  const modes = ["standalone", "fullscreen", "minimal-ui", "window-controls-overlay"];
  const byMode = modes.some((mode) => window.matchMedia(`(display-mode: ${mode})`).matches);
  return byMode || /** @type {any} */ (navigator).standalone === true;
}

/** @returns {boolean} whether this is the machine the server runs on (or adb reverse) */
export function onLocalhost() {
  return ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
}

/** @type {any} */
let promptEvent = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Keep the browser's offer to install, to make it when the officer taps. Call once at start. */
export function catchInstallOffer() {
  const tell = () => listeners.forEach((listener) => listener());
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    promptEvent = event;
    tell();
  });
  window.addEventListener("appinstalled", () => {
    promptEvent = null;
    tell();
  });
}

/** @param {() => void} listener @returns {() => void} stop */
export function listenToInstallOffer(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns {boolean} */
export function canOfferInstall() {
  return promptEvent !== null;
}

/** @returns {Promise<boolean>} whether the officer agreed */
export async function offerInstall() {
  if (!promptEvent) return false;
  const offer = promptEvent;
  promptEvent = null;
  await offer.prompt();
  const choice = await offer.userChoice;
  return choice.outcome === "accepted";
}

/** @returns {Promise<string|null>} "Redmi 9A", or null where the browser hides it */
export async function phoneModel() {
  const data = /** @type {any} */ (navigator).userAgentData;
  if (data?.getHighEntropyValues) {
    try {
      const { model } = await data.getHighEntropyValues(["model"]);
      if (model) return String(model);
    } catch {
      // the user agent below is all there is
    }
  }
  const found = /Android [\d.]+; ([^;)]+?)(?: Build|\))/.exec(navigator.userAgent);
  if (found && found[1] !== "K") return found[1].trim();
  const facts = browserFacts();
  return facts.ios ? "iPhone" : null;
}
