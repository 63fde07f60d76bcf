import type { StateResource } from "../../../bench/critical-path/state";
import { linked } from "../../../bench/links";

const cluster: StateResource = {
  ...{ urn: "CLUSTER", type: "aws:eks/cluster:Cluster", name: "fabric", custom: true, after: [] },
  id: "fabric-prod",
  inputs: { name: "fabric-prod", tags: { owner: "somebody" } },
  outputs: {
    name: "fabric-prod",
    tags: { owner: "somebody" },
    endpoint: "https://127.0.0.1:6443",
    certificateAuthority: { data: "Q0VSVElGSUNBVEU=" },
    identities: [{ issuer: "https://127.0.0.1:6443/oidc" }],
    short: "ab",
  },
};
const at = (...path: (string | number)[]) => ({ urn: "CLUSTER", path });

test("what another resource answered with refers to it, wherever it stands in a text", () => {
  const inputs = {
    server: "https://127.0.0.1:6443",
    text: "server: https://127.0.0.1:6443\nca: Q0VSVElGSUNBVEU=\n",
    list: [{ issuer: "https://127.0.0.1:6443/oidc" }],
    clusterName: "fabric-prod",
  };
  const namespace = { ...cluster, urn: "SPACE", type: "kubernetes:core/v1:Namespace" };
  expect(linked(inputs, [namespace, cluster])).toEqual({
    server: { $parts: [at("endpoint")], base64: false },
    text: {
      $parts: ["server: ", at("endpoint"), "\nca: ", at("certificateAuthority", "data"), "\n"],
      base64: false,
    },
    // The longest text wins: an issuer is not an endpoint with a tail.
    list: [{ issuer: { $parts: [at("identities", 0, "issuer")], base64: false } }],
    // The program gave the name itself.
    clusterName: "fabric-prod",
  });
});

test("boot data in base64 are looked into", () => {
  const encode = (text: string) => Buffer.from(text).toString("base64");
  expect(linked(encode("join https://127.0.0.1:6443 now"), [cluster])).toEqual({
    $parts: ["join ", at("endpoint"), " now"],
    base64: true,
  });
  expect(linked(encode("nothing of others"), [cluster])).toBe(encode("nothing of others"));
});

test("what says nothing of where it comes from stays as it is", () => {
  const inputs = { owner: "somebody", short: "ab", number: 3, none: null, flag: false };
  expect(linked(inputs, [cluster])).toEqual(inputs);
});
