import { spawn } from "node:child_process";
import * as fs from "node:fs";

/** One run of a command: how long it took, and the most memory that its processes held together. */
export interface Sample {
  seconds: number;
  memoryMib: number;
}

/** A measured run, and all that it printed. */
export interface MeasuredRun extends Sample {
  output: string;
}

/** Runs a command to its end and measures it. Fails, with its output, where it fails. */
export function measure(
  program: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    let memoryMib = 0;
    const sampler = setInterval(() => {
      memoryMib = Math.max(memoryMib, treeMib(child.pid ?? 0));
    }, 100);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(sampler);
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, memoryMib, output });
      else reject(new Error(`${program} ${args.join(" ")} failed:\n${output}`));
    });
  });
}

/** The sample in the middle, by time and by memory each. */
export function median(samples: Sample[]): Sample {
  const middle = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    seconds: middle(samples.map(({ seconds }) => seconds)),
    memoryMib: middle(samples.map(({ memoryMib }) => memoryMib)),
  };
}

/** Resident memory of a process and all below it, in MiB. */
function treeMib(pid: number): number {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
    const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((thread) =>
      fs.readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
    );
    return children.reduce((sum, child) => sum + treeMib(Number(child)), own);
  } catch {
    return 0; // it ended while it was being read
  }
}
