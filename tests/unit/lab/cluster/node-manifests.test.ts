import * as fc from "fast-check";
import { nodeContract } from "../../../../components/shared/node-contract";
import {
  LAB_ZONES,
  MAX_NODES,
  nodeManifest,
  nodeName,
  NodeKind,
} from "../../../../lab/cluster/node-manifests";
import { fieldAt, listAt } from "../../../../lab/kube/objects";

test("a KVM node keeps the pool's side of the node contract, and nothing of the provisioner's", () => {
  const contract = nodeContract("example.org");
  const node = nodeManifest(NodeKind.Kvm, 1, contract);
  expect(node.metadata.labels).toMatchObject({
    "example.org/kvm-enabled": "true",
    "topology.kubernetes.io/zone": "lab-b",
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/os": "linux",
  });
  expect(node.metadata.labels).not.toHaveProperty([contract.assetsLabel]);
  expect(listAt(node, "spec", "taints")).toEqual([
    { key: "example.org/worker", value: "true", effect: "NoSchedule" },
    { key: "example.org/not-ready", effect: "NoSchedule" },
  ]);
});

test("a plain node has neither taints nor labels of the contract", () => {
  const node = nodeManifest(NodeKind.Plain, 0);
  expect(fieldAt(node, "spec", "taints")).toBeUndefined();
  const { domain } = nodeContract();
  const keys = Object.keys(node.metadata.labels ?? {});
  expect(keys.filter((key) => key.startsWith(`${domain}/`))).toEqual([]);
});

test("no two nodes share a name or an address, all addresses are valid, and zones are even", () => {
  const address = (kind: NodeKind, index: number) =>
    String(fieldAt(nodeManifest(kind, index), "status", "addresses", 0, "address"));
  const index = fc.integer({ min: 0, max: MAX_NODES });
  const kind = fc.constantFrom(NodeKind.Kvm, NodeKind.Plain);
  fc.assert(
    fc.property(kind, index, kind, index, (kindA, a, kindB, b) => {
      const octets = address(kindA, a).split(".").map(Number);
      expect(octets.every((octet) => octet >= 0 && octet <= 255)).toBe(true);
      if (kindA === kindB && a === b) return;
      expect(address(kindA, a)).not.toBe(address(kindB, b));
      expect(nodeName(kindA, a)).not.toBe(nodeName(kindB, b));
    }),
  );
  const zones = Array.from({ length: 9 }, (_, i) =>
    String(nodeManifest(NodeKind.Kvm, i).metadata.labels?.["topology.kubernetes.io/zone"]),
  );
  expect(LAB_ZONES.map((zone) => zones.filter((found) => found === zone).length)).toEqual([
    3, 3, 3,
  ]);
});
