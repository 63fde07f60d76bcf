import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { goEnvironment, runCommand } from "../../toolchain/go-command";

const PACKAGE = "github.com/containerd/containerd/v2/contrib/seccomp";

/** The module that pins the lab's containerd. */
const MODULE = path.join(__dirname, "../../toolchain/go/containerd");

const profile = z.object({
  defaultAction: z.string(),
  architectures: z.array(z.string()),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.string(),
      args: z.array(z.unknown()).nullish(),
      errnoRet: z.number().nullish(),
    }),
  ),
});

/** A seccomp profile as a container's specification holds it. */
export type ContainerdProfile = z.infer<typeof profile>;

/**
 * The seccomp profile that the lab's containerd gives by default (`RuntimeDefault`) to a container with capabilities,
 * named CAP_..., on an architecture as Go names it; made by containerd's own code. Errors: with what go says.
 */
export async function containerdProfile(
  architecture: string,
  capabilities: readonly string[],
): Promise<ContainerdProfile> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-seccomp-"));
  const env = { ...goEnvironment(process.env), PROFILE_ARCHITECTURE: architecture };
  const go = async (...args: string[]): Promise<string> => {
    const { exitCode, output, log } = await runCommand("go", args, { env, cwd: MODULE });
    if (exitCode !== 0) throw new Error(`go ${args[0] ?? ""}: ${log}`);
    return output;
  };
  try {
    const source = (await go("list", "-f", "{{.Dir}}", PACKAGE)).trim();
    const file = path.join(source, "seccomp_default.go");
    const files = [path.join(folder, "main.go"), path.join(folder, "default.go")];
    fs.copyFileSync(path.join(__dirname, "main.go"), path.join(folder, "main.go"));
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(path.join(folder, "default.go"), withArchitecture(text));
    return profile.parse(JSON.parse(await go("run", ...files, ...capabilities)));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The source as part of a program that says for which architecture it answers. */
function withArchitecture(source: string): string {
  return source
    .replace(/^package seccomp$/m, "package main")
    .replace(/^\t"runtime"\n/m, "")
    .replaceAll("runtime.GOARCH", "architecture");
}
