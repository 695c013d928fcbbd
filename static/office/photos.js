// @ts-check
/**
 * Looks at the photos of a visit one by one, large, with zoom and keys. Without this module a
 * photo's link opens the picture alone.
 */

const found = document.getElementById("viewer");
const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[data-photo]")]);

/** @param {HTMLDialogElement} viewer */
function start(viewer) {
  let place = 0;

  /** @param {string} name @returns {HTMLElement} */
  const part = (name) => /** @type {HTMLElement} */ (viewer.querySelector(`[data-viewer="${name}"]`));
  const image = /** @type {HTMLImageElement} */ (part("image"));

  /** @param {boolean} near */
  function zoom(near) {
    part("stage").classList.toggle("viewer__stage--near", near);
    part("zoom").setAttribute("aria-pressed", String(near));
  }

  /** @param {number} index */
  function show(index) {
    place = (index + links.length) % links.length;
    const link = links[place];
    zoom(false);
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    part("title").textContent = link.dataset.photo ?? "";
    if (!viewer.open) viewer.showModal();
    part("stage").focus();
  }

  const isNear = () => part("stage").classList.contains("viewer__stage--near");

  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(index);
    });
  });
  part("close").addEventListener("click", () => viewer.close());
  part("previous").addEventListener("click", () => show(place - 1));
  part("next").addEventListener("click", () => show(place + 1));
  part("zoom").addEventListener("click", () => zoom(!isNear()));
  image.addEventListener("click", () => zoom(!isNear()));
  viewer.addEventListener("close", () => {
    image.removeAttribute("src");
    links[place].focus();
  });
  viewer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Zoomed in, the arrows scroll the picture.
    const arrows = !isNear();
    if (event.key === "z" || event.key === "+" || event.key === "-") zoom(event.key === "z" ? !isNear() : event.key === "+");
    else if (event.key === "j" || event.key === "n" || (arrows && event.key === "ArrowRight")) show(place + 1);
    else if (event.key === "k" || (arrows && event.key === "ArrowLeft")) show(place - 1);
    else return;
    event.preventDefault();
  });
  const single = links.length < 2;
  part("previous").hidden = single;
  part("next").hidden = single;
}

if (found instanceof HTMLDialogElement && links.length > 0) start(found);
