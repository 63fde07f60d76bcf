import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { EnsureToolsOptions } from "../../../../lab/toolchain";

/** A machine made of a temporary folder: its own PATH, cache and state, and a log of what its go was asked. */
export interface FakeMachine {
  root: string;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** What the user saw. */
  seen: string[];
  options: EnsureToolsOptions;
  /** Puts a shell script on the PATH. */
  install(name: string, body: string, folder?: string): void;
  /** Command lines of `go build` so far. */
  builds(): string[];
  dispose(): void;
}

/**
 * A go that makes a script for every package it is asked to build, named as the real one would name it. What it does
 * besides is said by FAKE_GO: fail, full (disk), hang (after half of a file), slow.
 */
const GO = `
if [ "$1" = env ]; then
  printf '%s\\n' "$FAKE_GO_VERSION" amd64 "$FAKE_ROOT/go-build" "$FAKE_ROOT/go-mod"
  exit 0
fi
echo "$GOTOOLCHAIN $CGO_ENABLED $GOFLAGS: $*" >> "$FAKE_ROOT/builds"
case "$FAKE_GO" in
  fail) echo "x.go:1:1: undefined: y" >&2; exit 1 ;;
  full) echo "write $GOTMPDIR/a.o: no space left on device" >&2; exit 1 ;;
  slow) sleep 3 ;;
esac
out=
while [ $# -gt 0 ]; do
  case "$1" in
    -o) out=$2; shift ;;
    -ldflags) shift ;;
    -*|build) ;;
    *)
      name=$(basename "$1")
      case "$name" in v[0-9]*) name=$(basename "$(dirname "$1")") ;; esac
      if [ "$FAKE_GO" = hang ]; then
        printf half > "$out$name"; touch "$GOTMPDIR/work"; echo $$ > "$FAKE_ROOT/hanging"; exec sleep 60
      fi
      printf '#!/bin/sh\\necho built %s\\n' "$1" > "$out$name"; chmod +x "$out$name" ;;
  esac
  shift
done
`;

/** Makes a machine with Go 1.26.8 that may not download. */
export function fakeMachine(): FakeMachine {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "machine-"));
  const bin = path.join(root, "bin");
  const seen: string[] = [];
  const env: NodeJS.ProcessEnv = {
    PATH: bin,
    HOME: root,
    KVM_FABRIC_CACHE: path.join(root, "cache"),
    KVM_FABRIC_LAB: path.join(root, "state"),
    KVM_FABRIC_OFFLINE: "1",
    FAKE_ROOT: root,
    FAKE_GO_VERSION: "go1.26.8",
  };
  const machine: FakeMachine = {
    root,
    cache: path.join(root, "cache"),
    env,
    seen,
    options: { env, progress: { stream: { write: (text: string) => seen.push(text) } } },
    install(name, body, folder = bin) {
      fs.mkdirSync(folder, { recursive: true });
      const script = `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`;
      fs.writeFileSync(path.join(folder, name), script, { mode: 0o755 });
    },
    builds() {
      const log = path.join(root, "builds");
      return fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
    },
    dispose() {
      fs.rmSync(root, { recursive: true });
    },
  };
  machine.install("go", GO);
  return machine;
}
