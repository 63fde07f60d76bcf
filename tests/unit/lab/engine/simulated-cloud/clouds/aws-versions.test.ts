import { AWS, cluster, role } from "./aws-stand";
import { cloudClient } from "./cloud-client";

async function stand() {
  const client = cloudClient();
  const made = await cluster(client, { version: "1.35" });
  const nodes = await role(client, "nodes", "ec2.amazonaws.com");
  const pool = (version: string) => ({
    clusterName: "lab",
    nodeGroupName: "pool",
    nodeRoleArn: nodes.state.arn,
    subnetIds: made.subnetIds,
    scalingConfig: { minSize: 0, maxSize: 1, desiredSize: 0 },
    version,
  });
  return { ...made, client, pool };
}

test.each(["1.37", "1.34"])(
  "a control plane of 1.35 is not brought to %s at once",
  async (version) => {
    const { client, cluster: made, inputs } = await stand();
    await expect(client.change(made, { ...inputs, version })).rejects.toThrow(
      `InvalidParameterException: Unsupported Kubernetes minor version update from 1.35 to ${version}`,
    );
  },
);

test("nodes are never newer than the control plane, neither when they are made nor later", async () => {
  const { client, cluster: made, inputs, pool } = await stand();
  const newer = "the node group's version 1.36 is newer than the cluster's, 1.35";
  await expect(client.make(AWS.pool, "pool", pool("1.36"))).rejects.toThrow(newer);
  const kept = await client.make(AWS.pool, "pool", pool("1.35"));
  await expect(client.change(kept, pool("1.36"))).rejects.toThrow(newer);
  await client.change(made, { ...inputs, version: "1.36" });
  expect((await client.change(kept, pool("1.36"))).state).toMatchObject({ version: "1.36" });
});
