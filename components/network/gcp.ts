import { Firewall } from "@pulumi/gcp/compute/firewall";
import { Network } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../shared/after";
import { requirePlan } from "../shared/require-plan";
import type { GcpNetworkArgs } from "./gcp-args";
import { type GcpNetworkPlan, planGcpNetwork, RANGE_NAMES } from "./gcp-plan";

/**
 * A network of Google Cloud for a GKE cluster: one subnetwork for nodes over all zones of a region, with secondary
 * ranges for pods and Services.
 *
 * Creates, under its logical name `NAME`: the network `NAME` in custom mode; the subnetwork `NAME-nodes` with Private
 * Google Access and flow logs; the firewall rule `NAME-deny-ingress`, which denies and logs what no other rule lets in;
 * and, unless `natMode` is none, the router and its NAT `NAME-nat`.
 *
 * It costs NAT by the hour and by traffic, and flow logs by volume; the rest is free.
 *
 * ```typescript
 * const network = new GcpNetwork("fabric", { region: "europe-west1" });
 * const cluster = new GcpCluster("fabric", { network, ... });
 * ```
 *
 * The component itself is a `GcpNetworkRef`. The subnetwork's id is there only once the NAT is: nodes are made after
 * it and go before it. GKE adds the firewall rules that a cluster needs, and deletes them with it. Networks of Google
 * Cloud take no labels. Not for IPv6, nor for a Shared VPC's host project that others run.
 */
export class GcpNetwork extends pulumi.ComponentResource {
  /** Id of the network, as in `projects/PROJECT/global/networks/NAME`. */
  public readonly networkId: pulumi.Output<string>;
  /** Name of the secondary range for pods. */
  public readonly podRangeName: pulumi.Output<string>;
  /** Region of the subnetwork. */
  public readonly region: pulumi.Output<string>;
  /** Name of the secondary range for Services. */
  public readonly serviceRangeName: pulumi.Output<string>;
  /** Id of the subnetwork, as in `projects/PROJECT/regions/REGION/subnetworks/NAME`. */
  public readonly subnetworkId: pulumi.Output<string>;

  constructor(name: string, args: GcpNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpNetwork", name, args, opts);
    const plan = requirePlan("GcpNetwork", name, planGcpNetwork(name, args));

    const network = createNetwork(this, plan);
    const firewall = createFirewall(this, plan, network);
    const subnetwork = createSubnetwork(this, plan, network);
    const nat = plan.hasNat ? createNat(this, plan, network, subnetwork) : [];

    this.networkId = network.id;
    this.podRangeName = pulumi.output(RANGE_NAMES.pods);
    this.region = pulumi.output(plan.region);
    this.serviceRangeName = pulumi.output(RANGE_NAMES.services);
    this.subnetworkId = after(subnetwork.id, [firewall, ...nat]);
    this.registerOutputs({
      networkId: this.networkId,
      podRangeName: this.podRangeName,
      region: this.region,
      serviceRangeName: this.serviceRangeName,
      subnetworkId: this.subnetworkId,
    });
  }
}

function createNetwork(parent: GcpNetwork, { name, names, project }: GcpNetworkPlan): Network {
  return new Network(
    name,
    { name: names.network, project, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    { parent },
  );
}

/** The network denies by itself what nothing lets in, but logs it only by a rule of its own. */
function createFirewall(
  parent: GcpNetwork,
  { name, names, project }: GcpNetworkPlan,
  network: Network,
): Firewall {
  return new Firewall(
    `${name}-deny-ingress`,
    {
      name: names.denied,
      project,
      network: network.id,
      direction: "INGRESS",
      priority: 65_534,
      sourceRanges: ["0.0.0.0/0"],
      denies: [{ protocol: "all" }],
      logConfig: { metadata: "INCLUDE_ALL_METADATA" },
    },
    { parent },
  );
}

function createSubnetwork(parent: GcpNetwork, plan: GcpNetworkPlan, network: Network): Subnetwork {
  const { name, names, flowSampling, nodeCidr, podCidr, project, region, serviceCidr } = plan;
  return new Subnetwork(
    `${name}-nodes`,
    {
      name: names.nodes,
      project,
      region,
      network: network.id,
      ipCidrRange: nodeCidr,
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: RANGE_NAMES.pods, ipCidrRange: podCidr },
        { rangeName: RANGE_NAMES.services, ipCidrRange: serviceCidr },
      ],
      ...(flowSampling !== undefined && {
        logConfig: {
          aggregationInterval: "INTERVAL_5_SEC",
          flowSampling,
          metadata: "INCLUDE_ALL_METADATA",
        },
      }),
    },
    { parent },
  );
}

/** Gives the nodes' and the pods' addresses a way out; ports are handed out as they are needed. */
function createNat(
  parent: GcpNetwork,
  { name, names, project, region }: GcpNetworkPlan,
  network: Network,
  subnetwork: Subnetwork,
): pulumi.Resource[] {
  const own = `${name}-nat`;
  const router = new Router(
    own,
    { name: names.nat, project, region, network: network.id },
    { parent },
  );
  const nat = new RouterNat(
    own,
    {
      name: names.nat,
      project,
      region,
      router: router.name,
      natIpAllocateOption: "AUTO_ONLY",
      enableDynamicPortAllocation: true,
      // Google refuses it together with ports that are handed out as needed.
      enableEndpointIndependentMapping: false,
      minPortsPerVm: 64,
      maxPortsPerVm: 4096,
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetworks: [{ name: subnetwork.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    },
    { parent },
  );
  return [nat];
}
