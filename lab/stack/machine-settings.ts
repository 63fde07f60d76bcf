import { createHash } from "node:crypto";
import { fakeK3s } from "../engine/simulated-cloud/command/node-programs";
import { fieldAt, isRecord, listAt, recordAt, textAt } from "../kube/objects";
import { LabError } from "../lab-error";
import type { StackSettings } from "./engine";

const FABRIC = "kvm-fabric:fabric";
const SSH_KEY = "kvm-fabric:sshPrivateKey";

/** A machine that a stack's settings name. */
export interface StackHost {
  address: string;
  architecture: string;
}

/** Says whether a stack is stood up on its owner's machines. Pure, as all of this file. */
export function needsMachines({ config }: StackSettings): boolean {
  return textAt(config?.[FABRIC], "target") === "bare-metal";
}

/** The machines of a stack's settings: those of its cluster and of its pools. What is no machine is the program's to refuse. */
export function hostsOf({ config }: StackSettings): StackHost[] {
  const metal = fieldAt(config?.[FABRIC], "bareMetal");
  const pools = Object.values(recordAt(metal, "pools"));
  return [fieldAt(metal, "cluster"), ...pools]
    .flatMap((part) => listAt(part, "hosts"))
    .flatMap((host) => {
      const address = textAt(host, "address");
      const architecture = textAt(host, "architecture") ?? "amd64";
      return address === undefined ? [] : [{ address, architecture }];
    });
}

/** The kernel modules and settings that the pools' profiles ask for beyond the defaults. */
export function askedOfKernels({ config }: StackSettings): {
  modules: string[];
  sysctls: string[];
} {
  const pools = Object.values(recordAt(config?.[FABRIC], "bareMetal", "pools"));
  return {
    modules: pools.flatMap((pool) => listAt(pool, "profile", "kernelModules").map(String)),
    sysctls: pools.flatMap((pool) => Object.keys(recordAt(pool, "profile", "sysctls"))),
  };
}

/** The version of k3s that the stack's machines run; undefined where the settings name none. Errors: LabError for kubeadm. */
export function k3sVersion({ config }: StackSettings): string | undefined {
  const cluster = fieldAt(config?.[FABRIC], "bareMetal", "cluster");
  if (textAt(cluster, "distribution") === "kubeadm") {
    throw new LabError("the lab plays k3s alone: a stack of kubeadm needs machines of your own", {
      hint: "set bareMetal.cluster.distribution to k3s, or run pulumi up against your machines",
    });
  }
  return textAt(cluster, "release", "version");
}

/**
 * An address of loopback, 127.64.0.1 to 127.127.255.254, for what a lab has one of: always the same one. Two of them
 * in a million share one.
 */
export function loopbackAddress(what: string): string {
  const [one = 0, two = 0, three = 0] = createHash("sha256").update(what).digest();
  return `127.${String(64 + (one % 64))}.${String(two)}.${String(1 + (three % 254))}`;
}

/** Settings that fit the lab, and what differs from the given ones, a line each. */
export interface MachineSettings {
  settings: StackSettings;
  changes: string[];
}

/**
 * A stack's settings with what cannot be the same in the lab: the address of the API, the sums of k3s, which is played,
 * and the key of the machines, which ask for none.
 */
export function machineSettings(given: StackSettings, apiAddress: string): MachineSettings {
  const fabric = recordAt(given.config, FABRIC);
  const metal = recordAt(fabric, "bareMetal");
  const cluster = recordAt(metal, "cluster");
  const api = recordAt(cluster, "api");
  const release = recordAt(cluster, "release");
  const sum = createHash("sha256")
    .update(fakeK3s(textAt(release, "version") ?? ""))
    .digest("hex");
  const sums = Object.keys(recordAt(release, "sha256")).map((key): [string, string] => [key, sum]);
  const bareMetal = {
    ...metal,
    cluster: {
      ...cluster,
      api: { ...api, address: apiAddress },
      ...(isRecord(cluster.release) && {
        release: { ...release, sha256: Object.fromEntries(sums) },
      }),
    },
  };
  return {
    settings: {
      ...given,
      config: { ...given.config, [FABRIC]: { ...fabric, bareMetal }, [SSH_KEY]: LAB_KEY },
    },
    changes: [
      `api.address is ${apiAddress}, where a stand-in of its load balancer answers`,
      `release.sha256 is that of the played k3s`,
      `${SSH_KEY} is the lab's: its machines ask for none`,
    ],
  };
}

/** No key: what the program takes for one. */
const LAB_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----
the machines of the lab ask for none
-----END OPENSSH PRIVATE KEY-----
`;
