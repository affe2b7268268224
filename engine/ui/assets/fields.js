// Fields that are saved where they stand, and what to do when a request fails.

import { connected, wait, waits } from "./waiting.js";

document.addEventListener("change", ({ target }) => target.closest?.("[data-autosubmit]")?.form?.requestSubmit());

// A long list of choices is searched while somebody types.
const LONG = 15;
const search = (event) => {
  const select = event.target.closest?.("select");
  const { key, button } = event;
  if (!select || select.length <= LONG || button || event.ctrlKey || event.altKey || event.metaKey) return;
  if (key?.length > 1 && !/^(Enter|ArrowDown|ArrowUp)$/.test(key)) return;
  event.preventDefault();
  import("./combobox.js").then(({ open }) => open(select, key?.length === 1 ? key.trim() : ""));
};
for (const kind of ["mousedown", "keydown"]) document.addEventListener(kind, search, true);

// A morph updates the `selected` attribute but not a choice a person has touched: the saved value must win,
// whether the change was saved, refused or made by somebody else. One that waits to be sent stands as it is.
const showSavedChoices = (place) => {
  for (const select of place?.querySelectorAll("select[data-autosubmit]") ?? []) {
    const saved = select.querySelector("option[selected]");
    if (saved && select.value !== saved.value && !waits(select.form)) select.value = saved.value;
  }
};
const parts = () => document.querySelector("[data-drop], [data-most], [data-sends]") && import("./files.js");
parts();

// Two people changed the same field: the question is read out and answered first, but asked only once.
let asked;
document.addEventListener("htmx:after:swap", () => {
  showSavedChoices(document);
  parts();
  const question = document.querySelector("#conflict a");
  if (question && !asked) question.focus();
  asked = question;
});

addEventListener("offline", () => connected(false));
addEventListener("online", () => connected(true));
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!navigator.onLine) connected(false);
  // What has been answered has arrived.
  if (ctx && (ctx.text !== undefined || !wait(ctx.request))) showSavedChoices(ctx.request.form);
});
