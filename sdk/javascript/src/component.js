// What a component is made of: the world that its manifest opens, and the module that the interpreter loads.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CAPABILITIES } from "./host.js";

const here = dirname(fileURLToPath(import.meta.url));
/** Interfaces that every call has. */
const ALWAYS = ["log", "context"];

/** `container-label` is the function `containerLabel`. */
export function functionName(action) {
  return action.replace(/-+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** Names of the interfaces that a manifest opens. */
export function interfacesOf(manifest) {
  const wishes = manifest.capabilities ?? {};
  const isAsked = (wish) => wish !== undefined && wish !== false && wish?.length !== 0;
  return [...ALWAYS, ...Object.keys(CAPABILITIES).filter((name) => isAsked(wishes[CAPABILITIES[name]]))];
}

/** What a manifest offers: for each exported function the names under which it is called, and the functions of the plugin. */
export function offersOf(manifest) {
  const table = (offers, suffix = "") =>
    Object.fromEntries((offers ?? []).map(({ name }) => [name, functionName(name + suffix)]));
  const offers = {
    run: table(manifest.action),
    show: table(manifest.panel),
    deliver: table(manifest.channel, "-deliver"),
    receive: table(manifest.channel, "-receive"),
    search: table(manifest.provider),
  };
  return Object.fromEntries(Object.entries(offers).filter(([, names]) => Object.keys(names).length > 0));
}

/** What the functions call what they are given. */
const PARAMETERS = {
  run: ["action", "input"],
  show: ["panel", "input"],
  deliver: ["channel", "message"],
  receive: ["channel", "request"],
  search: ["provider", "query"],
};

/** The world of one plugin: what a component imports are its rights. */
export function worldOf(interfaces, offers) {
  const exports = Object.keys(offers).map((name) => {
    const parameters = PARAMETERS[name].map((parameter) => `${parameter}: string`).join(", ");
    return `    export ${name}: func(${parameters}) -> result<string, failure>;`;
  });
  const describe = "run" in offers ? ["    export describe: func() -> string;"] : [];
  const imports = interfaces.map((name) => `    import sagsgang:plugin/${name}@1.0.0;`);
  return [
    "package sagsgang:build;",
    "",
    "world plugin {",
    ...imports,
    "    use sagsgang:plugin/types@1.0.0.{failure};",
    ...describe,
    ...exports,
    "}",
    "",
  ].join("\n");
}

/** The module that the interpreter loads. The prelude goes first, so that the plugin never meets what it replaces. */
export function entryOf(source, interfaces, offers) {
  const at = (name) => JSON.stringify(join(here, name));
  return [
    `import ${at("prelude.js")};`,
    `import { connect } from ${at("host.js")};`,
    `import { serve } from ${at("serve.js")};`,
    `import * as plugin from ${JSON.stringify(source)};`,
    ...interfaces.map((name) => `import ${name}_ from "sagsgang:plugin/${name}@1.0.0";`),
    ...Object.entries(offers).map(([name, table]) => `const ${name}_ = serve(plugin, ${JSON.stringify(table)});`),
    `connect({ ${interfaces.map((name) => `${name}: ${name}_`).join(", ")} });`,
    ...("run" in offers ? ["export function describe() { return run_.describe(); }"] : []),
    ...Object.keys(offers).map((name) => `export function ${name}(name, input) { return ${name}_.run(name, input); }`),
  ].join("\n");
}

