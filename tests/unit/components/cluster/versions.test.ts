import fc from "fast-check";
import {
  kubernetesMinor,
  minorText,
  nodeSkewFaults,
  type SupportCalendar,
  upgradeFaults,
  versionFaults,
  versionWarnings,
} from "../../../../components/cluster/versions";
import { EKS_CALENDAR } from "../../../../components/cluster/aws/minors";

const calendar: SupportCalendar = {
  provider: "XKS",
  source: "https://x.example/versions",
  asOf: "2026-08-22",
  minors: [
    { minor: "1.34", standardUntil: "2026-07-29", extendedUntil: "2027-07-29" },
    { minor: "1.35", standardUntil: "2026-12-02", extendedUntil: "2027-12-02" },
    { minor: "1.36", standardUntil: "2027-08-02" },
  ],
};
const known = "1.34, 1.35, 1.36 or newer (known on 2026-08-22)";

const question = (today: string, extended = false) => ({
  extended,
  extendedFix: "extended support",
  today: new Date(today),
});

describe("kubernetesMinor", () => {
  test.each([
    ["1.36", "1.36"],
    ["v1.36.2", "1.36"],
    ["1.36.3-gke.1640000", "1.36"],
    ["v1.35.6+k3s1", "1.35"],
    ["1.36.2-20260812", "1.36"],
  ])("reads %s", (text, minor) => {
    const read = kubernetesMinor(text);
    expect(read && minorText(read)).toBe(minor);
  });

  test.each(["", "1", "latest", "1.x", "1.36.", "1.36 ", "1.36.2.1", "a1.36", "1.36-"])(
    "refuses %j",
    (text) => {
      expect(kubernetesMinor(text)).toBeUndefined();
    },
  );
});

describe("versionFaults", () => {
  test.each([
    ["1.36", "2026-09-01", false],
    ["1.37", "2026-09-01", false],
    ["1.34", "2026-07-29T23:59:59Z", false],
    ["1.34", "2026-09-01", true],
  ])("takes %s on %s, extended support %s", (version, today, extended) => {
    expect(versionFaults("v", version, calendar, question(today, extended))).toEqual([]);
  });

  test("refuses what is no version", () => {
    expect(versionFaults("v", "newest", calendar, question("2026-09-01"))).toEqual([
      { path: "v", problem: "not a version of Kubernetes", got: "newest", allowed: known },
    ]);
  });

  test("refuses what the provider no longer runs", () => {
    expect(versionFaults("v", "1.33", calendar, question("2026-09-01"))).toEqual([
      { path: "v", problem: "XKS no longer runs it", got: "1.33", allowed: known },
    ]);
  });

  test("refuses a version from the day after its standard support, and says what to do", () => {
    expect(versionFaults("v", "1.34", calendar, question("2026-07-30"))).toEqual([
      {
        path: "v",
        problem: "its standard support by XKS ended on 2026-07-29",
        got: "1.34",
        allowed: known,
        fix: "a newer minor version, or extended support",
      },
    ]);
  });

  test("refuses a version without any support, paid or not", () => {
    expect(versionFaults("v", "1.34", calendar, question("2027-07-30", true))).toEqual([
      {
        path: "v",
        problem: "XKS ended all support of it on 2027-07-29",
        got: "1.34",
        allowed: known,
      },
    ]);
    const [fault] = versionFaults("v", "1.36", calendar, question("2027-08-03", true));
    expect(fault?.problem).toBe("XKS ended all support of it on 2027-08-02");
  });
});

describe("versionWarnings", () => {
  test.each([
    ["1.36", "2026-09-01", false, undefined],
    ["1.35", "2026-10-01", false, undefined],
    ["1.35", "2026-11-21", false, /^XKS ends standard support of Kubernetes 1.35 on 2026-12-02/],
    ["1.34", "2026-09-01", true, /^XKS bills extended support of Kubernetes 1.34 until 2027-07-29/],
    ["1.37", "2026-09-01", false, /^Kubernetes 1.37 is newer than what was known of XKS/],
    ["1.36", "2027-07-01", false, /^XKS ends support of Kubernetes 1.36 on 2027-08-02/],
    ["1.36", "2027-08-03", false, /^XKS ended support of Kubernetes 1.36 on 2027-08-02/],
    ["1.33", "2026-09-01", false, /^XKS ended support of Kubernetes 1.33 long ago: upgrade by one/],
  ])("of %s on %s, extended support %s", (version, today, extended, warning) => {
    const warnings = versionWarnings(version, calendar, question(today, extended));
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });
});

describe("upgradeFaults", () => {
  test.each([
    ["1.35", "1.35"],
    ["1.35", "1.36"],
    ["1.35.6", "1.36.2"],
    ["1.36.2", "1.36.1"],
    ["nonsense", "1.36"],
  ])("takes %s to %s", (from, to) => {
    expect(upgradeFaults("v", from, to)).toEqual([]);
  });

  test("refuses a skipped minor version and names the next", () => {
    expect(upgradeFaults("v", "1.34", "1.36")).toEqual([
      {
        path: "v",
        problem: "skips minor versions: the control plane runs 1.34",
        got: "1.36",
        allowed: "1.34 or 1.35",
        fix: "1.35 first, with nodes and add-ons",
      },
    ]);
  });

  test.each([
    ["1.36", "1.35"],
    ["2.0", "1.36"],
  ])("refuses to go back from %s to %s", (from, to) => {
    const [fault] = upgradeFaults("v", from, to);
    expect(fault?.problem).toBe("a control plane does not go back");
  });

  test("allows exactly one step, whatever the numbers", () => {
    const minor = fc.integer({ min: 20, max: 60 });
    fc.assert(
      fc.property(minor, minor, (from, to) => {
        const faults = upgradeFaults("v", `1.${String(from)}`, `1.${String(to)}`);
        expect(faults.length === 0).toBe(to === from || to === from + 1);
      }),
    );
  });
});

describe("nodeSkewFaults", () => {
  test.each(["1.36", "1.36.9", "1.35", "1.33"])("takes nodes of %s under 1.36", (node) => {
    expect(nodeSkewFaults("n", node, "1.36")).toEqual([]);
  });

  test("refuses nodes newer than the control plane", () => {
    expect(nodeSkewFaults("n", "1.37", "1.36")).toEqual([
      {
        path: "n",
        problem: "newer than the control plane",
        got: "1.37",
        allowed: "at most 1.36",
        fix: "to upgrade the control plane first, then the nodes, one minor version each time",
      },
    ]);
  });

  test("refuses nodes more than three minor versions behind", () => {
    expect(nodeSkewFaults("n", "1.32", "1.36")).toEqual([
      {
        path: "n",
        problem: "too old for the control plane",
        got: "1.32",
        allowed: "1.33 to 1.36",
      },
    ]);
  });

  test("refuses what is no version", () => {
    const [fault] = nodeSkewFaults("n", "new", "1.36");
    expect(fault?.problem).toBe("not a version of Kubernetes");
  });
});

test("the calendar of EKS is in order: versions without a gap, extended support a year after standard", () => {
  const minors = EKS_CALENDAR.minors.map(({ minor }) => kubernetesMinor(minor)?.minor ?? 0);
  expect(minors).toEqual(minors.map((_, index) => (minors[0] ?? 0) + index));
  for (const { standardUntil, extendedUntil } of EKS_CALENDAR.minors) {
    const year = String(Number(standardUntil.slice(0, 4)) + 1);
    expect(extendedUntil).toBe(`${year}${standardUntil.slice(4)}`);
  }
});
