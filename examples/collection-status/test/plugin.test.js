import assert from "node:assert/strict";
import { test } from "node:test";
import { Host } from "sagsgang-plugin/testing";
import { collectionStatus } from "../plugin.js";

function host() {
  const made = Host.withCase({ number: "2026-000042", containers: [{ containerId: "B-4711" }] });
  made.configuration = { days: 14 };
  made.nowUs = Date.UTC(2026, 10, 24, 12) * 1000;
  return made;
}

function answered(emptied) {
  return { body: { emptied } };
}

test("a container that was emptied lately is noted and nothing else", () => {
  const engine = host();
  engine.answers = [answered("2026-11-21T06:40:00+01:00")];
  assert.equal(engine.call(collectionStatus, {}).late, false);
  assert.deepEqual(engine.commands.map((command) => command.type), ["note"]);
  assert.equal(engine.requests[0].url, "https://fleet.example/v1/containers/B-4711");
});

test("a container that was emptied long ago marks the case", () => {
  const engine = host();
  engine.answers = [answered("2026-11-04T06:40:00+01:00")];
  assert.equal(engine.call(collectionStatus, {}).late, true);
  assert.deepEqual(engine.commands.at(-1), { type: "tag", tag: "forsinket-tømning" });
});

test("the fleet system is asked once an hour", () => {
  const engine = host();
  engine.answers = [answered("2026-11-21T06:40:00+01:00")];
  engine.call(collectionStatus, {});
  engine.nowUs += 59 * 60_000_000;
  engine.call(collectionStatus, {});
  assert.equal(engine.requests.length, 1);
  engine.nowUs += 60_000_000;
  engine.answers = [answered("2026-11-24T12:30:00+01:00")];
  assert.equal(engine.call(collectionStatus, {}).emptied, "2026-11-24");
});

test("a busy fleet system is asked again later, and nothing is noted", () => {
  const engine = host();
  engine.answers = [{ status: 503 }];
  assert.throws(() => engine.call(collectionStatus, {}), { advice: "retry", code: "fleet-busy", retryAfterMs: 30_000 });
  assert.deepEqual(engine.commands, []);
});

test("a case with two containers needs a number", () => {
  const engine = host();
  engine.case.containers.push({ containerId: "B-4712" });
  assert.throws(() => engine.call(collectionStatus, {}), { code: "which-container" });
  engine.answers = [answered("2026-11-23T06:40:00+01:00")];
  assert.equal(engine.call(collectionStatus, { containerId: "B-4712" }).container, "B-4712");
});
