// The composer never loses text: what is typed is kept on the server, and in this browser where the server cannot be
// reached, until it has been sent.

import { all, bodyOf, empty, sender } from "./waiting.js";

const PREFIX = "draft:";
const save = (form) => {
  const draft = {};
  for (const field of form.elements) {
    if (!field.name || /hidden|submit|file/.test(field.type)) continue;
    if (field.type === "checkbox") draft[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) draft[field.name] = field.value;
  }
  const key = PREFIX + form.dataset.draft;
  if (!draft.body && !form.elements.files) {
    localStorage.removeItem(key);
    return;
  }
  draft.at = Date.now();
  localStorage.setItem(key, JSON.stringify(draft));
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  for (const status of form.querySelectorAll("[data-draft-saved]")) status.textContent = `${status.dataset.draftSaved} ${time}`;
};

const keep = (form) => {
  save(form);
  fetch(form.dataset.keep, { method: "POST", headers: sender, body: new URLSearchParams(new FormData(form)) }).catch(() => {});
};

// What the server keeps comes from here or from another machine; only a newer text of this browser stands against it.
const restore = (form, opened) => {
  const kept = JSON.parse(localStorage.getItem(PREFIX + form.dataset.draft));
  if (!kept || (form.elements.body.value && !(opened && kept.at > form.dataset.at))) return;
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.checked = value !== false;
    else if (field) field.value = value;
  }
};

// What waits to be sent is not sent a second time: the server may still keep it as a draft, without its last words.
const leave = (form, opened) => {
  const begun = form.elements.body.value;
  for (const one of begun ? all() : []) {
    const text = one.draft === form.dataset.draft ? bodyOf(one) : "";
    if (opened ? text.startsWith(begun) : text === begun) empty(form, begun);
  }
};

// The server marks the form when the text has arrived; only then is the draft thrown away.
const settle = (opened) => {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (form.dataset.sent) {
      localStorage.removeItem(PREFIX + form.dataset.draft);
      form.elements.body.value = "";
      for (const input of form.querySelectorAll("[type=file]")) input.value = "";
      delete form.dataset.sent;
      const address = new URL(location);
      address.searchParams.delete("saved");
      history.replaceState(history.state, "", address);
    } else {
      restore(form, opened);
      leave(form, opened);
    }
  }
  if (document.querySelector("[data-sms-count], [data-seconds], #mention")) import("./message.js");
};

let waiting;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(keep, 700, form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft]")) {
    clearTimeout(waiting);
    save(event.target);
  }
});
document.addEventListener("htmx:after:swap", () => settle());
settle(true);
