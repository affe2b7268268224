// Without a connection a page that is left is lost, with what was written on it: ordinary forms are held back.

import { offline, unsent } from "./waiting.js";

// Whether the server answers, and where to log in if nobody is. Events alone may be lost, in a proxy or with the session.
export const reach = async () => {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const { headers: told, status } = await fetch("/live/menu", { headers, signal: AbortSignal.timeout(8000) });
  if (/50[234]/.test(status)) throw status;
  return status === 401 ? "/login" : told.get("HX-Redirect");
};

let passes;
document.addEventListener("submit", async (event) => {
  const { submitter, target: form } = event;
  const forgets = form.matches("[data-forget-drafts]");
  const lost = offline?.hidden === false && !form.dataset.waits && form.getAttribute("method") !== "dialog";
  if (form === passes || !(lost || forgets)) return;
  event.preventDefault();
  event.stopPropagation();
  try {
    const login = await reach();
    if (login && !forgets) return location.assign(login);
  } catch {
    return (unsent.hidden = false);
  }
  unsent.hidden = true;
  if (forgets) {
    for (const key of Object.keys(localStorage)) if (/^(draft|waiting):/.test(key)) localStorage.removeItem(key);
  }
  passes = form;
  form.requestSubmit(submitter);
  passes = undefined;
}, true);
