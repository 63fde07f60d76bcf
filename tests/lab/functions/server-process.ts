import { spawn } from "node:child_process";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";
import { eventually } from "../../support/wait";

/** A server in a process of its own, at a port of the loopback. */
export interface ServerProcess {
  /** Kills it, if it still runs, and waits until it is gone. */
  kill: () => Promise<void>;
}

/** What is started. */
export interface ServerProgram {
  binary: string;
  args: readonly string[];
  /** Defaults to this process's. */
  env?: NodeJS.ProcessEnv;
  /** Where it listens when it is there. */
  port: number;
}

/** So much of what a server said last is told when it ends. */
const LOG_CHARACTERS = 4000;

/** Seconds for a server that answers no more to be seen to have ended. */
const END_SECONDS = 5;

/** Servers that nobody killed, by port, and how they ended that did so. */
const running = new Map<number, Promise<void>>();
const ended: string[] = [];

/** Starts a server and waits until it listens. It has SIGPIPE ignored, as under systemd: diod would die of it whenever a client vanishes. */
export async function startServer({
  binary,
  args,
  env = process.env,
  port,
}: ServerProgram): Promise<ServerProcess> {
  const name = path.basename(binary);
  const command = ["--ignore-signal=PIPE", binary, ...args];
  const child = spawn("env", command, { env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  let killed = false;
  child.stderr.on("data", (text: Buffer) => (log = (log + text.toString()).slice(-LOG_CHARACTERS)));
  const gone = new Promise<void>((resolve) => {
    child.once("error", (error) => (log += error.message));
    child.once("close", (code, signal) => {
      if (!killed) ended.push(`${name} ended by itself, with ${signal ?? code}; it said:\n${log}`);
      resolve();
    });
  });
  running.set(port, gone);
  await eventually(`${name} listens`, async () => {
    assertNoneEnded();
    return answers(port);
  });
  const kill = async () => {
    killed = true;
    running.delete(port);
    child.kill("SIGKILL");
    await gone;
  };
  return { kill };
}

/** For the end of each test, so that a server's death is told with what came of it. Errors: one, with how each that ended did so. */
export async function assertServersAlive(): Promise<void> {
  for (const [port, gone] of running) {
    // What a test hears first is a connection that is refused, not the end of the process.
    if (!(await answers(port))) await Promise.race([gone, setTimeout(END_SECONDS * 1000)]);
  }
  assertNoneEnded();
}

function assertNoneEnded(): void {
  if (ended.length > 0) throw new Error(ended.join("\n\n"));
}

/** Whether somebody listens at a port of the loopback. */
export async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
