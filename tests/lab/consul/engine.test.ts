import { X509Certificate } from "node:crypto";
import { settingsFlag } from "../../../lab/stack/engine";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();
let namespace: string;
let agents: string;

beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
  agents = await lab.namespace({ "pod-security.kubernetes.io/enforce": "privileged" });
});

const read = (apiVersion: string, kind: string, name: string, where = namespace): Promise<any> =>
  lab.client.get({ apiVersion, kind, name, namespace: where });

async function secret(name: string, where = namespace): Promise<Record<string, string>> {
  const { data } = await read("v1", "Secret", name, where);
  return Object.fromEntries(
    Object.entries<string>(data).map(([key, text]) => [
      key,
      Buffer.from(text, "base64").toString(),
    ]),
  );
}

async function names(kind: string, apiVersion = "v1"): Promise<string[]> {
  const all = await lab.client.list(apiVersion, kind, { namespace });
  return all.map(({ metadata }) => String(metadata.name)).sort();
}

describe("a Consul on the real engine", () => {
  let stack: LabStack;
  let generated: string[];
  const set = (key: string, value: string) =>
    stack.must("config", "set", key, value, ...settingsFlag(stack));

  test("comes up in one run", async () => {
    stack = await labStack(lab, "tests/lab/consul/program", {
      namespace,
      agents,
      deletionProtection: true,
    });
    await stack.must("up", "--yes", "--skip-preview");
    const { status } = await read("apps/v1", "StatefulSet", "consul");
    expect(status.readyReplicas).toBe(3);
    expect(await names("PersistentVolumeClaim")).toEqual([
      "consul-snapshots",
      "data-consul-0",
      "data-consul-1",
      "data-consul-2",
    ]);
  });

  test("has a certificate of its own authority for every name that it is called by", async () => {
    const files = await secret("consul-tls");
    const authority = new X509Certificate(files["ca.crt"]!);
    const server = new X509Certificate(files["tls.crt"]!);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    for (const host of [
      "server.dc1.consul",
      "localhost",
      "consul",
      `consul.${namespace}.svc`,
      `consul-2.consul-servers.${namespace}.svc`,
    ]) {
      expect([host, server.checkHost(host)]).not.toEqual([host, undefined]);
    }
    expect(server.checkHost("consul.elsewhere.svc")).toBeUndefined();
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    const { data } = await read("v1", "ConfigMap", `${stack.stack}-workers-consul-ca`, agents);
    expect(data["ca.pem"]).toBe(files["ca.crt"]);
  });

  test("keeps what it generated out of the state's plain text and of every ConfigMap", async () => {
    const keys = JSON.parse((await secret("consul-keys"))["keys.json"]!);
    const { token } = await secret("consul-workers-token", agents);
    generated = [
      keys.encrypt,
      keys.acl.tokens.initial_management,
      keys.acl.tokens.agent,
      token!,
      (await secret("consul-snapshots")).token!,
      (await secret("consul-tls"))["tls.key"]!.split("\n")[1]!,
    ];
    expect(new Set(generated).size).toBe(6);
    expect(Buffer.from(keys.encrypt, "base64")).toHaveLength(32);
    const maps = JSON.stringify(await lab.client.list("v1", "ConfigMap", { namespace }));
    const pods = JSON.stringify(await lab.client.list("v1", "Pod", { namespace }));
    for (const text of [stack.stateText(), maps, pods]) {
      for (const value of generated) expect(text).not.toContain(value);
    }
  });

  test("a second run changes nothing and shows no secret", async () => {
    const output = await stack.must(
      "up",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
      "--diff",
    );
    for (const value of generated) expect(output).not.toContain(value);
  });

  test("a further consumer brings a new Job, and everybody keeps their token", async () => {
    const [before] = await names("Job", "batch/v1");
    await set("gateway", "true");
    await stack.must("up", "--yes", "--skip-preview");
    const jobs = await names("Job", "batch/v1");
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).not.toBe(before);
    expect((await secret("consul-workers-token", agents)).token).toBe(generated[3]);
    expect((await secret("consul-gateway-token")).token).not.toBe(generated[3]);
    const { status } = await read("apps/v1", "StatefulSet", "consul");
    expect(status.observedGeneration).toBe(1);
  });

  test("is protected: a destroy is refused before anything is gone", async () => {
    const { uid } = (await read("apps/v1", "StatefulSet", "consul")).metadata;
    const before = (await stack.resources()).length;
    const { code, output } = await stack.run("destroy", "--yes");
    expect(code).not.toBe(0);
    expect(output).toContain("protected");
    expect((await read("apps/v1", "StatefulSet", "consul")).metadata.uid).toBe(uid);
    expect(await stack.resources()).toHaveLength(before);
  });

  test("a new token seed reaches Secrets, servers and Job in one run", async () => {
    await set("deletionProtection", "false");
    await stack.must("up", "--yes", "--skip-preview");
    const [name = ""] = await names("Job", "batch/v1");
    const job = await read("batch/v1", "Job", name);
    const before = await read("apps/v1", "StatefulSet", "consul");
    const seed = (await stack.resources()).find(({ urn }) => urn.endsWith("::consul-token-seed"));
    await stack.must("up", "--yes", "--skip-preview", "--replace", seed?.urn ?? "");
    const { token } = await secret("consul-workers-token", agents);
    expect(generated).not.toContain(token);
    const keys = JSON.parse((await secret("consul-keys"))["keys.json"]!);
    expect(keys.encrypt).toBe(generated[0]);
    expect(generated).not.toContain(keys.acl.tokens.initial_management);
    expect(await names("Job", "batch/v1")).toEqual([name]);
    expect((await read("batch/v1", "Job", name)).metadata.uid).not.toBe(job.metadata.uid);
    const servers = await read("apps/v1", "StatefulSet", "consul");
    expect(servers.metadata.generation).toBe(Number(before.metadata.generation) + 1);
    expect(servers.status.readyReplicas).toBe(3);
  });

  test("goes in one run once the protection is off, and leaves the servers' volumes alone", async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await names("PersistentVolumeClaim")).toEqual([
      "data-consul-0",
      "data-consul-1",
      "data-consul-2",
    ]);
    expect(await names("Secret")).toEqual([]);
    expect(await names("Job", "batch/v1")).toEqual([]);
    expect(await names("StatefulSet", "apps/v1")).toEqual([]);
    expect(await stack.resources()).toEqual([]);
  });
});
