"use strict";

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { repository } = require("./folders");

/*
 * Lets Node.js load this repository's TypeScript: node --require lab/bootstrap/typescript.js FILE. Compiled as the tests
 * compile it, once: what came of a text is kept in node_modules/.cache, and so is what V8 makes of it. Other files are
 * loaded as ever; general tools look through each of a dependency's as well, and a start took two to ten times as long.
 */
const cache = path.join(repository, "node_modules", ".cache", "kvm-fabric");
const own = fs.readFileSync(__filename);
const { version } = require("@swc/core/package.json");

const options = {
  jsc: { parser: { syntax: "typescript" }, target: "es2022" },
  module: { type: "commonjs" },
  sourceMaps: "inline",
  // Nothing but what is here decides.
  swcrc: false,
};

/** The JavaScript of a file of TypeScript. */
function compiled(file) {
  const text = fs.readFileSync(file, "utf8");
  const name = createHash("sha256").update(own).update(version).update(file).update(text);
  const kept = path.join(cache, `${name.digest("hex").slice(0, 32)}.js`);
  try {
    return fs.readFileSync(kept, "utf8");
  } catch {
    const { code } = require("@swc/core").transformSync(text, { ...options, filename: file });
    keep(kept, code);
    return code;
  }
}

/** Whole or not at all; where it cannot be written, the next start compiles again. */
function keep(file, code) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(temporary, code);
    fs.renameSync(temporary, file);
  } catch {
    fs.rm(temporary, { force: true }, () => undefined);
  }
}

process.setSourceMapsEnabled(true);
// The compiler unpacks itself, else in the home folder.
process.env.SWC_NATIVE_BINDING_CACHE ??= path.join(cache, "swc");
// Where NODE_COMPILE_CACHE names another folder, it is that one.
Module.enableCompileCache(path.join(cache, "v8"));
Module._extensions[".ts"] = (module, file) => {
  module._compile(compiled(file), file);
};
