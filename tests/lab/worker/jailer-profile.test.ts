import * as fs from "node:fs";
import * as path from "node:path";
import { JAILER_CAPABILITIES, WITHHELD } from "../../../components/worker/jailer/seccomp";
import { type ContainerdProfile, containerdProfile } from "../../../lab/node/seccomp/profile";
import { describeOnRealNode } from "../../support/real-node";

/** The data in the repository. KVM_FABRIC_UPDATE_GOLDEN=1 writes it anew. */
const FILE = path.join(__dirname, "../../../components/worker/jailer/system-calls.ts");

// Where a real node runs, its containerd was built, so the source of its profile is there.
describeOnRealNode("the seccomp profile of jailers", () => {
  const capabilities = JAILER_CAPABILITIES.map((name) => `CAP_${name}`);
  const profiles: ContainerdProfile[] = [];

  beforeAll(async () => {
    for (const architecture of ["amd64", "arm64"]) {
      profiles.push(await containerdProfile(architecture, capabilities));
    }
  });

  test("the system calls in the repository are those that the lab's containerd allows by default", () => {
    const rendered = render(profiles);
    if (process.env.KVM_FABRIC_UPDATE_GOLDEN === "1") fs.writeFileSync(FILE, rendered);
    expect(fs.readFileSync(FILE, "utf8")).toBe(rendered);
  });

  test("its default with SYS_ADMIN has all that is withheld from a jailer, and no pivot_root", () => {
    for (const { syscalls } of profiles) {
      const allowed = syscalls.flatMap(({ names }) => names);
      expect(allowed).toEqual(expect.arrayContaining([...WITHHELD, "mount", "unshare", "setns"]));
      expect(allowed).not.toContain("pivot_root");
    }
  });
});

function render(all: readonly ContainerdProfile[]): string {
  const entries = all.flatMap(({ syscalls }) => syscalls);
  for (const { action, errnoRet } of entries) {
    expect([action, errnoRet ?? undefined]).toEqual(["SCMP_ACT_ALLOW", undefined]);
  }
  expect(all.map(({ defaultAction }) => defaultAction)).toEqual([
    "SCMP_ACT_ERRNO",
    "SCMP_ACT_ERRNO",
  ]);
  const plain = entries.filter(({ args }) => (args ?? []).length === 0);
  const names = [...new Set(plain.flatMap((entry) => entry.names))].sort();
  const conditions = entries.flatMap((entry) =>
    (entry.args ?? []).flatMap((arg: any) =>
      entry.names.map((name) => `["${name}", ${arg.index}, "${arg.op}", ${arg.value}]`),
    ),
  );
  const architectures = [...new Set(all.flatMap((profile) => profile.architectures))];
  return `/**
 * What containerd lets a container with a jailer's capabilities call by default, as data: made by its own code. Another
 * version of it in the lab's toolchain shows in tests/lab/worker/jailer-profile.test.ts, which also writes this file anew.
 * Source: https://github.com/containerd/containerd/blob/main/contrib/seccomp/seccomp_default.go
 */

/** Those of amd64 and arm64. */
export const ARCHITECTURES: readonly string[] = Object.freeze([
${listed(architectures.map((name) => `"${name}"`))}]);

const NAMES = \`${wrapped(names)}\`;

/** System calls with whatever arguments; what only one architecture has among them. */
export const SYSTEM_CALLS: readonly string[] = Object.freeze(NAMES.trim().split(/\\s+/));

/** System calls with one argument: its index, a comparison of it, and with what. */
export const CONDITIONAL_SYSTEM_CALLS = Object.freeze([
${listed(new Set(conditions))}] as const);
`;
}

function listed(items: Iterable<string>): string {
  return [...items].map((item) => `  ${item},\n`).join("");
}

function wrapped(words: readonly string[]): string {
  const lines = [""];
  for (const word of words) {
    const line = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (line.length <= 100) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return `\n${lines.join("\n")}\n`;
}
