// @ts-check
/**
 * A folder of the phone or its memory card that the officer chose: Chromium on desks and on
 * recent Android. Feature-tested; elsewhere there is the rescue file.
 */

/**
 * What we use of a FileSystemDirectoryHandle.
 * @typedef {Object} Folder
 * @property {string} name
 * @property {(name: string, options?: {create: boolean}) => Promise<any>} getFileHandle
 * @property {(name: string) => Promise<void>} removeEntry
 * @property {() => AsyncIterable<string>} keys
 * @property {(options: {mode: "readwrite"}) => Promise<PermissionState>} [queryPermission]
 * @property {(options: {mode: "readwrite"}) => Promise<PermissionState>} [requestPermission]
 */

const WRITE = /** @type {const} */ ({ mode: "readwrite" });

/** @returns {boolean} */
export function canChooseFolder() {
  return typeof (/** @type {any} */ (globalThis).showDirectoryPicker) === "function";
}

/** Let the officer choose; needs a tap. @returns {Promise<Folder|null>} null: changed their mind */
export async function chooseFolder() {
  try {
    return await /** @type {any} */ (globalThis).showDirectoryPicker({ id: "jejak-sinyal", startIn: "documents", ...WRITE });
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return null;
    throw error;
  }
}

/** Whether we may write, without asking. @param {Folder} folder @returns {Promise<PermissionState>} */
export async function folderPermission(folder) {
  return folder.queryPermission ? folder.queryPermission(WRITE) : "granted";
}

/** Ask the officer again; needs a tap. @param {Folder} folder @returns {Promise<PermissionState>} */
export async function askFolderPermission(folder) {
  return folder.requestPermission ? folder.requestPermission(WRITE) : "granted";
}

/**
 * Write a file. The browser puts it in place when it is whole, so that a cut leaves none or all.
 * @param {Folder} folder
 * @param {string} name
 * @param {AsyncIterable<Blob>} pieces
 */
export async function writeInto(folder, name, pieces) {
  const file = await folder.getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  try {
    for await (const piece of pieces) await stream.write(piece);
    await stream.close();
  } catch (error) {
    await Promise.resolve(stream.abort?.()).catch(() => undefined);
    throw error;
  }
}

/** Remove the files whose names end so; none is no mistake. @param {Folder} folder @param {string} ending */
export async function removeFrom(folder, ending) {
  const names = [];
  for await (const name of folder.keys()) if (name.endsWith(ending)) names.push(name);
  for (const name of names) await folder.removeEntry(name);
}
