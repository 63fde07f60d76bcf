import * as fs from "node:fs";
import * as path from "node:path";
import { redisImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { machineFolder } from "../../../lab/node/machine";
import { startNode } from "../../../lab/node/node";
import { programOf } from "../../../lab/processes";
import { settingsFlag } from "../../../lab/stack/engine";
import { labStack, type LabStack } from "../../support/lab-stack";
import { withOwnLab } from "../../support/own-lab";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { processesOf } from "../node/containers";
import { byDigest } from "../node/pods";
import { connectRedis, type RedisSession, speakPlainly } from "./client";

const NODE = "a";
const NAMESPACE = "redis-test";
/** A folder of the node that stands for a disk. */
const DISK = "/var/lib/redis-data";

/** Debian's Redis plays the Valkey: see its image. Everything else is what a cluster would have. */
describeOnRealNode("a Redis on a real node", () => {
  const lab = withOwnLab();
  let stack: LabStack;
  const sessions: RedisSession[] = [];

  const pod = async (): Promise<any> => {
    const metadata = { name: "redis-0", namespace: NAMESPACE };
    return lab.client.find({ apiVersion: "v1", kind: "Pod", metadata });
  };
  const secret = async (name: string): Promise<Record<string, string>> => {
    const at = { apiVersion: "v1", kind: "Secret", name, namespace: NAMESPACE };
    const { data }: any = await lab.client.get(at);
    const text = (value: string) => Buffer.from(value, "base64").toString();
    return Object.fromEntries(Object.entries<string>(data).map(([key, v]) => [key, text(v)]));
  };
  const restarts = (found: any): number[] =>
    found.status.containerStatuses.map(({ restartCount }: any) => restartCount);

  /** A session of a consumer, logged in with what its Secret tells. */
  async function session(consumer: string): Promise<RedisSession> {
    const told = await secret(`redis-${consumer}`);
    const { status } = await pod();
    const place = { address: status.podIP, port: Number(told.port), ca: told["ca.crt"] ?? "" };
    const opened = await connectRedis({ ...place, host: told.host ?? "" });
    sessions.push(opened);
    const answer = await opened.send("AUTH", told.username ?? "", told.password ?? "");
    if (answer !== "+OK") throw new Error(answer);
    return opened;
  }
  const again = (what: string, consumer: string) =>
    eventually(what, () => session(consumer).catch(() => undefined));

  /** Has the kubelet look at the pod now, not within a minute or two. */
  const touch = () => {
    const metadata = {
      name: "redis-0",
      namespace: NAMESPACE,
      annotations: { touched: String(Date.now()) },
    };
    return lab.client.patch({ apiVersion: "v1", kind: "Pod", metadata }, { metadata });
  };

  beforeAll(async () => {
    await startNode(lab.state, { name: NODE });
    fs.mkdirSync(path.join(machineFolder(lab.state, NODE), DISK));
    const image = await redisImage();
    await importImage(lab.state, NODE, image);
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: NAMESPACE, labels },
    };
    await lab.client.create(namespace);
    await lab.client.create(volume());
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: NODE } };
    await lab.client.patch(node, { spec: { taints: null } });
    stack = await labStack(lab, "tests/lab/redis/program", {
      consumers: "gateway",
      deletionProtection: false,
      image: byDigest(image),
      namespace: NAMESPACE,
    });
    await stack.must("up", "--yes", "--skip-preview");
  });

  afterAll(() => {
    for (const one of sessions) one.end();
  });

  test("is up once it answers over TLS; nobody gets in without a name, a password or TLS", async () => {
    const { status } = await pod();
    const { "ca.crt": ca = "", host = "" } = await secret("redis-gateway");
    const place = { address: status.podIP, port: 6379, ca, host };
    const stranger = await connectRedis(place);
    sessions.push(stranger);
    expect(await stranger.send("PING")).toMatch(/^-NOAUTH/);
    expect(await stranger.send("AUTH", "any password")).toMatch(/^-WRONGPASS/);
    expect(await stranger.send("AUTH", "gateway", "wrong")).toMatch(/^-WRONGPASS/);
    expect(await stranger.send("GET", "key")).toMatch(/^-NOAUTH/);
    expect(await speakPlainly(status.podIP, 6379)).not.toContain("PONG");
    await expect(connectRedis({ ...place, host: "other.services.svc" })).rejects.toThrow(
      /altnames/,
    );
    await expect(
      stack.run("up", "--yes", "--skip-preview", "--expect-no-changes"),
    ).resolves.toMatchObject({ code: 0 });
  });

  test("a consumer does what a client does, and administers nothing", async () => {
    const gateway = await session("gateway");
    expect(await gateway.send("SET", "kept", "by the file of changes")).toBe("+OK");
    expect(await gateway.send("INFO", "server")).toContain("redis_version");
    for (const command of ["CONFIG GET dir", "ACL LIST", "FLUSHALL", "SHUTDOWN", "MONITOR"]) {
      expect(await gateway.send(...command.split(" "))).toMatch(/^-NOPERM/);
    }
  });

  test("keeps what it confirmed over kill -9, and over a new pod", async () => {
    const before = await pod();
    const id = processesOf(`pod${before.metadata.uid}`).find((one) =>
      /^(redis|valkey)-/.test(programOf(one)),
    );
    process.kill(id ?? Number.NaN, "SIGKILL");
    const gateway = await again("the server is back", "gateway");
    expect(await gateway.send("GET", "kept")).toBe("by the file of changes");
    // The kubelet tells of it in its own time.
    await eventually("the restart is told of", async () => restarts(await pod()).includes(1));
    await lab.client.remove(before);
    await eventually("there is another pod", async () => {
      const found = await pod();
      return found !== undefined && found.metadata.uid !== before.metadata.uid;
    });
    const later = await again("the new pod answers", "gateway");
    expect(await later.send("GET", "kept")).toBe("by the file of changes");
  });

  test("takes a new consumer and a new certificate without a restart or a lost connection", async () => {
    const before = await pod();
    const gateway = await session("gateway");
    await stack.must("config", "set", "consumers", "gateway jobs", ...settingsFlag(stack));
    const key = (await stack.resources()).find(({ urn }) => urn.endsWith("::redis-server-key"));
    await stack.must("up", "--yes", "--skip-preview", "--replace", key?.urn ?? "");
    await touch();
    const jobs = await again("the new consumer is let in", "jobs");
    expect(await jobs.send("SET", "of", "jobs")).toBe("+OK");
    expect(await jobs.send("GET", "kept")).toBe("by the file of changes");
    // The kubelet brings one Secret's files without waiting for the other's.
    await eventually("the new certificate is shown", async () => {
      const another = await session("jobs");
      another.end();
      return another.fingerprint !== gateway.fingerprint;
    });
    expect(await gateway.send("GET", "kept")).toBe("by the file of changes");
    const after = await pod();
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(restarts(after)).toEqual(restarts(before));
  });

  test("throws out a consumer that is taken away, and nobody else", async () => {
    const gateway = await session("gateway");
    const jobs = await session("jobs");
    await stack.must("config", "set", "consumers", "gateway", ...settingsFlag(stack));
    await stack.must("up", "--yes", "--skip-preview");
    await touch();
    await eventually("the consumer is thrown out", () =>
      jobs.send("PING").then(
        () => false,
        () => true,
      ),
    );
    expect(await gateway.send("GET", "of")).toBe("jobs");
  });

  test("leaves its volume behind when it is destroyed", async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    const metadata = { name: "data-redis-0", namespace: NAMESPACE };
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata };
    expect(await lab.client.find(claim)).toMatchObject({ status: { phase: "Bound" } });
    await stack.remove();
  });
});

/** A folder of the real node, so that no simulated one is chosen for the pod. */
function volume() {
  const hostname = { key: "kubernetes.io/hostname", operator: "In", values: [NODE] };
  return {
    ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "redis-data" } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      claimRef: { name: "data-redis-0", namespace: NAMESPACE },
      local: { path: DISK },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
    },
  };
}
