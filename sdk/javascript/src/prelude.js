// Clock, chance and console of a component: the interpreter's own would end the call, or have stood still since the build.

import { CallDate, callPerformance, callRandom } from "./clock.js";
import { log } from "./interface.js";

globalThis.Date = CallDate;
globalThis.performance = callPerformance;
Math.random = callRandom;

function line(values) {
  return values.map((value) => (typeof value === "string" ? value : written(value))).join(" ");
}

function written(value) {
  if (value instanceof Error) return value.stack ? `${value}\n${value.stack}` : String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

globalThis.console = {
  debug: (...values) => log.debug(line(values)),
  log: (...values) => log.info(line(values)),
  info: (...values) => log.info(line(values)),
  warn: (...values) => log.warn(line(values)),
  error: (...values) => log.error(line(values)),
};
