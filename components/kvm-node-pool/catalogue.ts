import type { Fault } from "../shared/faults";
import { MachineArchitecture } from "../shared/machine-architecture";
import { requiredMemberFaults } from "../shared/members";
import { nearest } from "../shared/nearest";
import { AWS_METAL, AWS_NESTED, noNestedReason, splitInstanceType } from "./catalogue/aws";
import { AZURE_FAMILIES, azureRefusal, splitSize } from "./catalogue/azure";
import { GCP_METAL, GCP_REFUSED, GCP_SERIES, splitMachineType } from "./catalogue/gcp";
import { CATALOGUE_DATE, type DeclaredMachine, KvmAccess, type Machine } from "./catalogue/machine";

/** What a look into the catalogue finds: a machine, or why it is none for KVM. */
export type MachineFound = { ok: true; machine: Machine } | { ok: false; fault: Fault };

/** Families that are known to exist without nested virtualisation or metal sizes. */
const EC2_FAMILY = /^(c|d|f|g|h|i|im|inf|is|m|mac|p|r|t|trn|u|x)[1-9][a-z0-9-]*$/;

const DECLARE = "declare it yourself with `machine`, once you saw /dev/kvm on it";

/** Looks up an EC2 instance type. `m8i.2xlarge` is found as nested, `m8i.metal-48xl` as metal. */
export function findAwsMachine(path: string, type: string): MachineFound {
  const split = splitInstanceType(type);
  if (split === undefined) return refused(path, type, "not an EC2 instance type", "m8i.2xlarge");
  const known = (split.metal ? AWS_METAL : AWS_NESTED).get(split.family);
  if (known !== undefined) return found(type, known);
  if (split.metal) {
    const name = nearest(split.family, AWS_METAL.keys()) ?? "";
    return unlisted(path, type, `${name}.metal`);
  }
  const metal = AWS_METAL.has(split.family) ? `a metal size of ${split.family}, ` : "";
  if (metal === "" && !EC2_FAMILY.test(split.family)) {
    const name = nearest(split.family, AWS_NESTED.keys()) ?? "";
    return unlisted(path, type, `${name}.${type.split(".")[1] ?? "2xlarge"}`);
  }
  const reason = `gives no /dev/kvm: ${noNestedReason(split.family)}`;
  return refused(path, type, reason, `${metal}m8i.2xlarge, c8i or r8i; or ${DECLARE}`);
}

/** Looks up a Compute Engine machine type. */
export function findGcpMachine(path: string, type: string): MachineFound {
  const split = splitMachineType(type);
  if (split === undefined) {
    return refused(path, type, "not a Compute Engine machine type", "n2-standard-8");
  }
  const known = (split.metal ? GCP_METAL : GCP_SERIES).get(split.series);
  if (known !== undefined) return found(type, known);
  const reason = GCP_REFUSED.get(split.series);
  if (reason !== undefined) {
    return refused(path, type, `gives no /dev/kvm: ${reason}`, "n2-standard-8, c3 or c4");
  }
  const series = nearest(split.series, GCP_SERIES.keys()) ?? "n2";
  return unlisted(path, type, type.replace(split.series, series));
}

/** Looks up the size of an Azure machine. */
export function findAzureMachine(path: string, type: string): MachineFound {
  const split = splitSize(type);
  if (split === undefined) return refused(path, type, "not an Azure size", "Standard_D8s_v5");
  const known = AZURE_FAMILIES.get(split.family);
  if (known !== undefined) return found(type, known);
  const reason = azureRefusal(split);
  if (reason !== undefined) {
    return refused(
      path,
      type,
      `gives no /dev/kvm: ${reason}`,
      "Standard_D8s_v5 or Standard_E8s_v5",
    );
  }
  const family = nearest(split.family, AZURE_FAMILIES.keys()) ?? "Ds_v5";
  return unlisted(path, type, `Standard_${family.slice(0, 1)}8${family.slice(1)}`);
}

/** Checks a machine that the user vouches for. */
export function declaredFaults(path: string, machine: DeclaredMachine): Fault[] {
  return [
    ...(machine.type ? [] : [{ path: `${path}.type`, problem: "missing" }]),
    ...requiredMemberFaults(`${path}.kvm`, machine.kvm, Object.values(KvmAccess)),
    ...requiredMemberFaults(
      `${path}.architecture`,
      machine.architecture,
      Object.values(MachineArchitecture),
    ),
  ];
}

function found(type: string, { architecture, kvm }: Omit<Machine, "type">): MachineFound {
  return { ok: true, machine: { architecture, kvm, type } };
}

function refused(path: string, got: string, problem: string, fix: string): MachineFound {
  return { ok: false, fault: { path, problem, got, fix } };
}

function unlisted(path: string, got: string, near: string): MachineFound {
  const problem = `not in the catalogue of ${CATALOGUE_DATE}`;
  return refused(path, got, problem, `${near}, or ${DECLARE}`);
}
