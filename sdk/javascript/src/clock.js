// Time and chance of a call. The time does not advance; chance is equal when the call is tried again.

import { context, random } from "./interface.js";

const nowMs = () => Math.floor(context.nowUs() / 1000);
const OwnDate = Date;

/** `Date`, of which now is the time of the call. */
export function CallDate(...values) {
  if (new.target === undefined) return new OwnDate(nowMs()).toString();
  const parts = values.length === 0 ? [nowMs()] : values;
  return Reflect.construct(OwnDate, parts, new.target);
}
CallDate.prototype = Object.create(OwnDate.prototype, { constructor: { value: CallDate, writable: true, configurable: true } });
Object.setPrototypeOf(CallDate, OwnDate);
Object.defineProperties(CallDate, { name: { value: "Date" }, length: { value: 7 } });
CallDate.now = nowMs;

/** `Math.random`: 53 random bits. */
export function callRandom() {
  const bytes = random.bytes(7);
  bytes[0] &= 0x1f;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 53;
}

/** `performance`: the interpreter's stopwatch reads a clock that is not there. */
export const callPerformance = { now: () => context.nowUs() / 1000, timeOrigin: 0 };
