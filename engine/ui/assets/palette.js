// The palette: commands that the server listed for the page, and what it finds for the words. A combobox with a listbox.

import { mark } from "./combobox.js";
import { options, palette, perform } from "./keys.js";

const input = palette.querySelector("input");
let chosen = 0;
const visible = () => options().filter((one) => !one.hidden);
export const filter = () => {
  const words = input.value.toLowerCase().split(/\s+/);
  for (const one of options()) {
    const answers = one.matches("[data-search], [data-found]");
    one.hidden = answers ? !input.value.trim() : !words.every((word) => one.textContent.toLowerCase().includes(word));
    if (one.dataset.search) one.dataset.go = one.dataset.search + encodeURIComponent(input.value.trim());
  }
  choose(0);
};
const choose = (index) => (chosen = mark(input, visible(), index));
// What was found for other words is not opened.
const found = document.getElementById("palette-found");
let words = input.value;
input.addEventListener("input", () => {
  if (input.value !== words) found.replaceChildren();
  filter();
});
// What the server found comes later, behind the commands: the choice stays where it is.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === input) {
    words = new URL(ctx.request.action, location).searchParams.get("q");
    if (input.value !== words) found.replaceChildren();
  }
  if (palette.open) choose(chosen);
});
input.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(chosen + step);
  else if (event.key === "Enter" && visible()[chosen]) perform(visible()[chosen]);
  else return;
  event.preventDefault();
});
palette.addEventListener("click", (event) => {
  const action = event.target.closest("[role=option]");
  if (action) perform(action);
  else if (event.target === palette) palette.close();
});
