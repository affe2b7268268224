// The interfaces of the engine, one object each.

import { HostError } from "./failure.js";
import { call } from "./host.js";
import { bytesOf, textOf } from "./text.js";

/** Lines for the plugin's log. */
export const log = {
  debug: (message) => call("log", "write", "debug", String(message)),
  info: (message) => call("log", "write", "info", String(message)),
  warn: (message) => call("log", "write", "warn", String(message)),
  error: (message) => call("log", "write", "error", String(message)),
};

/** What the call is about. */
export const context = {
  case() {
    const text = call("context", "case");
    return text == null ? null : JSON.parse(text);
  },
  actor: () => JSON.parse(call("context", "actor")),
  locale: () => call("context", "locale"),
  inLanguage(texts) {
    return texts[call("context", "locale")] ?? Object.values(texts)[0] ?? "";
  },
  configuration: () => JSON.parse(call("context", "configuration")),
  idempotencyKey: () => call("context", "idempotencyKey"),
  nowUs: () => Number(call("context", "now")),
  isSigned: (secret, message, code) => call("context", "isSigned", secret, bytesOf(message), code),
};

/** Other cases. */
export const cases = {
  read: (idOrNumber) => JSON.parse(call("cases", "read", String(idOrNumber))),
};

/** Documents that the engine draws. */
export const documents = {
  render: (description, name) => call("documents", "render", JSON.stringify(description), name),
};

/** Files as bytes. */
export const blobs = {
  read: (handle) => call("blobs", "read", handle),
  write: (name, mediaType, content) => call("blobs", "write", name, mediaType, bytesOf(content)),
};

/** A small store of the plugin's own: values as JSON, or as bytes. */
export const kv = {
  get(key) {
    const bytes = kv.getBytes(key);
    return bytes === null ? null : JSON.parse(textOf(bytes));
  },
  set: (key, value) => kv.setBytes(key, bytesOf(JSON.stringify(value))),
  getBytes: (key) => call("kv", "get", key) ?? null,
  setBytes: (key, bytes) => void call("kv", "set", key, bytes),
  delete: (key) => void call("kv", "delete", key),
};

/** What was answered to a request. */
class Response {
  constructor({ status, headers, body }) {
    this.status = status;
    this.headers = Object.fromEntries(headers);
    this.bytes = body;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  text() {
    return textOf(this.bytes);
  }

  json() {
    try {
      return JSON.parse(this.text());
    } catch (error) {
      throw new HostError({ code: "invalid", message: `the answer is no JSON: ${error.message}` });
    }
  }
}

/** Requests to the outside. */
export const http = {
  send({ method = "GET", url, headers = {}, body = null, timeoutMs = null }) {
    const request = {
      method,
      url,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      body: body === null ? null : bytesOf(body),
      timeoutMs,
    };
    return new Response(call("http", "send", request));
  },
  get: (url, options = {}) => http.send({ ...options, url }),
  postJson(url, value, options = {}) {
    const headers = { "content-type": "application/json", ...options.headers };
    return http.send({ ...options, method: "POST", url, headers, body: JSON.stringify(value) });
  },
};

/** Chance. */
export const random = {
  bytes: (length) => call("random", "bytes", length),
};
