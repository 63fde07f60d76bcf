import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../support/source-files";

// The linter's rules are another project's work: this holds every version of it to what this one relies on.
const strings = [
  ["an Output in a template", "export const text = `${output}`;", "restrict-template-expressions"],
  ["an Input in a template", "export const text = `x${input}`;", "restrict-template-expressions"],
  ["a field in a template", "export const text = `${map.id}`;", "restrict-template-expressions"],
  ["a resource in a template", "export const text = `${map}`;", "restrict-template-expressions"],
  ["an Output added to", 'export const text = "a" + output;', "restrict-plus-operands"],
  ["an Input added to", 'export const text = input + "a";', "restrict-plus-operands"],
  ["an Output as a string", "export const text = String(output);", "no-base-to-string"],
  ["Outputs joined", 'export const text = [output, output].join(",");', "no-base-to-string"],
] as const;

const others = [
  ["a promise nobody waits for", "later();", "no-floating-promises"],
  ["a promise as a condition", "if (later()) later;", "no-misused-promises"],
  ["a promise where none is taken", "[1].forEach(later);", "no-misused-promises"],
  ["await of what is none", "export const f = async () => await 1;", "await-thenable"],
  ["any", "export const f = (a: any) => typeof a;", "no-explicit-any"],
  ["any handed on", "export const f = () => take(JSON.parse(given));", "no-unsafe-argument"],
  ["any kept", "export const value = JSON.parse(given);", "no-unsafe-assignment"],
  ["any called", "JSON.parse(given)();", "no-unsafe-call"],
  ["any read", "take(String(JSON.parse(given).a));", "no-unsafe-member-access"],
  ["any returned", "export const f = () => JSON.parse(given);", "no-unsafe-return"],
  ["a non-null assertion", "take(maybe()!);", "no-non-null-assertion"],
  ["a condition that never fails", "if (output) take(given);", "no-unnecessary-condition"],
  [
    "a switch with a member missing",
    "switch (side()) { case 'left': take(given); }",
    "switch-exhaustiveness-check",
  ],
  [
    "a type imported as a value",
    'import { Stats } from "node:fs"; export type S = Stats;',
    "consistent-type-imports",
  ],
  ["what nobody uses", "const unused = 1;", "no-unused-vars"],
  ["what is deprecated", "take(escape(given));", "no-deprecated"],
  ["the compiler's errors", "export const count: number = given;", "TS2322"],
] as const;

const prelude = `import * as pulumi from "@pulumi/pulumi";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
export const output = pulumi.output("x");
export const map = new ConfigMap("map");
export declare const input: pulumi.Input<string>;
export declare const given: string;
export declare const later: () => Promise<boolean>;
export declare const take: (text: string) => void;
export declare const maybe: () => string | undefined;
export declare const side: () => "left" | "right";
`;

const allowed = "export const text = [pulumi.interpolate`${output}`, `${given}, ${1 + 1}`];";

let found: Map<string, string[]>;

beforeAll(() => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-lint-"));
  try {
    for (const file of [".oxlintrc.json", "tsconfig.json"])
      fs.copyFileSync(path.join(repository, file), path.join(folder, file));
    fs.symlinkSync(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
    fs.mkdirSync(path.join(folder, "stacks"));
    for (const [what, code] of [...strings, ...others, ["allowed", allowed]] as const)
      fs.writeFileSync(path.join(folder, "stacks", `${what}.ts`), `${prelude}${code}\n`);
    found = lint(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

/** The rules broken by file. */
function lint(folder: string): Map<string, string[]> {
  const linter = path.join(repository, "node_modules/.bin/oxlint");
  const args = [linter, "--format=json", "."];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { filename: string; code: string }[];
  };
  const rules = new Map<string, string[]>();
  for (const { filename, code } of diagnostics) {
    const file = path.basename(filename, ".ts");
    const rule = code.replace(/^.*\(|\)$/g, "");
    rules.set(file, [...(rules.get(file) ?? []), rule]);
  }
  return rules;
}

test.each([...strings, ...others])("%s is an error", (what, _code, rule) => {
  expect(found.get(what)).toContain(rule);
});

test("what is right is let through", () => {
  expect(found.get("allowed")).toBeUndefined();
});
