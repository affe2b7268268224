// A change that cannot be sent waits in this browser and is sent again, with its key, when the connection is back: the
// server carries it out once, whether or not the first one had arrived. None is dropped for a later one.

const PREFIX = `waiting:${document.body.dataset.user}:`;
// The session may be somebody else's by now, who has logged in on another page: the server then takes nothing.
export const sender = { "Sagsgang-User": encodeURIComponent(document.body.dataset.user ?? "") };
export const said = document.getElementById("waiting");
export const unsent = document.getElementById("not-sent");
export const offline = document.getElementById("offline");

const entries = () => {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort();
  return keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
};
export const all = () => entries().filter((one) => !one.refused);
export const refused = () => entries().filter((one) => one.refused);
export const waits = (form) => all().some((one) => one.action === form?.getAttribute("action"));
export const bodyOf = (one) => new URLSearchParams(one.body).get("body")?.replaceAll("\r", "");

export const tell = (before = said.dataset.waiting) => {
  const titles = all().map((one) => one.title);
  said.hidden = !titles.length;
  said.querySelector("span").textContent = `${before} ${titles.join(", ")}`;
};

export const connected = (open) => {
  if (!offline) return;
  offline.hidden = open;
  if (!open) return;
  unsent.hidden = true;
  tell();
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const number = Math.random().toString(36).slice(2);
  const { body, form, headers, method } = ctx.request;
  if (method === "POST") Object.assign(headers, sender, { "Idempotency-Key": `${Date.now()}-${number}` });
  // Without files it goes as it would wait: the same bytes under the same key.
  const files = form?.dataset.waits ? [...body.values()].some((value) => value.size) : true;
  if (!files) ctx.request.body = new URLSearchParams(body);
});

// Only forms wait of which the server says what they change.
export const wait = ({ action, body, form, headers }) => {
  if (!form?.dataset.waits || body instanceof FormData || action !== form.getAttribute("action")) return false;
  const { draft } = form.dataset;
  const id = headers["Idempotency-Key"];
  const title = `${form.dataset.waits} (${action.split("/")[2]})`;
  const one = { action, behind: waits(form), body: String(body), draft, id, title };
  localStorage.setItem(PREFIX + id, JSON.stringify(one));
  if (draft) empty(form, bodyOf(one));
  tell();
  resume();
  return true;
};

// What has been written since stays.
export const empty = (form, text) => {
  const field = form?.elements.body;
  if (!text || field?.value !== text) return;
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

let then;
let again;
export const resume = (after = then, delay = 5000) => {
  then = after;
  clearTimeout(again);
  const send = () => import("./resend.js").then(({ resend }) => resend(then)).catch(() => resume());
  if (said && all().length) again = setTimeout(send, delay);
};

// What is done to the same thing goes in its order.
document.addEventListener("htmx:before:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method === "POST" && waits(request.form) && wait(request)) event.preventDefault();
});
document.addEventListener("htmx:before:response", (event) => {
  const { request, response } = event.detail.ctx;
  if (/50[234]/.test(response.status) && wait(request)) event.preventDefault();
});

if (said) {
  tell();
  // What is needed without a connection is loaded before that, when the page stands.
  addEventListener("load", () => import("./leave.js"));
  if (refused().length) import("./resend.js").then(({ show }) => show());
}
resume();
