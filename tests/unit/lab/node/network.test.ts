import {
  cniConfig,
  hostLinkCommands,
  nodeLinkCommands,
  planNetwork,
} from "../../../../lab/node/network";

test("a node has the same addresses every time, of the range for tests of networks", () => {
  const network = planNetwork("/state", "a", []);
  expect(planNetwork("/state", "a", [])).toEqual(network);
  const [, number = ""] = /^198\.18\.(\d+)\.1$/.exec(network.host) ?? [];
  expect(network).toMatchObject({
    node: `198.18.${number}.2`,
    pods: `198.19.${number}.0/24`,
    gateway: `198.19.${number}.1`,
  });
});

test("links have names of their own, short enough for the kernel", () => {
  const names = ["a", "b"].flatMap((name) =>
    ["/one", "/other"].map((state) => planNetwork(state, name, []).link),
  );
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(15);
});

test("addresses that the machine has are passed over, up to the last", () => {
  const taken: string[] = [];
  for (let count = 0; count < 256; count += 1) {
    const { host } = planNetwork("/state", "a", taken);
    expect(taken).not.toContain(host);
    taken.push(host);
  }
  expect(() => planNetwork("/state", "a", taken)).toThrow(/all 256 networks/);
});

test("the machine gets a route to the pods, the node none to anything but the machine", () => {
  const network = { link: "kf-x", host: "h", node: "n", pods: "p/24", gateway: "g" };
  expect(hostLinkCommands(network, 42).map((words) => words.join(" "))).toEqual([
    "link add kf-x type veth peer name eth0 netns 42",
    "address add h/30 dev kf-x",
    "link set kf-x up",
    "route add p/24 via n",
  ]);
  const inside = nodeLinkCommands(network, "10.0.0.1").map((words) => words.join(" "));
  expect(inside).toEqual([
    "link set lo up",
    "address add 10.0.0.1/32 dev lo",
    "address add n/30 dev eth0",
    "link set eth0 up",
    "route add 198.18.0.0/15 via h",
  ]);
});

test("pods get addresses of their node's own range, and keep them on the way out", () => {
  const { plugins } = JSON.parse(cniConfig(planNetwork("/state", "a", [])));
  const { gateway, pods } = planNetwork("/state", "a", []);
  expect(plugins.map(({ type }: { type: string }) => type)).toEqual(["bridge", "portmap"]);
  expect(plugins[0]).toMatchObject({
    isGateway: true,
    ipMasq: false,
    ipam: { type: "host-local", ranges: [[{ subnet: pods, gateway }]] },
  });
});
