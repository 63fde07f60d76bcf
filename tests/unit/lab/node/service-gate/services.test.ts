import { serviceTable } from "../../../../../lab/node/service-gate/services";

const service = (name: string, spec: object) => ({
  ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "agents" }, spec },
});
const slice = (of: string, rest: object, namespace = "agents") => ({
  ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
  metadata: { name: `${of}-x`, namespace, labels: { "kubernetes.io/service-name": of } },
  ...rest,
});
const place = { addresses: ["198.19.0.2"], conditions: { ready: true } };
const ports = [{ name: "secure9p", port: 564, protocol: "TCP" }];
const queen = service("queen", { clusterIP: "10.0.0.77", ports });

test("a port of a Service leads to the port of the same name of whoever is ready behind it", () => {
  const one = slice("queen", {
    endpoints: [
      place,
      { addresses: ["198.19.0.3"], conditions: { ready: false } },
      // Nothing said counts as ready.
      { addresses: ["198.19.0.4"] },
    ],
    ports: [
      { name: "secure9p", port: 5640 },
      { name: "other", port: 1 },
    ],
  });
  const { routes, names } = serviceTable([queen], [one]);
  expect([...routes]).toEqual([
    [
      "10.0.0.77 564",
      [
        { address: "198.19.0.2", port: 5640 },
        { address: "198.19.0.4", port: 5640 },
      ],
    ],
  ]);
  expect([...names]).toEqual([["queen.agents.svc.cluster.local", ["10.0.0.77"]]]);
});

test("slices of others, of other namespaces and of IPv6 lead nowhere; without any there is a name alone", () => {
  const rest = { endpoints: [place], ports: [{ name: "secure9p", port: 5640 }] };
  const others = [
    slice("drones", rest),
    slice("queen", rest, "other"),
    slice("queen", { ...rest, addressType: "IPv6" }),
  ];
  const { routes, names } = serviceTable([queen], others);
  expect(routes.size).toBe(0);
  expect(names.get("queen.agents.svc.cluster.local")).toEqual(["10.0.0.77"]);
});

test("a Service without an address of its own has those of its pods; other protocols than TCP go nowhere", () => {
  const headless = service("consul", { clusterIP: "None", ports });
  const dns = service("dns", { clusterIP: "10.0.0.78", ports: [{ port: 53, protocol: "UDP" }] });
  const rest = { endpoints: [place], ports: [{ name: "", port: 53 }] };
  const { routes, names } = serviceTable(
    [headless, dns],
    [slice("consul", rest), slice("dns", rest)],
  );
  expect(routes.size).toBe(0);
  expect(names.get("consul.agents.svc.cluster.local")).toEqual(["198.19.0.2"]);
});
