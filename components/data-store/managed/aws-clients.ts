import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import type * as pulumi from "@pulumi/pulumi";

/** Who is let to a store on AWS. */
export interface AwsClients {
  /** The component's logical name. */
  name: string;
  /** Name in the cloud, and beginning of others there. */
  instanceName: string;
  allowedCidrs: string[];
  allowedSecurityGroupIds: pulumi.Input<string>[];
  tags: Record<string, string>;
}

/**
 * Creates the security group of a store: a rule for each client, and none for the way out, as it calls nobody. The rules
 * are the group's own and no resources: ids of groups are known late, so a rule could only be named by its place, and where
 * the first of two goes, the second would be asked for while it is still there.
 */
export function createAwsClients(
  { allowedCidrs, allowedSecurityGroupIds, instanceName, name, tags }: AwsClients,
  vpcId: pulumi.Input<string>,
  port: number,
  options: pulumi.CustomResourceOptions,
): SecurityGroup {
  const way = { protocol: "tcp", fromPort: port, toPort: port };
  return new SecurityGroup(
    `${name}-clients`,
    {
      name: `${instanceName}-clients`,
      description: `Clients of ${instanceName}`,
      vpcId,
      ingress: [
        ...allowedCidrs.map((cidr) => ({
          ...way,
          cidrBlocks: [cidr],
          description: `Clients in ${cidr}`,
        })),
        ...allowedSecurityGroupIds.map((group) => ({
          ...way,
          securityGroups: [group],
          description: "Clients of a security group",
        })),
      ],
      egress: [],
      tags: { ...tags, Name: `${instanceName}-clients` },
    },
    options,
  );
}
