import { spawn } from "node:child_process";
import * as fs from "node:fs";

/** One run of a command, with all processes below it. */
export interface Sample {
  /** How long it took. */
  seconds: number;
  /** Processor time that its processes took, which a busy machine changes less than the time. */
  cpuSeconds: number;
  /** The most memory that its processes held together. */
  memoryMib: number;
}

/** A measured run, and all that it printed. */
export interface MeasuredRun extends Sample {
  output: string;
}

/** The shell adds up the processor time of whatever ended below it, and prints it last. */
const TIMED = 'TIMEFORMAT="cpu %U %S"; time "$0" "$@"';

/** Runs a command to its end and measures it. Fails, with its output, where it fails. */
export function measure(
  program: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const command = ["-c", TIMED, program, ...args];
    const child = spawn("bash", command, { ...options, stdio: ["ignore", "pipe", "pipe"] });
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
      const [, user, system] = /cpu (\S+) (\S+)\s*$/.exec(output) ?? [];
      const cpuSeconds = Number(user) + Number(system);
      if (code === 0) resolve({ seconds, cpuSeconds, memoryMib, output });
      else reject(new Error(`${program} ${args.join(" ")} failed:\n${output}`));
    });
  });
}

/** The least of each: what other work on the machine adds to a run, it adds to no two alike. */
export function least(samples: Sample[]): Sample {
  const of = (value: (sample: Sample) => number): number => Math.min(...samples.map(value));
  return {
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    memoryMib: of(({ memoryMib }) => memoryMib),
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
