import { Firewall } from "@pulumi/gcp/compute/firewall";
import * as pulumi from "@pulumi/pulumi";

/** Who is let to a store on Google Cloud. */
export interface GcpClients {
  /** The component's logical name. */
  name: string;
  /** Name in the cloud, and beginning of others there. */
  instanceName: string;
  allowedCidrs: string[];
  networkId: pulumi.Input<string>;
  project: pulumi.Input<string> | undefined;
}

/** A priority beside the many of 1000 that are nobody's choice: these two come before them. */
const PRIORITY = 900;

/**
 * Lets the clients alone send to the store's address. A store of Google Cloud stands in Google's own network, where no rule
 * of ours applies: so what leaves the machines of this one is ruled.
 */
export function createGcpClients(
  { allowedCidrs, instanceName, name, networkId, project }: GcpClients,
  address: pulumi.Input<string>,
  port: pulumi.Input<number>,
  options: pulumi.CustomResourceOptions,
): Firewall[] {
  const shared = {
    project,
    network: networkId,
    direction: "EGRESS",
    destinationRanges: [pulumi.interpolate`${address}/32`],
  };
  const clients = new Firewall(
    `${name}-clients`,
    {
      ...shared,
      name: `${instanceName}-clients`,
      description: `Clients of ${instanceName}`,
      priority: PRIORITY,
      sourceRanges: allowedCidrs,
      allows: [{ protocol: "tcp", ports: [pulumi.output(port).apply(String)] }],
    },
    options,
  );
  const others = new Firewall(
    `${name}-others`,
    {
      ...shared,
      name: `${instanceName}-others`,
      description: `Everybody but the clients of ${instanceName}`,
      priority: PRIORITY + 1,
      denies: [{ protocol: "all" }],
      logConfig: { metadata: "INCLUDE_ALL_METADATA" },
    },
    options,
  );
  return [clients, others];
}

/** The project of a network's id, `projects/P/global/networks/N`, or of a link that ends in one. */
export function projectOf(networkId: string): string {
  const [, project] = /(?:^|\/)projects\/([^/]+)\/global\/networks\//.exec(networkId) ?? [];
  if (project === undefined) throw new Error(`not the id of a network: "${networkId}"`);
  return project;
}
