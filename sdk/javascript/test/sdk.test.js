import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, HostError, blobs, cases, commands, context, http, kv, log } from "../index.js";
import { entryOf, functionName, interfacesOf, offersOf, worldOf } from "../src/component.js";
import { call, connect } from "../src/host.js";
import { serve } from "../src/serve.js";
import { bytesOf, textOf } from "../src/text.js";
import { Host } from "../testing.js";

test("text becomes UTF-8 and comes back", () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  for (const text of ["", "abc", "Lærkehaven 14", "€", "🗑️", "\u{10ffff}", "a\ud800b", `${"x".repeat(5000)}æ${"y".repeat(9000)}🗑️`]) {
    assert.deepEqual([...bytesOf(text)], [...encoder.encode(text)]);
    assert.equal(textOf(encoder.encode(text)), decoder.decode(encoder.encode(text)));
  }
  for (const bytes of [[0xff], [0xc3], [0xe2, 0x82, 0x41], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    assert.match(textOf(new Uint8Array(bytes)), /\ufffd/);
  }
});

test("only what the manifest asks for is imported", () => {
  const capabilities = { "case-read": true, "case-commands": ["note"], documents: [], kv: "1 KiB", cases: false, http: [{}] };
  const interfaces = interfacesOf({ capabilities });
  assert.deepEqual(interfaces, ["log", "context", "commands", "kv", "http"]);
  const offers = offersOf({ action: [{ name: "a" }] });
  assert.deepEqual(worldOf(interfaces, offers).match(/plugin\/\w+/g).length, 6);
  assert.ok(!entryOf("/plugin.js", interfaces, offers).includes("documents"));
  assert.equal(functionName("container-label-2"), "containerLabel2");
});

test("a component exports what the manifest offers, and describes itself where it has actions", () => {
  const offers = offersOf({ panel: [{ name: "a-b" }], channel: [{ name: "sms" }], provider: [{ name: "c" }] });
  assert.deepEqual(offers, { show: { "a-b": "aB" }, deliver: { sms: "smsDeliver" }, receive: { sms: "smsReceive" }, search: { c: "c" } });
  const world = worldOf([], offers);
  assert.deepEqual([...world.matchAll(/export (\w+):/g)].map(([, name]) => name), ["show", "deliver", "receive", "search"]);
  assert.match(worldOf([], offersOf({ action: [{ name: "a" }] })), /export describe: func/);
  assert.match(entryOf("/plugin.js", [], offers), /export function deliver\(name, input\)/);
});

test("a function of an interface that is not declared is denied in words", () => {
  connect({ context: {} });
  assert.throws(() => kv.get("a"), { name: "HostError", code: "denied", message: /`kv` is not declared/ });
  connect(undefined);
  assert.throws(() => log.info("x"), /outside an action/);
});

test("the engine's errors keep their code, other exceptions stay", () => {
  const payload = { code: "unavailable", message: "later", retryAfterMs: 5, detail: null };
  const throws = (thrown) => connect({ cases: { read: () => { throw thrown; } } });
  throws(Object.assign(new Error("x"), { payload }));
  assert.throws(() => cases.read("1"), { name: "HostError", ...payload });
  throws(new TypeError("mine"));
  assert.throws(() => call("cases", "read", "1"), TypeError);
  connect(undefined);
});

test("an action's failure says what shall happen next", () => {
  const lines = [];
  connect({ log: { write: (level, message) => lines.push([level, message]) } });
  const plugin = {
    retries: () => { throw Failure.retry("busy", "busy").afterMs(1_500); },
    passes: () => { throw new HostError({ code: "unavailable", message: "later" }); },
    refuses: () => { throw new HostError({ code: "denied", message: "no" }); },
    breaks: () => { throw new TypeError("a broken promise"); },
    waits: async () => 1,
    answers: () => undefined,
  };
  const names = Object.keys(plugin);
  const server = serve(plugin, Object.fromEntries(names.map((name) => [name, name])));
  assert.equal(JSON.parse(server.describe()).actions.length, names.length);
  const failed = (name) => { try { return server.run(name, "{}"); } catch (thrown) { return thrown; } };
  assert.deepEqual(failed("retries").error, { code: "busy", message: "busy", retryAfterMs: 1_500, detail: null });
  assert.equal(failed("passes").advice, "retry");
  assert.equal(failed("refuses").advice, "reject");
  assert.equal(failed("unknown").error.code, "unknown-action");
  assert.equal(server.run("answers", "{}"), "null");
  assert.ok(failed("breaks") instanceof Error && lines.at(-1)[1].includes("a broken promise"));
  assert.ok(failed("waits") instanceof Error && lines.at(-1)[1].includes("answered a promise"));
  assert.throws(() => serve(plugin, { "not-there": "notThere" }), /exports no function `notThere`/);
  connect(undefined);
});

test("the engine inside a test keeps nothing of a failed call and has a clock of its own", () => {
  const host = Host.withCase({ number: "1" });
  host.answers = [{ status: 201, headers: { "x-a": "b" }, body: { n: 1 } }];
  const output = host.call((input) => {
    commands.note(`${input.a} ${context.case().number}`);
    kv.set("count", 1);
    const answer = http.postJson("https://a.example", { n: 1 });
    return { now: Date.now(), at: new Date().toISOString(), is: new Date(0) instanceof Date, file: blobs.read(blobs.write("a", "text/plain", "æ")).length, json: answer.json().n };
  }, { a: 1 });
  assert.deepEqual(output, { now: 1_795_521_600_000, at: "2026-11-24T12:00:00.000Z", is: true, file: 2, json: 1 });
  assert.ok(Math.abs(Date.now() - 1_795_521_600_000) > 0, "outside a call the clock is that of the machine");
  assert.throws(() => host.call(() => { commands.note("lost"); kv.set("count", 2); cases.read("no"); }, {}), { code: "not-found" });
  assert.throws(() => host.call(async () => { commands.note("lost"); await null; context.case(); }, {}), /answered a promise/);
  assert.deepEqual(host.commands, [{ type: "note", text: "1 1" }]);
  assert.equal(textOf(host.kept.get("count")), "1");
});
