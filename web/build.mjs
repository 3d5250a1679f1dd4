// Bundles src/main.js and src/main.css, and the same of src/households/, into ../ntmgis/show/web/static/ (or the folder given as argument) and writes the
// licences of everything that went into the bundle beside it.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "..", "ntmgis", "show", "web", "static"));
mkdirSync(out, { recursive: true });

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none", // all licences stand in THIRD_PARTY_NOTICES.txt and in the page's "about" panel
  // Leaflet asks for the VML of old Internet Explorers and catches the exception, for whose line number a browser reads the
  // whole script a second time: a quarter of the start. Asked this way there is none, and nothing uses the answer.
  define: { "document.namespaces.add": "Boolean" },
  metafile: true,
  logLevel: "warning",
};
const script = await esbuild.build({
  ...shared,
  entryPoints: ["src/main.js"],
  outfile: join(out, "ntmgis.js"),
  format: "iife",
  target: ["chrome90", "firefox113", "safari16.4"],
});
const style = await esbuild.build({
  ...shared,
  entryPoints: ["src/main.css"],
  outfile: join(out, "ntmgis.css"),
  loader: { ".png": "dataurl" },
  target: ["chrome90", "firefox113", "safari16.4"],
});

// The page of households is a bundle of its own; its worker stands inside it as text, because a page from a disk can
// start a worker only from itself.
const target = ["chrome90", "firefox113", "safari16.4"];
const worker = await esbuild.build({
  ...shared,
  entryPoints: ["src/households/worker.js"],
  write: false,
  format: "iife",
  target,
});
const householdsEarly = await esbuild.build({
  ...shared,
  charset: "ascii", // a browser reads a page of one byte a sign faster
  entryPoints: ["src/households/early.js"],
  outfile: join(out, "households-early.js"),
  define: { ...shared.define, HOUSEHOLDS_WORKER: JSON.stringify(worker.outputFiles[0].text) },
  format: "iife",
  target,
});
const householdsScript = await esbuild.build({
  ...shared,
  charset: "ascii",
  alias: { leaflet: "leaflet/dist/leaflet-src.esm.js" }, // one scope with ours: read once, not twice
  entryPoints: ["src/households/main.js"],
  outfile: join(out, "households.js"),
  format: "iife",
  target,
});
const householdsStyle = await esbuild.build({
  ...shared,
  entryPoints: ["src/households/households.css"],
  outfile: join(out, "households.css"),
  loader: { ".png": "dataurl" },
  target,
});

// A page carries the script inline: these would end or confuse the element it stands in.
for (const name of ["ntmgis.js", "households.js", "households-early.js"]) {
  const text = readFileSync(join(out, name), "utf8").toLowerCase();
  for (const bad of ["</script", "<!--"]) {
    if (text.includes(bad)) throw new Error(`${name} contains ${bad} and cannot stand inside a page`);
  }
}

const packages = new Set();
const inputs = [script, style, householdsEarly, householdsScript, householdsStyle].flatMap((one) => Object.keys(one.metafile.inputs));
for (const input of inputs) {
  const found = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) packages.add(found[1]);
}
const notices = [...packages].sort().map((name) => {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  const licence = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  return `${about.name} ${about.version} (${about.license})\n\n${licence}\n`;
});
writeFileSync(
  join(out, "THIRD_PARTY_NOTICES.txt"),
  `Software by others inside the scripts and styles of the pages.\n\n${notices.join(`\n${"-".repeat(80)}\n\n`)}`,
);
