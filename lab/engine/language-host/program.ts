import * as language from "@pulumi/pulumi/proto/language_pb";
import { type ProcessEnd, runNode } from "./child";
import { type RuntimeOptions, runtimeOptions } from "./runtime-options";
import { resolveSdk } from "./sdk";

// What @pulumi/pulumi/cmd/run exits with once it has told the user what went wrong.
const REPORTED_EXIT_CODE = 32;

/** Where the engine is, and what the host was told when it was started. */
export interface HostSettings {
  engineAddress: string;
  /** Where to send traces; empty for nowhere. */
  tracing: string;
}

/** Runs a Pulumi program to its end. What goes wrong with the program is part of the answer, never an exception. */
export async function runProgram(
  request: language.RunRequest,
  settings: HostSettings,
  cancelled: AbortSignal,
): Promise<language.RunResponse> {
  try {
    if (request.getAttachDebugger()) {
      throw new Error(
        "the lab's language host cannot attach a debugger; use nodeargs: --inspect-brk",
      );
    }
    const info = request.getInfo();
    const options = runtimeOptions(info);
    const directory = info?.getProgramDirectory() ?? request.getPwd();
    const script =
      process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH ??
      resolveSdk("@pulumi/pulumi/cmd/run", directory);
    const args = [...options.nodeArguments, script, ...programArguments(request, settings)];
    const env = { ...process.env, ...programEnvironment(request, options) };
    return response(await runNode(args, { cwd: directory, env, cancelled }));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** The arguments of @pulumi/pulumi/cmd/run; empty values are left out. */
export function programArguments(request: language.RunRequest, settings: HostSettings): string[] {
  const info = request.getInfo();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: settings.engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: info?.getProgramDirectory() ?? request.getPwd(),
    parallel: String(request.getParallel()),
    tracing: settings.tracing,
  };
  const args = Object.entries(flags).flatMap(([name, value]) =>
    value ? [`--${name}`, value] : [],
  );
  if (request.getDryrun()) args.push("--dry-run");
  args.push(info?.getEntryPoint() ?? request.getProgram(), ...request.getArgsList());
  return args;
}

/** What a program's environment holds besides the host's own: its configuration and how to load TypeScript. */
export function programEnvironment(
  request: language.RunRequest,
  options: RuntimeOptions,
): Record<string, string> {
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    config[configKey(key)] = value;
  });
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...typescriptEnvironment(options),
  };
}

/** The variables by which the SDK's runners know whether and how to load TypeScript. */
export function typescriptEnvironment({ typescript, tsconfig }: RuntimeOptions) {
  return {
    ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

// Programs are handed `namespace:config:name`, as ever; the engine sends `namespace:name`.
function configKey(key: string): string {
  const [namespace = "", ...name] = key.split(":");
  return name.length === 1 ? `${namespace}:config:${name[0] ?? ""}` : key;
}

function response(end: ProcessEnd): language.RunResponse {
  if (end.code === 0) return new language.RunResponse();
  if (end.code === REPORTED_EXIT_CODE) {
    const bail = new language.RunResponse();
    bail.setBail(true);
    return bail;
  }
  if (end.code !== undefined) return failed(`Program exited with non-zero exit code: ${end.code}`);
  return failed(`Program was ended by ${end.signal ?? "a signal"}${memoryHint(end.signal)}`);
}

// Node aborts itself when its heap is full; the kernel kills when the machine's memory is.
function memoryHint(signal: NodeJS.Signals | undefined): string {
  if (signal !== "SIGABRT" && signal !== "SIGKILL") return "";
  return (
    "; it may have run out of memory: try runtime option nodeargs: " +
    '"--max-old-space-size=8192" (MiB) in Pulumi.yaml'
  );
}

function failed(message: string): language.RunResponse {
  const result = new language.RunResponse();
  result.setError(message);
  return result;
}
