// Writes assets/editor/editor.min.js and notes what it was made of: `npm ci && npm run build`. The same sources give the
// same bytes; the checksums in ORIGIN.md are tested by `cargo test`.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "assets", "editor");
const sum = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

await build({
  absWorkingDir: here,
  entryPoints: ["src/main.js"],
  outfile: join(out, "editor.min.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  charset: "utf8",
  legalComments: "none",
});

const sources = readdirSync(join(here, "src")).sort().map((name) => `src/${name}`);
const rows = [...sources, "build.js", "package.json", "package-lock.json"].map((name) => `| \`${name}\` | \`${sum(join(here, name))}\` |`);
writeFileSync(
  join(out, "ORIGIN.md"),
  `# The editor of definitions

\`editor.min.js\` is made from the folder \`engine/ui/editor\` with \`npm ci && npm run build\`, and is loaded by the page of the editor
only. It contains CodeMirror 6 and Lezer (MIT, \`LICENSE.txt\`). The checksums are tested in \`src/assets.rs\`, so that neither
the script nor its sources change alone.

| File | SHA-256 |
|---|---|
| \`editor.min.js\` | \`${sum(join(out, "editor.min.js"))}\` |
${rows.join("\n")}
`,
);
