/**
 * The trust of the role that writes flow logs: the service alone, and only for flow logs of the account and region that
 * the group is in, so no other account can have the service write here. Takes the ARN of the group.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
 */
export function flowLogsTrust(logGroupArn: string): string {
  const [, partition = "", , region = "", account = ""] = logGroupArn.split(":");
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:ec2:${region}:${account}:vpc-flow-log/*` },
        },
      },
    ],
  });
}

/** What that role may do: write streams of the one group. Takes the ARN of the group. */
export function flowLogsPolicy(logGroupArn: string): string {
  const all = logGroupArn.replace(/:log-group:.*$/, ":log-group:*");
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: [logGroupArn, `${logGroupArn}:*`],
      },
      { Effect: "Allow", Action: ["logs:DescribeLogGroups"], Resource: [all] },
    ],
  });
}
