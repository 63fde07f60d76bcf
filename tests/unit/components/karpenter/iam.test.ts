import * as fc from "fast-check";
import type { ClusterArn } from "../../../../components/cluster/aws/arn";
import {
  CONTROLLER_POLICIES,
  type ControllerPolicy,
  controllerStatements,
  LARGEST_POLICY,
} from "../../../../components/karpenter/iam";
import { policyDocument } from "../../../../components/shared/iam-statement";
import {
  eventPattern,
  INTERRUPTION_RULES,
  nodeTrust,
  podIdentityTrust,
  queuePolicy,
} from "../../../../components/karpenter/interruption";
import { GOLDEN, type GoldenStatement } from "./iam-golden";

const REGIONS = {
  aws: ["us-east-1", "eu-central-1", "ap-northeast-2", "ap-southeast-7", "me-central-1"],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-west-1", "us-gov-east-1"],
} as const;
const PARTITIONS = Object.entries(REGIONS).flatMap(([partition, regions]) =>
  regions.map((region) => [partition, region] as const),
);

function scope(cluster: ClusterArn) {
  const { partition, region, account, name } = cluster;
  return {
    cluster,
    nodeRoleArn: `arn:${partition}:iam::${account}:role/${"n".repeat(64)}`,
    queueArn: `arn:${partition}:sqs:${region}:${account}:${`${name}-${region}-karpenter`.slice(0, 80)}`,
  };
}

/** Every statement of every policy in the form of the golden table. */
function statements(cluster: ClusterArn): GoldenStatement[] {
  const of = scope(cluster);
  return CONTROLLER_POLICIES.flatMap((policy) =>
    controllerStatements(policy, of).map((statement) => {
      expect(statement.Effect).toBe("Allow");
      return {
        policy,
        sid: statement.Sid,
        actions: [statement.Action].flat().join(" "),
        resources: [statement.Resource].flat().join(" "),
        conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
          Object.entries(keys).map(
            ([key, values]) => `${operator} ${key} ${[values].flat().join(",")}`,
          ),
        ),
      };
    }),
  );
}

/** The golden table with the stand-ins filled in. */
function golden(cluster: ClusterArn): GoldenStatement[] {
  const { nodeRoleArn, queueArn } = scope(cluster);
  const fill = (text: string) => {
    if (text === "N") return nodeRoleArn;
    if (text === "Q") return queueArn;
    return text
      .replace(/arn:P:([a-z0-9]+):R?:/g, (arn) =>
        arn.replace("P", cluster.partition).replace(":R:", `:${cluster.region}:`),
      )
      .replace(":A:", `:${cluster.account}:`)
      .replace(/cluster\/C\b/, `cluster/${cluster.name}`)
      .replace(/ C$/, ` ${cluster.name}`)
      .replace(/ R$/, ` ${cluster.region}`);
  };
  return GOLDEN.map((statement) => ({
    ...statement,
    resources: statement.resources.split(" ").map(fill).join(" "),
    conditions: statement.conditions.map(fill),
  }));
}

const byCondition = (statement: GoldenStatement) => ({
  ...statement,
  conditions: [...statement.conditions].sort(),
});

test.each(PARTITIONS)(
  "grants what Karpenter 1.14 publishes and not a letter more: %s, %s",
  (partition, region) => {
    const cluster = { partition, region, account: "123456789012", name: "fabric" };
    expect(statements(cluster).map(byCondition)).toEqual(golden(cluster).map(byCondition));
  },
);

test("has six policies and eighteen statements, each of its own Sid", () => {
  const all = statements({ partition: "aws", region: "us-east-1", account: "1", name: "c" });
  expect(CONTROLLER_POLICIES).toHaveLength(6);
  expect(all).toHaveLength(18);
  expect(new Set(all.map(({ sid }) => sid)).size).toBe(18);
});

const sizeOf = (policy: ControllerPolicy, cluster: ClusterArn) =>
  policyDocument(controllerStatements(policy, scope(cluster))).length;

test("every policy fits IAM for every partition, region and length of a cluster's name", () => {
  for (const [partition, region] of PARTITIONS) {
    for (let length = 1; length <= 100; length++) {
      const cluster = { partition, region, account: "123456789012", name: "c".repeat(length) };
      for (const policy of CONTROLLER_POLICIES) {
        expect(sizeOf(policy, cluster)).toBeLessThan(LARGEST_POLICY);
      }
    }
  }
});

test("all in one policy would not fit: that is why they are six", () => {
  const cluster = {
    partition: "aws",
    region: "us-east-1",
    account: "123456789012",
    name: "c".repeat(20),
  };
  const all = CONTROLLER_POLICIES.flatMap((policy) => controllerStatements(policy, scope(cluster)));
  expect(policyDocument(all).length).toBeGreaterThan(LARGEST_POLICY);
});

test("no statement that changes anything is without a condition or a resource of its own", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/), (name) => {
      const cluster = { partition: "aws", region: "eu-west-1", account: "123456789012", name };
      for (const { sid, actions, resources, conditions } of statements(cluster)) {
        const reads = /^(\S+:(Describe|Get|List)\S*\s?)+$/.test(actions);
        if (resources === "*") expect([sid, reads]).toEqual([sid, true]);
        const tagged = conditions.some((line) => line.includes(`kubernetes.io/cluster/${name} `));
        const opens = /Terminate|DeleteLaunch|CreateTags|CreateLaunch|InstanceProfile/.test(
          actions,
        );
        if (opens && !reads) expect([sid, tagged]).toEqual([sid, true]);
      }
    }),
    { numRuns: 50 },
  );
});

test("listens to five kinds of events, letter by letter", () => {
  expect(INTERRUPTION_RULES.map((rule) => [rule.suffix, eventPattern(rule)])).toEqual([
    ["scheduled-change", '{"source":["aws.health"],"detail-type":["AWS Health Event"]}'],
    [
      "spot-interruption",
      '{"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}',
    ],
    ["rebalance", '{"source":["aws.ec2"],"detail-type":["EC2 Instance Rebalance Recommendation"]}'],
    [
      "instance-state-change",
      '{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}',
    ],
    [
      "capacity-reservation-interruption",
      '{"source":["aws.ec2"],"detail-type":["EC2 Capacity Reservation Instance Interruption Warning"]}',
    ],
  ]);
});

test("the queue takes events from AWS alone, and nothing without TLS", () => {
  expect(JSON.parse(queuePolicy("QUEUE"))).toEqual({
    Version: "2012-10-17",
    Id: "EC2InterruptionPolicy",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "sqs.amazonaws.com"] },
        Action: "sqs:SendMessage",
        Resource: "QUEUE",
      },
      {
        Sid: "DenyHTTP",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: "QUEUE",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
});

test("each role trusts one service", () => {
  expect(JSON.parse(podIdentityTrust()).Statement).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    },
  ]);
  const trusted = (partition: string) =>
    JSON.parse(nodeTrust({ partition, region: "r", account: "a", name: "n" })).Statement[0]
      .Principal.Service;
  expect(trusted("aws")).toBe("ec2.amazonaws.com");
  expect(trusted("aws-us-gov")).toBe("ec2.amazonaws.com");
  expect(trusted("aws-cn")).toBe("ec2.amazonaws.com.cn");
});
