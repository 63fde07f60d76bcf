import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { FlowLog } from "@pulumi/aws/ec2/flowLog";
import type { Vpc } from "@pulumi/aws/ec2/vpc";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type * as pulumi from "@pulumi/pulumi";
import { flowLogsPolicy, flowLogsTrust } from "./aws-iam";
import type { AwsFlowLogsPlan, AwsNetworkPlan } from "./aws-plan";

/** Creates the group, the role that may write to it and nothing else, and then the flow log. */
export function createFlowLogs(
  parent: pulumi.Resource,
  { name, tags }: AwsNetworkPlan,
  { encryptionKeyArn, logGroup, retentionDays, role: roleName }: AwsFlowLogsPlan,
  vpc: Vpc,
): void {
  const own = `${name}-flow-logs`;
  const named = { ...tags, Name: own };
  const group = new LogGroup(
    own,
    { name: logGroup, retentionInDays: retentionDays, kmsKeyId: encryptionKeyArn, tags: named },
    { parent },
  );
  const role = new Role(
    own,
    { name: roleName, assumeRolePolicy: group.arn.apply(flowLogsTrust), tags: named },
    { parent },
  );
  const policy = new RolePolicy(
    own,
    { name: "flow-logs", role: role.name, policy: group.arn.apply(flowLogsPolicy) },
    { parent },
  );
  new FlowLog(
    own,
    {
      vpcId: vpc.id,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 60,
      tags: named,
    },
    { parent, dependsOn: [policy] },
  );
}
