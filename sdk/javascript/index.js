// What a plugin in JavaScript can call: one object for each interface, with the same words as in the other languages.
// Meaning, units and errors stand in index.d.ts, where editors show them.

export { Failure, HostError } from "./src/failure.js";
export { blobs, cases, context, documents, http, kv, log, random } from "./src/interface.js";
export { commands } from "./src/commands.js";
