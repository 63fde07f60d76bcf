import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "./atomic-file";
import { LabError } from "./lab-error";

/** What a running lab is made of, as far as programs that run in it must know; kept in `<state>/lab.json`. */
export interface LabRecord {
  /** The pulumi CLI, by absolute path. */
  pulumi: string;
  /** The kubectl CLI, by absolute path. */
  kubectl: string;
  /** Value of PULUMI_DEBUG_PROVIDERS: which provider is served on which port. */
  providers: string;
}

// Variables of the user's own that would win over those of the lab.
const OVERRULING = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN", "PULUMI_STACK"] as const;

/** Folder of the programs that the lab uses, first on PATH: pulumi, kubectl, Node.js. */
export function binFolder(state: string): string {
  return path.join(state, "bin");
}

/** The environment with which any Pulumi program runs in the lab, apart from PATH. */
export function labVariables(state: string, record: LabRecord): Record<string, string> {
  return {
    KUBECONFIG: path.join(state, "kubeconfig"),
    // kubectl's discovery cache would otherwise be written in the home folder.
    KUBECACHEDIR: path.join(state, "kube-cache"),
    PULUMI_HOME: path.join(state, "pulumi-home"),
    // The engine replaces a state file as a whole, but not the file of attributes beside it, which it then
    // cannot read after a kill in between; without attributes there is none.
    PULUMI_BACKEND_URL: `file://${path.join(state, "pulumi-state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(state),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(record.providers !== "" && { PULUMI_DEBUG_PROVIDERS: record.providers }),
    // What Node.js compiled of programs and their SDKs, for the next run: a fifth of a preview's processor time.
    NODE_COMPILE_CACHE: path.join(state, "compiled"),
    // The compiler that loads programs unpacks itself, else in the home folder.
    SWC_NATIVE_BINDING_CACHE: path.join(state, "swc"),
  };
}

/**
 * A whole environment for a child process: `base` (defaults to this process's) with the lab's on top. Only a folder for
 * compiled code stays as it is: several labs may share one.
 */
export function labEnvironment(
  state: string,
  record: LabRecord,
  base: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const overruling: readonly string[] = OVERRULING;
  const kept = Object.entries(base).filter(([name]) => !overruling.includes(name));
  return {
    ...Object.fromEntries(kept),
    ...labVariables(state, record),
    ...(base.NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE: base.NODE_COMPILE_CACHE } : {}),
    PATH: [binFolder(state), ...(base.PATH ? [base.PATH] : [])].join(path.delimiter),
  };
}

/** Lines for a POSIX shell, `eval "$(npm run -s lab -- env)"`, after which the lab's programs are at hand. */
export function shellExports(state: string, record: LabRecord): string {
  const lines = [
    ...OVERRULING.map((name) => `unset ${name}`),
    `export PATH=${quoted(binFolder(state))}:"$PATH"`,
    ...Object.entries(labVariables(state, record)).map(
      ([name, value]) => `export ${name}=${quoted(value)}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** Makes the folders and the passphrase that {@link labVariables} names; what is there stays. */
export function prepareEnvironment(state: string): void {
  for (const folder of ["pulumi-home", "pulumi-state", "bin"]) {
    fs.mkdirSync(path.join(state, folder), { recursive: true, mode: 0o700 });
  }
  keepNoLogs(path.join(state, "pulumi-home"));
  if (fs.existsSync(passphraseFile(state))) return;
  writeAtomically(passphraseFile(state), `${randomBytes(24).toString("base64url")}\n`);
}

/**
 * The Pulumi CLI logs every word of a run, asked or not: a third of a preview's processor time, and 5 MB a run, which no
 * setting turns off. It goes on without where a file lies in the place of the folder.
 * Source: pkg/logging/encrypted.go and pkg/cmd/pulumi/pulumi.go of github.com/pulumi/pulumi, 3.259.0.
 * @param home The CLI's PULUMI_HOME.
 */
export function keepNoLogs(home: string): void {
  const logs = path.join(home, "logs");
  if (fs.existsSync(logs) && fs.statSync(logs).isFile()) return;
  fs.rmSync(logs, { recursive: true, force: true });
  fs.writeFileSync(logs, "The lab keeps no logs of the Pulumi CLI.\n");
}

/** Keeps the record of a lab that is up. */
export function writeLabRecord(state: string, record: LabRecord): void {
  writeAtomically(recordFile(state), `${JSON.stringify(record)}\n`);
}

/** Forgets that a lab is up. */
export function removeLabRecord(state: string): void {
  fs.rmSync(recordFile(state), { force: true });
}

/** The record of the lab that was started and not stopped. Errors: LabError where there is none. */
export function readLabRecord(state: string): LabRecord {
  const record = findLabRecord(state);
  if (record) return record;
  throw new LabError("the lab is not running", { hint: "start it with: npm run lab -- start" });
}

/** Like {@link readLabRecord}; undefined where there is none. */
export function findLabRecord(state: string): LabRecord | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(recordFile(state), "utf8"));
    return isLabRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLabRecord(value: unknown): value is LabRecord {
  if (typeof value !== "object" || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return ["pulumi", "kubectl", "providers"].every((name) => typeof fields[name] === "string");
}

function recordFile(state: string): string {
  return path.join(state, "lab.json");
}

function passphraseFile(state: string): string {
  return path.join(state, "passphrase");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
