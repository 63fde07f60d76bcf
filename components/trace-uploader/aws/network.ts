import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsTraceUploaderPlan } from "./plan";

const HTTPS = 443;

/** Where a rule leads. */
interface Way {
  description: string;
  port: number;
  suffix: string;
  target: { cidrIpv4: pulumi.Input<string> } | { prefixListId: pulumi.Input<string> };
}

/** What the function stands in, and what must be there before it has a way out. */
export interface UploaderNetwork {
  group: SecurityGroup;
  rules: pulumi.Resource[];
}

/** Creates the function's security group: nothing comes in, and three ways lead out: to Queen, S3 and Secrets Manager. */
export function createNetwork(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
): UploaderNetwork {
  const { name, names, network, tags } = plan;
  const group = new SecurityGroup(
    name,
    {
      name: names.function,
      description: "Trace uploader: to Queen, S3 and Secrets Manager",
      vpcId: network.vpcId,
      tags: { ...tags, Name: names.function },
    },
    { parent },
  );
  const rules = ways(plan).map(
    ({ description, port, suffix, target }) =>
      new SecurityGroupEgressRule(
        `${name}-to-${suffix}`,
        {
          ...target,
          securityGroupId: group.id,
          description,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          tags: { ...tags, Name: `${names.function}-to-${suffix}` },
        },
        { parent },
      ),
  );
  return { group, rules };
}

function ways(plan: AwsTraceUploaderPlan): Way[] {
  const { endpointCidrs, queenCidrs, queenPort, storePrefixListId } = plan;
  return [
    ...toRanges(plan, "queen", queenCidrs, {
      port: queenPort,
      description: "9P over TLS to Queen",
    }),
    {
      ...{ suffix: "s3", port: HTTPS, description: "S3 by its gateway endpoint" },
      target: { prefixListId: storePrefixListId },
    },
    ...toRanges(plan, "endpoints", endpointCidrs, {
      ...{ port: HTTPS, description: "Secrets Manager by its interface endpoint" },
    }),
  ];
}

function toRanges(
  { network }: AwsTraceUploaderPlan,
  word: string,
  ranges: readonly string[] | undefined,
  rule: Pick<Way, "description" | "port">,
): Way[] {
  if (ranges === undefined) {
    return [{ ...rule, suffix: word, target: { cidrIpv4: network.vpcCidr } }];
  }
  return ranges.map((cidrIpv4) => ({
    ...rule,
    suffix: `${word}-${cidrIpv4.replaceAll(/[./]/g, "-")}`,
    target: { cidrIpv4 },
  }));
}
