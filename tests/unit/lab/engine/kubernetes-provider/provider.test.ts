import { hasSecret, secret, UNKNOWN, type Properties } from "../../../../../lab/engine/grpc/wire";
import { readSettings } from "../../../../../lab/engine/kubernetes-provider/config/settings";
import { checkConfig } from "../../../../../lab/engine/kubernetes-provider/config/check-config";
import { diffConfig } from "../../../../../lab/engine/kubernetes-provider/config/diff-config";
import {
  coreKinds,
  failure,
  FakeApiServer,
  kubeconfigFor,
  type Answer,
  type SeenRequest,
} from "../../kube/fake-api-server";
import { initFailureOf, TestProvider, urnOf, type TestEngine } from "./provider-client";

const MAP = "kubernetes:core/v1:ConfigMap";
const map = (metadata: Properties = {}, fields: Properties = {}): Properties => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  ...fields,
});

let server: FakeApiServer;
let address: string;
let provider: TestProvider;
let engine: TestEngine;
let answer: (request: SeenRequest) => Answer | undefined;

beforeEach(async () => {
  answer = () => undefined;
  server = new FakeApiServer((request) =>
    request.path === "/api/v1" ? coreKinds : answer(request),
  );
  address = await server.start();
  provider = new TestProvider();
  await provider.start();
  engine = await provider.engine({ kubeconfig: kubeconfigFor(address) });
});

afterEach(async () => {
  await provider.stop();
  for (const one of provider.instances.peers()) provider.instances.end(one);
  await server.stop();
});

/** Accepts whatever is created, as the API server does. */
const accept = (request: SeenRequest): Answer | undefined =>
  request.method === "POST"
    ? {
        status: 201,
        body: {
          ...request.body,
          metadata: { ...request.body.metadata, uid: "u", resourceVersion: "1" },
        },
      }
    : undefined;

describe("calls to the API server", () => {
  test("100 objects at once take one discovery call and one call each", async () => {
    answer = accept;
    await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        engine.make(MAP, map({ name: `m${at}` }), { name: `m${at}` }),
      ),
    );
    expect(server.count("GET", "/api/v1")).toBe(1);
    expect(server.seen).toHaveLength(101);
  });

  test("two engines with their own kubeconfigs do not meet", async () => {
    const other = new FakeApiServer((request) =>
      request.path === "/api/v1" ? coreKinds : accept(request),
    );
    const second = await provider.engine({
      kubeconfig: kubeconfigFor(await other.start()),
      namespace: "second",
    });
    answer = accept;
    const [first, made] = await Promise.all([
      engine.make(MAP, map({ name: "a" })),
      second.make(MAP, map({ name: "a" })),
    ]);
    expect([first.id, made.id]).toEqual(["home/a", "second/a"]);
    expect(other.count("POST", "/api/v1/namespaces/second/configmaps")).toBe(1);
    expect(server.count("POST", "/api/v1/namespaces/home/configmaps")).toBe(1);
    await other.stop();
  });

  test("cancelling one engine's wait leaves the object in its state and the other engine alone", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: {} };
    answer = (request) =>
      request.query.has("watch")
        ? (response) => {
            response.flushHeaders();
          }
        : accept(request);
    const second = await provider.engine({ kubeconfig: kubeconfigFor(address) });
    let isSecondDone = false;
    const mine = engine.make("kubernetes:core/v1:Pod", pod).catch((error: unknown) => error);
    const theirs = second
      .make("kubernetes:core/v1:Pod", { ...pod, metadata: { name: "q" } })
      .catch((error: unknown) => error)
      .finally(() => (isSecondDone = true));
    while (server.seen.filter((one) => one.query.has("watch")).length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await engine.cancel();
    const failed = initFailureOf(await mine);
    expect(failed.id).toBe("home/p");
    expect(failed.reasons[0]).toMatch(/cancelled/);
    expect(isSecondDone).toBe(false);
    await second.cancel();
    await theirs;
  });

  test.each(["create", "update", "delete"] as const)(
    "Cancel ends a %s whose server does not answer",
    async (operation) => {
      answer = accept;
      const made = await engine.make(MAP, map({ name: "a" }));
      let asked = 0;
      answer = () => () => {
        asked++;
      };
      const running = {
        create: () => engine.make(MAP, map({ name: "b" })),
        update: () => engine.update(made, map({ name: "a" }, { data: { a: "1" } })),
        delete: () => engine.delete(made),
      }
        [operation]()
        .catch((error: unknown) => error);
      while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await engine.cancel();
      expect(String(await running)).toMatch(/the operation was cancelled/);
    },
  );

  test("Cancel ends a delete that waits, and the object stays in the state", async () => {
    answer = accept;
    const made = await engine.make(MAP, map({ name: "a" }));
    let looks = 0;
    answer = (request) => {
      if (request.method === "GET" && ++looks > 1) return () => undefined;
      return {
        body: { ...map({ name: "a", namespace: "home", uid: "u", finalizers: ["x.dev/hold"] }) },
      };
    };
    const running = engine.delete(made).catch((error: unknown) => error);
    while (looks < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.cancel();
    const failed = initFailureOf(await running);
    expect(failed.id).toBe("home/a");
    expect(failed.reasons[0]).toMatch(/cancelled before the object was gone/);
  });

  test("a create is tried again while its namespace is missing", async () => {
    let calls = 0;
    answer = (request) =>
      ++calls < 2 ? failure(404, "NotFound", 'namespaces "late" not found') : accept(request);
    expect((await engine.make(MAP, map({ name: "a", namespace: "late" }))).id).toBe("late/a");
    expect(calls).toBe(2);
  });
});

describe("check", () => {
  test("names what has no name: suffixed, the same for the same seed, kept afterwards", async () => {
    const first = await engine.check(urnOf(MAP, "maps"), map(), undefined, "seed");
    const name = (first.inputs.metadata as Properties).name;
    expect(name).toMatch(/^maps-[0-9a-f]{8}$/);
    expect(first.inputs.metadata).toMatchObject({
      annotations: { "pulumi.com/autonamed": "true" },
    });
    const again = await engine.check(urnOf(MAP, "maps"), map(), undefined, "seed");
    expect(again.inputs).toEqual(first.inputs);
    const later = await engine.check(
      urnOf(MAP, "maps"),
      map({}, { data: { a: "1" } }),
      first.inputs,
      "other",
    );
    expect(later.inputs.metadata).toMatchObject({ name });
    const other = await engine.check(urnOf(MAP, "maps"), map(), undefined, "other");
    expect((other.inputs.metadata as Properties).name).not.toBe(name);
  });

  test("leaves given and unknown names alone, and fills in the namespace by scope", async () => {
    const given = await engine.check(urnOf(MAP), map({ name: "mine" }));
    expect(given.inputs.metadata).toEqual({ name: "mine", namespace: "home" });
    const unknown = await engine.check(urnOf(MAP), map({ name: UNKNOWN, namespace: UNKNOWN }));
    expect(unknown.inputs.metadata).toEqual({ name: UNKNOWN, namespace: UNKNOWN });
    const cluster = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
    expect((await engine.check(urnOf("kubernetes:core/v1:Namespace"), cluster)).inputs).toEqual(
      cluster,
    );
  });

  test("drops nulls and what only the server writes", async () => {
    const { inputs } = await engine.check(
      urnOf(MAP),
      map(
        { name: "a", namespace: "n", uid: "u", resourceVersion: "7", labels: null },
        { data: null },
      ),
    );
    expect(inputs).toEqual(map({ name: "a", namespace: "n" }));
  });

  test("keeps secrets: at their place, whole lists, and all of a Secret's data", async () => {
    const { inputs } = await engine.check(
      urnOf(MAP),
      map(
        { name: "a", namespace: "n" },
        { data: { a: secret("1"), b: "2" }, list: ["x", secret("y")] },
      ),
    );
    expect(inputs.data).toEqual({ a: secret("1"), b: "2" });
    expect(inputs.list).toEqual(secret(["x", "y"]));
    const text = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "n" },
      stringData: { p: "w" },
    };
    const checked = await engine.check(urnOf("kubernetes:core/v1:Secret"), text);
    expect(checked.inputs.data).toEqual(secret({ p: Buffer.from("w").toString("base64") }));
    expect(checked.inputs).not.toHaveProperty("stringData");
    const later = await engine.check(urnOf("kubernetes:core/v1:Secret"), {
      ...text,
      stringData: { p: UNKNOWN },
    });
    expect(later.inputs.stringData).toEqual(secret({ p: UNKNOWN }));
  });

  test("refuses lists, unnamed patches, generateName and shapeless objects", async () => {
    await expect(engine.check(urnOf("kubernetes:core/v1:ConfigMapList"), map())).rejects.toThrow(
      /underlying kind ConfigMap/,
    );
    await expect(engine.check(urnOf("kubernetes:core/v1:ConfigMapPatch"), map())).rejects.toThrow(
      /metadata.name/,
    );
    await expect(engine.check(urnOf(MAP), map({ generateName: "a-" }))).rejects.toThrow(
      /generateName/,
    );
    expect((await engine.check(urnOf(MAP), { metadata: {} })).failures).toEqual([
      "apiVersion: must be a string, got undefined",
      "kind: must be a string, got undefined",
    ]);
  });
});

describe("state", () => {
  test("a secret input is secret in the state; the plain API gets its value", async () => {
    answer = accept;
    const made = await engine.make(
      MAP,
      map({ name: "a" }, { data: { a: secret("hidden"), b: "shown" } }),
    );
    expect(server.seen.at(-1)!.body.data).toEqual({ a: "hidden", b: "shown" });
    expect(made.state.data).toEqual({ a: secret("hidden"), b: "shown" });
    expect(hasSecret(made.state.__inputs)).toBe(true);
  });
});

describe("a cluster that is not there", () => {
  test("previews pass, the real thing fails, deletes as configured", async () => {
    const gone = await provider.engine({ kubeconfig: kubeconfigFor("http://127.0.0.1:1") });
    const { inputs } = await gone.check(urnOf(MAP), map({ name: "a" }));
    expect((await gone.create(urnOf(MAP), inputs, { preview: true })).state).toEqual(inputs);
    await expect(gone.create(urnOf(MAP), inputs)).rejects.toThrow(/cluster is unreachable/);
    const old = { urn: urnOf(MAP), id: "home/a", inputs, state: inputs };
    await expect(gone.delete(old)).rejects.toThrow(/cluster is unreachable/);
    const lenient = await provider.engine({
      kubeconfig: kubeconfigFor("http://127.0.0.1:1"),
      deleteUnreachable: "true",
    });
    await lenient.delete(old);
    expect((await lenient.read(old.urn, old.id, old)).id).toBe("");
  });

  test("a kubeconfig that cannot be read is told when it is needed", async () => {
    const broken = await provider.engine({ kubeconfig: kubeconfigFor(address), context: "other" });
    await expect(broken.create(urnOf(MAP), map({ name: "a", namespace: "n" }))).rejects.toThrow(
      'no context "other", it has: fake',
    );
  });
});

describe("configuration", () => {
  const kubeconfig = kubeconfigFor("https://one");

  test("the configuration beats the environment, which beats the default", () => {
    const env = {
      PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY: "false",
      PULUMI_K8S_DELETE_UNREACHABLE: "true",
    };
    expect(readSettings({}, {})).toMatchObject({
      enableServerSideApply: true,
      deleteUnreachable: false,
    });
    expect(readSettings({}, env)).toMatchObject({
      enableServerSideApply: false,
      deleteUnreachable: true,
    });
    expect(readSettings({ enableServerSideApply: "true" }, env).enableServerSideApply).toBe(true);
    expect(readSettings({ deleteUnreachable: "yes" }, {}).deleteUnreachable).toBe(false);
  });

  test.each<[string, Properties, Properties, string[]]>([
    [
      "another identifier",
      { clusterIdentifier: "a" },
      { clusterIdentifier: "b" },
      ["clusterIdentifier"],
    ],
    ["an identifier given for the first time", {}, { clusterIdentifier: "b" }, []],
    [
      "another cluster",
      { kubeconfig },
      { kubeconfig: kubeconfigFor("https://two") },
      ["kubeconfig"],
    ],
    [
      "another user of the same cluster",
      { kubeconfig },
      { kubeconfig: kubeconfig.replace("user-token", "x") },
      [],
    ],
    [
      "another cluster under the same identifier",
      { kubeconfig, clusterIdentifier: "a" },
      { kubeconfig: kubeconfigFor("https://two"), clusterIdentifier: "a" },
      [],
    ],
    ["an unknown kubeconfig", { kubeconfig }, { kubeconfig: UNKNOWN }, ["kubeconfig"]],
    ["another namespace", { kubeconfig }, { kubeconfig, namespace: "n" }, []],
  ])("%s", (_what, olds, news, replaces) => {
    expect(diffConfig(olds, news).replaces).toEqual(replaces);
    expect(diffConfig(olds, news).diffs).not.toEqual([]);
    expect(diffConfig(olds, olds)).toEqual({ diffs: [], replaces: [] });
  });

  test("strict mode wants an explicit provider, kubeconfig and context; render mode is not offered", () => {
    const urn = urnOf("pulumi:providers:kubernetes", "default_4_34_2");
    expect(checkConfig(urn, { strictMode: "true" })).toHaveLength(1);
    const explicit = urnOf("pulumi:providers:kubernetes", "mine");
    expect(
      checkConfig(explicit, { strictMode: "true", kubeconfig: UNKNOWN }).map((f) => f.property),
    ).toEqual(["context"]);
    expect(checkConfig(explicit, { renderYamlToDirectory: "d" })[0]?.property).toBe(
      "renderYamlToDirectory",
    );
    expect(checkConfig(explicit, { kubeconfig })).toEqual([]);
  });
});

describe("what is only recorded or not offered", () => {
  const RELEASE = "kubernetes:helm.sh/v3:Release";
  const chart = {
    chart: "cilium",
    version: "1.18.0",
    repositoryOpts: { repo: "https://charts.example" },
  };

  test("a Helm release is kept with a status that says so", async () => {
    const made = await engine.make(RELEASE, { ...chart, name: "net", values: { a: secret("s") } });
    expect(made.id).toBe("home/net");
    expect(made.state).toMatchObject({
      values: { a: secret("s") },
      status: { status: "recorded, not rendered", revision: 1 },
    });
    const updated = await engine.update(made, { ...made.inputs, version: "1.18.1" });
    expect(updated.state.status).toMatchObject({ revision: 2, version: "1.18.1" });
    expect(await engine.diff(made, { ...made.inputs, version: "1.18.1" })).toMatchObject({
      changes: true,
      replaces: [],
    });
    expect((await engine.diff(made, { ...made.inputs, name: "other" })).replaces).toEqual(["name"]);
    expect((await engine.read(made.urn, made.id, made)).state).toEqual(made.state);
  });

  test.each<[string, Properties, RegExp]>([
    ["no chart", { version: "1.0.0" }, /^chart:/],
    ["no version", { ...chart, version: undefined }, /^version: .*undefined/],
    ["a range", { ...chart, version: "~1.18" }, /^version: .*"~1.18"/],
    ["no repository", { ...chart, repositoryOpts: undefined }, /^repositoryOpts.repo:/],
  ])("a Helm release with %s is refused", async (_what, release, expected) => {
    const { failures } = await engine.check(urnOf(RELEASE), release);
    expect(failures).toEqual([expect.stringMatching(expected)]);
  });

  test("yaml is decoded into its objects with their namespace", async () => {
    const text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";
    expect(await engine.invoke("kubernetes:yaml:decode", { text, defaultNamespace: "d" })).toEqual({
      result: [
        map({ name: "a", namespace: "d" }),
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } },
      ],
    });
    await expect(engine.invoke("kubernetes:helm:template", {})).rejects.toThrow(
      /only the official/,
    );
  });
});
