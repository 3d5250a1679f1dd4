// Bundles src/main.js and src/main.css into ../ntmgis/show/web/static/ (or the folder given as argument) and writes the
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

// A page carries the script inline: these would end or confuse the element it stands in.
const text = readFileSync(join(out, "ntmgis.js"), "utf8");
for (const bad of ["</script", "<!--"]) {
  if (text.toLowerCase().includes(bad)) throw new Error(`the bundle contains ${bad} and cannot stand inside a page`);
}

const packages = new Set();
for (const input of [...Object.keys(script.metafile.inputs), ...Object.keys(style.metafile.inputs)]) {
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
  `Software by others inside ntmgis.js and ntmgis.css.\n\n${notices.join(`\n${"-".repeat(80)}\n\n`)}`,
);
