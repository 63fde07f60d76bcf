import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { proxyContainer, proxyVolumes } from "../queen/proxy";
import type { QueenRef } from "../queen/queen-ref";
import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { objectName } from "../shared/names";
import type { EnvironmentVariable } from "../shared/environment-variable";
import type { WorkerDaemonSetArgs } from "./args";
import { Isolation } from "./vmm";

/** Where a worker reaches Queen: in its own pod, where a proxy listens. */
const QUEEN_ADDRESS = "127.0.0.1:5640";

/** How workers reach Queen, planned. */
export interface WorkerQueen {
  /** The ConfigMap with her authorities. */
  authority: string;
  image: string;
  /** The NetworkPolicy that lets workers call her. */
  policy: string;
  ref: QueenRef;
}

/** Plans how workers reach Queen; undefined where they do not. */
export function workerQueen(name: string, args: WorkerDaemonSetArgs): WorkerQueen | undefined {
  if (args.queen === undefined) return undefined;
  return {
    authority: objectName([name, "queen-ca"]),
    image: args.queenProxyImage ?? "",
    policy: objectName([name, "queen"]),
    ref: args.queen,
  };
}

/** Checks how workers reach Queen. */
export function queenFaults({ isolation, queen, queenProxyImage }: WorkerDaemonSetArgs): Fault[] {
  if (queen === undefined) {
    if (queenProxyImage === undefined) return [];
    const problem = "without effect: there is no queen";
    return [{ path: "queenProxyImage", problem, fix: "queen: queenRef(queen, CONSUMER)" }];
  }
  const faults = imageFaults("queenProxyImage", queenProxyImage);
  if (isolation !== Isolation.PrivilegedHostNetwork) return faults;
  const problem = "the proxy would listen on the node, for everything that runs there";
  return [...faults, { path: "queen", problem, fix: "isolation: Isolation.DevicePlugin" }];
}

/** The proxy that shows Queen the workers' certificate: it alone sees the key. */
export function queenContainers(queen: WorkerQueen | undefined): k8s.core.v1.Container[] {
  if (queen === undefined) return [];
  const { host, port, serverName } = queen.ref;
  const args = [
    "client",
    `--listen=${QUEEN_ADDRESS}`,
    pulumi.interpolate`--target=${host}:${port}`,
    pulumi.interpolate`--override-server-name=${serverName}`,
  ];
  return [proxyContainer({ name: "queen-proxy", image: queen.image, args })];
}

/** What that proxy reads. */
export function queenVolumes(queen: WorkerQueen | undefined): k8s.core.v1.Volume[] {
  return queen === undefined ? [] : proxyVolumes(queen.ref.clientSecretName, queen.authority);
}

/** What a worker knows of Queen. */
export function queenVariables(queen: WorkerQueen | undefined): EnvironmentVariable[] {
  if (queen === undefined) return [];
  return [
    { name: "KVM_FABRIC_QUEEN_ADDRESS", value: QUEEN_ADDRESS },
    { name: "KVM_FABRIC_QUEEN_NAME", value: queen.ref.serverName },
  ];
}
