import { fstatSync } from "node:fs";
import { parseArgs } from "node:util";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { serve } from "../grpc/serve";
import { killAll } from "./child";
import { languageHost } from "./service";

// Pulumi's language host for Node.js programs, for machines that have no official one. The engine starts it
// as `pulumi-language-nodejs [flags] <engine address>` and reads its port from the first line of stdout.

/** The engine's address (empty until its handshake) and where to send traces, from the command line. */
function settings(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    strict: false,
    options: { tracing: { type: "string" }, runtime: { type: "string" }, v: { type: "string" } },
  });
  const tracing = typeof values.tracing === "string" ? values.tracing : "";
  return { engineAddress: positionals.at(-1) ?? "", tracing };
}

async function main(): Promise<void> {
  const host = languageHost(settings(process.argv.slice(2)));
  const serving = await serve(LanguageRuntimeService, host.implementation);
  const stop = () => {
    host.cancel();
    void serving.close(4).then(() => {
      killAll();
      process.exit(0);
    });
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  onEngineDeath(() => {
    killAll();
    process.exit(1);
  });
  process.stdout.write(`${serving.port}\n`);
}

// The engine holds the other end of our stdin and never writes to it: its end is the engine's death, even
// one by SIGKILL. Other kinds of stdin (a terminal, /dev/null) say nothing.
function onEngineDeath(act: () => void): void {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.on("end", act);
  process.stdin.on("error", act);
  process.stdin.resume();
}

void main().catch((error: unknown) => {
  process.stderr.write(`pulumi-language-nodejs: ${String(error)}\n`);
  process.exitCode = 1;
});
