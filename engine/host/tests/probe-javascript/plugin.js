// The guest with which the host is tested, in JavaScript: every function of the interface, and ways to misbehave.

import { Failure, blobs, cases, commands, context, documents, http, kv, log, random } from "sagsgang-plugin";

/** What every function answers, in one object; the same questions as in the other languages. */
export function conform(input) {
  log.debug("looking");
  log.info("seeing");
  log.warn("probing");
  log.error("failing");
  return {
    case: attempt(() => context.case()),
    actor: context.actor().name,
    locale: context.locale(),
    configuration: context.configuration(),
    key: context.idempotencyKey(),
    now: context.nowUs(),
    other: attempt(() => cases.read(input.other).title),
    missing: attempt(() => cases.read("nowhere")),
    note: attempt(() => done(commands.note("probed"))),
    forbidden: attempt(() => done(commands.tag("x"))),
    malformed: attempt(() => done(commands.request({ type: "note", txt: "x" }))),
    document: attempt(() => done(commands.attach(documents.render(input.description, "label.pdf")), "attached")),
    undrawable: attempt(() => done(documents.render({ kind: "poem" }, "poem.pdf"))),
    file: attempt(() => blobs.read(blobs.write("note.txt", "text/plain", "hello")).length),
    kept: attempt(keep),
    signed: attempt(() => context.isSigned("token", "x", new Uint8Array(32))),
    random: attempt(() => random.bytes(8).length),
    answer: attempt(() => http.postJson(input.url, { n: 1 }).status),
    elsewhere: attempt(() => http.get("https://elsewhere.example/").status),
  };
}

/** A panel of a sentence. */
export function shown() {
  return { parts: [{ type: "note", tone: "good", text: `Sag ${context.case().number}` }], summary: context.locale() };
}

function keep() {
  kv.set("count", 1);
  kv.delete("gone");
  return String(kv.get("count"));
}

function done(_, word = "ok") {
  return word;
}

function attempt(question) {
  try {
    return question();
  } catch (error) {
    return error.code;
  }
}

/** What stays of one call for the next would be seen here. */
let calls = 0;

const WAYS = {
  spin() {
    for (;;);
  },
  memory() {
    const blocks = [];
    for (;;) blocks.push(new Uint8Array(1 << 20));
  },
  strings() {
    let text = "x";
    for (;;) text += text;
  },
  recurse() {
    return WAYS.recurse() + 1;
  },
  closures() {
    let f = (x) => x;
    for (let n = 0; n < 200_000; n += 1) {
      const g = f;
      f = (x) => g(x);
    }
    return f(1);
  },
  pattern: () => /^(a+)+$/.test(`${"a".repeat(40)}b`),
  throw() {
    commands.note("never to be seen");
    kv.set("half", "done");
    throw new TypeError("a broken promise");
  },
  promise: async () => 1,
  output: ({ bytes }) => "x".repeat(bytes),
  log({ lines }) {
    for (let n = 0; n < lines; n += 1) console.log("l".repeat(1_000));
  },
  calls({ count }) {
    for (let n = 0; n < count; n += 1) log.debug("");
  },
  copies() {
    for (let n = 0; n < 40; n += 1) kv.setBytes("big", new Uint8Array(60_000));
  },
  refuse() {
    throw Failure.retry("gateway-busy", "the gateway is busy").afterMs(1_500);
  },
  count: () => (calls += 1),
  clock: () => [Date.now(), new Date().toISOString(), new Date(2020, 1, 2).getFullYear(), typeof Date(), performance.now()],
  chance: () => [Math.random(), Math.random()],
};

/** Misbehaves in the way that is asked for. */
export function misbehave(input) {
  return WAYS[input.way](input);
}

/** A small decision over a case, as many plugins make one. What a call costs is measured with it. */
export function decide(input) {
  const score = input.repeats * 10 + (input.fields.fraction === "hazardous" ? 40 : 0);
  return { priority: score >= 30 ? "high" : "normal", score };
}
