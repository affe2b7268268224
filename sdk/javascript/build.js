#!/usr/bin/env node
// Makes plugin.wasm out of plugin.js or plugin.ts: `sagsgang-plugin-build [FOLDER]`. Bundles it with this package, writes the
// interface that the manifest asks for and no more, and puts both into the interpreter.

import { componentize } from "componentize-qjs";
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { entryOf, interfacesOf, offersOf, worldOf } from "./src/component.js";

const here = dirname(fileURLToPath(import.meta.url));
const wit = join(here, "..", "wit", "v1");
const ENTRIES = ["plugin.js", "plugin.ts"];

/** What went wrong, in words for the author. */
class Problem extends Error {}

function readManifest(folder) {
  const file = join(folder, "plugin.toml");
  if (!existsSync(file)) throw new Problem(`${file} is not there`);
  let manifest;
  try {
    manifest = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Problem(`${file}: ${error.message}`);
  }
  const offers = offersOf(manifest);
  if (Object.keys(offers).length === 0) {
    throw new Problem(`${file} names no [[action]], [[panel]], [[channel]] or [[provider]]; each has a \`name\``);
  }
  return { offers, interfaces: interfacesOf(manifest) };
}

async function bundle(folder, source, { interfaces, offers }) {
  try {
    const { outputFiles } = await build({
      stdin: { contents: entryOf(source, interfaces, offers), resolveDir: folder, sourcefile: "component.js" },
      alias: { "sagsgang-plugin": join(here, "index.js") },
      absWorkingDir: folder,
      external: ["sagsgang:*"],
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      target: "es2023",
      legalComments: "none",
      write: false,
      logLevel: "silent",
    });
    return outputFiles[0].text;
  } catch (error) {
    const places = (error.errors ?? []).map(({ text, location }) =>
      location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text,
    );
    throw places.length === 0 ? error : new Problem(places.join("\n"));
  }
}

/** Everything that the component depends on, as one number: the interpreter's own output differs from run to run. */
function stampOf(...parts) {
  const hash = createHash("sha256");
  const lock = readFileSync(join(here, "package.json"));
  for (const part of [lock, ...parts]) hash.update(part).update("\0");
  return hash.digest("hex");
}

async function main(folder) {
  const source = ENTRIES.map((name) => join(folder, name)).find(existsSync);
  if (source === undefined) throw new Problem(`${folder} has neither ${ENTRIES.join(" nor ")}`);
  const manifest = readManifest(folder);
  const script = await bundle(folder, source, manifest);
  const world = worldOf(manifest.interfaces, manifest.offers);
  const work = join(folder, "build");
  const place = join(folder, "plugin.wasm");
  const stamp = stampOf(script, world, ...readdirSync(wit).map((name) => readFileSync(join(wit, name))));
  const note = join(work, "stamp");
  if (existsSync(place) && existsSync(note) && readFileSync(note, "utf8") === stamp) return;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "wit", "deps"), { recursive: true });
  cpSync(wit, join(work, "wit", "deps", "sagsgang-plugin"), { recursive: true });
  writeFileSync(join(work, "wit", "world.wit"), world);
  writeFileSync(join(work, "component.js"), script);
  let component;
  try {
    const made = await componentize({
      witPath: join(work, "wit"),
      world: "plugin",
      jsSource: script,
      // No clocks, no files, no chance of its own: what is left of them ends the call.
      stubWasi: true,
      sync: true,
    });
    component = made.component;
  } catch (error) {
    throw new Problem(`the plugin could not be loaded: ${error.message}`);
  }
  const beside = join(work, "plugin.wasm");
  writeFileSync(beside, component);
  renameSync(beside, place);
  writeFileSync(note, stamp);
}

main(resolve(process.argv[2] ?? ".")).catch((error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
