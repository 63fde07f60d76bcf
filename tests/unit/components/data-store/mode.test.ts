import * as pulumi from "@pulumi/pulumi";
import {
  DataStoreMode,
  fixMode,
  modeChange,
  urnOfClass,
} from "../../../../components/data-store/mode";
import { deploy, find } from "../../../support/deploy";

const postgres = { component: "Postgres", mode: "in-cluster" };

test("says what is wrong and which way is safe", () => {
  expect(modeChange("db", postgres, { component: "AwsPostgres", mode: "managed" })).toBe(
    'AwsPostgres "db" has 1 fault:\n' +
      "  name: names a store that is in-cluster (Postgres), whose data would stay behind, " +
      'got "managed (AwsPostgres)", allowed in-cluster (Postgres); ' +
      "try a second store under a new name beside this one: copy the data (dump and restore, or " +
      'replication), lead its users to the new one, and then take "db" out of the program; in a stack\'s file, ' +
      "which has one store of a kind: stop its users, dump it, take it out with an update of its own, then " +
      "bring the new one in and restore",
  );
});

test.each([
  ["nothing changes", postgres, { ...postgres }],
  ["it is new", undefined, postgres],
  ["nothing is known of what is wanted", postgres, undefined],
])("lets pass where %s", (_, old, wanted) => {
  expect(modeChange("db", old, wanted)).toBeUndefined();
});

test.each([
  ["in-cluster", "external", "Postgres", "Postgres"],
  ["external", "in-cluster", "Postgres", "Postgres"],
  ["external", "managed", "Postgres", "GcpPostgres"],
  ["managed", "managed", "AwsPostgres", "AzurePostgres"],
  ["managed", "in-cluster", "AzurePostgres", "Postgres"],
])("refuses %s to %s, %s to %s", (before, after, was, is) => {
  const message = modeChange(
    "db",
    { component: was, mode: before },
    { component: is, mode: after },
  );
  expect(message).toContain(`got "${after} (${is})", allowed ${before} (${was})`);
});

const fabric = "urn:pulumi:dev::p::example:index:Fabric";

test.each([
  [
    "urn:pulumi:dev::p::kvm-fabric:index:Postgres::db",
    "urn:pulumi:dev::p::kvm-fabric:index:AwsPostgres::db",
  ],
  [`${fabric}$kvm-fabric:index:Postgres::db`, `${fabric}$kvm-fabric:index:AwsPostgres::db`],
  [
    "urn:pulumi:dev::p::kvm-fabric:index:Redis$kvm-fabric:index:Postgres::a::b",
    "urn:pulumi:dev::p::kvm-fabric:index:Redis$kvm-fabric:index:AwsPostgres::a::b",
  ],
])("the same place of another class: %s", (urn, expected) => {
  expect(urnOfClass(urn, "AwsPostgres")).toBe(expected);
});

test("is kept in a child that every other class of its kind would find again", async () => {
  const deployment = await deploy(() => {
    const parent = new pulumi.ComponentResource("kvm-fabric:index:GcpPostgres", "db");
    fixMode(parent, "db", "GcpPostgres", DataStoreMode.Managed);
  });
  const made = find(deployment, "pulumi:index:Stash", "db-mode");
  expect(made.parent).toBe("db");
  expect(made.inputs).toMatchObject({ input: { component: "GcpPostgres", mode: "managed" } });
  const parents: string[] = made.aliases.map(({ spec }) => spec.parenturn);
  expect(parents.map((urn) => urn.split("$").at(-1))).toEqual([
    "kvm-fabric:index:Postgres::db",
    "kvm-fabric:index:AwsPostgres::db",
    "kvm-fabric:index:AzurePostgres::db",
  ]);
});
