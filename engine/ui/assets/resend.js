// Sends what waited, in its order, and tells what the server would not do. Loaded when something waits.

import { all, resume, said, tell } from "./waiting.js";

// What was refused is told, and its text goes back to where it was written.
const refuse = (one, page) => {
  const why = page.querySelector(".alert--bad, #conflict h2") ?? page.querySelector("h1");
  const line = said.cloneNode(true);
  line.removeAttribute("id");
  line.setAttribute("role", "alert");
  line.querySelector("span").textContent = `${said.dataset.refused} ${one.title}: ${why?.textContent.trim()}`;
  line.querySelector("button").addEventListener("click", () => line.remove());
  for (const part of [line, line.querySelector("button")]) part.hidden = false;
  said.after(line);
  const draft = `draft:${one.draft}`;
  if (!one.draft || localStorage.getItem(draft)) return;
  localStorage.setItem(draft, JSON.stringify({ ...Object.fromEntries(new URLSearchParams(one.body)), at: Date.now() }));
};

const send = async (one) => {
  const headers = { "HX-Request": "true", "Idempotency-Key": one.id };
  const answer = await fetch(one.action, { method: "POST", headers, body: new URLSearchParams(one.body) });
  // Not now, or not before somebody has logged in.
  if (answer.status >= 500 || answer.headers.has("HX-Redirect")) throw answer;
  localStorage.removeItem(one.key);
  const page = one.action.split("/").slice(0, 3).join("/");
  // A step that asks for a reason leads to its form.
  if (answer.ok && new URL(answer.url).pathname === page) return;
  refuse(one, new DOMParser().parseFromString(await answer.text(), "text/html"));
};

export const resend = (then) =>
  navigator.locks.request("sagsgang-waiting", { ifAvailable: true }, async (lock) => {
    try {
      for (const one of lock ? all() : []) await send(one);
      then?.();
    } catch {
      resume(then, 10000);
    }
    tell();
  });
