import type { Fault } from "../shared/faults";
import { nearest } from "../shared/nearest";

/** What the doctor may find wrong with a host, by name. */
export const FINDINGS = [
  "artefact-damaged",
  "cgroup-v1",
  "cpu-vulnerable",
  "disk-full",
  "firecracker-too-old",
  "hugepages",
  "inodes-full",
  "kernel-too-old",
  "ksm",
  "kvm-module-missing",
  "kvm-not-openable",
  "nested-virtualisation",
  "no-kvm",
  "smt",
  "swap",
  "tun-missing",
  "vhost-vsock-missing",
  "wrong-architecture",
] as const;

const SEVERITIES = ["fatal", "warning", "off"];

/** Every fault of a policy: a severity by the name of a finding. */
export function policyFaults(path: string, policy: Record<string, string> = {}): Fault[] {
  return Object.entries(policy).flatMap(([name, severity]) => {
    const faults: Fault[] = [];
    if (!FINDINGS.some((finding) => finding === name)) {
      const [problem, allowed] = ["no finding of the doctor's", FINDINGS.join(", ")];
      const fix = nearest(name, FINDINGS);
      faults.push({ path: `${path}.${name}`, problem, allowed, ...(fix !== undefined && { fix }) });
    }
    if (!SEVERITIES.includes(severity)) {
      const allowed = SEVERITIES.join(", ");
      faults.push({ path: `${path}.${name}`, problem: "no severity", got: severity, allowed });
    }
    return faults;
  });
}
