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

/** The world of one plugin: what a component imports are its rights. */
export function worldOf(interfaces) {
  const imports = interfaces.map((name) => `    import sagsgang:plugin/${name}@1.0.0;`);
  return [
    "package sagsgang:build;",
    "",
    "world plugin {",
    ...imports,
    "    use sagsgang:plugin/types@1.0.0.{failure};",
    "    export describe: func() -> string;",
    "    export run: func(action: string, input: string) -> result<string, failure>;",
    "}",
    "",
  ].join("\n");
}

/** The module that the interpreter loads. The prelude goes first, so that the plugin never meets what it replaces. */
export function entryOf(source, interfaces, actions) {
  const table = Object.fromEntries(actions.map((action) => [action, functionName(action)]));
  const at = (name) => JSON.stringify(join(here, name));
  return [
    `import ${at("prelude.js")};`,
    `import { connect } from ${at("host.js")};`,
    `import { serve } from ${at("serve.js")};`,
    `import * as plugin from ${JSON.stringify(source)};`,
    ...interfaces.map((name) => `import ${name}_ from "sagsgang:plugin/${name}@1.0.0";`),
    `const { describe, run: runAction } = serve(plugin, ${JSON.stringify(table)});`,
    `connect({ ${interfaces.map((name) => `${name}: ${name}_`).join(", ")} });`,
    "export { describe };",
    "export function run(action, input) { return runAction(action, input); }",
  ].join("\n");
}

