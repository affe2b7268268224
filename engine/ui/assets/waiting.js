// A change that cannot be sent waits in this browser and is sent again, with its key, when the connection is back: the
// server carries it out once, whether or not the first one had arrived.

const PREFIX = `waiting:${document.body.dataset.user}:`;
export const said = document.getElementById("waiting");

export const all = () => {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort();
  return keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
};

const say = (text) => {
  said.hidden = !text;
  said.querySelector("span").textContent = text;
};
export const tell = () => {
  const titles = all().map((one) => one.title);
  say(titles.length ? `${said.dataset.waiting} ${titles.join(", ")}` : "");
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const number = Math.random().toString(36).slice(2);
  const { body, form, headers, method } = ctx.request;
  if (method === "POST") headers["Idempotency-Key"] = `${Date.now()}-${number}`;
  // Without files it goes as it would wait: the same bytes under the same key.
  const files = form?.dataset.waits ? [...body.values()].some((value) => value.size) : true;
  if (!files) ctx.request.body = new URLSearchParams(body);
});

// Only forms wait of which the server says what they change.
export const wait = ({ action, body, form, headers }) => {
  if (!form?.dataset.waits || body instanceof FormData || !action.endsWith(form.getAttribute("action"))) return false;
  const { draft, waits } = form.dataset;
  // Of two choices for one field the later one counts; two texts are two texts.
  if (!draft) for (const one of all()) if (one.action === action) localStorage.removeItem(one.key);
  const id = headers["Idempotency-Key"];
  const title = `${waits} (${action.split("/")[2]})`;
  localStorage.setItem(PREFIX + id, JSON.stringify({ action, body: String(body), draft, id, title }));
  if (draft) {
    form.elements.body.value = "";
    form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  }
  tell();
  resume();
  return true;
};

let then;
let again;
export const resume = (after = then, delay = 5000) => {
  then = after;
  clearTimeout(again);
  if (said && all().length) again = setTimeout(async () => (await import("./resend.js")).resend(then), delay);
};

document.addEventListener("htmx:before:response", (event) => {
  const { request, response } = event.detail.ctx;
  if (/50[234]/.test(response.status) && wait(request)) event.preventDefault();
});

// Without a connection a page that is left is lost, with what was written on it.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-forget-drafts]")) {
    for (const key of Object.keys(localStorage)) if (/^(draft|waiting):/.test(key)) localStorage.removeItem(key);
  }
  if (document.getElementById("offline")?.hidden !== false || event.target.dataset.waits) return;
  event.preventDefault();
  event.stopPropagation();
  say(said.dataset.not);
}, true);

if (said) tell();
resume();
