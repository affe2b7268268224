// One event stream per browser: the window that holds the lock listens and passes events on to the others.
// An event says only what changed and its version; each page then fetches what it shows, with its own rights.

import { connected as showConnection, resume } from "./waiting.js";

const address = document.body.dataset.stream;
const channel = address && new BroadcastChannel("sagsgang-live");
let connected;
let pending;
let newest = 0;

// Our own change is often announced before its answer is here: whether a newer version exists is asked when the time has come.
const refresh = (version) => {
  newest = Math.max(newest, version);
  clearTimeout(pending);
  pending = setTimeout(async () => {
    const known = document.querySelector("main").dataset.version;
    const wanted = newest;
    newest = 0;
    if (known && wanted <= known) return;
    // What was just said to be saved stays said, and what is being written stays written.
    const kept = document.querySelectorAll(".saved, #alerts, [data-keep]");
    kept.forEach((one) => one.setAttribute("hx-morph-skip", ""));
    await htmx.ajax("GET", location.pathname + location.search, { target: "#indhold", swap: "outerMorph" });
    kept.forEach((one) => one.removeAttribute("hx-morph-skip"));
  }, 120);
};

// Figures, and what is new in a list, are asked for seldom enough for a busy day, and only where somebody looks.
// Not in all windows at once, which hear of it at once.
const EVERY = 4000;
let due;
let last = 0;
const figures = () => {
  due ??= setTimeout(async () => {
    due = undefined;
    if (document.hidden) return document.addEventListener("visibilitychange", figures, { once: true });
    last = Date.now();
    const list = document.querySelector("main").dataset.fresh;
    await htmx.ajax("GET", list ?? "/live/menu", { target: "body", swap: "none" });
  }, Math.max(300, last + EVERY - Date.now()) + Math.random() * 1000);
};

const topical = () => document.querySelector("main[data-topic]");
const changed = (text) => {
  const match = /^(\S+)(?: v(\d+))?$/.exec(text);
  if (/^(cases|inbox)$/.test(text)) figures();
  const page = topical();
  if (!match || !page) return;
  const [, topic, version] = match;
  if (page.dataset.topic === topic) show(page, version ? Number(version) : Infinity);
  else if (topic.replace("presence", "case") === page.dataset.topic) htmx.trigger(document.getElementById("presence"), "seen");
};

// Rows must not move under the pointer: a list offers the change instead of taking it.
const show = (page, version) => {
  if (page.dataset.fresh) figures();
  else if (page.dataset.live === "offer") document.querySelector(".live-pill")?.removeAttribute("hidden");
  else refresh(version);
};

// Between the drawing of the page and the opening of the stream something may have changed: whether it did is asked,
// and only then is anything drawn again.
const catchUp = async () => {
  if (!document.querySelector("main[data-version]")) return;
  const version = /data-version="(\d+)"/.exec(await (await fetch(location.href)).text());
  if (version) refresh(Number(version[1]));
};

const missed = () => {
  const page = topical();
  if (page) show(page, Infinity);
};

const connection = (open) => {
  const dot = document.querySelector(".sidenav__foot");
  dot?.toggleAttribute("data-lost", !open);
  showConnection(open);
  if (open && connected === undefined) catchUp();
  if (open && connected === false) missed();
  if (open) resume(missed, 0);
  connected = open;
};

const heard = (message) => {
  if ("open" in message) connection(message.open);
  else if (message.missed) missed();
  else changed(message.text);
};
const tell = (message) => {
  channel.postMessage(message);
  heard(message);
};

const listen = () => {
  const source = new EventSource(address);
  let alarm;
  source.onopen = () => {
    alarm = clearTimeout(alarm);
    tell({ open: true });
  };
  source.onmessage = (event) => tell({ text: event.data });
  // The server could not keep up with us: whatever is shown may have changed.
  source.addEventListener("lost", () => tell({ missed: true }));
  source.onerror = () => {
    alarm ??= setTimeout(async () => {
      alarm = undefined;
      // Without a session, or in a proxy that passes no events on, everything else works.
      const lost = await import("./leave.js").then(({ reach }) => reach()).then(() => false, () => true);
      if (source.readyState === EventSource.OPEN) return;
      if (lost || connected === false) tell({ open: !lost });
    }, 5000);
    // The browser gives up after an answer that is no stream; then we try again, not all at once.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000 + Math.random() * 10000);
  };
};

if (channel) {
  channel.onmessage = (event) => heard(event.data);
  navigator.locks.request("sagsgang-live", () => {
    listen();
    return new Promise(() => {});
  });
}
