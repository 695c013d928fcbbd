// @ts-check
/** Hands a file to the browser's downloads. */

/** The browser may still be writing long after the tap. */
const KEPT_MS = 600_000;

/** @param {Blob} content @param {string} name */
export function downloadFile(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
