// Makes the package kvm-fabric as it is published: node build/package.js [folder, components/dist by default].
// `npm pack <folder>` then makes the tarball. The sources cannot be published as they are: Node.js strips no types
// from files below node_modules.
"use strict";

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const repository = path.resolve(__dirname, "..");
const components = path.join(repository, "components");
const dist = path.join(components, "dist");

function main([folder = dist]) {
  const target = path.resolve(folder);
  clear(target);
  compile(target);
  copySources(target);
  // What the trace uploader's functions run; made by bundle-functions.ts, and committed.
  const bundles = path.join("trace-uploader", "bundles");
  fs.cpSync(path.join(components, bundles), path.join(target, bundles), { recursive: true });
  fs.writeFileSync(path.join(target, "package.json"), json(manifest()));
  fs.writeFileSync(path.join(target, "tsconfig.json"), json(analyzerConfig()));
  for (const file of ["README.md", "PulumiPlugin.yaml"]) {
    fs.copyFileSync(path.join(components, file), path.join(target, file));
  }
  fs.copyFileSync(path.join(repository, "LICENSE"), path.join(target, "LICENSE"));
  process.stdout.write(`${target}\n`);
}

/** Empties the folder, unless it holds other things than an earlier build: somebody may have mistyped it. */
function clear(target) {
  const entries = fs.existsSync(target) ? fs.readdirSync(target) : [];
  if (target !== dist && entries.length > 0 && !entries.includes("index.d.ts")) {
    throw new Error(`${target} holds other things than an earlier build`);
  }
  fs.rmSync(target, { recursive: true, force: true });
}

function compile(target) {
  // The locked compiler, by its program: node_modules/.bin holds shell scripts on Windows.
  const tsc = path.join(repository, "node_modules", "@typescript", "native", "bin", "tsc");
  const project = path.join(components, "tsconfig.json");
  const args = [tsc, "--project", project, "--rootDir", components, "--outDir", target];
  execFileSync(process.execPath, args, { stdio: "inherit" });
}

/**
 * The sources go along in src/, where Pulumi's schema analyzer looks for them: it reads no declarations. Elsewhere a
 * consumer's compiler would prefer them to the declarations beside them.
 */
function copySources(target) {
  const files = fs
    .readdirSync(components, { recursive: true })
    .filter((file) => file.endsWith(".ts") && !/(^|[\\/])(dist|node_modules)[\\/]/.test(file));
  for (const file of files) {
    fs.cpSync(path.join(components, file), path.join(target, "src", file));
  }
}

/** The package.json of the sources, with entries that plain Node.js and any compiler can read. */
function manifest() {
  const source = readJson(path.join(components, "package.json"));
  const { private: _private, main: _main, exports: entries, ...kept } = source;
  return { ...kept, main: "./index.js", types: "./index.d.ts", exports: compiled(entries) };
}

function compiled(entries) {
  const pairs = Object.entries(entries).map(([name, entry]) => {
    // The plain import is the face that needs no cloud's SDK. Under this condition Pulumi's analyzer passes it by, and
    // begins with the plugin's own entry, "main", which has every component.
    if (typeof entry === "object") return [name, compiledFile(entry.node, "node")];
    return [name, entry.endsWith(".ts") ? compiledFile(entry, "default") : entry];
  });
  return Object.fromEntries(pairs);
}

function compiledFile(file, condition) {
  const base = file.slice(0, -".ts".length);
  return { types: `${base}.d.ts`, [condition]: `${base}.js` };
}

/** What the analyzer reads the sources with. */
function analyzerConfig() {
  const { outDir: _outDir, declaration: _declaration, ...compilerOptions } = readCompilerOptions();
  return { compilerOptions: { ...compilerOptions, noEmit: true }, include: ["src/**/*.ts"] };
}

function readCompilerOptions() {
  const ts = require("typescript");
  const { config, error } = ts.readConfigFile(
    path.join(components, "tsconfig.json"),
    ts.sys.readFile,
  );
  if (error !== undefined)
    throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  return config.compilerOptions;
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

function json(value) {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

main(process.argv.slice(2));
