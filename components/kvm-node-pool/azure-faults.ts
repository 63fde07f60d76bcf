import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { nodeContract } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { AksImage, AksOsDisk, AksWorkloadRuntime, type AzureKvmNodePoolArgs } from "./azure-args";
import { azureHostFaults } from "./azure-host";
import { splitSize } from "./catalogue/azure";
import { KvmAccess, type Machine } from "./catalogue/machine";
import { emptyFaults, poolFaults } from "./plan";

/** Finds everything that is wrong with the arguments of a pool on AKS but its size. */
export function azureFaults(
  name: string,
  args: AzureKvmNodePoolArgs,
  machine: Machine | undefined,
): Fault[] {
  return [
    ...poolFaults(name, args),
    ...securityFaults(args, machine),
    ...zoneFaults(args.zones),
    ...reservedFaults(args),
    ...memberFaults("image", args.image, Object.values(AksImage)),
    ...diskFaults(args, machine),
    ...wholeNumberFaults("maxPodsPerNode", args.maxPodsPerNode, 30, 250),
    ...surgeFaults(args.maxSurge),
    ...priceFaults(args),
    ...versionFaults(args.version),
    ...azureHostFaults("hostProfile", args.hostProfile),
    ...(args.subnetId === "" ? [{ path: "subnetId", problem: "empty" }] : []),
  ];
}

/**
 * Whether a size keeps room for a system disk on its host: sizes with a local disk, and the third version's with
 * premium storage.
 * Source: https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks
 */
export function hasRoomOnHost(vmSize: string): boolean {
  const size = splitSize(vmSize);
  if (size?.features.includes("s") !== true) return false;
  return size.features.includes("d") || size.family.endsWith("_v3");
}

function securityFaults(args: AzureKvmNodePoolArgs, machine: Machine | undefined): Fault[] {
  const { trustedLaunch, workloadRuntime } = args;
  const kata = workloadRuntime === AksWorkloadRuntime.KataVmIsolation;
  const runtimes = [AksWorkloadRuntime.OciContainer];
  return [
    ...(kata
      ? [
          {
            path: "workloadRuntime",
            problem: "Microsoft's pod sandbox takes the hypervisor for itself: no /dev/kvm is left",
            got: workloadRuntime,
            fix: `"${AksWorkloadRuntime.OciContainer}"`,
          },
        ]
      : memberFaults("workloadRuntime", workloadRuntime, runtimes)),
    ...(trustedLaunch === true
      ? [
          {
            path: "trustedLaunch",
            problem: "machines with secure boot and a virtual TPM run no virtual machines",
            got: true,
            fix: "false",
          },
        ]
      : []),
    ...(machine?.kvm === KvmAccess.Metal
      ? [{ path: "machine.kvm", problem: "AKS has no metal machines", got: machine.kvm }]
      : []),
  ];
}

function zoneFaults(zones: string[]): Fault[] {
  const fix = 'the zones of the region, as in ["1", "2", "3"]';
  const wrong = (Array.isArray(zones) ? zones : []).flatMap((got, index) =>
    got === "" || /^[1-9]$/.test(got)
      ? []
      : [{ path: `zones[${String(index)}]`, problem: "not a zone of Azure", got, fix }],
  );
  return [...emptyFaults("zones", zones, fix), ...wrong];
}

/** AKS writes under its own prefix alone. Source: https://learn.microsoft.com/azure/aks/use-labels */
function reservedFaults({ domain, labels = {}, taints = [] }: AzureKvmNodePoolArgs): Fault[] {
  const own = (path: string, got: string) =>
    /(^|\.)azure\.com\//.test(got) && !got.startsWith(`${nodeContract(domain).domain}/`)
      ? [{ path, problem: "in a domain that AKS keeps for itself", got }]
      : [];
  return [
    ...Object.keys(labels).flatMap((key) => own(`labels["${key}"]`, key)),
    ...taints.flatMap(({ key }, index) => own(`taints[${String(index)}].key`, key)),
  ];
}

function diskFaults({ diskGib, osDisk }: AzureKvmNodePoolArgs, machine?: Machine): Fault[] {
  const faults = [
    ...wholeNumberFaults("diskGib", diskGib, 30, 2048),
    ...memberFaults("osDisk", osDisk, Object.values(AksOsDisk)),
  ];
  const known = machine !== undefined && splitSize(machine.type) !== undefined;
  if (osDisk !== AksOsDisk.Ephemeral || !known || hasRoomOnHost(machine.type)) return faults;
  const problem = `${machine.type} has no room for a system disk on its host`;
  const fix = `"${AksOsDisk.Managed}", or a size with a local disk, as Standard_D8ds_v5`;
  return [...faults, { path: "osDisk", problem, got: osDisk, fix }];
}

function surgeFaults(got: string | undefined): Fault[] {
  if (got === undefined || /^([1-9]\d{0,2}|([1-9]\d?|100)%)$/.test(got)) return [];
  const allowed = "a count from 1 or a percentage, as in 33%";
  return [{ path: "maxSurge", problem: "no number of nodes", got, allowed }];
}

function priceFaults({ spot }: AzureKvmNodePoolArgs): Fault[] {
  const got = spot?.maxPricePerHour;
  if (got === undefined || got === -1 || (Number.isFinite(got) && got > 0)) return [];
  const allowed = "US dollars above 0, or -1 for the ordinary price";
  return [{ path: "spot.maxPricePerHour", problem: "not a price", got, allowed }];
}

function versionFaults(got: unknown): Fault[] {
  if (typeof got !== "string" || /^\d+\.\d+\.\d+$/.test(got)) return [];
  const problem = "not a whole version, which would let nodes change by themselves";
  return [{ path: "version", problem, got, allowed: "as in 1.36.2" }];
}
