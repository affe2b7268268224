// One event stream per browser: the window that holds the lock listens and passes events on to the others.
// An event says only what changed and its version; each page then fetches what it shows, with its own rights.

const address = document.body.dataset.stream;
const channel = address && new BroadcastChannel("sagsgang-live");
let lostBefore = false;
let pending;

const refresh = () => {
  clearTimeout(pending);
  pending = setTimeout(() => {
    htmx.ajax("GET", location.pathname + location.search, { target: "#indhold", swap: "outerMorph" });
  }, 120);
};

const changed = (text) => {
  const match = /^(\S+)(?: v(\d+))?$/.exec(text);
  const page = document.querySelector("main[data-topic]");
  if (!match || !page) return;
  const [, topic, version] = match;
  const { topic: shown, version: known, live } = page.dataset;
  if (shown !== topic) return;
  if (version && known && Number(version) <= Number(known)) return;
  show(live);
};

// Rows must not move under the pointer: a list offers the change instead of taking it.
const show = (live) => {
  if (live === "offer") document.querySelector(".live-pill")?.removeAttribute("hidden");
  else refresh();
};

const missed = () => {
  const page = document.querySelector("main[data-topic]");
  if (page) show(page.dataset.live);
};

const connection = (open) => {
  const dot = document.querySelector(".sidenav__foot");
  dot?.toggleAttribute("data-lost", !open);
  const banner = document.getElementById("offline");
  if (banner) banner.hidden = open;
  if (open && lostBefore) missed();
  lostBefore = !open;
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
    clearTimeout(alarm);
    alarm = undefined;
    tell({ open: true });
  };
  source.onmessage = (event) => tell({ text: event.data });
  // The server could not keep up with us: whatever is shown may have changed.
  source.addEventListener("lost", () => tell({ missed: true }));
  source.onerror = () => {
    alarm ??= setTimeout(tell, 5000, { open: false });
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
