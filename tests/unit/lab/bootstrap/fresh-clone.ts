import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const repository = path.resolve(__dirname, "../../../..");

/** What a run of the bootstrap came to. */
export interface BootstrapRun {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A clone in a temporary folder, with an npm of its own on the PATH and a lab that says how it was started. */
export interface FreshClone {
  root: string;
  repository: string;
  env: NodeJS.ProcessEnv;
  /** Folders that npm was asked to install, in order. */
  installs(): string[];
  start(args: readonly string[], pretend?: Pretend): ChildProcess;
  run(args: readonly string[], pretend?: Pretend): Promise<BootstrapRun>;
  dispose(): void;
}

/** What the Node.js that starts the bootstrap passes itself off as. */
export interface Pretend {
  version?: string;
  platform?: string;
}

/**
 * An npm that makes what the real one would: a node that says 22 (and is this very one), or an swc for
 * what is plain JavaScript. FAKE_NPM says what else it does: fail, hang (after half of the work), slow, omit, broken-node.
 */
const NPM = `
folder=
for argument; do case "$argument" in --prefix=*) folder=\${argument#--prefix=} ;; esac; done
echo "$folder $*" >> "$FAKE_ROOT/installs"
[ "$FAKE_NPM" = fail ] && { echo "npm error the registry burns" >&2; exit 1; }
rm -rf "$folder/node_modules"
if grep -q kvm-fabric-node "$folder/package.json"; then
  for arch in x64 arm64; do
    mkdir -p "$folder/node_modules/node-linux-$arch/bin"
    node="$folder/node_modules/node-linux-$arch/bin/node"
    [ "$FAKE_NPM" = broken-node ] && continue
    printf '#!/bin/sh\\n[ "$1" = --version ] && { echo v22.99.0; exit; }\\nexec "%s" "$@"\\n' "$REAL_NODE" > "$node"
    chmod +x "$node"
  done
  exit 0
fi
mkdir -p "$folder/node_modules/@swc/core" "$folder/node_modules/.bin"
[ "$FAKE_NPM" = hang ] && { echo $$ > "$FAKE_ROOT/hanging"; exec sleep 60; }
[ "$FAKE_NPM" = slow ] && sleep 3
[ "$FAKE_NPM" = omit ] && { rmdir "$folder/node_modules/@swc/core"; exit 0; }
echo '{ "version": "1.0.0" }' > "$folder/node_modules/@swc/core/package.json"
echo 'exports.transformSync = (code) => ({ code });' > "$folder/node_modules/@swc/core/index.js"
printf '#!/bin/sh\\necho "tool $*"\\nexit 5\\n' > "$folder/node_modules/.bin/a-tool"
chmod +x "$folder/node_modules/.bin/a-tool"
`;

const MAIN = `
process.stdout.write(JSON.stringify({
  args: process.argv.slice(2), cwd: process.cwd(), path: process.env.PATH,
}));
const [, code] = process.argv.slice(2);
if (code === "wait") {
  process.on("SIGINT", () => process.exit(43));
  process.stderr.write("waiting\\n");
  setInterval(() => undefined, 1000);
} else if (code === "die") {
  process.kill(process.pid, "SIGKILL");
} else process.exitCode = Number(code ?? 0);
`;

/** Makes a clone where nothing is installed and no node is on the PATH. */
export function freshClone(): FreshClone {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "clone-"));
  const clone = path.join(root, "repository");
  fs.cpSync(path.join(repository, "lab/bootstrap"), path.join(clone, "lab/bootstrap"), {
    recursive: true,
  });
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text, { mode: 0o755 });
  };
  write("repository/package.json", JSON.stringify({ name: "x", workspaces: ["components"] }));
  write("repository/components/package.json", "{}");
  write("repository/package-lock.json", "{}");
  write("repository/.npmrc", "fund=false\n");
  write("repository/lab/main.ts", MAIN);
  write("bin/npm", `#!/bin/sh\nPATH=/usr/bin:/bin\n${NPM}`);
  const env: NodeJS.ProcessEnv = {
    PATH: path.join(root, "bin"),
    HOME: root,
    KVM_FABRIC_CACHE: path.join(root, "cache"),
    FAKE_ROOT: root,
    REAL_NODE: process.execPath,
  };
  const start: FreshClone["start"] = (args, pretend = {}) => {
    write("pretend.js", pretendScript(pretend));
    const preload = ["--require", path.join(root, "pretend.js")];
    const script = path.join(clone, "lab/bootstrap/run.js");
    return spawn(process.execPath, [...preload, script, ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  return {
    root,
    repository: clone,
    env,
    start,
    run: (args, pretend) => finished(start(args, pretend)),
    installs() {
      const log = path.join(root, "installs");
      return fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
    },
    dispose() {
      fs.rmSync(root, { recursive: true });
    },
  };
}

/** Waits for a run to end. */
export function finished(child: ChildProcess): Promise<BootstrapRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (exitCode, signal) => {
      resolve({ exitCode, signal, stdout, stderr });
    });
  });
}

function pretendScript({ version, platform }: Pretend): string {
  const lines = [];
  if (version !== undefined) {
    const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
    lines.push(`Object.defineProperty(process, "versions", { value: ${versions} });`);
  }
  if (platform !== undefined) {
    const value = JSON.stringify(platform);
    lines.push(`Object.defineProperty(process, "platform", { value: ${value} });`);
  }
  return lines.join("\n");
}
