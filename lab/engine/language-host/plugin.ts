import * as grpc from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { RpcError } from "../grpc/rpc-error";
import { runNode } from "./child";
import { typescriptEnvironment } from "./program";
import { runtimeOptions } from "./runtime-options";
import { resolveSdk } from "./sdk";

// The SDK's runners make ts-node check a plugin's types on every start, which for one that uses provider SDKs
// takes most of the time (components/: 22 s against 6 s). A variable of the user's own wins.
const UNCHECKED = { TS_NODE_COMPILER_OPTIONS: JSON.stringify({ noCheck: true }) };

/** What the SDK's runner for a kind of plugin is started with. */
export interface PluginCommand {
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/**
 * Runs a plugin that is a folder of TypeScript or JavaScript: a component provider (PulumiPlugin.yaml) or a
 * policy pack (PulumiPolicy.yaml). All that it writes is passed on at once, since its first line is the port
 * the engine waits for; the last message is the exit code.
 */
export async function runPlugin(
  request: language.RunPluginRequest,
  write: (message: language.RunPluginResponse) => void,
  cancelled: AbortSignal,
): Promise<void> {
  const { args, cwd, env } = pluginCommand(request);
  const output = {
    stdout: (chunk: Buffer) => {
      write(message("setStdout", chunk));
    },
    stderr: (chunk: Buffer) => {
      write(message("setStderr", chunk));
    },
  };
  // The engine has asked the plugin itself to end (its Cancel) by the time it gives the call up.
  const end = await runNode(args, {
    cwd,
    env,
    output,
    cancelled,
    politeSignal: "SIGTERM",
    graceSeconds: 1,
  });
  const last = new language.RunPluginResponse();
  last.setExitcode(end.code ?? 128);
  write(last);
}

/** The command for a plugin. Throws FAILED_PRECONDITION when its dependencies are not installed. */
export function pluginCommand(request: language.RunPluginRequest): PluginCommand {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getProgram();
  const options = runtimeOptions(info);
  const env = {
    ...UNCHECKED,
    ...environment(request.getEnvList()),
    ...typescriptEnvironment(options),
  };
  const install = `npm install in ${directory}`;
  if (request.getKind() === "analyzer") {
    const script = locate("@pulumi/pulumi/cmd/run-policy-pack", directory, install);
    const args = [...options.nodeArguments, script, ...request.getArgsList(), directory];
    return { args, cwd: directory, env };
  }
  const script =
    process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH ??
    locate("@pulumi/pulumi/cmd/run-plugin", directory, install);
  const args = [...options.nodeArguments, script, directory, ...request.getArgsList()];
  return { args, cwd: request.getPwd() || directory, env };
}

function locate(module: string, directory: string, install: string): string {
  try {
    return resolveSdk(module, directory, install);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RpcError(grpc.status.FAILED_PRECONDITION, message);
  }
}

// Apart from that a plugin gets the environment that the engine lists; later entries win.
function environment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function message(setter: "setStdout" | "setStderr", chunk: Buffer): language.RunPluginResponse {
  return new language.RunPluginResponse()[setter](chunk);
}
