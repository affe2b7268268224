// Fields that are saved where they stand, files dropped on a page, and what to do when a request fails.

import { wait } from "./waiting.js";

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-autosubmit]");
  if (field?.form) field.form.requestSubmit();
  if (event.target.dataset?.most) weigh(event.target);
  if (event.target.dataset?.sends) send(event.target);
});

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

// Files that are too large are told before they are sent.
const weigh = (input) => {
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  input.setCustomValidity(bytes > input.dataset.most ? input.dataset.tooLarge : "");
};

// A morph updates the `selected` attribute but not a choice a person has touched: the saved value must win,
// whether the change was saved, refused or made by somebody else.
const showSavedChoices = () => {
  for (const select of document.querySelectorAll("select[data-autosubmit]")) {
    const saved = select.querySelector("option[selected]");
    if (saved && select.value !== saved.value) select.value = saved.value;
  }
};
document.addEventListener("htmx:after:swap", showSavedChoices);

// Two people changed the same field: the question is read out and answered first, but asked only once.
let asked = false;
document.addEventListener("htmx:after:swap", () => {
  const question = document.querySelector("#conflict a");
  if (question && !asked) question.focus();
  asked = Boolean(question);
});

const connection = (lost) => document.getElementById("offline")?.toggleAttribute("hidden", !lost);
addEventListener("offline", () => connection(true));
addEventListener("online", () => connection(false));
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!navigator.onLine) connection(true);
  if (!ctx || !wait(ctx.request)) showSavedChoices();
});

// Text that is dragged is none of ours.
const drop = ({ target, dataTransfer: data }) => (data && !data.types.includes("Files") ? null : target.closest?.("[data-drop]"));
document.addEventListener("dragover", (event) => {
  const area = drop(event);
  if (!area) return;
  event.preventDefault();
  area.classList.add("is-over");
});
document.addEventListener("dragleave", (event) => drop(event)?.classList.remove("is-over"));
document.addEventListener("drop", (event) => {
  const area = drop(event);
  if (!area) return;
  event.preventDefault();
  area.classList.remove("is-over");
  upload(area, event.dataTransfer.files);
});
// Programs that copy text often put a picture of it beside the text.
document.addEventListener("paste", (event) => {
  const area = drop(event) ?? document.querySelector(".drop[data-drop]");
  const { files, types } = event.clipboardData;
  if (area && files.length && !types.includes("text/plain")) upload(area, files);
});
const upload = (area, files) => {
  const input = document.getElementById(area.dataset.drop);
  if (!input || !files.length) return;
  input.files = files;
  weigh(input);
  send(input);
};
const send = (input) => {
  const button = document.getElementById(input.dataset.sends);
  if (!input.files.length || !input.reportValidity()) return;
  if (button) button.click();
  else input.form.requestSubmit();
};
