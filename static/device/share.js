// @ts-check
/**
 * The phone's share sheet. Chrome takes text files and refuses ZIP, so only the text form is
 * offered; elsewhere there is the download.
 */

/** @typedef {"shared"|"cancelled"|"tap_again"|"failed"} ShareOutcome */

/** Whether this phone shares a text file; asked with a file of the kind that will be shared. */
export function canShareText() {
  if (typeof navigator.share !== "function" || typeof navigator.canShare !== "function") return false;
  try {
    return navigator.canShare({ files: [new File(["."], "jejak-sinyal.txt", { type: "text/plain" })] });
  } catch {
    return false;
  }
}

/**
 * Open the share sheet with a file. The browser wants a tap that is a few seconds old at most:
 * making a large file may take longer, and then another tap is asked for.
 * @param {Blob} content
 * @param {string} name
 * @returns {Promise<ShareOutcome>}
 */
export async function shareTextFile(content, name) {
  try {
    await navigator.share({ files: [new File([content], name, { type: "text/plain" })], title: name });
    return "shared";
  } catch (error) {
    if (!(error instanceof Error)) return "failed";
    if (error.name === "AbortError") return "cancelled";
    return error.name === "NotAllowedError" || error.name === "InvalidStateError" ? "tap_again" : "failed";
  }
}
