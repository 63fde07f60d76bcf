import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { memberFaults } from "../shared/members";
import { nameFaults } from "../shared/names";
import { domainFaults } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults, memoryFaults } from "../shared/quantities";
import { maxUnavailableFaults } from "../shared/rollouts";
import { tolerationFaults } from "../shared/tolerations";
import {
  fileFaults,
  machineFaults,
  pathFaults,
  programFaults,
  selectorFaults,
} from "../vm-pod/faults";
import type { WorkerDaemonSetArgs } from "./args";
import { confinementFaults } from "./confinement-faults";
import { RESERVED_VARIABLE } from "./environment";
import { registrationFaults } from "./registration-faults";
import { Vmm } from "./vmm";

/** Finds everything that is wrong with the arguments of a worker DaemonSet. */
export function workerFaults(name: string, args: WorkerDaemonSetArgs): Fault[] {
  return [
    ...nameFaults("name", name),
    ...memberFaults("vmm", args.vmm, Object.values(Vmm)),
    ...imageFaults("image", args.image),
    ...(args.domain === undefined ? [] : domainFaults("domain", args.domain)),
    ...assetFaults(args),
    ...environmentFaults(args),
    ...scaleFaults(args),
    ...selectorFaults(args.nodeSelector),
    ...tolerationFaults("tolerations", args.tolerations),
    ...qemuFaults(args),
    ...confinementFaults(name, args),
    ...registrationFaults(name, args),
  ];
}

function assetFaults(args: WorkerDaemonSetArgs): Fault[] {
  const paths = (["assetsMountPath", "assetsRoot", "kubeletRoot"] as const).flatMap((path) =>
    pathFaults(path, args[path]),
  );
  const files = (args.assetFiles ?? []).flatMap((file, index) =>
    fileFaults(`assetFiles[${index}]`, file),
  );
  const commands = (["command", "drainCommand"] as const).flatMap((path): Fault[] =>
    args[path]?.length === 0
      ? [{ path, problem: "empty", fix: "to leave it out for the default" }]
      : [],
  );
  return [...paths, ...files, ...commands];
}

function environmentFaults(args: WorkerDaemonSetArgs): Fault[] {
  const plain = Object.keys(args.environment ?? {});
  const secrets = (args.environmentSecrets ?? []).map(({ name }) => name);
  return [
    ...plain.flatMap((name) => variableFaults(`environment.${name}`, name)),
    ...secrets.flatMap((name, index) => {
      const path = `environmentSecrets[${index}].name`;
      const twice = plain.includes(name) || secrets.indexOf(name) < index;
      return twice ? [{ path, problem: "set twice", got: name }] : variableFaults(path, name);
    }),
  ];
}

function variableFaults(path: string, got: string): Fault[] {
  if (RESERVED_VARIABLE.test(got)) {
    return [{ path, problem: "a variable that the component sets itself", got }];
  }
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(got)) return [];
  return [{ path, problem: "not the name of a variable", got, allowed: "letters, digits and _" }];
}

function scaleFaults(args: WorkerDaemonSetArgs): Fault[] {
  return [
    ...wholeNumberFaults("healthPort", args.healthPort, 1, 65535),
    ...wholeNumberFaults("minAvailable", args.minAvailable, 1, 100_000),
    ...wholeNumberFaults("runVolumeGib", args.runVolumeGib, 1, 65_536),
    ...wholeNumberFaults(
      "terminationGracePeriodSeconds",
      args.terminationGracePeriodSeconds,
      1,
      86_400,
    ),
    ...maxUnavailableFaults("maxUnavailable", args.maxUnavailable),
    ...cpuFaults("resources.cpu", args.resources?.cpu),
    ...memoryFaults("resources.memory", args.resources?.memory),
  ];
}

function qemuFaults(args: WorkerDaemonSetArgs): Fault[] {
  const { qemu } = args;
  if (qemu === undefined) return [];
  if (args.vmm !== Vmm.Qemu) {
    return [{ path: "qemu", problem: "only a QEMU worker has it", fix: "vmm: Vmm.Qemu" }];
  }
  return [
    ...machineFaults("qemu", qemu),
    ...programFaults("qemu.launcher", qemu.launcher),
    ...(qemu.launcher === undefined || args.command === undefined
      ? []
      : [
          {
            path: "qemu.launcher",
            problem: "without effect, since command stands for the whole command line",
            fix: "to leave one of the two out",
          },
        ]),
  ];
}
