import { hostDefaults } from "../../components/host-profile/plan";
import {
  type MachineCluster,
  machines,
  machinesFolder,
} from "../engine/simulated-cloud/command/machines";
import {
  fakeK3s,
  nodePrograms,
  stackPrograms,
} from "../engine/simulated-cloud/command/node-programs";
import {
  noRootFilesystem,
  rootFilesystem,
} from "../engine/simulated-cloud/command/root-filesystem";
import { removeIfEmpty } from "../commands/lab/own-files";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import type { StackSettings } from "./engine";
import {
  askedOfKernels,
  hostsOf,
  k3sVersion,
  loopbackAddress,
  type MachineSettings,
  machineSettings,
} from "./machine-settings";

/**
 * Makes the machines that a stack's settings name, or finds them, and answers with the settings that fit them. Errors:
 * LabError where none can be made here, a machine is another stack's, or the stack asks for kubeadm.
 */
export async function prepareMachines(
  state: string,
  stack: string,
  given: StackSettings,
): Promise<MachineSettings> {
  const version = k3sVersion(given) ?? "";
  const cluster = clusterOf(state, stack);
  refuseOthers(state, cluster, given);
  const reason = noRootFilesystem();
  if (reason !== undefined) {
    throw new LabError(`the lab makes no machines for stack ${stack} here: ${reason}`);
  }
  const root = await rootFilesystem(labPaths().cache);
  const k3s = fakeK3s(version);
  for (const { address, architecture } of hostsOf(given)) {
    machines(machinesFolder(state)).add(address, root, {
      cluster,
      files: {
        ...nodePrograms(),
        ...stackPrograms(architecture),
        ...kernelFiles(given),
        "/srv/web/k3s": k3s,
        "/srv/web/k3s-arm64": k3s,
      },
      kernel: kernelSettings(given),
    });
  }
  return machineSettings(given, cluster.address);
}

/** Takes the machines of a stack away but those that are still needed: all of them where `needed` is left out. */
export function removeMachines(state: string, stack: string, needed?: StackSettings): void {
  const all = machines(machinesFolder(state));
  const kept = needed === undefined ? [] : hostsOf(needed).map(({ address }) => address);
  const { id } = clusterOf(state, stack);
  const surplus = all.list().filter(({ address, cluster }) => {
    return cluster?.id === id && !kept.includes(address);
  });
  for (const { address } of surplus) all.remove(address);
  removeIfEmpty(machinesFolder(state));
}

/** The cluster that the machines of a stack make. */
function clusterOf(state: string, stack: string): MachineCluster {
  const id = `bare-metal/${stack}`;
  return { id, name: stack, address: loopbackAddress(`${state} ${stack}`) };
}

function refuseOthers(state: string, { id }: MachineCluster, given: StackSettings): void {
  const wanted = hostsOf(given).map(({ address }) => address);
  const taken = machines(machinesFolder(state))
    .list()
    .find(({ address, cluster }) => cluster?.id !== id && wanted.includes(address));
  if (taken === undefined) return;
  const whose = taken.cluster === undefined ? "" : ` of stack ${taken.cluster.name}`;
  throw new LabError(`the machine at ${taken.address} is one${whose} already`, {
    hint: "take that stack down first, or give this one machines of its own",
  });
}

/** What a profile may set below /sys, and the modules that load. */
function kernelFiles(given: StackSettings): Record<string, string> {
  const programs = nodePrograms();
  const pages = (size: string) => `/sys/kernel/mm/hugepages/hugepages-${size}/nr_hugepages`;
  return {
    [pages("2048kB")]: "0\n",
    [pages("1048576kB")]: "0\n",
    "/sys/module/kvm/parameters/nx_huge_pages": "Y\n",
    "/srv/modules": [programs["/srv/modules"], ...askedOfKernels(given).modules, ""].join(" "),
  };
}

/** The settings below /proc/sys that profiles make, none of them made yet. */
function kernelSettings(given: StackSettings): Record<string, string> {
  const names = [...Object.keys(hostDefaults.sysctls), ...askedOfKernels(given).sysctls];
  return Object.fromEntries(names.map((name) => [name.replaceAll(".", "/"), "0\n"]));
}
