import fc from "fast-check";
import { authorityOf } from "../../../../../components/cluster/azure/api-server";
import { fixedPoolFaults } from "../../../../../components/cluster/azure/fixed-pool-hook";
import {
  channelWindow,
  maintenanceFaults,
  maintenancePlan,
  weeklyHours,
} from "../../../../../components/cluster/azure/maintenance";
import { dnsServiceIp } from "../../../../../components/cluster/azure/overlay";
import {
  assignmentName,
  AZURE_ROLES,
  type AzureRole,
  roleDefinitionId,
} from "../../../../../components/cluster/azure/roles";
import { Weekday } from "../../../../../components/cluster/weekday";
import { renderFault } from "../../../../../components/shared/faults";

const base64 = (text: string) => Buffer.from(text).toString("base64");

test("reads the certificate out of a kubeconfig, as YAML and as JSON", () => {
  const yaml = "clusters:\n- cluster:\n    certificate-authority-data: Q0E+/w==\n    server: x\n";
  expect(authorityOf(base64(yaml))).toBe("Q0E+/w==");
  const cluster = { "certificate-authority-data": "Q0E=", server: "x" };
  expect(authorityOf(base64(JSON.stringify({ clusters: [{ cluster }] })))).toBe("Q0E=");
});

test("without a certificate nothing could be trusted", () => {
  expect(() => authorityOf(base64("clusters: []"))).toThrow("without the certificate");
  expect(() => authorityOf("")).toThrow("without the certificate");
});

test("a window over midnight goes on on the next day", () => {
  const window = maintenancePlan({ day: Weekday.Sunday, startHour: 22, durationHours: 5 });
  expect(weeklyHours(window)).toEqual([
    { day: "Sunday", hourSlots: [22, 23] },
    { day: "Monday", hourSlots: [0, 1, 2] },
  ]);
  expect(channelWindow(window)).toEqual({
    durationHours: 5,
    schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
    startTime: "22:00",
    utcOffset: "+00:00",
  });
});

test("property: a window that is taken has all its hours, each once, none of them no hour", () => {
  const windows = fc.record({
    day: fc.constantFrom(...Object.values(Weekday)),
    durationHours: fc.integer({ min: 0, max: 30 }),
    startHour: fc.integer({ min: -2, max: 26 }),
  });
  fc.assert(
    fc.property(windows, (window) => {
      const fits = window.durationHours >= 4 && window.durationHours <= 24;
      const begins = window.startHour >= 0 && window.startHour <= 23;
      expect(maintenanceFaults("window", window).length === 0).toBe(fits && begins);
      fc.pre(fits && begins);
      const slots = weeklyHours(window).flatMap(({ day, hourSlots }) =>
        hourSlots.map((hour) => `${day} ${String(hour)}`),
      );
      expect(new Set(slots).size).toBe(window.durationHours);
      expect(slots[0]).toBe(`${window.day} ${String(window.startHour)}`);
      expect(slots.every((slot) => Number(slot.split(" ")[1]) < 24)).toBe(true);
    }),
  );
});

test("the cluster's DNS has the tenth address of the Services' range", () => {
  expect(dnsServiceIp("172.16.0.0/16")).toBe("172.16.0.10");
  expect(dnsServiceIp("10.1.255.0/24")).toBe("10.1.255.10");
});

test("a role is named in the subscription of what it is given on", () => {
  const scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/x/y";
  expect(roleDefinitionId(scope, "reader")).toBe(
    "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f6c6a51-bcf8-42ba-9220-52d62157d7db",
  );
});

test("property: an assignment's name is a GUID, one for each scope, principal and role", () => {
  const roles = fc.constantFrom(...(Object.keys(AZURE_ROLES) as AzureRole[]));
  const said = fc.tuple(fc.constantFrom("/a", "/b", "/c"), fc.constantFrom("p", "q"), roles);
  fc.assert(
    fc.property(said, said, (one, other) => {
      const name = assignmentName(...one);
      expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(name === assignmentName(...other)).toBe(one.join() === other.join());
    }),
  );
});

test("an assignment's name does not depend on how a scope is spelt", () => {
  expect(assignmentName("/Subscriptions/S", "p", "reader")).toBe(
    assignmentName("/subscriptions/s", "p", "reader"),
  );
});

const pool = { name: "system", vmSize: "Standard_D4s_v5", count: 3, availabilityZones: ["1"] };

test("what AKS cannot change on the pool of a cluster is a fault, with the argument that asked", () => {
  const wanted = { ...pool, vmSize: "Standard_D8s_v5", availabilityZones: ["1", "2"], count: 5 };
  expect(fixedPoolFaults(pool, wanted).map(renderFault)).toEqual([
    'zones: AKS cannot change it on the pool that the cluster was made with, got ["1","2"], allowed ["1"]; try to leave it as it is, and a node pool of its own for what needs other machines',
    'systemPool.vmSize: AKS cannot change it on the pool that the cluster was made with, got "Standard_D8s_v5", allowed "Standard_D4s_v5"; try to leave it as it is, and a node pool of its own for what needs other machines',
  ]);
});

test.each([
  ["the counts", { ...pool, count: 5, minCount: 5, maxCount: 9 }],
  ["the version", { ...pool, orchestratorVersion: "1.37.0" }],
  ["the taint", { ...pool, nodeTaints: [] }],
  ["nothing", { ...pool }],
  ["what is not there", undefined],
])("a change of %s is none", (_, wanted) => {
  expect(fixedPoolFaults(pool, wanted)).toEqual([]);
});

test("nothing is compared with a cluster that is not there yet", () => {
  expect(fixedPoolFaults(undefined, pool)).toEqual([]);
});
