import { nodeContract } from "../../../../components/shared/node-contract";
import { instanceTypes, kvmNodePool } from "../../../../lab/cluster/karpenter-manifests";
import { fieldAt } from "../../../../lab/kube/objects";

test("a pool's nodes promise what the contract asks of every KVM pool", () => {
  const contract = nodeContract("example.org");
  const [nodeClass, pool] = kvmNodePool("metal", { contract, labels: { team: "a" } });
  expect(fieldAt(pool, "spec", "template", "metadata", "labels")).toEqual({
    "example.org/kvm-enabled": "true",
    "example.org/pool": "metal",
    team: "a",
  });
  expect(fieldAt(pool, "spec", "template", "spec")).toMatchObject({
    nodeClassRef: { group: "karpenter.kwok.sh", kind: nodeClass?.kind, name: "metal" },
    taints: [{ key: "example.org/worker", value: "true", effect: "NoSchedule" }],
    startupTaints: [{ key: "example.org/not-ready", effect: "NoSchedule" }],
  });
});

test("every instance type offers the device plugin's resource of every domain", () => {
  const types = instanceTypes(["example.org", "example.com"]);
  expect(types.length).toBeGreaterThan(0);
  for (const { resources } of types) {
    expect(resources).toMatchObject({ "example.org/kvm": "100", "example.com/kvm": "100" });
  }
});

test("names are unique, and larger machines cost more", () => {
  const types = instanceTypes();
  expect(new Set(types.map(({ name }) => name)).size).toBe(types.length);
  const amd64 = types.filter(({ architecture }) => architecture === "amd64");
  const prices = amd64.map(({ offerings }) => offerings[0]?.Price ?? 0);
  expect(prices).toEqual([...prices].sort((a, b) => a - b));
  expect(new Set(prices).size).toBe(prices.length);
});
