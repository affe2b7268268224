// An engine inside a test: `node --test` runs an action against it, without building anything.

import { CallDate, callRandom } from "./src/clock.js";
import { Failure, HostError, failureOf } from "./src/failure.js";
import { connect } from "./src/host.js";
import { answer } from "./src/serve.js";
import { bytesOf, textOf } from "./src/text.js";

/** Throws as the engine does: the error as a value beside the exception. */
function refuse(code, message) {
  throw Object.assign(new Error(message), { payload: { code, message, retryAfterMs: null, detail: null } });
}

export class Host {
  case = null;
  actor = { kind: "person", id: "anna", name: "Anna Friis" };
  locale = "da";
  configuration = null;
  idempotencyKey = "test";
  nowUs = 1_795_521_600_000_000;
  otherCases = new Map();
  signed = new Map();
  answers = [];
  requests = [];
  commands = [];
  documents = [];
  log = [];
  kept = new Map();

  static withCase(value) {
    const host = new Host();
    host.case = value;
    return host;
  }

  /** Runs an action as the engine does: JSON in, JSON out, nothing kept of what a failed call asked for. */
  call(action, input) {
    const before = [this.commands.length, this.documents.length, new Map(this.kept)];
    const own = [globalThis.Date, Math.random];
    connect(this.#interfaces());
    [globalThis.Date, Math.random] = [CallDate, callRandom];
    try {
      return JSON.parse(answer(action, JSON.stringify(input)));
    } catch (thrown) {
      [this.commands.length, this.documents.length, this.kept] = before;
      throw failureOf(thrown) ?? thrown;
    } finally {
      [globalThis.Date, Math.random] = own;
      connect(undefined);
    }
  }

  #interfaces() {
    return {
      log: { write: (level, message) => void this.log.push({ level, message }) },
      context: {
        case: () => (this.case === null ? null : JSON.stringify(this.case)),
        actor: () => JSON.stringify(this.actor),
        locale: () => this.locale,
        configuration: () => JSON.stringify(this.configuration),
        idempotencyKey: () => this.idempotencyKey,
        now: () => this.nowUs,
        isSigned: (secret, message) =>
          this.signed.has(secret) ? this.signed.get(secret) === textOf(message) : refuse("not-found", `the secret \`${secret}\` is not configured`),
      },
      cases: {
        read: (id) => (this.otherCases.has(id) ? JSON.stringify(this.otherCases.get(id)) : refuse("not-found", `there is no case ${id}`)),
      },
      commands: { request: (command) => void this.commands.push(JSON.parse(command)) },
      documents: { render: (description, name) => this.#keep(name, JSON.parse(description)) },
      blobs: {
        read: (handle) => bytesOf(this.documents[Number(handle.slice(1))]?.content ?? refuse("not-found", `there is no file ${handle}`)),
        write: (name, mediaType, bytes) => this.#keep(name, bytes),
      },
      kv: {
        get: (key) => this.kept.get(key) ?? null,
        set: (key, value) => void this.kept.set(key, value),
        delete: (key) => void this.kept.delete(key),
      },
      http: { send: (request) => this.#answer(request) },
      random: { bytes: (length) => new Uint8Array(Math.min(length, 1024)).map((_, index) => (index * 37) & 0xff) },
    };
  }

  #keep(name, content) {
    this.documents.push({ name, content });
    return `d${this.documents.length - 1}`;
  }

  #answer(request) {
    this.requests.push({ ...request, headers: Object.fromEntries(request.headers) });
    const answer = this.answers.shift();
    if (answer === undefined) refuse("unavailable", `no answer was prepared for ${request.method} ${request.url}`);
    const { status = 200, headers = {}, body = "" } = answer;
    const content = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    return { status, headers: Object.entries(headers), body: bytesOf(content) };
  }
}

export { Failure, HostError };
