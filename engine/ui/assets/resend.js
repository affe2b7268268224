// Sends what waited, in its order, and tells what the server would not do. Loaded when something waits or was refused.

import { all, bodyOf, empty, refused, resume, said, sender, tell } from "./waiting.js";

// The server knows for seven days what it has carried out.
const OLDEST = 6 * 24 * 60 * 60 * 1000;
const TRIES = 3;
const BUSY = /^(408|429|50[234])$/;

const formOf = (one) => one.draft && document.querySelector(`form[data-draft="${CSS.escape(one.draft)}"]`);
const put = ({ key, ...one }) => localStorage.setItem(key, JSON.stringify(one));

// What was refused is told with its text, on each page, until somebody has taken note of it.
export const show = () => {
  for (const one of refused()) {
    const id = `refused-${one.id}`;
    if (document.getElementById(id)) continue;
    const line = said.cloneNode(true);
    const button = line.querySelector("button");
    line.id = id;
    line.setAttribute("role", "alert");
    const text = one.draft ? `\n${bodyOf(one)}` : "";
    line.querySelector("span").textContent = `${said.dataset.refused} ${one.title}: ${one.refused}${text}`;
    button.addEventListener("click", () => {
      localStorage.removeItem(one.key);
      line.remove();
    });
    line.hidden = button.hidden = false;
    said.after(line);
  }
};

// Its text also goes back to where it was written, unless something else stands there.
const refuse = (one, why) => {
  put({ ...one, refused: why || "–" });
  show();
  const draft = `draft:${one.draft}`;
  if (!one.draft || localStorage.getItem(draft) || formOf(one)?.elements.body.value) return;
  const { sign, ...fields } = Object.fromEntries(new URLSearchParams(one.body));
  localStorage.setItem(draft, JSON.stringify({ ...fields, sign: Boolean(sign), at: Date.now() }));
};

const reason = (text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const why = page.querySelector(".alert--bad, #conflict h2") ?? page.querySelector("h1");
  return why?.textContent.trim() ?? "";
};

// Whether it is settled, one way or the other.
const send = async (one) => {
  if (Date.now() - Number(one.id.split("-")[0]) > OLDEST) return refuse(one, said.dataset.old);
  const headers = { "HX-Request": "true", "Idempotency-Key": one.id, "Sagsgang-Waited": one.behind ? "behind" : "alone", ...sender };
  const body = new URLSearchParams(one.body);
  const answer = await fetch(one.action, { method: "POST", headers, body, signal: AbortSignal.timeout(30000) });
  // Not now, or not before this person has logged in.
  if (BUSY.test(answer.status) || answer.status === 401 || answer.headers.has("HX-Redirect")) throw answer;
  if (answer.status >= 500) {
    one.tries = (one.tries ?? 0) + 1;
    if (one.tries < TRIES) {
      put(one);
      return true;
    }
  }
  const page = one.action.split("/").slice(0, 3).join("/");
  // A step that asks for a reason leads to its form.
  if (!answer.ok || new URL(answer.url).pathname !== page) return refuse(one, reason(await answer.text()));
  localStorage.removeItem(one.key);
  empty(formOf(one), bodyOf(one));
};

export const resend = (then) =>
  navigator.locks.request("sagsgang-waiting", { ifAvailable: true }, async (lock) => {
    let before;
    try {
      // What comes behind something that failed waits with it.
      const failed = new Set();
      for (const one of lock ? all() : []) {
        if (!failed.has(one.action) && (await send(one))) failed.add(one.action);
      }
      then?.();
    } catch (answer) {
      if (answer instanceof Response && !BUSY.test(answer.status)) before = said.dataset.login;
    }
    resume(then, 10000);
    tell(before);
  });
