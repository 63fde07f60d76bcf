import type { Output } from "@pulumi/pulumi";
import { QueenRole } from "../queen/roles";
import type { QueenUploads } from "./args";

/** The outputs of a `Queen` component that an uploader outside the cluster is told. */
export interface QueenUploadsOutputs {
  /** See {@link QueenUploads.caCertificate}. */
  caCertificate: Output<string>;
  /** What each consumer may do, by its name. */
  consumerRoles: Record<string, string>;
  /** Certificate and key (PEM) of each consumer by its name, secret; none of cert-manager's. */
  identities?: Output<Record<string, { certificate: string; key: string }>> | undefined;
  /** See {@link QueenUploads.serverName}. */
  serverName: Output<string>;
  /** The host that uploaders outside the cluster call; none without a load balancer. */
  uploadsHost?: Output<string> | undefined;
}

/**
 * Says how one uploader outside the cluster reaches Queen: `queen: queenUploads(queen, "traces")`. Fails where the `Queen`
 * component has no such uploader, no load balancer, or certificates that cert-manager keeps in the cluster.
 */
export function queenUploads(queen: QueenUploadsOutputs, consumer: string): QueenUploads {
  if (queen.consumerRoles[consumer] !== QueenRole.Uploader) {
    const uploaders = Object.entries(queen.consumerRoles).filter(([, role]) => role === "uploader");
    const known = uploaders.map(([name]) => name).sort();
    const allowed = known.length === 0 ? "one, which consumers must name" : known.join(", ");
    throw new Error(`queen has no uploader "${consumer}", allowed ${allowed}`);
  }
  const { identities, uploadsHost: host } = queen;
  if (identities === undefined) {
    throw new Error(
      "queen's certificates are cert-manager's, which keeps them in the cluster; try generated ones",
    );
  }
  if (host === undefined) {
    throw new Error(
      "queen has no load balancer for uploaders outside the cluster; try its argument loadBalancer",
    );
  }
  return {
    caCertificate: queen.caCertificate,
    clientCertificate: identities.apply((all) => all[consumer]?.certificate ?? ""),
    clientKey: identities.apply((all) => all[consumer]?.key ?? ""),
    host,
    serverName: queen.serverName,
  };
}
