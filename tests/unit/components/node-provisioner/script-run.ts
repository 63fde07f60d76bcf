import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { AssetSet } from "../../../../components/node-provisioner/asset-set";
import { assetSetId } from "../../../../components/node-provisioner/asset-set";
import { provisionerFiles } from "../../../../components/node-provisioner/script";
import { nodeContract } from "../../../../components/shared/node-contract";

export const sha256 = (content: string | Buffer) =>
  createHash("sha256").update(content).digest("hex");

/** How a script ended. */
export interface Ended {
  code: number | null;
  signal: string | null;
  stderr: string;
  stdout: string;
}

/** A pretended node: the folders that the pod mounts, a web that `curl` fetches from, a list of its calls. */
export interface FakeNode {
  root: string;
  host: string;
  proof: string;
  work: string;
  /** Puts a file on the fake web; answers with an artefact that names it. */
  publish: (name: string, content: string | Buffer) => { url: string; sha256: string };
  /** Lines that the fake curl wrote: one a call. */
  calls: () => string[];
  mount: (set: AssetSet) => void;
  environment: (set: AssetSet, extra?: Record<string, string>) => Record<string, string>;
  install: (set: AssetSet, extra?: Record<string, string>) => Promise<Ended>;
  remove: () => void;
}

const FAKE_CURL = `#!/bin/sh
# Serves https://web/<file> out of a folder.
output= url=
for argument; do
  case $before in --output) output=$argument ;; --url) url=$argument ;; esac
  before=$argument
done
echo "$*" >>"$WEB.calls"
file=$WEB/\${url#https://web/}
[ -f "$file" ] || { echo "curl: (22) 404" >&2; exit 22; }
cat "$file" >"$output"
`;

/** Makes a pretended node in a temporary folder. Every character device opens as /dev/kvm should. */
export function fakeNode(): FakeNode {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "provisioner-"));
  const at = (name: string) => path.join(root, name);
  for (const folder of ["bin", "files", "host", "proof", "web", "work"]) fs.mkdirSync(at(folder));
  fs.writeFileSync(at("bin/curl"), FAKE_CURL, { mode: 0o755 });
  fs.writeFileSync(at("boot-id"), "boot-1\n");
  const environment = (set: AssetSet, extra: Record<string, string> = {}) => ({
    PATH: `${at("bin")}:${process.env.PATH ?? ""}`,
    WEB: at("web"),
    FILES: at("files"),
    HOST_ROOT: at("host"),
    PROOF: at("proof"),
    WORK: at("work"),
    BOOT_ID: at("boot-id"),
    KVM_DEVICE: "/dev/null",
    KVM_FABRIC_ASSET_SET: assetSetId(set),
    ...extra,
  });
  const mount = (set: AssetSet) => {
    const mounted = path.join(at("files"), "asset-set");
    if (fs.existsSync(mounted) && fs.readFileSync(mounted, "utf8").trim() === assetSetId(set))
      return;
    fs.rmSync(at("files"), { recursive: true });
    fs.mkdirSync(at("files"));
    for (const [name, content] of Object.entries(provisionerFiles(nodeContract(), set))) {
      fs.writeFileSync(path.join(at("files"), name), content);
    }
  };
  return {
    ...{ root, host: at("host"), proof: at("proof"), work: at("work"), mount, environment },
    publish(name, content) {
      fs.writeFileSync(path.join(at("web"), name), content);
      return { url: `https://web/${name}`, sha256: sha256(content) };
    },
    calls: () =>
      fs.existsSync(at("web.calls"))
        ? fs.readFileSync(at("web.calls"), "utf8").trimEnd().split("\n")
        : [],
    install: async (set, extra) => {
      mount(set);
      return ended(startScript(at("files/install.sh"), environment(set, extra)));
    },
    remove: () => {
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Starts a script with the shell of the machine, or with the one that PROVISIONER_SHELL names. */
export function startScript(file: string, env: Record<string, string>): ChildProcess {
  const [shell = "sh", ...args] = (process.env.PROVISIONER_SHELL ?? "sh").split(" ");
  return spawn(shell, [...args, file], { env, detached: true });
}

/** Waits for a script's end. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const result: Ended = { code: null, signal: null, stderr: "", stdout: "" };
  child.stdout?.on("data", (data: Buffer) => (result.stdout += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (result.stderr += data.toString()));
  return new Promise((resolve) => {
    // As in a container, nothing outlives the first process; it would also keep the streams open.
    child.on("exit", () => {
      killGroup(child, "SIGKILL");
    });
    child.on("close", (code, signal) => {
      resolve({ ...result, code, signal });
    });
  });
}

/** Sends a signal to a script and all that it started; does nothing where they ended. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The files of a folder with their content, or "-> target" for a link; hidden ones too. */
export function listing(folder: string, prefix = ""): Record<string, string> {
  const entries = fs.readdirSync(path.join(folder, prefix), { withFileTypes: true });
  const found = entries.flatMap((entry): [string, string][] => {
    const name = path.join(prefix, entry.name);
    const file = path.join(folder, name);
    if (entry.isDirectory()) return Object.entries(listing(folder, name));
    if (entry.isSymbolicLink()) return [[name, `-> ${fs.readlinkSync(file)}`]];
    return [[name, fs.readFileSync(file, "utf8")]];
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
