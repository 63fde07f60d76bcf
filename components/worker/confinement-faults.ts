import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { memberFaults } from "../shared/members";
import type { WorkerDaemonSetArgs } from "./args";
import { guestNetworkFaults } from "./network/faults";
import { networkContext } from "./network-context";
import { queenFaults } from "./queen";
import { Isolation, TapDevices, Vmm } from "./vmm";

/** Checks how a worker is kept apart from its node, and its guests from everything else. */
export function confinementFaults(name: string, args: WorkerDaemonSetArgs): Fault[] {
  return [
    ...memberFaults("isolation", args.isolation, Object.values(Isolation)),
    ...memberFaults("tapDevices", args.tapDevices, Object.values(TapDevices)),
    ...(args.isolation === Isolation.Jailer ? jailerFaults(args) : kubeletRootFaults(args)),
    ...(args.isolation === Isolation.PrivilegedHostNetwork
      ? privilegedFaults(args)
      : reasonlessFaults(args)),
    ...appArmorFaults(args.appArmorProfile),
    ...networkFaults(name, args),
    ...queenFaults(args),
  ];
}

function jailerFaults({ vmm }: WorkerDaemonSetArgs): Fault[] {
  if (vmm !== Vmm.Qemu) return [];
  const problem = "the jailer is Firecracker's, and starts no QEMU";
  const allowed = `${Isolation.DevicePlugin} or ${Isolation.PrivilegedHostNetwork} with ${vmm}`;
  return [{ path: "isolation", problem, got: Isolation.Jailer, allowed, fix: "to leave it out" }];
}

function kubeletRootFaults({ kubeletRoot }: WorkerDaemonSetArgs): Fault[] {
  if (kubeletRoot === undefined) return [];
  const problem = "only the jailer's seccomp profile lies there";
  return [{ path: "kubeletRoot", problem, fix: "isolation: Isolation.Jailer" }];
}

function privilegedFaults(args: WorkerDaemonSetArgs): Fault[] {
  const reasons = args.privilegedReasons ?? [];
  const faults: Fault[] = reasons.flatMap((reason, index) =>
    reason.trim() === "" ? [{ path: `privilegedReasons[${index}]`, problem: "empty" }] : [],
  );
  if (reasons.length === 0) {
    faults.push({
      path: "privilegedReasons",
      problem: "missing, and a privileged worker owns its node",
      fix: "isolation: Isolation.DevicePlugin or Isolation.Jailer, or the reasons why neither will do",
    });
  }
  if (args.ipForwarding === true) {
    faults.push({
      path: "ipForwarding",
      problem: "a pod in the host's network cannot set it",
      fix: "to set net.ipv4.ip_forward when the node boots",
    });
  }
  if (args.tapDevices !== undefined && args.tapDevices !== TapDevices.Worker) {
    const problem = "in the host's network the worker makes its own";
    const allowed = TapDevices.Worker;
    faults.push({ path: "tapDevices", problem, got: args.tapDevices, allowed });
  }
  return faults;
}

function reasonlessFaults({ privilegedReasons }: WorkerDaemonSetArgs): Fault[] {
  if (privilegedReasons === undefined) return [];
  const problem = "the worker is not privileged";
  const fix = "to leave it out, or isolation: Isolation.PrivilegedHostNetwork";
  return [{ path: "privilegedReasons", problem, fix }];
}

/** Source of the limits: ValidateAppArmorProfileField of Kubernetes, pkg/apis/core/validation/validation.go. */
function appArmorFaults(got: string | undefined): Fault[] {
  if (got === undefined || (got !== "" && got.trim() === got && got.length < 4096)) return [];
  return [
    { path: "appArmorProfile", problem: "not the name of a profile", got, fix: '"kvm-worker"' },
  ];
}

function networkFaults(name: string, args: WorkerDaemonSetArgs): Fault[] {
  const image = args.guestNetwork?.image;
  const vmm = args.vmm ?? Vmm.Firecracker;
  return [
    ...(image === undefined ? [] : imageFaults("guestNetwork.image", image)),
    ...guestNetworkFaults(args.guestNetwork, networkContext(name, vmm, args)),
  ];
}
