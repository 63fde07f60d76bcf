import { AWS, cluster, network, role, trust } from "./aws-stand";
import { cloudClient } from "./cloud-client";

describe("what is missing", () => {
  test.each([
    [
      AWS.subnet,
      { vpcId: "vpc-0", cidrBlock: "10.0.0.0/24" },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0'",
    ],
    [AWS.nat, { subnetId: "subnet-0" }, "InvalidSubnetID.NotFound"],
    [
      AWS.attachment,
      { role: "none", policyArn: "arn:aws:iam::aws:policy/X" },
      "The role none does not exist",
    ],
    [
      AWS.pool,
      {
        clusterName: "none",
        nodeRoleArn: "r",
        subnetIds: [],
        scalingConfig: { minSize: 0, maxSize: 1, desiredSize: 0 },
      },
      "No cluster found for name: none.",
    ],
    [AWS.addon, { clusterName: "none", addonName: "vpc-cni" }, "No cluster found for name: none."],
    [AWS.target, { rule: "none", arn: "x" }, "Rule none does not exist"],
    [AWS.profile, { role: "none" }, "The role none does not exist"],
    [
      AWS.machines,
      { minSize: 0, maxSize: 1, launchTemplate: { id: "lt-0" } },
      "InvalidLaunchTemplateId.NotFound",
    ],
  ])("%s", async (type, inputs, message) => {
    const client = cloudClient();
    await expect(client.make(type, "x", inputs)).rejects.toThrow(message);
    expect(client.clouds.world.all()).toEqual([]);
  });

  test("a policy of an access entry needs the entry", async () => {
    const client = cloudClient();
    await cluster(client);
    const principalArn = "arn:aws:iam::123456789012:role/admin";
    const inputs = {
      clusterName: "lab",
      principalArn,
      policyArn: "p",
      accessScope: { type: "cluster" },
    };
    await expect(client.make(AWS.association, "a", inputs)).rejects.toThrow(
      "principalArn could not be found",
    );
    await client.make(AWS.entry, "a", { clusterName: "lab", principalArn });
    await client.make(AWS.association, "a", inputs);
  });
});

test("what comes with another object is there as long as that", async () => {
  const client = cloudClient();
  const { cluster: made, vpc } = await cluster(client);
  const { clusterSecurityGroupId } = made.state.vpcConfig as Record<string, unknown>;
  const groups = [clusterSecurityGroupId, vpc.state.defaultSecurityGroupId];
  const inputs = { vpcSecurityGroupIds: groups };
  await client.make(AWS.template, "one", inputs);
  await client.remove(made);
  await expect(client.make(AWS.template, "two", inputs)).rejects.toThrow(
    `The security group '${String(clusterSecurityGroupId)}' does not exist`,
  );
});

describe("what is in use", () => {
  test("a network goes from its leaves to its root only", async () => {
    const client = cloudClient();
    const { vpc, subnets, gateway, subnetIds } = await network(client);
    const eip = await client.make(AWS.eip, "nat", {});
    const nat = await client.make(AWS.nat, "nat", { subnetId: subnetIds[0], allocationId: eip.id });
    const [first] = subnets;
    if (!first) throw new Error("no subnet");
    await expect(client.remove(vpc)).rejects.toThrow(
      `The vpc '${vpc.id}' has dependencies and cannot be deleted`,
    );
    await expect(client.remove(first)).rejects.toThrow(
      `DependencyViolation: The subnet '${first.id}'`,
    );
    await expect(client.remove(gateway)).rejects.toThrow("has some mapped public address(es)");
    await expect(client.remove(eip)).rejects.toThrow("AuthFailure");
    for (const kept of [nat, eip, gateway, ...subnets, vpc]) await client.remove(kept);
    expect(client.clouds.world.all()).toEqual([]);
  });

  test("a security group outlives the groups whose rules and machines name it", async () => {
    const client = cloudClient();
    const { vpc, subnetIds } = await network(client);
    const one = await client.make(AWS.group, "one", { vpcId: vpc.id });
    const other = await client.make(AWS.group, "other", {
      vpcId: vpc.id,
      ingress: [{ protocol: "tcp", fromPort: 1, toPort: 2, securityGroups: [one.id] }],
    });
    await expect(client.remove(one)).rejects.toThrow(
      `resource ${one.id} has a dependent object (${other.id})`,
    );
    const template = await client.make(AWS.template, "t", { vpcSecurityGroupIds: [other.id] });
    const machines = await client.make(AWS.machines, "m", {
      minSize: 1,
      maxSize: 1,
      vpcZoneIdentifiers: subnetIds,
      launchTemplate: { id: template.id },
    });
    await expect(client.remove(other)).rejects.toThrow("has a dependent object");
    for (const kept of [machines, other, one]) await client.remove(kept);
  });

  test("a cluster outlives its pools, a role its policies", async () => {
    const client = cloudClient();
    const { cluster: made, subnetIds } = await cluster(client);
    const node = await role(client, "node", "ec2.amazonaws.com");
    const pool = await client.make(AWS.pool, "p", {
      clusterName: "lab",
      nodeRoleArn: node.state.arn,
      subnetIds,
      scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
    });
    await expect(client.remove(made)).rejects.toThrow(
      "ResourceInUseException: Cluster has nodegroups attached",
    );
    await expect(client.remove(node)).rejects.toThrow("DeleteConflict");
    await client.remove(pool);
    await client.remove(made);
  });
});

describe("what comes in the wrong order", () => {
  test("a NAT gateway before the internet gateway is attached", async () => {
    const client = cloudClient();
    const { gateway, subnetIds } = await network(client);
    await client.remove(gateway);
    const inputs = { subnetId: subnetIds[0] };
    await expect(client.make(AWS.nat, "n", inputs)).rejects.toThrow(
      "has no Internet gateway attached",
    );
    await client.make(AWS.nat, "n", { ...inputs, connectivityType: "private" });
  });

  test("a cluster before its role is trusted and allowed, or in one zone", async () => {
    const client = cloudClient();
    const { subnetIds } = await network(client);
    const bare = await client.make(AWS.role, "bare", {
      assumeRolePolicy: trust("eks.amazonaws.com"),
    });
    const foreign = await role(client, "foreign", "ec2.amazonaws.com");
    const made = (roleArn: unknown, ids: string[]) =>
      client.make(AWS.cluster, "x", { roleArn, vpcConfig: { subnetIds: ids } });
    await expect(made(bare.state.arn, subnetIds)).rejects.toThrow("Amazon EKS Managed Policies");
    await expect(made(foreign.state.arn, subnetIds)).rejects.toThrow(
      "trusted entity is not correct",
    );
    await expect(made(bare.state.arn, subnetIds.slice(0, 1))).rejects.toThrow("two different AZs");
  });

  test("CoreDNS before there are nodes", async () => {
    const client = cloudClient();
    await cluster(client);
    await client.make(AWS.addon, "cni", { clusterName: "lab", addonName: "vpc-cni" });
    const coredns = client.make(AWS.addon, "dns", { clusterName: "lab", addonName: "coredns" });
    await expect(coredns).rejects.toThrow("last state: 'DEGRADED'");
  });

  test("a log group deleted before its cluster comes back, one deleted after does not", async () => {
    const client = cloudClient();
    const logs = await client.make(AWS.logs, "logs", { name: "/aws/eks/lab/cluster" });
    const { cluster: made } = await cluster(client, { enabledClusterLogTypes: ["api"] });
    await client.remove(logs);
    await client.remove(made);
    const [left] = client.clouds.world.all(AWS.logs);
    expect(left?.name).toBe("left by EKS");
    await expect(client.make(AWS.logs, "logs", { name: "/aws/eks/lab/cluster" })).rejects.toThrow(
      "already exists",
    );
  });
});

test("a protected cluster stays, a second one of its name is refused, another region's is not", async () => {
  const client = cloudClient();
  const { cluster: made, inputs } = await cluster(client, { deletionProtection: true });
  await expect(client.remove(made)).rejects.toThrow("deletion protection");
  await expect(client.make(AWS.cluster, "again", inputs)).rejects.toThrow(
    "Cluster already exists with name: lab",
  );
  const freed = await client.change(made, { ...inputs, deletionProtection: false });
  await client.make(AWS.cluster, "abroad", { ...inputs, region: "eu-west-1" });
  await client.remove(freed);
  expect(client.clouds.world.all(AWS.cluster).map(({ scope }) => scope)).toEqual(["eu-west-1"]);
});

describe("what is there already is refused in the words of its service", () => {
  const document = trust("ec2.amazonaws.com");
  test.each([
    [
      AWS.role,
      { name: "one", assumeRolePolicy: document },
      "CreateRole, .*, EntityAlreadyExists: Role with name one already exists\\.",
    ],
    [
      AWS.policy,
      { name: "one", policy: document },
      "CreatePolicy, .*, EntityAlreadyExists: A policy called one already exists\\. Duplicate names are not allowed\\.",
    ],
    [
      AWS.profile,
      { name: "one" },
      "CreateInstanceProfile, .*, EntityAlreadyExists: Instance Profile one already exists\\.",
    ],
    [
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
      { url: "https://oidc.example.com/id/1", clientIdLists: ["sts.amazonaws.com"] },
      "CreateOpenIDConnectProvider, .*, EntityAlreadyExists: Provider with url https://oidc\\.example\\.com/id/1 already exists\\.",
    ],
    [AWS.logs, { name: "one" }, "ResourceAlreadyExistsException: The specified log group already"],
  ])("%s", async (type, inputs, words) => {
    const client = cloudClient();
    await client.make(type, "first", inputs);
    await expect(client.make(type, "second", inputs)).rejects.toThrow(new RegExp(words));
  });
});
