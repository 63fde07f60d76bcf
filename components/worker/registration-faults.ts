import type { Fault } from "../shared/faults";
import type { WorkerDaemonSetArgs } from "./args";
import { Vmm } from "./vmm";

/**
 * Checks how workers show up in Consul.
 * Source of the limits: https://developer.hashicorp.com/consul/docs/reference/service
 */
export function registrationFaults(name: string, args: WorkerDaemonSetArgs): Fault[] {
  if (args.consul === undefined) {
    if (args.registration === undefined) return [];
    return [
      { path: "registration", problem: "there is no Consul to register with", fix: "consul" },
    ];
  }
  return [
    ...serviceNameFaults(args.registration?.serviceName ?? name),
    ...healthFaults(args),
    ...tagFaults(args.registration?.tags ?? []),
    ...metaFaults(args.registration?.meta ?? {}),
  ];
}

function serviceNameFaults(got: string): Fault[] {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(got)) return [];
  const path = "registration.serviceName";
  return [
    { path, problem: "not a DNS label", got, allowed: "a-z, 0-9 and -, at most 63 characters" },
  ];
}

function healthFaults(args: WorkerDaemonSetArgs): Fault[] {
  if (args.vmm !== Vmm.Qemu || args.healthPort !== undefined) return [];
  return [
    {
      path: "healthPort",
      problem: "missing, so Consul could not ask for the worker's health",
      fix: "the port on which the image answers GET /health",
    },
  ];
}

function tagFaults(tags: string[]): Fault[] {
  return tags.flatMap((tag, index) =>
    tag !== "" && !tag.includes(",")
      ? []
      : [{ path: `registration.tags[${index}]`, problem: "empty or with a comma", got: tag }],
  );
}

function metaFaults(meta: Record<string, string>): Fault[] {
  const path = "registration.meta";
  const entries = Object.entries(meta);
  const faults = entries.flatMap(([key, value]): Fault[] => {
    if (key === "node" || key === "kvm_enabled") {
      return [{ path: `${path}.${key}`, problem: "the component sets it itself" }];
    }
    const fits = /^[A-Za-z0-9_-]{1,128}$/.test(key) && value.length <= 512;
    const allowed = "keys of A-Z a-z 0-9 _ and - up to 128 characters, values up to 512";
    return fits ? [] : [{ path: `${path}.${key}`, problem: "Consul refuses it", allowed }];
  });
  if (entries.length <= 62) return faults;
  return [
    ...faults,
    { path, problem: "too many entries", got: entries.length, allowed: "0 to 62" },
  ];
}
