import { settingsFlag } from "../../../lab/stack/engine";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();
let stack: LabStack;

async function choose(component: string, mode: string, stores: string[]): Promise<void> {
  for (const [key, value] of Object.entries({ component, mode, stores: JSON.stringify(stores) })) {
    await stack.must("config", "set", key, value, ...settingsFlag(stack));
  }
}

const kept = async () =>
  (await stack.resources())
    .filter(({ type }) => type === "pulumi:index:Stash")
    .map(({ urn, inputs }) => [urn.split("::").slice(2).join("::"), inputs.input]);

beforeAll(async () => {
  stack = await labStack(lab, "tests/lab/data-store/program");
  await choose("Postgres", "in-cluster", ["db"]);
  await stack.must("up", "--yes", "--skip-preview");
});

afterAll(async () => {
  await stack.must("destroy", "--yes", "--skip-preview");
  await stack.remove();
});

test("a store keeps who runs it in the state, without a provider", async () => {
  expect(await kept()).toEqual([
    [
      "example:index:Fabric$kvm-fabric:index:Postgres$pulumi:index:Stash::db-mode",
      { component: "Postgres", mode: "in-cluster" },
    ],
  ]);
});

test.each([
  ["within its class", "Postgres", "external", "external (Postgres)"],
  ["to a managed one, which is another class", "AwsPostgres", "managed", "managed (AwsPostgres)"],
])("a preview refuses another mode %s", async (_, component, mode, got) => {
  await choose(component, mode, ["db"]);
  const { code, output } = await stack.run("preview");
  expect(code).not.toBe(0);
  expect(output).toContain(`${component} "db" has 1 fault`);
  expect(output).toContain(
    `names a store that is in-cluster (Postgres), whose data would stay behind, got "${got}"`,
  );
  expect(output).toContain("a second store under a new name beside this one");
});

test("an update without a preview is refused as well, and the state stays", async () => {
  const before = await kept();
  const { code, output } = await stack.run("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  expect(output).toContain('AwsPostgres "db" has 1 fault');
  expect(await kept()).toEqual(before);
});

test("the safe path is open: another store under a new name, then the first leaves", async () => {
  await choose("Postgres", "in-cluster", ["db", "db-2"]);
  await stack.must("up", "--yes", "--skip-preview");
  expect(await kept()).toHaveLength(2);
  await choose("Postgres", "in-cluster", ["db-2"]);
  await stack.must("up", "--yes", "--skip-preview");
  expect((await kept()).map(([urn]) => urn.split("::").at(-1))).toEqual(["db-2-mode"]);
});
