import { secret, UNKNOWN } from "../../../../../../lab/engine/grpc/wire";
import { AWS, cluster, network, role, trust } from "./aws-stand";
import { cloudClient, rememberedEffects } from "./cloud-client";

test("names are made up as the bridge does, stay over updates, and are noted as defaults", () => {
  const client = cloudClient();
  const news = { assumeRolePolicy: trust("ec2.amazonaws.com") };
  const { inputs, faults } = client.check(AWS.role, "node", news);
  expect(faults).toEqual([]);
  expect(inputs.name).toMatch(/^node-[0-9a-f]{7}$/);
  expect(inputs.__defaults).toContain("name");
  expect(client.check(AWS.role, "node", news, inputs).inputs.name).toBe(inputs.name);
  const given = client.check(AWS.role, "node", { ...news, name: "mine" });
  expect(given.inputs.name).toBe("mine");
  expect(
    client.check(AWS.role, "node", { ...news, namePrefix: "mine-" }).inputs.name,
  ).toBeUndefined();
});

test("a preview knows what the provider plans, the rest not, inside given objects too", async () => {
  const client = cloudClient({}, { defaultTags: '{"tags":{"owner":"lab"}}' });
  const state = await client.preview(AWS.cluster, "lab", {
    roleArn: UNKNOWN,
    vpcConfig: { subnetIds: [UNKNOWN] },
    tags: { a: "b" },
  });
  expect(state).toMatchObject({
    arn: UNKNOWN,
    endpoint: UNKNOWN,
    region: "eu-central-1",
    tagsAll: { owner: "lab", a: "b" },
    vpcConfig: { subnetIds: [UNKNOWN], clusterSecurityGroupId: UNKNOWN },
  });
  expect(state).not.toHaveProperty("outpostConfig");
});

test("a cluster tells ids of the usual forms, and an update keeps them, in its preview too", async () => {
  const client = cloudClient();
  const { cluster: made, inputs, vpc } = await cluster(client);
  expect(made.state).toMatchObject({
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/lab",
    status: "ACTIVE",
    vpcConfig: { vpcId: vpc.id },
  });
  const changed = { ...inputs, version: "1.36", tags: { a: "b" } };
  const preview = await client.change(made, changed, true);
  expect(preview.state).toMatchObject({ endpoint: made.state.endpoint, tags: { a: "b" } });
  expect(preview.state.vpcConfig).toEqual(made.state.vpcConfig);
  const updated = await client.change(made, changed);
  expect(updated.state).toEqual({
    ...made.state,
    version: "1.36",
    tags: { a: "b" },
    tagsAll: { a: "b" },
  });
});

test("a launch template counts its versions", async () => {
  const client = cloudClient();
  const made = await client.make(AWS.template, "kvm", { instanceType: "m7i.large" });
  expect(made.state).toMatchObject({ latestVersion: 1, defaultVersion: 1 });
  const preview = await client.change(made, { instanceType: "m7i.xlarge" }, true);
  expect(preview.state.latestVersion).toBe(UNKNOWN);
  const changed = await client.change(made, { instanceType: "m7i.xlarge" });
  expect(changed.state).toMatchObject({ latestVersion: 2, defaultVersion: 1 });
  const kept = await client.change(changed, {
    instanceType: "m7i.xlarge",
    updateDefaultVersion: true,
  });
  expect(kept.state).toMatchObject({ latestVersion: 3, defaultVersion: 3 });
});

test("only the table's properties replace; a given name makes the old one go first", async () => {
  const client = cloudClient();
  const { cluster: made, inputs } = await cluster(client);
  expect(client.diff(made, { ...inputs, version: "1.36" })).toMatchObject({
    changed: ["version"],
    replaces: [],
  });
  const net = { ...inputs, kubernetesNetworkConfig: { serviceIpv4Cidr: "10.100.0.0/16" } };
  expect(client.diff(made, net)).toEqual({
    changed: ["kubernetesNetworkConfig"],
    replaces: ["kubernetesNetworkConfig"],
    deletesFirst: true,
  });
  expect(client.diff(made, net, ["kubernetesNetworkConfig"]).changed).toEqual([]);
  const named = await client.make(AWS.role, "r", { assumeRolePolicy: trust("ec2.amazonaws.com") });
  const moved = client.diff(named, { assumeRolePolicy: trust("ec2.amazonaws.com"), path: "/x/" });
  expect(moved).toMatchObject({ replaces: ["path"], deletesFirst: false });
});

test("secrets stay secret in the state, also after a read", async () => {
  const client = cloudClient();
  const made = await client.make(AWS.queue, "q", { name: secret("hidden") });
  expect(made.id).toBe("https://sqs.eu-central-1.amazonaws.com/123456789012/hidden");
  expect(made.state.name).toEqual(secret("hidden"));
  expect((await client.read(made)).state?.name).toEqual(secret("hidden"));
});

test("an object is imported by its id, one that is gone is none", async () => {
  const client = cloudClient();
  const { vpc } = await network(client);
  const imported = await client.read({ urn: vpc.urn, id: vpc.id });
  expect(imported.inputs).toMatchObject({ cidrBlock: "10.0.0.0/16" });
  expect(imported.state).toEqual(vpc.state);
  expect((await client.read({ urn: vpc.urn, id: "vpc-gone" })).id).toBe("");
});

test("what a policy may not be: no JSON at preview, too long at creation", async () => {
  const client = cloudClient();
  expect(client.check(AWS.policy, "p", { policy: "no" }).faults).toEqual([
    "policy: contains an invalid JSON policy: no",
  ]);
  const policy = JSON.stringify({ Statement: "x".repeat(6200) });
  await expect(client.make(AWS.policy, "p", { policy })).rejects.toThrow(
    "quota for PolicySize: 6144",
  );
});

describe("in the lab", () => {
  const kvm = (name: unknown, endpoint: unknown, authority: unknown) =>
    Buffer.from(
      JSON.stringify({
        kind: "NodeConfig",
        spec: {
          cluster: { name, apiServerEndpoint: endpoint, certificateAuthority: authority },
          kubelet: {
            flags: ["--node-labels=pool=kvm", "--register-with-taints=kvm=true:NoSchedule"],
          },
        },
      }),
    ).toString("base64");

  test("a cluster answers at the lab's server, its pools' machines join, and all goes again", async () => {
    const { clusters, pools, effects } = rememberedEffects();
    const client = cloudClient({ effects });
    const { cluster: made, subnetIds } = await cluster(client);
    expect(made.state).toMatchObject({ endpoint: "https://127.0.0.1:6443" });
    const { state } = await role(client, "node", "ec2.amazonaws.com");
    const pool = await client.make(AWS.pool, "system", {
      clusterName: "lab",
      nodeGroupName: "system",
      nodeRoleArn: state.arn,
      subnetIds,
      scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
      taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
    });
    const authority = made.state.certificateAuthority as { data: string };
    const template = await client.make(AWS.template, "kvm", {
      instanceType: "m7i.metal-24xl",
      userData: kvm("lab", made.state.endpoint, authority.data),
    });
    const machines = await client.make(AWS.machines, "kvm", {
      name: "kvm",
      minSize: 0,
      maxSize: 4,
      desiredCapacity: 3,
      vpcZoneIdentifiers: subnetIds,
      launchTemplate: { id: template.id, version: "1" },
    });
    const clusterId = "aws:eks/cluster:Cluster/eu-central-1/lab";
    expect([...clusters]).toEqual([[clusterId, "lab"]]);
    expect([...pools.values()]).toEqual([
      expect.objectContaining({
        clusterId,
        count: 2,
        taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NoSchedule" }],
      }),
      {
        id: "aws:autoscaling/group:Group/eu-central-1/kvm",
        clusterId,
        name: "kvm",
        count: 3,
        machineType: "m7i.metal-24xl",
        zones: ["eu-central-1a", "eu-central-1b"],
        labels: { pool: "kvm" },
        taints: [{ key: "kvm", value: "true", effect: "NoSchedule" }],
      },
    ]);
    // Where its least moves beyond what was once asked for, the group follows.
    await client.change(machines, { ...machines.inputs, minSize: 4 });
    expect(pools.get("aws:autoscaling/group:Group/eu-central-1/kvm")).toMatchObject({ count: 4 });
    await expect(
      client.change(machines, { ...machines.inputs, desiredCapacity: 9 }),
    ).rejects.toThrow("Desired capacity:9 must be between the specified min size:0 and max size:4");
    for (const kept of [machines, pool, made]) await client.remove(kept);
    expect([clusters.size, pools.size]).toEqual([0, 0]);
  });

  test("machines with another cluster's authority join nothing", async () => {
    const { pools, effects } = rememberedEffects();
    const client = cloudClient({ effects });
    const { cluster: made, subnetIds } = await cluster(client);
    const userData = kvm("lab", made.state.endpoint, "b3RoZXI=");
    const template = await client.make(AWS.template, "kvm", { userData });
    await client.make(AWS.machines, "kvm", {
      minSize: 2,
      maxSize: 2,
      vpcZoneIdentifiers: subnetIds,
      launchTemplate: { id: template.id },
    });
    expect([...pools.values()].map(({ count }) => count)).toEqual([0]);
  });
});

test("functions answer for the configured region and account, unknown ones are refused with those there are", async () => {
  const client = cloudClient();
  expect(await client.invoke("aws:index/getCallerIdentity:getCallerIdentity")).toMatchObject({
    accountId: "123456789012",
  });
  expect(await client.invoke("aws:index/getAvailabilityZones:getAvailabilityZones")).toMatchObject({
    names: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  });
  await expect(client.invoke("aws:ec2/getMoon:getMoon")).rejects.toThrow(
    /function aws:ec2\/getMoon:getMoon is not simulated; there are .*getCallerIdentity/,
  );
});
