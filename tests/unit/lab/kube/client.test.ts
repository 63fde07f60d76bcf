import { kubeClient, type KubeClient } from "../../../../lab/kube/client";
import { isKubeError } from "../../../../lab/kube/kube-error";
import { loadKubeconfig } from "../../../../lab/kube/kubeconfig";
import { textAt } from "../../../../lab/kube/objects";
import type { WatchEvent } from "../../../../lab/kube/watch";
import {
  coreKinds,
  failure,
  FakeApiServer,
  kubeconfigFor,
  type Answer,
  type SeenRequest,
} from "./fake-api-server";

let server: FakeApiServer;
let client: KubeClient;

async function given(handler: (request: SeenRequest) => Answer | undefined) {
  server = new FakeApiServer((request) =>
    request.path === "/api/v1" ? coreKinds : handler(request),
  );
  client = kubeClient(loadKubeconfig(kubeconfigFor(await server.start())));
}

afterEach(async () => {
  client.close();
  await server.stop();
});

const configMap = (name: string, extra = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...extra },
});

describe("calls", () => {
  test("address objects by scope and the client's namespace", async () => {
    await given((request) => ({ body: { ...configMap("x"), seen: request.path } }));
    const at = async (object: Parameters<KubeClient["get"]>[0]) =>
      textAt(await client.get(object), "seen");
    expect(await at(configMap("a"))).toBe("/api/v1/namespaces/home/configmaps/a");
    expect(await at(configMap("a", { namespace: "b" }))).toBe("/api/v1/namespaces/b/configmaps/a");
    expect(await at({ apiVersion: "v1", kind: "Namespace", name: "n", namespace: "b" })).toBe(
      "/api/v1/namespaces/n",
    );
  });

  test("apply sends manager, force and dry run with the apply content type", async () => {
    await given((request) => ({ body: request.body }));
    await client.apply(configMap("a"), { fieldManager: "m", force: true, dryRun: true });
    const seen = server.seen.at(-1)!;
    expect(seen.method).toBe("PATCH");
    expect(Object.fromEntries(seen.query)).toEqual({
      fieldManager: "m",
      force: "true",
      dryRun: "All",
    });
    expect(seen.headers["content-type"]).toBe("application/apply-patch+yaml");
    expect(seen.headers.authorization).toBe("Bearer user-token");
  });

  test("errors keep status, reason and message of the server", async () => {
    await given(() => failure(409, "AlreadyExists", "configmaps a already exists"));
    await expect(client.create(configMap("a"))).rejects.toMatchObject({
      status: 409,
      reason: "AlreadyExists",
      message: "configmaps a already exists",
    });
  });

  test("a server that is not there is Unreachable", async () => {
    await given(() => undefined);
    await server.stop();
    await expect(client.get(configMap("a"))).rejects.toMatchObject({
      status: 0,
      reason: "Unreachable",
    });
    await server.start();
  });

  test("a server that does not answer is given up, with server, method and path named", async () => {
    await given(() => () => undefined);
    const path = "/api/v1/namespaces/home/configmaps/a";
    await expect(client.request("GET", path, { timeoutSeconds: 0.05 })).rejects.toMatchObject({
      reason: "Unreachable",
      message: `API server ${client.config.server}: no answer to GET ${path} within 0.05 seconds`,
    });
  });

  test("an answer that stops halfway is given up as well", async () => {
    await given(() => (response) => {
      response.write("{");
    });
    await expect(client.request("PUT", "/x", { timeoutSeconds: 0.2 })).rejects.toMatchObject({
      reason: "Unreachable",
      message: expect.stringContaining("no answer to PUT /x within 0.2 seconds"),
    });
  });

  test("waiting for a free connection does not count as the server's time", async () => {
    const held: (() => void)[] = [];
    await given((request) => {
      if (request.path === "/quick") return { body: configMap("a") };
      return (response) => {
        held.push(() => response.end("{}"));
      };
    });
    const busy = Array.from({ length: 24 }, () => client.request("GET", "/busy"));
    while (held.length < 24) await new Promise((resolve) => setTimeout(resolve, 5));
    const waiting = client.request("GET", "/quick", { timeoutSeconds: 1 });
    let ended = false;
    const end = waiting
      .catch(() => undefined)
      .then(() => {
        ended = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(ended).toBe(false);
    for (const release of held) release();
    await Promise.all([...busy, end]);
  });

  test("a call ends with its caller's signal, whatever it waits for", async () => {
    await given(() => () => undefined);
    const controller = new AbortController();
    const mine = client.until(controller.signal);
    const calls = [
      mine.get(configMap("a")),
      mine.list("v1", "ConfigMap"),
      mine.remove(configMap("a")),
      mine.create({ apiVersion: "x.dev/v1", kind: "Widget", metadata: { name: "w" } }),
    ].map((call) => call.catch((error: unknown) => error));
    while (server.seen.length < 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const why = new Error("enough");
    controller.abort(why);
    expect(await Promise.all(calls)).toEqual([why, why, why, why]);
    expect(await mine.get(configMap("a")).catch((error: unknown) => error)).toBe(why);
  });

  test("waits as long as an overloaded server asks", async () => {
    let calls = 0;
    await given(() =>
      ++calls < 2 ? { status: 429, headers: { "retry-after": "0.05" } } : { body: configMap("a") },
    );
    expect((await client.get(configMap("a"))).metadata.name).toBe("a");
    expect(calls).toBe(2);
  });

  test("lists follow the pages and fill in the kind", async () => {
    await given((request) => ({
      body: {
        apiVersion: "v1",
        kind: "ConfigMapList",
        metadata: request.query.has("continue") ? {} : { continue: "more" },
        items: [{ metadata: { name: request.query.has("continue") ? "b" : "a" } }],
      },
    }));
    const items = await client.list("v1", "ConfigMap", { query: { labelSelector: "x=y" } });
    expect(items.map((item) => `${item.kind} ${item.metadata.name}`)).toEqual([
      "ConfigMap a",
      "ConfigMap b",
    ]);
    expect(server.seen.at(-1)!.query.get("labelSelector")).toBe("x=y");
  });

  test("one connection serves calls in a row", async () => {
    await given(() => ({ body: configMap("a") }));
    for (let i = 0; i < 5; i++) await client.get(configMap("a"));
    expect(server.connections.size).toBe(1);
  });

  test("a pod-bound token is asked for and used alone", async () => {
    await given((request) =>
      request.path.endsWith("/token")
        ? { body: { status: { token: "bound" } } }
        : { body: configMap("a") },
    );
    const token = await client.createToken("sa", "ns", { name: "p", uid: "u" });
    expect(server.seen.at(-1)!.path).toBe("/api/v1/namespaces/ns/serviceaccounts/sa/token");
    expect(server.seen.at(-1)!.body.spec.boundObjectRef).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      name: "p",
      uid: "u",
    });
    await client.withToken(token).get(configMap("a"));
    expect(server.seen.at(-1)!.headers.authorization).toBe("Bearer bound");
    expect(server.count("GET", "/api/v1")).toBe(1);
  });
});

describe("discovery", () => {
  test("500 objects at once take one discovery call", async () => {
    await given(() => ({ body: configMap("a") }));
    await Promise.all(Array.from({ length: 500 }, () => client.get(configMap("a"))));
    expect(server.count("GET", "/api/v1")).toBe(1);
  });

  test("a kind that came since is found, and many misses share one call", async () => {
    let served = false;
    await given((request) => {
      if (request.path !== "/apis/x.dev/v1") return { body: configMap("a") };
      const resources = served ? [{ name: "widgets", kind: "Widget", namespaced: true }] : [];
      return { body: { resources } };
    });
    await expect(client.resolve("x.dev/v1", "Widget")).rejects.toMatchObject({
      reason: "NoKindMatch",
    });
    served = true;
    const found = await Promise.all(
      Array.from({ length: 50 }, () => client.resolve("x.dev/v1", "Widget")),
    );
    expect(found[49]).toEqual({ plural: "widgets", namespaced: true });
    expect(server.count("GET", "/apis/x.dev/v1")).toBe(2);
  });

  test("a group that is not served is a missing kind, a broken server is not", async () => {
    let broken = false;
    await given(() => (broken ? failure(500, "InternalError", "broken") : undefined));
    const error = await client.resolve("y.dev/v1", "W").catch((e: unknown) => e);
    expect(isKubeError(error, "NoKindMatch")).toBe(true);
    broken = true;
    await expect(client.resolve("z.dev/v1", "W")).rejects.toMatchObject({ status: 500 });
  });
});

describe("watch", () => {
  const event = (type: string, name: string, resourceVersion: string) =>
    `${JSON.stringify({ type, object: configMap(name, { resourceVersion, uid: name }) })}\n`;

  test("lists, follows, resumes after a lost connection and relists after 410", async () => {
    let lists = 0;
    let watches = 0;
    const versions: (string | null)[] = [];
    await given((request) => {
      if (!request.query.has("watch")) {
        lists++;
        const items =
          lists === 1
            ? [configMap("a", { resourceVersion: "1", uid: "a" })]
            : [configMap("c", { resourceVersion: "9", uid: "c" })];
        return {
          body: {
            apiVersion: "v1",
            kind: "ConfigMapList",
            metadata: { resourceVersion: String(lists * 10) },
            items,
          },
        };
      }
      versions.push(request.query.get("resourceVersion"));
      const turn = ++watches;
      return (response) => {
        if (turn === 1) {
          response.write(event("ADDED", "b", "11"));
          setTimeout(() => response.socket?.destroy(), 20);
        } else if (turn === 2) {
          const status = { code: 410, reason: "Expired", message: "too old" };
          response.end(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
        } else response.write(event("MODIFIED", "c", "21"));
      };
    });
    const seen: string[] = [];
    const controller = new AbortController();
    const onEvent = ({ type, object }: WatchEvent) => {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === "MODIFIED") controller.abort();
    };
    await client.watch("/api/v1/configmaps", { signal: controller.signal }, onEvent);
    expect(seen).toEqual(["ADDED a", "ADDED b", "ADDED c", "DELETED a", "DELETED b", "MODIFIED c"]);
    expect(versions).toEqual(["10", "11", "20"]);
  });

  test("ends with the server's refusal", async () => {
    await given(() => failure(403, "Forbidden", "no"));
    const signal = new AbortController().signal;
    await expect(
      client.watch("/api/v1/configmaps", { signal }, () => undefined),
    ).rejects.toMatchObject({ status: 403 });
  });
});
