import { AwsCluster } from "../../../../components/cluster/aws/aws-cluster";
import { AwsNodeGroup } from "../../../../components/kvm-node-pool/aws-args";
import { AwsKvmNodePool } from "../../../../components/kvm-node-pool/aws";
import { deploy, find } from "../../../support/deploy";
import { least, TODAY } from "../../../unit/components/cluster/aws/least";
import { awsLeast } from "../../../unit/components/kvm-node-pool/least";
import { awsOutputs } from "./outputs";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

beforeAll(() => {
  jest.useFakeTimers({ advanceTimers: true, now: TODAY });
});
afterAll(() => {
  jest.useRealTimers();
});

test("a new release may take its time: twenty minutes a node, and never less than the provider's hour", async () => {
  const servicesPool = { releaseVersion: "1.36.2-20260812", maxNodes: 12 };
  const deployment = await deploy(
    () => {
      new AwsCluster("fabric", {
        ...least,
        servicesPool,
        systemPool: { ...servicesPool, maxNodes: 3 },
      });
    },
    { outputsOf: awsOutputs },
  );
  const update = (name: string) => find(deployment, NODE_GROUP, name).customTimeouts.update;
  expect(update("fabric-system")).toBe("60m");
  expect(update("fabric-services")).toBe("240m");
});

test("and a metal machine as much longer as it stops and starts", async () => {
  const deployment = await deploy(
    () => {
      new AwsKvmNodePool("kvm", {
        ...awsLeast,
        instanceTypes: ["m5.metal"],
        maxNodes: 4,
        nodeGroup: AwsNodeGroup.Managed,
      });
    },
    { outputsOf: () => ({ arn: "arn:aws:iam::123456789012:role/kvm", latestVersion: 3 }) },
  );
  expect(find(deployment, NODE_GROUP, "kvm").customTimeouts.update).toBe("260m");
});
