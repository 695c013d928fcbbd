// @ts-check
/**
 * Keys of the office's pages. A page says which element a key means by `data-key`; a key in a
 * text field is a letter, never a command.
 */

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";

/** Whether a key press is meant for what the person types. @param {EventTarget|null} target */
function isTyping(target) {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** @param {string} name attribute @param {string} key @returns {HTMLElement|null} */
function findByKey(name, key) {
  return document.querySelector(`[${name}~="${CSS.escape(key)}"]`);
}

/**
 * Go to the next or previous line of a list of visits.
 * @param {number} step 1 or -1
 */
function stepInList(step) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-queue] [data-step]")]);
  if (links.length === 0) return false;
  const here = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const there = here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + step));
  links[there].focus();
  links[there].closest("li")?.scrollIntoView({ block: "nearest" });
  return true;
}

/**
 * Go to the reason and remember which button Ctrl+Enter presses.
 * @param {HTMLElement} button
 */
function askReason(button) {
  const form = button.closest("form");
  const field = form?.querySelector("textarea");
  if (!form || !field) return;
  form.dataset.intent = /** @type {HTMLButtonElement} */ (button).value;
  field.focus();
  field.scrollIntoView({ block: "center" });
}

/** Press the button meant by r or x when the reason is written. @param {KeyboardEvent} event */
function sendReason(event) {
  const form = event.target instanceof Element ? event.target.closest("form[data-intent]") : null;
  if (!(form instanceof HTMLFormElement)) return;
  const button = form.querySelector(`button[value="${CSS.escape(form.dataset.intent ?? "")}"]`);
  if (button instanceof HTMLButtonElement) {
    event.preventDefault();
    form.requestSubmit(button);
  }
}

/** @param {HTMLElement} element */
function press(element) {
  const opens = element.dataset.opens;
  const dialog = opens ? document.getElementById(opens) : null;
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  else element.click();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendReason(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const wanted = findByKey("data-reason-key", key);
  const element = findByKey("data-key", key);
  const help = document.getElementById("keys-help");
  if (wanted) askReason(wanted);
  else if (element && !element.hidden) press(element);
  else if (key === "?" && help instanceof HTMLDialogElement) help.showModal();
  else if (!((key === "j" || key === "n") && stepInList(1)) && !(key === "k" && stepInList(-1))) return;
  event.preventDefault();
}

document.addEventListener("keydown", onKey);
for (const button of document.querySelectorAll("[data-opens]")) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => {
    const dialog = document.getElementById(/** @type {HTMLElement} */ (button).dataset.opens ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  });
}
