// The engine, as the component imports it. Only what the manifest declares is imported, so that the rest is answered here.

import { HostError } from "./failure.js";

/** The key under [capabilities] that opens each interface; those that every call has are not among them. */
export const CAPABILITIES = {
  cases: "cases",
  commands: "case-commands",
  documents: "documents",
  blobs: "blobs",
  kv: "kv",
  http: "http",
  random: "random",
};

let interfaces;

/** Connects the functions of this module with an engine, or with a test. Other objects are kept as they are. */
export function connect(imported) {
  interfaces = imported;
}

/** Calls one function of one interface. */
export function call(name, method, ...values) {
  if (interfaces === undefined) {
    throw new Error(`${name}.${method} was called outside an action: the engine is there while an action runs`);
  }
  const found = interfaces[name];
  if (found === undefined) {
    const key = CAPABILITIES[name];
    throw new HostError({
      code: "denied",
      message: `\`${key}\` is not declared under [capabilities] in plugin.toml`,
    });
  }
  try {
    return found[method](...values);
  } catch (thrown) {
    // The engine's own errors come as values beside the exception.
    const error = thrown?.payload;
    throw typeof error?.code === "string" ? new HostError(error) : thrown;
  }
}
