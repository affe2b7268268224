// A button on the case page that asks the fleet system when the container was emptied, notes the answer, and marks the case
// when the vehicle was there too long ago.

import { Failure, commands, context, http, kv } from "sagsgang-plugin";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** @param {{ containerId?: string }} input */
export function collectionStatus(input) {
  const { days } = context.configuration();
  const container = input.containerId ?? onlyContainer();
  const emptiedAt = lastEmptied(container);
  const emptied = emptiedAt.slice(0, 10);
  const late = Date.now() - new Date(emptiedAt).getTime() > days * DAY_MS;
  const texts = {
    da: `Beholder ${container} blev sidst tømt ${emptied}.`,
    en: `Container ${container} was last emptied on ${emptied}.`,
  };
  commands.note(context.inLanguage(texts));
  if (late) commands.tag("forsinket-tømning");
  return { container, emptied, late };
}

/** The container of the case, where there is no doubt which one is meant. */
function onlyContainer() {
  const { containers = [] } = context.case() ?? {};
  if (containers.length === 1) return containers[0].containerId;
  const texts = {
    da: "Skriv beholderens nummer: sagen har ikke netop én beholder.",
    en: "Write the number of the container: the case does not have exactly one.",
  };
  throw Failure.reject("which-container", context.inLanguage(texts));
}

/** What the fleet system says; asked at most once an hour for each container. */
function lastEmptied(container) {
  const known = kv.get(container);
  if (known !== null && Date.now() - known.asked < HOUR_MS) return known.emptied;
  const answer = http.get(`https://fleet.example/v1/containers/${encodeURIComponent(container)}`);
  if (answer.status === 404) {
    throw Failure.reject("unknown-container", `the fleet system does not know ${container}`);
  }
  if (!answer.ok) {
    throw Failure.retry("fleet-busy", `the fleet system answered ${answer.status}`).afterMs(30_000);
  }
  const { emptied } = answer.json();
  kv.set(container, { emptied, asked: Date.now() });
  return emptied;
}
