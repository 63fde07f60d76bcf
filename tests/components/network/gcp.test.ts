import { Instance } from "@pulumi/gcp/compute/instance";
import { GcpNetwork } from "../../../components/network/gcp";
import type { GcpNetworkArgs } from "../../../components/network/gcp-args";
import { NatMode } from "../../../components/network/nat-mode";
import type { GcpNetworkRef } from "../../../components/network/network-ref";
import { deploy, find, tree } from "../../support/deploy";

const run = (args: Partial<GcpNetworkArgs> = {}, options = {}) =>
  deploy(() => new GcpNetwork("net", { region: "europe-west1", ...args }), options);

test("makes exactly its resources, the same where nothing is known yet", async () => {
  const expected = [
    "gcp:compute/firewall:Firewall net-deny-ingress < net",
    "gcp:compute/network:Network net < net",
    "gcp:compute/router:Router net-nat < net",
    "gcp:compute/routerNat:RouterNat net-nat < net",
    "gcp:compute/subnetwork:Subnetwork net-nodes < net",
    "kvm-fabric:index:GcpNetwork net < stack",
  ];
  const deployment = await run();
  expect(tree(deployment)).toEqual(expected);
  expect(tree(await run({}, { preview: true }))).toEqual(expected);
  const without = await run({ natMode: NatMode.None });
  expect(tree(without)).toEqual(expected.filter((line) => !line.includes("net-nat")));
  expect(deployment.outputs.get("net")).toEqual({
    networkId: "net-id",
    podRangeName: "pods",
    region: "europe-west1",
    serviceRangeName: "services",
    subnetworkId: "net-nodes-id",
  });
});

test("sets what a private cluster needs", async () => {
  const deployment = await run();
  expect(find(deployment, "gcp:compute/network:Network", "net").inputs).toMatchObject({
    name: "net",
    autoCreateSubnetworks: false,
  });
  const type = "gcp:compute/subnetwork:Subnetwork";
  expect(find(deployment, type, "net-nodes").inputs).toMatchObject({
    ipCidrRange: "10.0.0.0/20",
    privateIpGoogleAccess: true,
    secondaryIpRanges: [
      { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
      { rangeName: "services", ipCidrRange: "10.8.0.0/20" },
    ],
    logConfig: { flowSampling: 0.5 },
  });
  expect(
    find(deployment, "gcp:compute/firewall:Firewall", "net-deny-ingress").inputs,
  ).toMatchObject({
    denies: [{ protocol: "all" }],
    direction: "INGRESS",
    priority: 65_534,
    sourceRanges: ["0.0.0.0/0"],
  });
  const silent = await run({ flowLogs: { enabled: false } });
  expect(find(silent, type, "net-nodes").inputs.logConfig).toBeUndefined();
});

test("what stands in the subnetwork comes after the NAT, and goes before it", async () => {
  const deployment = await deploy(() => {
    const network: GcpNetworkRef = new GcpNetwork("net", { region: "europe-west1" });
    new Instance("node", {
      machineType: "n2-standard-8",
      bootDisk: {},
      networkInterfaces: [{ subnetwork: network.subnetworkId }],
    });
  });
  const { dependsOn } = find(deployment, "gcp:compute/instance:Instance", "node");
  expect(dependsOn).toEqual(expect.arrayContaining(["net-nat", "net-deny-ingress", "net-nodes"]));
});
