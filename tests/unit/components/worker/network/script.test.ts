import {
  metadataGuardEnvironment,
  metadataGuardReady,
  metadataGuardScript,
} from "../../../../../components/worker/network/metadata-guard";
import {
  networkEnvironment,
  networkScript,
} from "../../../../../components/worker/network/network-script";
import {
  type GuestNetworkContext,
  planGuestNetwork,
} from "../../../../../components/worker/network/plan";
import { filterRules } from "../../../../../components/worker/network/rules";
import { shellcheck } from "../../../../support/shellcheck";

const context: GuestNetworkContext = {
  defaultTaps: 1,
  hostNetwork: false,
  name: "workers",
  ownerEach: false,
  tapDevices: "helper",
  workerMetadata: false,
};
const linesOf = (change: Partial<GuestNetworkContext>, given = {}) =>
  filterRules(planGuestNetwork(given, { ...context, ...change })).split("\n");

test.each([
  ["network", networkScript()],
  ["metadata-guard", metadataGuardScript()],
])("shellcheck finds nothing in %s", async (_, script) => {
  expect(await shellcheck(script)).toBe("");
});

test("no variable is longer than the kernel passes on, with as many devices as there may be", () => {
  const long = {
    taps: 1024,
    cidr: "198.18.128.0/20",
    ipv6Cidr: "fdcb:cccc:cccc:cccc:cccc:cccc:cccc:0/112",
    owner: 2 ** 31 - 2000,
  };
  const variables = networkEnvironment(
    planGuestNetwork(long, { ...context, ownerEach: true }),
    "/run/taps",
  );
  expect(variables.map(({ name }) => name)).toEqual([
    ...["TABLE", "EGRESS", "KVM_FABRIC_TAPS", "RULES", "TAPS_0", "TAPS_1", "TAPS_2", "TAPS_3"],
  ]);
  for (const { name, value } of variables) expect(`${name}=${value}`.length).toBeLessThan(65_536);
  const lines = variables
    .slice(4)
    .map(({ value }) => value)
    .join("")
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(1024);
  expect(lines[1023]).toBe(
    "tap1023 2147482671 198.18.143.253/30 198.18.143.254 fdcb:cccc:cccc:cccc:cccc:cccc:cccc:ffd/126 fdcb:cccc:cccc:cccc:cccc:cccc:cccc:ffe 06:00:c6:12:8f:fe 06:00:c6:12:8f:fd",
  );
});

test("Kubernetes resolves nothing in what the scripts are given", () => {
  const all = [
    ...networkEnvironment(planGuestNetwork(undefined, context), "/run/taps"),
    ...metadataGuardEnvironment(planGuestNetwork(undefined, { ...context, hostNetwork: true })),
  ];
  for (const { value } of all) expect(value).not.toContain("$");
});

test("the whole filter comes in one transaction, in place of the one before", () => {
  for (const change of [{}, { tapDevices: "worker" }, { tapDevices: "none" }] as const) {
    expect(linesOf(change).slice(0, 3)).toEqual([
      "table inet kvm_fabric",
      "delete table inet kvm_fabric",
      "table inet kvm_fabric {",
    ]);
  }
});

test("a host's table holds its guests' interfaces alone, under the name that the probe looks for", () => {
  const plan = planGuestNetwork({ interfaces: ["tap*", "br0"] }, { ...context, hostNetwork: true });
  const rules = filterRules(plan).split("\n");
  expect(rules.filter((line) => line.includes("hook"))).toEqual([
    "    type filter hook prerouting priority raw; policy accept;",
  ]);
  expect(rules.filter((line) => line.includes("iifname"))).toEqual([
    '    iifname "tap*" jump guests',
    '    iifname "br0" jump guests',
  ]);
  expect(metadataGuardReady(plan)).toEqual(["nft", "list", "table", "inet", plan.table]);
  expect(rules[0]).toBe(`table inet ${plan.table}`);
});

test("further addresses go with the metadata servers, each to its family", () => {
  const elements = linesOf({}, { blocked: ["10.0.0.0/8", "fd01::/16"] }).filter((line) =>
    line.includes("elements"),
  );
  expect(elements).toEqual([
    "    elements = { 169.254.169.254, 169.254.170.2, 169.254.170.23, 10.0.0.0/8 }",
    "    elements = { fd00:ec2::254, fd20:ce::254, fe80::a9fe:a9fe, fd00:ec2::23, fd01::/16 }",
  ]);
});

test("where the pod may reach the metadata address and nobody forwards, nothing is filtered", () => {
  expect(linesOf({ tapDevices: "none", workerMetadata: true }).slice(2)).toEqual([
    "table inet kvm_fabric {",
    "}",
  ]);
});
