import {
  protectedUrns,
  unmarked,
  wholeUrns,
  withoutProtection,
} from "../../../../lab/stack/unprotect";
import { clustersOfStack } from "../../../../lab/stack/stack-clusters";

const exported = JSON.stringify({
  version: 3,
  deployment: {
    manifest: { time: "t" },
    resources: [
      { urn: "a", type: "x:y:Z", protect: true, id: "1" },
      { urn: "b", type: "x:y:Z", retainOnDelete: true, inputs: { c: 1 } },
      { urn: "d", type: "x:y:Z" },
    ],
  },
});

test("what destroy refuses or leaves behind is protected", () => {
  expect(protectedUrns(exported)).toEqual(["a", "b"]);
  expect(protectedUrns(JSON.stringify({ deployment: {} }))).toEqual([]);
});

test("what did not come up whole is not asked to come up again", () => {
  const resources = [
    { urn: "a", initErrors: ["3 of 5 pods ready"] },
    { urn: "b", initErrors: [] },
  ];
  const state = JSON.stringify({ deployment: { resources } });
  expect(wholeUrns(state, ["a", "b", "c"])).toEqual(["b", "c"]);
});

test("without marks nothing is protected, and nothing else has changed", () => {
  const clear = unmarked(exported);
  expect(protectedUrns(clear)).toEqual([]);
  const expected = JSON.parse(exported);
  delete expected.deployment.resources[0].protect;
  delete expected.deployment.resources[1].retainOnDelete;
  expect(JSON.parse(clear)).toEqual(expected);
});

test("settings lose their protection and nothing else", () => {
  const settings = {
    config: { "kvm-fabric:fabric": { target: "aws" }, other: 1 },
    encryptionsalt: "s",
  };
  expect(withoutProtection(settings)).toEqual({
    ...settings,
    config: { "kvm-fabric:fabric": { target: "aws", deletionProtection: false }, other: 1 },
  });
  expect(withoutProtection({ config: { other: 1 } })).toEqual({ config: { other: 1 } });
});

test("a stack's clusters are those whose id or address is in its state", () => {
  const cluster = (id: string, port: number) => ({
    cluster: { id, type: "aws:eks/cluster:Cluster", name: id },
    endpoint: `https://127.0.0.1:${port}`,
  });
  const state = JSON.stringify({
    deployment: {
      resources: [
        { type: "aws:eks/cluster:Cluster", id: "one", outputs: {} },
        { type: "aws:eks/cluster:Cluster", id: "x", outputs: { endpoint: "https://127.0.0.1:20" } },
        { type: "aws:s3/bucket:Bucket", id: "three", outputs: { url: "127.0.0.1:30" } },
      ],
    },
  });
  const all = [cluster("one", 10), cluster("two", 20), cluster("three", 30), cluster("four", 2)];
  expect(clustersOfStack(state, all).map(({ cluster: { id } }) => id)).toEqual(["one", "two"]);
});
