import { prepareStack } from "../../../lab/stack/engine";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";
import { settingsOf } from "../prod/stand";

const lab = withLab();

const AUTHORITY = "-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n";
const digest = "a".repeat(64);
const image = (name: string) => `registry.example.com/${name}:17.6@sha256:${digest}`;
const external = { host: "store.example.com", existingSecret: "credentials" };

// A stack on the real engine with stores in a cluster that exists. Of what it would make, only what the stores keep in the
// state is made, and namespaces (--target), as CloudNativePG does not run here; previews are of all of it. A store goes to the cloud with the
// production stack's settings, whose AWS is simulated: the URNs of what is kept do not tell the two targets apart.
const { config, fabric: onKubernetes } = settingsOf("Pulumi.dev.yaml");
const { fabric: onAws } = settingsOf("Pulumi.prod.yaml");
const inCluster = { postgres: { image: image("postgresql") }, redis: { image: image("valkey") } };
let stack: LabStack;

const kept = async () =>
  (await stack.resources())
    .filter(({ type }) => type === "pulumi:index:Stash")
    .map(({ urn, inputs }) => [urn.split("::").slice(2).join("::"), inputs.input])
    .sort();

/** The targets of an update that makes, or takes out, what stores keep of who runs them, and nothing else. */
function targets(stores: string[]): string[] {
  const urns = stores.flatMap((store) => {
    const type = `kvm-fabric:index:${store === "postgres" ? "Postgres" : "Redis"}`;
    const urn = `urn:pulumi:${stack.stack}::kvm-fabric::${type}`;
    return [`${urn}::fabric-${store}`, `${urn}$pulumi:index:Stash::fabric-${store}-mode`];
  });
  // Which stand in a namespace.
  return ["**kvm-fabric:index:Namespaces**", ...urns].flatMap((urn) => ["--target", urn]);
}

/** A stack whose file has these stores: in the cluster, or one in the cloud beside them. */
async function choose(services: object, cloud?: object): Promise<void> {
  const settings =
    cloud === undefined
      ? { ...onKubernetes, ...services }
      : { ...onAws, ...services, aws: { ...onAws.aws, ...cloud } };
  await prepareStack(stack, { config: { ...config, "kvm-fabric:fabric": settings } });
}

beforeAll(async () => {
  stack = await labStack(lab, ".", config);
  await choose(inCluster);
  await stack.must("up", "--yes", "--skip-preview", ...targets(["postgres", "redis"]));
});

afterAll(async () => {
  await stack.must("destroy", "--yes", "--skip-preview");
  await stack.remove();
});

const KEPT = [
  [
    "kvm-fabric:index:Postgres$pulumi:index:Stash::fabric-postgres-mode",
    { component: "Postgres", mode: "in-cluster" },
  ],
  [
    "kvm-fabric:index:Redis$pulumi:index:Stash::fabric-redis-mode",
    { component: "Redis", mode: "in-cluster" },
  ],
];

const managedPostgres = { version: "17", caCertificate: AUTHORITY };

test.each<[string, object, object | undefined, string, string]>([
  [
    "Postgres from the cluster to RDS",
    { redis: inCluster.redis },
    { postgres: managedPostgres },
    "AwsPostgres",
    "postgres",
  ],
  [
    "Redis from the cluster to somebody else's",
    { ...inCluster, redis: { external } },
    undefined,
    "Redis",
    "redis",
  ],
])(
  "a preview refuses to lead %s, and says which way is safe",
  async (_, services, cloud, component, store) => {
    await choose(services, cloud);
    const { code, output } = await stack.run("preview");
    expect(code).not.toBe(0);
    const kind = store === "postgres" ? "Postgres" : "Redis";
    expect(output).toContain(`${component} "fabric-${store}" has 1 fault`);
    expect(output).toContain(
      `names a store that is in-cluster (${kind}), whose data would stay behind`,
    );
    expect(output).toContain(
      "in a stack's file, which has one store of a kind: stop its users, dump it, take it out with an update of its own",
    );
    expect(await kept()).toEqual(KEPT);
  },
);

test("the safe way is open: once the one is out, the other may come in", async () => {
  await choose({ redis: inCluster.redis });
  await stack.must("up", "--yes", "--skip-preview", ...targets(["postgres"]));
  expect(await kept()).toEqual(KEPT.slice(1));
  await choose({ redis: inCluster.redis }, { postgres: managedPostgres });
  expect(await stack.must("preview")).toContain("fabric-postgres-mode");
});
