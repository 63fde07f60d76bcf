import { QueenCloud } from "../components/queen/args";
import type { Fault } from "../components/shared/faults";
import { balancerCloudOf, isManaged, MANAGED_KINDS } from "./managed-services";
import type { FabricConfig } from "./schema";
import { findings } from "./unreadable";

/** What is wrong with who runs a service, the cluster or the stack's cloud, and with the way from one to the other. Pure. */
export function managedFaults(root: string, config: FabricConfig): Fault[] {
  return findings(
    ...MANAGED_KINDS.map((kind) => () => {
      if (config[kind] === undefined || !isManaged(config, kind)) return [];
      const managed = `${config.target}.${kind}`;
      const fix = `one of ${kind} and ${managed}`;
      return [{ path: `${root}.${managed}`, problem: `given beside ${kind}`, fix }];
    }),
    () => uploaderFaults(root, config),
    () => balancerFaults(`${root}.queen.loadBalancer.cloud`, config),
  );
}

/** The fault of an uploader in a stack without Queen. */
export function withoutQueen(path: string): Fault {
  return { path, problem: "an uploader without a queen whose traces it would move", fix: "queen" };
}

function uploaderFaults(root: string, config: FabricConfig): Fault[] {
  if (!isManaged(config, "traceUploader")) return [];
  const { queen, target } = config;
  const uploader = `${target}.traceUploader`;
  if (queen === undefined) return [withoutQueen(`${root}.${uploader}`)];
  const issuer: Fault = {
    path: `${root}.queen.certificates.issuer`,
    problem: `an authority that keeps certificates in the cluster, where ${uploader} has none`,
    fix: "generated certificates, or traceUploader in the cluster",
  };
  const way: Fault = {
    path: `${root}.queen.loadBalancer`,
    problem: `missing: ${uploader} has no other way to her`,
    allowed: "an object with allowedCidrs",
  };
  return [
    ...(queen.loadBalancer === undefined ? [way] : []),
    ...(queen.certificates?.issuer === undefined ? [] : [issuer]),
  ];
}

/** A load balancer is made by what runs in the cluster, for the cloud that the cluster is in. */
function balancerFaults(path: string, config: FabricConfig): Fault[] {
  const balancer = config.queen?.loadBalancer;
  if (balancer === undefined) return [];
  const own = balancerCloudOf(config);
  const got = balancer.cloud;
  if (own === undefined) {
    const allowed = Object.values(QueenCloud).join(", ");
    return got === undefined ? [{ path, problem: "missing", allowed }] : [];
  }
  if (got === undefined || got === own) return [];
  return [{ path, problem: "another cloud than the stack's", got, allowed: own, fix: "no cloud" }];
}
