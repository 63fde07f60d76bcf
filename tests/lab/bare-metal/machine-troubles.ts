import * as fs from "node:fs";
import * as path from "node:path";
import { findDaemon } from "../../../lab/daemon";
import {
  type Machine,
  machines,
  machinesFolder,
} from "../../../lab/engine/simulated-cloud/command/machines";
import { LINE } from "../../../lab/engine/simulated-cloud/command/node-programs";
import { endProcesses, isAlive, labProcesses, programOf } from "../../../lab/processes";
import { until } from "../../support/wait";

/** A machine that waits in the middle of what it does. */
export interface Held {
  isHeld: () => boolean;
  /** Has it go on. */
  release: () => void;
}

/** What can befall the machines of a lab. Whatever is laid on a machine here, the next `npm run up` lays anew. */
export function machineTroubles(state: string) {
  const find = (address: string): Machine => machines(machinesFolder(state)).find(address);
  return {
    /** Has the machine wait when it next asks something of its cluster. */
    hold(address: string): Held {
      const machine = find(address);
      const line = onDisk(machine, LINE);
      fs.writeFileSync(line, fs.readFileSync(line, "utf8").replace("#!/bin/sh\n", WAITING));
      // Its /proc/sys is this folder itself, whatever else lies over its disk.
      const mark = (name: string) => path.join(machine.folder, "kernel", name);
      fs.writeFileSync(mark("lab-hold"), "");
      return {
        isHeld: () => fs.existsSync(mark("lab-held")),
        release: () => {
          for (const name of ["lab-hold", "lab-held"]) fs.rmSync(mark(name), { force: true });
        },
      };
    },
    /** Cuts the release off in the middle that the machine downloads. */
    cutDownload(address: string): void {
      const file = onDisk(find(address), "/srv/web/k3s");
      fs.truncateSync(file, fs.statSync(file).size / 2);
    },
    /** Makes the machine answer nobody; returns what makes it answer again. */
    silence(address: string): () => void {
      const record = path.join(find(address).folder, "machine.json");
      fs.renameSync(record, `${record}.away`);
      return () => {
        fs.renameSync(`${record}.away`, record);
      };
    },
    /** Kills the provider of commands, and with its connections what runs on machines. */
    async killProvider(): Promise<void> {
      const provider = findDaemon(state, "simulated-cloud");
      if (provider === undefined) throw new Error("there is no provider");
      process.kill(provider.pid, "SIGKILL");
      await until(() => !isAlive(provider));
      const onMachines = labProcesses(state).filter(({ pid }) => programOf(pid) === "unshare");
      await endProcesses(onMachines, 0);
    },
  };
}

const WAITING = `#!/bin/sh
[ ! -e /proc/sys/lab-hold ] || : >/proc/sys/lab-held
while [ -e /proc/sys/lab-hold ]; do sleep 0.1; done
`;

function onDisk({ folder }: Machine, file: string): string {
  return path.join(folder, "upper", file);
}
