import { ObjectCache } from "../../../../lab/simulators/object-cache";
import { parseNode, parsePod } from "../../../../lab/simulators/objects";
import { podsByNode } from "../../../../lab/simulators/pods-by-node";
import { nodeObject, podObject } from "./fakes";

function cacheWithLog() {
  const cache = new ObjectCache(parseNode);
  const told: string[] = [];
  cache.onChange(({ metadata }) => told.push(`${metadata.uid}@${metadata.resourceVersion}`));
  const apply = (type: "ADDED" | "MODIFIED" | "DELETED", uid: string, resourceVersion: string) => {
    cache.apply({ type, object: nodeObject({ uid, resourceVersion }) });
  };
  return { cache, told, apply };
}

describe("ObjectCache", () => {
  it("drops events that are older than what a write answered with", () => {
    const { cache, told, apply } = cacheWithLog();
    apply("ADDED", "a", "9");
    cache.learn(parseNode(nodeObject({ uid: "a", resourceVersion: "12" })));
    apply("MODIFIED", "a", "10");
    apply("MODIFIED", "a", "12");
    apply("MODIFIED", "a", "13");
    expect(told).toEqual(["a@9", "a@12", "a@13"]);
  });

  it("compares versions as numbers", () => {
    const { cache, apply } = cacheWithLog();
    apply("ADDED", "a", "9");
    apply("MODIFIED", "a", "10");
    expect(cache.get("kvm-0000")?.metadata.resourceVersion).toBe("10");
  });

  it("keeps an object that took the name of one whose end is told late", () => {
    const { cache, apply } = cacheWithLog();
    apply("ADDED", "old", "5");
    apply("ADDED", "new", "8");
    apply("DELETED", "old", "7");
    expect(cache.get("kvm-0000")?.metadata.uid).toBe("new");
    apply("DELETED", "new", "9");
    expect(cache.get("kvm-0000")).toBeUndefined();
  });

  it("does not bring back what is gone when a late answer comes in", () => {
    const { cache, apply } = cacheWithLog();
    apply("ADDED", "a", "1");
    apply("DELETED", "a", "2");
    cache.learn(parseNode(nodeObject({ uid: "a", resourceVersion: "3" })));
    expect(cache.get("kvm-0000")).toBeUndefined();
  });
});

describe("podsByNode", () => {
  it("follows pods as they are placed and as they go", () => {
    const pods = new ObjectCache(parsePod);
    const podsOn = podsByNode(pods);
    const names = (node: string) => [...podsOn(node)].map(({ metadata }) => metadata.name);
    pods.apply({ type: "ADDED", object: podObject({ name: "p1", uid: "1", nodeName: "a" }) });
    pods.apply({ type: "ADDED", object: podObject({ name: "p2", uid: "2", nodeName: "a" }) });
    pods.apply({ type: "ADDED", object: podObject({ name: "p3", uid: "3", nodeName: "b" }) });
    expect([names("a"), names("b"), names("c")]).toEqual([["p1", "p2"], ["p3"], []]);
    pods.apply({ type: "DELETED", object: podObject({ name: "p1", uid: "1", nodeName: "a" }) });
    expect(names("a")).toEqual(["p2"]);
  });
});
