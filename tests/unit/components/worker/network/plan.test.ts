import fc from "fast-check";
import { guestNetworkFaults } from "../../../../../components/worker/network/faults";
import {
  parseIpv6,
  parseIpv6Cidr,
  ipv6Overlap,
} from "../../../../../components/worker/network/ipv6";
import {
  type GuestNetworkContext,
  planGuestNetwork,
  renderTap,
} from "../../../../../components/worker/network/plan";
import {
  overlap,
  parseAddress,
  parseCidr,
  parseNetwork,
  renderAddress,
} from "../../../../../components/shared/cidr";
import { renderFaults } from "../../../../../components/shared/faults";
import type { GuestNetwork } from "../../../../../components/worker/args";

const context: GuestNetworkContext = {
  defaultTaps: 2,
  hostNetwork: false,
  name: "workers",
  ownerEach: false,
  tapDevices: "helper",
  workerMetadata: false,
};

test("every default is the stated one", () => {
  const { taps, ...others } = planGuestNetwork(undefined, context);
  expect(others).toEqual({
    blocked: [],
    cidr: "198.18.0.0/20",
    egress: true,
    guestPorts: [],
    hostNetwork: false,
    interfaces: ["tap*"],
    ipv6Cidr: "fdcb:6b76:6d::/112",
    table: "kvm_fabric",
    tapDevices: "helper",
    workerMetadata: false,
  });
  expect(taps.map(renderTap)).toEqual([
    "tap0 0 198.18.0.1/30 198.18.0.2 fdcb:6b76:6d::1/126 fdcb:6b76:6d::2 06:00:c6:12:00:02",
    "tap1 0 198.18.0.5/30 198.18.0.6 fdcb:6b76:6d::5/126 fdcb:6b76:6d::6 06:00:c6:12:00:06",
  ]);
});

test("with the jailer each device belongs to a user of its own", () => {
  const owners = (given: GuestNetwork) =>
    planGuestNetwork(given, { ...context, ownerEach: true }).taps.map(({ owner }) => owner);
  expect(owners({ taps: 3 })).toEqual([64_000, 64_001, 64_002]);
  expect(owners({ owner: 5 })).toEqual([5, 6]);
  expect(planGuestNetwork({ owner: 5 }, context).taps.map(({ owner }) => owner)).toEqual([5, 5]);
});

test("only the helper makes devices, and a host's table tells one DaemonSet from another", () => {
  const of = (change: Partial<GuestNetworkContext>) =>
    planGuestNetwork(undefined, { ...context, ...change });
  expect(of({ tapDevices: "worker" })).toMatchObject({ taps: [], table: "kvm_fabric" });
  expect(of({ tapDevices: "none" })).toMatchObject({ taps: [], table: "kvm_fabric" });
  const host = of({ hostNetwork: true, tapDevices: "worker" });
  expect(host.taps).toEqual([]);
  expect(host.table).toMatch(/^kvm_fabric_[0-9a-f]{12}$/);
  expect(of({ hostNetwork: true, name: "others" }).table).not.toBe(host.table);
  expect(of({ hostNetwork: true }).table).toBe(host.table);
});

const ranges = fc.record({
  cidr: fc.tuple(fc.nat(0xffffff), fc.integer({ min: 8, max: 30 })).map(([low, prefix]) => {
    const first = 10 * 2 ** 24 + low;
    return `${renderAddress(first - (first % 2 ** (32 - prefix)))}/${prefix}`;
  }),
  ipv6Cidr: fc.integer({ min: 48, max: 126 }).map((prefix) => `fd12:3456:789a::/${prefix}`),
  taps: fc.integer({ min: 1, max: 1024 }),
});

test("whatever has no faults gives every device a net of its own within the ranges", () => {
  let planned = 0;
  fc.assert(
    fc.property(ranges, (given) => {
      if (guestNetworkFaults(given, context).length > 0) return;
      planned += 1;
      const { taps } = planGuestNetwork(given, context);
      expect(taps).toHaveLength(given.taps);
      const [range, ipv6Range] = [parseNetwork(given.cidr)!, parseIpv6Cidr(given.ipv6Cidr)!];
      const inside = taps.every((tap) => {
        const [gateway, guest] = [parseAddress(tap.gateway4)!, parseAddress(tap.guest4)!];
        const [gateway6, guest6] = [parseIpv6(tap.gateway6)!, parseIpv6(tap.guest6)!];
        return (
          gateway % 4 === 1 &&
          guest === gateway + 1 &&
          gateway6 % 4n === 1n &&
          guest6 === gateway6 + 1n &&
          overlap(range, { first: guest + 1, prefix: 32 }) &&
          ipv6Overlap(ipv6Range, { first: guest6 + 1n, prefix: 128 })
        );
      });
      expect(inside).toBe(true);
      for (const field of [
        "name",
        "gateway4",
        "guest4",
        "gateway6",
        "guest6",
        "mac",
        "gatewayMac",
      ] as const) {
        expect(new Set(taps.map((tap) => tap[field])).size).toBe(given.taps);
      }
      // No one's: unicast, and of a local administrator.
      expect(taps.every(({ mac }) => (Number.parseInt(mac.slice(0, 2), 16) & 3) === 2)).toBe(true);
    }),
    { numRuns: 60 },
  );
  expect(planned).toBeGreaterThan(10);
});

describe("faults", () => {
  const paths = (given: GuestNetwork, change: Partial<GuestNetworkContext> = {}) =>
    guestNetworkFaults(given, { ...context, ...change }).map(
      ({ path, problem }) => `${path}: ${problem}`,
    );

  test.each([
    ["nothing given", {}],
    [
      "everything given",
      {
        taps: 1024,
        cidr: "10.0.0.0/20",
        ipv6Cidr: "fd00:1::/116",
        owner: 0,
        egress: false,
        guestPorts: [1, 65_535],
        blocked: ["10.1.0.0/16", "1.2.3.4", "fd01::/16", "2001:db8::1", "0.0.0.0/32"],
      },
    ],
    ["ranges that just fit", { taps: 4, cidr: "198.19.0.0/28", ipv6Cidr: "fd00::/124" }],
    ["shared address space", { cidr: "100.64.0.0/20" }],
  ] as [string, GuestNetwork][])("none: %s", (_, given) => {
    expect(paths(given)).toEqual([]);
  });

  test.each([
    ["no devices", { taps: 0 }, ["taps: out of range"]],
    ["too many devices", { taps: 1025 }, ["taps: out of range"]],
    ["half a device", { taps: 1.5 }, ["taps: out of range"]],
    ["a negative user", { owner: -1 }, ["owner: out of range"]],
    ["a user beyond all", { owner: 2 ** 31 }, ["owner: out of range"]],
    ["no range", { cidr: "198.18.0.0" }, ["cidr: not an IPv4 range"]],
    ["an IPv6 range for IPv4", { cidr: "fd00::/112" }, ["cidr: not an IPv4 range"]],
    ["host bits", { cidr: "10.0.0.1/20" }, ["cidr: not the first address of its range"]],
    [
      "a range of the internet",
      { cidr: "8.8.8.0/24" },
      ["cidr: hides addresses that guests may want to reach"],
    ],
    [
      "a range with the internet in it",
      { cidr: "0.0.0.0/0" },
      ["cidr: hides addresses that guests may want to reach"],
    ],
    [
      "the link's own range",
      { cidr: "169.254.0.0/16" },
      ["cidr: hides addresses that guests may want to reach"],
    ],
    [
      "a range too small",
      { taps: 5, cidr: "10.0.0.0/28" },
      ["cidr: too small for 5 TAP devices, which take 4 addresses each"],
    ],
    [
      "a range too small for the default",
      { cidr: "10.0.0.0/30" },
      ["cidr: too small for 2 TAP devices, which take 4 addresses each"],
    ],
    [
      "devices too many for the default range",
      { taps: 1024, ipv6Cidr: "fd00::/117" },
      ["ipv6Cidr: too small for 1024 TAP devices, which take 4 addresses each"],
    ],
    ["no IPv6 range", { ipv6Cidr: "fd00::" }, ["ipv6Cidr: not an IPv6 range"]],
    [
      "IPv6 host bits",
      { ipv6Cidr: "fd00::1/112" },
      ["ipv6Cidr: not the first address of its range"],
    ],
    [
      "an IPv6 range of the internet",
      { ipv6Cidr: "2001:db8::/112" },
      ["ipv6Cidr: hides addresses that guests may want to reach"],
    ],
    [
      "an IPv6 range with the internet in it",
      { ipv6Cidr: "::/0" },
      ["ipv6Cidr: hides addresses that guests may want to reach"],
    ],
    [
      "the range of a metadata server",
      { ipv6Cidr: "fd00:ec2::/112" },
      ["ipv6Cidr: has fd00:ec2::254 in it, which no guest reaches"],
    ],
    [
      "the range of an agent for identities",
      { ipv6Cidr: "fd00:ec2::/122" },
      ["ipv6Cidr: has fd00:ec2::23 in it, which no guest reaches"],
    ],
    [
      "ports that are none",
      { guestPorts: [0, 65_536, 1.5] },
      ["guestPorts[0]: out of range", "guestPorts[1]: out of range", "guestPorts[2]: out of range"],
    ],
    ["a port twice", { guestPorts: [80, 80] }, ["guestPorts[1]: named twice"]],
    [
      "blocked nonsense",
      { blocked: ["a", "10.0.0.1/8", "fd00::1/8", "10.0.0.0/33"] },
      [0, 1, 2, 3].map((at) => `blocked[${at}]: neither an address nor a range`),
    ],
    [
      "the guests' own gateways blocked",
      { blocked: ["198.18.0.1", "198.16.0.0/13", "fdcb:6b76:6d::5", "::/0", "0.0.0.0/0"] },
      [
        "198.18.0.0/20",
        "198.18.0.0/20",
        "fdcb:6b76:6d::/112",
        "fdcb:6b76:6d::/112",
        "198.18.0.0/20",
      ].map((whose, at) => `blocked[${at}]: overlaps ${whose}, where the guests' own gateways are`),
    ],
    [
      "a host's interfaces",
      { interfaces: ["tap*"] },
      ["interfaces: only a worker in its host's network has others beside it there"],
    ],
    [
      "several at once",
      { taps: 0, cidr: "x", guestPorts: [0] },
      ["taps: out of range", "cidr: not an IPv4 range", "guestPorts[0]: out of range"],
    ],
  ] as [string, GuestNetwork, string[]][])("%s", (_, given, expected) => {
    expect(paths(given)).toEqual(expected.map((line) => `guestNetwork.${line}`));
  });

  test("with the jailer a user each, none of them root", () => {
    const jailed = { ownerEach: true };
    expect(paths({ owner: 0 }, jailed)).toEqual(["guestNetwork.owner: out of range"]);
    expect(paths({ owner: 2 ** 31 - 2 }, jailed)).toEqual([]);
    expect(paths({ owner: 2 ** 31 - 1 }, jailed)).toEqual(["guestNetwork.owner: out of range"]);
    expect(paths({ owner: 2 ** 31 - 2, taps: 3 }, jailed)).toEqual([
      "guestNetwork.owner: out of range",
    ]);
  });

  const whole: GuestNetwork = {
    taps: 1,
    cidr: "10.0.0.0/20",
    ipv6Cidr: "fd00::/112",
    owner: 1,
    egress: true,
    guestPorts: [1],
  };
  const fields = Object.keys(whole).map((field) => `guestNetwork.${field}`);
  test.each([
    [
      "where the worker makes its own devices",
      { tapDevices: "worker" },
      "no helper makes TAP devices here",
      [],
    ],
    [
      "where nobody makes devices",
      { tapDevices: "none" },
      "no helper makes TAP devices here",
      ["blocked"],
    ],
    [
      "in the host's network",
      { hostNetwork: true, tapDevices: "worker" },
      "nobody but the worker makes a network in its host's namespace",
      [],
    ],
  ] as [string, Partial<GuestNetworkContext>, string, string[]][])(
    "what has no effect %s",
    (_, change, problem, more) => {
      const found = guestNetworkFaults(
        { ...whole, blocked: ["1.2.3.4"] },
        { ...context, ...change },
      );
      const paths_ = [...fields, ...more.map((field) => `guestNetwork.${field}`)];
      expect(found.map(({ path }) => path).sort()).toEqual(paths_.sort());
      expect(found.filter((fault) => fault.problem === problem)).toHaveLength(fields.length);
    },
  );

  const host = { hostNetwork: true, tapDevices: "worker" } as const;
  test.each([["tap*"], ["br-guests"], ["a"], ["abcdefghijklmno"], ["vm.1*"]])(
    "interface %s is one",
    (name) => {
      expect(paths({ interfaces: [name] }, host)).toEqual([]);
    },
  );
  test.each([["*"], [""], ["t*p"], ["abcdefghijklmnop"], ["-a"], ["a b"], ['a"'], ["a\n"], ["1a"]])(
    "interface %p is none",
    (name) => {
      expect(paths({ interfaces: [name] }, host)).toEqual([
        "guestNetwork.interfaces[0]: not the name of an interface",
      ]);
    },
  );
  test("no interface at all, and one twice", () => {
    expect(paths({ interfaces: [] }, host)).toEqual([
      "guestNetwork.interfaces: empty, so guests' packets would be nobody's",
    ]);
    expect(paths({ interfaces: ["a", "a"] }, host)).toEqual([
      "guestNetwork.interfaces[1]: named twice",
    ]);
  });

  test("read as one line each, with the way out", () => {
    const given = { cidr: "10.0.0.5/24", blocked: ["0.0.0.0/0"] };
    expect(renderFaults("no", guestNetworkFaults(given, context)).split("\n")).toEqual([
      "no",
      '  guestNetwork.cidr: not the first address of its range, got "10.0.0.5/24"; try "10.0.0.0/24"',
    ]);
  });

  test("of whatever text there are faults or ranges that can be read", () => {
    const text = fc.oneof(
      fc.string(),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.constantFrom("10.0.0.0/8"),
    );
    fc.assert(
      fc.property(text, text, fc.array(text), (cidr, ipv6Cidr, blocked) => {
        const found = paths({ cidr, ipv6Cidr, blocked });
        if (found.length > 0) return;
        expect(parseCidr(cidr)).toBeDefined();
        expect(parseIpv6Cidr(ipv6Cidr)).toBeDefined();
      }),
    );
  });
});
