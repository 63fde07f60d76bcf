import { Address } from "@pulumi/gcp/compute/address";
import { ForwardingRule } from "@pulumi/gcp/compute/forwardingRule";
import { ManagedZone } from "@pulumi/gcp/dns/managedZone";
import { RecordSet } from "@pulumi/gcp/dns/recordSet";
import type { DatabaseInstance } from "@pulumi/gcp/sql/databaseInstance";
import type * as pulumi from "@pulumi/pulumi";
import type { GcpPostgresPlan } from "./plan";

/** How clients in the network reach the instance. */
export interface Endpoint {
  /** Address in the network. */
  address: pulumi.Output<string>;
  /** Name that the server's certificate carries and that the network resolves to the address. */
  host: pulumi.Output<string>;
  ready: pulumi.Resource[];
}

/**
 * Gives the instance an address in the network by Private Service Connect, and its own DNS name there.
 *
 * Not by private services access: a network has one connection of that kind for all of Google's services and all programs,
 * which no component of ours could own, and whoever is beyond a further peering does not reach through it.
 */
export function createEndpoint(
  plan: GcpPostgresPlan,
  instance: DatabaseInstance,
  options: pulumi.CustomResourceOptions,
): Endpoint {
  const { instanceName, labels, name, networkId, project, region, subnetworkId } = plan;
  const named = { name: `${instanceName}-endpoint`, project, region, labels };
  const address = new Address(
    `${name}-endpoint`,
    { ...named, addressType: "INTERNAL", subnetwork: subnetworkId },
    options,
  );
  const rule = new ForwardingRule(
    `${name}-endpoint`,
    {
      ...named,
      ipAddress: address.id,
      // A consumer's endpoint balances nothing.
      loadBalancingScheme: "",
      network: networkId,
      target: instance.pscServiceAttachmentLink,
    },
    options,
  );
  return {
    address: address.address,
    host: instance.dnsName.apply((dnsName) => dnsName.replace(/\.$/, "")),
    ready: [rule, createName(plan, instance, address, options)],
  };
}

/** Has the network, and no other, resolve the instance's name to the address. */
function createName(
  { instanceName, labels, name, networkId, project }: GcpPostgresPlan,
  { dnsName }: DatabaseInstance,
  { address }: Address,
  options: pulumi.CustomResourceOptions,
): RecordSet {
  const zone = new ManagedZone(
    `${name}-zone`,
    {
      name: `${instanceName}-zone`,
      project,
      description: `The name of ${instanceName} in its network`,
      dnsName,
      labels,
      privateVisibilityConfig: { networks: [{ networkUrl: networkId }] },
      visibility: "private",
    },
    options,
  );
  return new RecordSet(
    `${name}-record`,
    { managedZone: zone.name, name: dnsName, project, rrdatas: [address], ttl: 300, type: "A" },
    options,
  );
}
