// Shortcuts and the command palette. Both read the actions that the server listed for this page and this person.

import { clearTicks, moveRow, tickRow, tickSomething } from "./list.js";

const palette = document.getElementById("palette");
const shortcuts = document.getElementById("shortcuts");
const options = () => [...(palette?.querySelectorAll("[role=option]") ?? [])];

const perform = (action) => {
  if (palette.open) palette.close();
  const { go, target } = action.dataset;
  if (go) return location.assign(go);
  const element = document.querySelector(target);
  if (!element) return;
  if (element.closest("#bulk")) tickSomething();
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
  else if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) clearTicks();
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
  } else if (letter === "j" || letter === "k") moveRow(letter === "j" ? 1 : -1);
  else if (letter === "x") tickRow();
};

// ---- palette ----
const input = palette?.querySelector("input");
let chosen = 0;
const openPalette = () => {
  if (!palette.open) palette.showModal();
  input.value = "";
  filter();
};
const visible = () => options().filter((one) => !one.hidden);
const filter = () => {
  const words = input.value.toLowerCase().split(/\s+/);
  for (const one of options()) {
    const answers = one.matches("[data-search], [data-found]");
    one.hidden = answers ? !input.value.trim() : !words.every((word) => one.textContent.toLowerCase().includes(word));
    if (one.dataset.search) one.dataset.go = one.dataset.search + encodeURIComponent(input.value.trim());
  }
  choose(0);
};
const choose = (index) => {
  const shown = visible();
  chosen = Math.max(0, Math.min(shown.length - 1, index));
  for (const one of options()) one.setAttribute("aria-selected", String(one === shown[chosen]));
  if (shown[chosen]) input.setAttribute("aria-activedescendant", shown[chosen].id);
  else input.removeAttribute("aria-activedescendant");
  shown[chosen]?.scrollIntoView({ block: "nearest" });
};
input?.addEventListener("input", filter);
// What the server found comes later, behind the commands: the choice stays where it is.
document.addEventListener("htmx:after:swap", () => palette?.open && choose(chosen));
input?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(chosen + step);
  else if (event.key === "Enter" && visible()[chosen]) perform(visible()[chosen]);
  else return;
  event.preventDefault();
});
palette?.addEventListener("click", (event) => {
  const action = event.target.closest("[role=option]");
  if (action) perform(action);
  else if (event.target === palette) palette.close();
});

// ---- shortcuts dialog ----
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=shortcuts]") && shortcuts) {
    event.preventDefault();
    shortcuts.showModal();
  } else if (event.target.closest("[data-opens=palette]") && palette) openPalette();
});
