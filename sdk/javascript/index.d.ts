/** A value that JSON can write. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What should happen after a failed call: try again, give up (a workflow may catch it), or ask a person. */
export type Advice = "retry" | "reject" | "ask";

/** Why an action failed. Thrown by an action; nothing that it asked for is applied. */
export class Failure extends Error {
  private constructor();
  readonly advice: Advice;
  /** The plugin's own stable word. */
  readonly code: string;
  readonly retryAfterMs: number | null;
  /** The same call may succeed later. */
  static retry(code: string, message: string): Failure;
  /** The call cannot succeed with this input. */
  static reject(code: string, message: string): Failure;
  /** Only a person can decide. */
  static ask(code: string, message: string): Failure;
  /** When trying again may help, in milliseconds. */
  afterMs(milliseconds: number): this;
}

/**
 * Why the engine did not do what it was asked. An action that lets it through fails with its code: `unavailable` is tried
 * again, everything else is not.
 */
export class HostError extends Error {
  /** `denied`, `not-found`, `invalid`, `too-large`, `unavailable` or `rejected`. */
  readonly code: string;
  /** When trying again may help, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** More, as a JSON text. */
  readonly detail: string | null;
}

/** Lines for the plugin's log, shown to administrators; at most 64 KiB per call. Personal data does not belong here. */
export const log: Record<"debug" | "info" | "warn" | "error", (message: string) => void>;

/** What the call is about. Always available; `case` needs the capability `case-read`. */
export const context: {
  /** The case with what `select` in the manifest names; `null` when the call is about no case. Throws `denied`. */
  case<Case = Record<string, any>>(): Case | null;
  /** On whose behalf the call runs; its rights judge every command. */
  actor(): { kind: string; id: string; name: string };
  /** Language of the person who will read the result, such as `da`. */
  locale(): string;
  /** The text in the reader's language; the first one where there is none in it. */
  inLanguage(texts: { [language: string]: string }): string;
  /** The plugin's settings, without secrets. */
  configuration<Settings = any>(): Settings;
  /** A key that stays the same when this call is tried again. */
  idempotencyKey(): string;
  /** When the call was made, in microseconds since 1970 UTC. `Date.now()` and `new Date()` say the same. */
  nowUs(): number;
  /**
   * Whether a message was signed with a secret that the plugin shares with somebody: `code` is its HMAC with SHA-256 under the
   * secret setting of this name, which stays with the engine. Throws `invalid`, `not-found`.
   */
  isSigned(secret: string, message: string | Uint8Array, code: Uint8Array): boolean;
};

/** Other cases. Needs the capability `cases`. */
export const cases: {
  /** A case by id or number. Throws `not-found` (also for what the caller may not see), `unavailable`. */
  read<Case = Record<string, any>>(idOrNumber: string): Case;
};

/** What a case can be linked to. */
export type LinkKind = "container" | "property" | "agreement" | "contact" | "message" | "case";

/** A message to the customer. */
export interface Message {
  channel: "email" | "sms";
  /** Address or phone number. */
  to: string;
  subject?: string;
  body?: string;
  /** Name of a template that gives subject and text. */
  template?: string;
}

/**
 * Changes that the plugin asks for: applied together with the call's result, or not at all. Needs the capability
 * `case-commands`. Each throws `denied` (type not granted), `invalid`, `too-large` (100 commands, 10 messages, 64 KiB).
 */
export const commands: {
  /** Any command, as in `POST /cases/{id}/commands`. */
  request(command: { type: string; [member: string]: unknown }): void;
  note(text: string): void;
  setPriority(priority: string, score: number, reasons: { text: string; points: number }[]): void;
  /** `null` clears a field. */
  setFields(fields: Record<string, unknown>): void;
  transition(name: string): void;
  tag(tag: string): void;
  link(kind: LinkKind, id: string): void;
  unlink(kind: LinkKind, id: string): void;
  /** A document or file made in this call, by its handle. */
  attach(handle: string): void;
  sendMessage(message: Message): void;
};

/** Documents that the engine draws. Needs the capability `documents`. */
export const documents: {
  /** Draws a described document as PDF and gives its handle. Throws `invalid` with the reason, `too-large`. */
  render(description: Record<string, unknown>, name: string): string;
};

/** Files as bytes. Needs the capability `blobs`. */
export const blobs: {
  /** The bytes of a file of the case, or of a document made in this call; at most 1 MiB. */
  read(handle: string): Uint8Array;
  /** Keeps a file of this call and gives its handle. At most 1 MiB each, 10 in a call. */
  write(name: string, mediaType: string, content: string | Uint8Array): string;
};

/** A small store of the plugin's own. Needs the capability `kv`. Writes are kept only when the call succeeds. */
export const kv: {
  /** The value under a key, `null` where there is none. */
  get<Value = any>(key: string): Value | null;
  /** Puts a value under a key: at most 64 KiB as JSON, 256 bytes of key. */
  set(key: string, value: Json): void;
  getBytes(key: string): Uint8Array | null;
  setBytes(key: string, value: Uint8Array): void;
  /** Removes a key; it need not exist. */
  delete(key: string): void;
};

/** What is asked of the outside. */
export interface Request {
  /** `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`; `GET` where nothing is said. */
  method?: string;
  url: string;
  headers?: Record<string, string>;
  /** At most 1 MiB. */
  body?: string | Uint8Array | null;
  /** Give up after so many milliseconds; at most and by default 10,000. */
  timeoutMs?: number | null;
}

/** What was answered, whatever its status. */
export interface Response {
  readonly status: number;
  /** Whether the status is one of success. */
  readonly ok: boolean;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly bytes: Uint8Array;
  text(): string;
  /** Throws `invalid` when the body is no JSON. */
  json<Value = any>(): Value;
}

/**
 * Requests to the outside. Needs the capability `http`. The engine adds `Idempotency-Key` and the secret. Throws `denied`,
 * `invalid`, `too-large`, `unavailable` (the outside may have acted).
 */
export const http: {
  send(request: Request): Response;
  get(url: string, options?: Omit<Request, "url" | "method">): Response;
  postJson(url: string, value: Json, options?: Omit<Request, "url" | "method" | "body">): Response;
};

/** Chance: equal when the call is tried again, therefore not for secrets. Needs the capability `random`. */
export const random: {
  /** At most 1,024 bytes. `Math.random()` draws from here too. */
  bytes(length: number): Uint8Array;
};
