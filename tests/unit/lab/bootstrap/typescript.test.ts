import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../../../../lab/commands/child";

let clone: string;

beforeEach(() => {
  clone = fs.mkdtempSync(path.join(os.tmpdir(), "typescript-"));
  fs.mkdirSync(path.join(clone, "lab/bootstrap"), { recursive: true });
  for (const file of ["folders.js", "typescript.js"]) {
    const place = path.join("lab/bootstrap", file);
    fs.copyFileSync(path.join(repository, place), path.join(clone, place));
  }
  fs.mkdirSync(path.join(clone, "node_modules"));
  fs.symlinkSync(path.join(repository, "node_modules/@swc"), path.join(clone, "node_modules/@swc"));
});

afterEach(() => {
  fs.rmSync(clone, { recursive: true });
});

const kept = () => path.join(clone, "node_modules/.cache/kvm-fabric");
const keptFiles = () => fs.readdirSync(kept()).filter((name) => name.endsWith(".js"));

/** Runs a program of two files; the second is this text. */
function run(text: string) {
  fs.writeFileSync(path.join(clone, "main.ts"), 'import { say } from "./said";\nsay();\n');
  fs.writeFileSync(path.join(clone, "said.ts"), text);
  const hook = path.join(clone, "lab/bootstrap/typescript.js");
  const args = ["--require", hook, path.join(clone, "main.ts")];
  const HOME = path.join(clone, "home");
  const none = { NODE_COMPILE_CACHE: undefined, SWC_NATIVE_BINDING_CACHE: undefined };
  const env = { ...process.env, ...none, HOME, XDG_CACHE_HOME: undefined };
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  return { stdout, stderr };
}

const saying = (word: string) =>
  `const word: string = "${word}";\nexport function say(): void {\n  console.log(word);\n}\n`;

test("a file is compiled once, until it changes", () => {
  expect(run(saying("one"))).toEqual({ stdout: "one\n", stderr: "" });
  const [first, ...others] = keptFiles().filter((name) =>
    fs.readFileSync(path.join(kept(), name), "utf8").includes('"one"'),
  );
  expect([keptFiles().length, others]).toEqual([2, []]);
  const file = path.join(kept(), first!);
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace('"one"', '"what was kept"'));
  expect(run(saying("one")).stdout).toBe("what was kept\n");
  expect(run(saying("two")).stdout).toBe("two\n");
  expect(keptFiles()).toHaveLength(3);
  expect(fs.existsSync(path.join(clone, "home"))).toBe(false);
});

test("an error names the line of the source", () => {
  const { stderr } = run(
    `interface Gone {\n  word: string;\n}\nexport function say({ word }: Gone = { word: "no" }) {\n  throw new Error(word);\n}\n`,
  );
  expect(stderr).toContain(`${path.join(fs.realpathSync(clone), "said.ts")}:5:9`);
});

test("where nothing can be kept, a program runs all the same", () => {
  fs.writeFileSync(path.join(clone, "node_modules/.cache"), "");
  expect(run(saying("one"))).toEqual({ stdout: "one\n", stderr: "" });
});
