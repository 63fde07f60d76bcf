import { RandomPassword } from "@pulumi/random";
import type { BareMetalClusterArgs } from "../../../../components/cluster/bare-metal/args";
import { BareMetalCluster } from "../../../../components/cluster/bare-metal/bare-metal-cluster";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  redact,
  reveal,
  tree,
} from "../../../support/deploy";
import { haCluster, singleHost } from "../../../unit/components/cluster/bare-metal/hosts";

const COMMAND = "command:remote:Command";
const printed = "Q0E=\nQ0VSVA==\nS0VZ\n";

function up(args: BareMetalClusterArgs, preview = false): Promise<Deployment> {
  return deploy(
    () => {
      const cluster = new BareMetalCluster("fabric", args);
      return { kubeconfig: cluster.kubeconfig, endpoint: cluster.endpoint };
    },
    {
      preview,
      outputsOf: (type, name) =>
        type === COMMAND
          ? { stdout: name === "fabric-kubeconfig" ? printed : "ok" }
          : { result: `${name}-value` },
    },
  );
}

const TREE = [
  ...["four-agent", "four-drain", "four-host", "kubeconfig", "one-host", "one-server"],
  ...["three-drain", "three-host", "three-server", "two-drain", "two-host", "two-server"],
].map((name) => `${COMMAND} fabric-${name} < fabric`);

test("makes exactly its steps and tokens, each below it", async () => {
  expect(tree(await up(haCluster()))).toEqual([
    ...TREE,
    "kvm-fabric:index:BareMetalCluster fabric < stack",
    "random:index/randomPassword:RandomPassword fabric-agent-token < fabric",
    "random:index/randomPassword:RandomPassword fabric-server-token < fabric",
  ]);
});

/** The same cluster with every value an output of something that is yet to be made. */
function later(): BareMetalClusterArgs {
  const value = (name: string) => new RandomPassword(name, { length: 1 }).result;
  const args = haCluster();
  return {
    ...args,
    access: { privateKey: value("key") },
    hosts: args.hosts.map((host) => ({
      ...host,
      address: value(`address-of-${host.name}`),
      hostKey: value(`key-of-${host.name}`),
    })),
    api: { ...args.api, address: value("api") },
  };
}

test("makes the same tree where nothing is known yet", async () => {
  const known = tree(await up(haCluster()));
  expect(tree(await up(haCluster(), true))).toEqual(known);
  const program = () => {
    new BareMetalCluster("fabric", later());
  };
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown).filter((line) => line.includes("fabric"))).toEqual(known);
});

test("orders servers one after another, workers after them, and every host's check before all", async () => {
  const deployment = await up(haCluster());
  const before = (name: string) => find(deployment, COMMAND, `fabric-${name}`).dependsOn;
  const checks = ["four", "one", "three", "two"].map((name) => `fabric-${name}-host`);
  const tokens = ["fabric-agent-token", "fabric-server-token"];
  expect(before("one-host")).toEqual([]);
  expect(before("one-server")).toEqual([...tokens.slice(0, 1), ...checks, tokens[1]].sort());
  expect(before("two-server")).toEqual([...checks, "fabric-one-server", ...tokens].sort());
  expect(before("three-server")).toEqual([...checks, ...tokens, "fabric-two-server"].sort());
  const servers = ["fabric-one-server", "fabric-three-server", "fabric-two-server"];
  expect(before("four-agent")).toEqual(["fabric-agent-token", ...servers]);
  expect(before("kubeconfig")).toEqual(servers);
});

test("takes nodes out of the cluster before their hosts are cleaned, while a server can do it", async () => {
  const deployment = await up(haCluster());
  const drain = (name: string) => find(deployment, COMMAND, `fabric-${name}-drain`);
  expect(drain("two").dependsOn).toEqual(["fabric-one-server", "fabric-two-server"]);
  expect(drain("four").dependsOn).toEqual([
    ...["fabric-four-agent", "fabric-one-server", "fabric-three-server", "fabric-two-server"],
  ]);
  const { inputs } = drain("four");
  expect(inputs.create).toBeUndefined();
  expect(reveal(inputs.connection).host).toBe("10.0.0.1");
  expect(inputs.delete).toContain("drain");
  expect(inputs.triggers).toEqual(["10.0.0.4"]);
});

test("passes tokens through standard input, and nothing else that is secret anywhere", async () => {
  const s3 = { accessKey: "the-AK", bucket: "b", endpoint: "s3.example.com", secretKey: "the-SK" };
  const deployment = await up(haCluster({ snapshots: { s3 } }));
  const commands = deployment.resources.filter(({ type }) => type === COMMAND);
  expect(commands.length).toBe(12);
  for (const { inputs } of commands) {
    const seen = JSON.stringify(redact(inputs));
    expect(seen).not.toMatch(/token-value|the-AK|the-SK|PRIVATE KEY/);
    expect(isSecret(inputs.connection)).toBe(true);
    expect(inputs.addPreviousOutputInEnv).toBe(false);
    expect(inputs.environment).toBeUndefined();
  }
  const [server, agent, bucket, rest] = reveal(
    find(deployment, COMMAND, "fabric-one-server").inputs.stdin,
  ).split("\n");
  expect([server, agent, rest]).toEqual([
    "fabric-server-token-value",
    "fabric-agent-token-value",
    "",
  ]);
  expect(JSON.parse(bucket).stringData).toMatchObject({
    "etcd-s3-secret-key": "the-SK",
    "etcd-s3-folder": "fabric",
  });
  expect(reveal(find(deployment, COMMAND, "fabric-four-agent").inputs.stdin)).toBe(
    "fabric-agent-token-value\n",
  );
});

test("gives away what it made: the kubeconfig and the tokens as secrets", async () => {
  const deployment = await up(haCluster());
  const outputs = deployment.outputs.get("fabric")!;
  const secrets = Object.keys(outputs).filter((name) => isSecret(outputs[name]));
  expect(secrets.sort()).toEqual(["agentToken", "kubeconfig", "serverToken"]);
  expect(reveal(outputs.serverToken)).toBe("fabric-server-token-value");
  expect(outputs.endpoint).toBe("https://10.0.0.100:6443");
  expect(outputs.kubernetesVersion).toBe("v1.36.3+k3s1");
  const { users } = JSON.parse(reveal(outputs.kubeconfig));
  expect(users[0].user["client-key-data"]).toBe("S0VZ");
  const step = find(deployment, COMMAND, "fabric-kubeconfig");
  expect(step.additionalSecretOutputs).toContain("stdout");
  expect(step.inputs.logging).toBe("none");
});

test("protects servers and tokens, unless told not to", async () => {
  const guarded = (deployment: Deployment) =>
    deployment.resources.filter(({ protect }) => protect).map(({ name }) => name);
  expect(guarded(await up(haCluster())).sort()).toEqual([
    ...["fabric-agent-token", "fabric-one-server", "fabric-server-token"],
    ...["fabric-three-server", "fabric-two-server"],
  ]);
  expect(guarded(await up(haCluster({ deletionProtection: false })))).toEqual([]);
});

test("takes another address for another host, cleaned before the new one is made", async () => {
  const server = find(await up(haCluster()), COMMAND, "fabric-two-server");
  expect(server.replaceOnChanges).toContain("connection.host");
  expect(server.deleteBeforeReplace).toBe(true);
});

test("changes what servers and workers run with a new release, and nothing else", async () => {
  const texts = async (version: string) => {
    const args = haCluster({ release: { version, sha256: { amd64: "d".repeat(64) } } });
    const { resources } = await up(args);
    return new Map(resources.map(({ name, inputs }) => [name, JSON.stringify(inputs)]));
  };
  const [old, now] = [await texts("v1.35.7+k3s1"), await texts("v1.36.3+k3s1")];
  const changed = [...now].filter(([name, text]) => old.get(name) !== text).map(([name]) => name);
  expect(changed.filter((name) => name !== "fabric").sort()).toEqual([
    ...["fabric-four-agent", "fabric-kubeconfig", "fabric-one-server"],
    ...["fabric-three-server", "fabric-two-server"],
  ]);
});

test("logs in as the user, and becomes root there", async () => {
  const [host] = singleHost().hosts;
  const deployment = await up(singleHost({ hosts: [{ ...host!, user: "admin", port: 2222 }] }));
  const { inputs } = find(deployment, COMMAND, "fabric-one-server");
  expect(reveal(inputs.connection)).toMatchObject({ host: "10.0.0.1", port: 2222, user: "admin" });
  expect(inputs.create).toMatch(/^sudo -n sh -c '/);
  expect(tree(deployment)).toContain(`${COMMAND} fabric-kubeconfig < fabric`);
});

test("says all that is wrong before it makes anything", async () => {
  const wrong = haCluster({ hosts: haCluster().hosts.slice(0, 2), api: undefined });
  const deployment = await deploy(() => {
    expect(() => new BareMetalCluster("fabric", wrong)).toThrow(
      /^BareMetalCluster "fabric" has 2 faults:\n {2}hosts: .*\n {2}api: missing/,
    );
  });
  expect(tree(deployment).filter((line) => line.includes(COMMAND))).toEqual([]);
});
