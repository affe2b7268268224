// Shortcuts and the command palette. Both read the actions that the server listed for this page and this person.

export const palette = document.getElementById("palette");
const shortcuts = document.getElementById("shortcuts");
export const options = () => [...(palette?.querySelectorAll("[role=option]") ?? [])];

const list = () => import("./list.js");

export const perform = async (action) => {
  if (palette.open) palette.close();
  const { go, target } = action.dataset;
  if (go) return location.assign(go);
  const element = document.querySelector(target);
  if (!element) return;
  if (element.closest("#bulk")) (await list()).tickSomething();
  if (element.matches("dialog")) return element.showModal();
  if (element.matches("a, button")) return element.click();
  if (element.type === "radio") element.click();
  (element.type === "radio" ? document.getElementById("msg") : element).focus();
};

// ---- single keys ----
const typing = (element) =>
  element?.closest?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
let first = "";
let forget;
document.addEventListener("keydown", (event) => {
  if (!palette || event.isComposing || event.altKey || event.getModifierState("AltGraph")) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  } else if (command && event.key === "Enter") event.target.form?.requestSubmit();
  else if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) event.target.blur();
  else if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) list().then((rows) => rows.clearTicks());
  else if (!command && !typing(event.target) && !document.querySelector("dialog[open]")) single(event);
});
const single = (event) => {
  if (document.body.dataset.singleKeys || event.key.length > 1) return;
  const letter = event.shiftKey && /[A-ZÆØÅ]/.test(event.key) ? `Shift ${event.key}` : event.key;
  const pressed = first ? `${first} ${letter}` : letter;
  first = "";
  const known = options().filter((action) => !action.hidden || action.dataset.key);
  const action = known.find((one) => one.dataset.key === pressed);
  if (action) {
    event.preventDefault();
    perform(action);
  } else if (known.some((one) => one.dataset.key?.startsWith(`${pressed} `))) {
    first = pressed;
    clearTimeout(forget);
    forget = setTimeout(() => (first = ""), 1500);
  } else if (letter === "j" || letter === "k") list().then((rows) => rows.moveRow(letter === "j" ? 1 : -1));
  else if (letter === "x") list().then((rows) => rows.tickRow());
};

// The palette itself is loaded when it is opened first.
const openPalette = () => {
  if (!palette.open) palette.showModal();
  palette.querySelector("input").value = "";
  import("./palette.js").then(({ filter }) => filter());
};

// ---- shortcuts dialog ----
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=shortcuts]") && shortcuts) {
    event.preventDefault();
    shortcuts.showModal();
  } else if (event.target.closest("[data-opens=palette]") && palette) openPalette();
});
