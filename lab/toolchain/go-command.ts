import { spawn } from "node:child_process";
import { LabError } from "../lab-error";
import { errorCode } from "./error-code";
import { findVersion, isAtLeast } from "./version-range";

/** The Go installation that builds the tools. */
export interface Go {
  /** As it names itself: go1.26.8. */
  version: string;
  /** amd64 or arm64. */
  arch: string;
  /** Folder of its build cache. */
  buildCache: string;
  /** Folder of its module cache. */
  moduleCache: string;
}

/** What became of a command. */
export interface CommandResult {
  exitCode: number;
  /** Standard output. */
  output: string;
  /** Standard output and standard error, as they came. */
  log: string;
}

/**
 * Environment for go: its own version and no other (GOTOOLCHAIN=local), no C compiler, this machine's platform,
 * no workspace file of some parent folder. Module proxy and checksum database stay as the user has them.
 */
export function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    CGO_ENABLED: "0",
    GOARCH: process.arch === "x64" ? "amd64" : process.arch,
    GOFLAGS: "-mod=readonly",
    GOOS: process.platform,
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}

/** Asks the go command on the PATH what it is; undefined where there is none. */
export async function describeGo(env: NodeJS.ProcessEnv): Promise<Go | undefined> {
  const names = ["GOVERSION", "GOARCH", "GOCACHE", "GOMODCACHE"];
  let result: CommandResult;
  try {
    result = await runCommand("go", ["env", ...names], { env: goEnvironment(env) });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  if (result.exitCode !== 0) return undefined;
  const [version = "", arch = "", buildCache = "", moduleCache = ""] = result.output.split("\n");
  return { version, arch, buildCache, moduleCache };
}

/** The Go to build with, or a {@link LabError} that says what is missing. Pure. */
export function requireGo(go: Go | undefined, minimum: string): Go {
  const hint =
    `install Go ${minimum} or newer from https://go.dev/dl/ and put it on the PATH, ` +
    "or put the tools themselves there";
  if (go === undefined) {
    throw new LabError("Go is not on the PATH, and the lab's tools are built with it", { hint });
  }
  const version = findVersion(go.version);
  if (version === undefined ? !go.version.startsWith("devel") : !isAtLeast(version, minimum)) {
    const found = go.version === "" ? "an older version" : go.version;
    throw new LabError(`Go ${minimum} or newer is needed, found ${found}`, { hint });
  }
  return go;
}

/**
 * Runs a command to its end. A signal that ends this process ends the command first, so that an interrupted
 * build does not go on alone. Rejects with the system's error where it cannot be started.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const stopForwarding = endWithThisProcess((signal) => child.kill(signal));
    let output = "";
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      log += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    child.on("error", (error) => {
      stopForwarding();
      reject(error);
    });
    child.on("close", (code, signal) => {
      stopForwarding();
      resolve({ exitCode: code ?? 1, output, log: signal ? `${log}\nkilled by ${signal}` : log });
    });
  });
}

function endWithThisProcess(end: (signal: NodeJS.Signals) => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, forward);
  };
  const forward = (signal: NodeJS.Signals) => {
    stop();
    end(signal === "SIGHUP" ? "SIGTERM" : signal);
    // Others that listen decide for themselves; else the signal does what it does by default.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, forward);
  return stop;
}
