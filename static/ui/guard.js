// @ts-check
/**
 * What keeps the phone's storage whole, once at each start: protection asked for where asking
 * shows no question, and the ballast taken on board again when an earlier full phone cost it.
 */
import { browserFacts, openedFromIcon } from "../device/install.js";
import { askPersistent, storageState } from "../device/storage_manager.js";
import { ensureBallast } from "../storage/ballast.js";
import { openDevice } from "../storage/device.js";

/** Firefox asks the officer, so there it waits for a tap; the others decide by how the app is used. */
export async function guardStorage() {
  const { persisted } = await storageState();
  if (persisted === false && openedFromIcon() && browserFacts().name !== "Firefox") await askPersistent();
  await ensureBallast(openDevice());
}
