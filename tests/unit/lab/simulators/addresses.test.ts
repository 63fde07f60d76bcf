import { addressGiver, EdgeKind } from "../../../../lab/simulators/addresses";
import { Metrics } from "../../../../lab/simulators/metrics";
import { ObjectCache } from "../../../../lab/simulators/object-cache";
import { parseEdge } from "../../../../lab/simulators/objects";
import { FakeApi } from "./fakes";

/** Gives an address to one object, and tells what was written. */
async function given(kind: EdgeKind, object: object): Promise<string[]> {
  const api = new FakeApi([]);
  const edges = new ObjectCache(parseEdge);
  const metadata = { namespace: "fabric", name: "uploads", resourceVersion: "1" };
  edges.apply({ type: "ADDED", object: { apiVersion: "v1", kind, metadata, ...object } });
  await addressGiver({ api, edges, kind, metrics: new Metrics() })("fabric/uploads");
  return api.addresses;
}

const ADDRESS = "fabric/uploads uploads.fabric.balancer.invalid";
const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };

test("a Service of type LoadBalancer gets a name that nobody answers under", async () => {
  const spec = { type: "LoadBalancer" };
  expect(await given(EdgeKind.Service, { spec })).toEqual([`Service ${ADDRESS}`]);
  expect(await given(EdgeKind.Service, { spec, status })).toEqual([]);
});

test.each([undefined, "ClusterIP", "NodePort", "ExternalName"])(
  "a Service of type %s is called from inside: it gets none",
  async (type) => {
    expect(await given(EdgeKind.Service, { spec: { type } })).toEqual([]);
  },
);

test("an Ingress gets one, whatever its class, unless somebody gave it one", async () => {
  expect(await given(EdgeKind.Ingress, { spec: {} })).toEqual([`Ingress ${ADDRESS}`]);
  expect(await given(EdgeKind.Ingress, { spec: {}, status })).toEqual([]);
});

test("what is being deleted, or is gone, gets none", async () => {
  const metadata = { name: "uploads", namespace: "fabric", resourceVersion: "1" };
  const going = { metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
  expect(await given(EdgeKind.Ingress, { ...going, spec: {} })).toEqual([]);
  const api = new FakeApi([]);
  const edges = new ObjectCache(parseEdge);
  const parts = { api, edges, kind: EdgeKind.Ingress, metrics: new Metrics() };
  await addressGiver(parts)("fabric/uploads");
  expect(api.addresses).toEqual([]);
});
