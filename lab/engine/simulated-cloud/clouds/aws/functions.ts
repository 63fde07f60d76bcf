import type { CloudFunction } from "../cloud";
import { textAt } from "../paths";
import { partitionOf } from "../provider-config";
import { awsType } from "./references";

// Where each region lies, for messages only.
const FAMILY: Readonly<Record<string, string>> = { eu: "Europe", us: "US", ap: "Asia Pacific" };

/** The functions of the AWS provider that programs of this library call. */
export const awsFunctions: Readonly<Record<string, CloudFunction>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_, { config }) => ({
    id: config.account,
    accountId: config.account,
    arn: `arn:${config.partition}:iam::${config.account}:user/simulated`,
    userId: "AIDASIMULATEDUSER000",
  }),
  "aws:index/getPartition:getPartition": (_, { config }) => ({
    id: config.partition,
    partition: config.partition,
    dnsSuffix: config.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
    reverseDnsPrefix: config.partition === "aws-cn" ? "cn.com.amazonaws" : "com.amazonaws",
  }),
  "aws:index/getRegion:getRegion": (args, { config }) => {
    const region = textAt(args, "region") || textAt(args, "name") || config.region;
    return {
      id: region,
      name: region,
      region,
      endpoint: `ec2.${region}.amazonaws.com`,
      description: `${FAMILY[region.slice(0, 2)] ?? "Region"} (${region})`,
    };
  },
  "aws:index/getAvailabilityZones:getAvailabilityZones": (args, { config }) => {
    const region = textAt(args, "region") || config.region;
    const letters = ["a", "b", "c"];
    const short = region.replace(/^(\w+)-(\w)\w*-(\d+)$/, "$1$2$3");
    return {
      ...args,
      id: region,
      region,
      groupNames: [region],
      names: letters.map((letter) => `${region}${letter}`),
      zoneIds: letters.map((_, index) => `${short}-az${index + 1}`),
    };
  },
  "aws:ssm/getParameter:getParameter": (args, { config }) => {
    const name = textAt(args, "name");
    const region = textAt(args, "region") || config.region;
    const image = `ami-${Buffer.from(name).toString("hex").slice(-17).padStart(17, "0")}`;
    const isImage = /image.id|ami/i.test(name);
    return {
      ...args,
      id: name,
      arn: `arn:${partitionOf(region)}:ssm:${region}::parameter${name}`,
      type: "String",
      value: isImage ? image : "simulated",
      insecureValue: isImage ? image : "simulated",
      version: 1,
      region,
      withDecryption: true,
    };
  },
  "aws:eks/getCluster:getCluster": (args, { world }) => {
    const name = textAt(args, "name");
    const cluster = world.all(awsType("eks/cluster")).find(({ state }) => state.name === name);
    if (!cluster) throw new Error(`reading EKS Cluster (${name}): couldn't find resource`);
    return {
      ...cluster.state,
      id: name,
      certificateAuthorities: [cluster.state.certificateAuthority],
    };
  },
  "aws:eks/getClusterAuth:getClusterAuth": (args) => ({
    id: textAt(args, "name"),
    name: textAt(args, "name"),
    token: "k8s-aws-v1.simulated",
  }),
  "aws:eks/getAddonVersion:getAddonVersion": (args) => ({
    ...args,
    id: textAt(args, "addonName"),
    version: "v1.0.0-eksbuild.1",
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (args) => {
    const json = JSON.stringify(policyDocument(args));
    return { ...args, id: "simulated", json, minifiedJson: json };
  },
};

function policyDocument(args: Record<string, unknown>): unknown {
  const statements = Array.isArray(args.statements) ? args.statements : [];
  return {
    Version: textAt(args, "version") || "2012-10-17",
    Statement: statements.map((statement: Record<string, unknown>) => ({
      ...(statement.sid !== undefined && { Sid: statement.sid }),
      Effect: statement.effect ?? "Allow",
      ...(statement.actions !== undefined && { Action: statement.actions }),
      ...(statement.notActions !== undefined && { NotAction: statement.notActions }),
      ...(statement.resources !== undefined && { Resource: statement.resources }),
      ...principals(statement.principals),
      ...conditions(statement.conditions),
    })),
  };
}

function principals(value: unknown): object {
  if (!Array.isArray(value) || value.length === 0) return {};
  const entries = value.map((one: Record<string, unknown>) => [String(one.type), one.identifiers]);
  return { Principal: Object.fromEntries(entries) as object };
}

function conditions(value: unknown): object {
  if (!Array.isArray(value) || value.length === 0) return {};
  const tests: Record<string, Record<string, unknown>> = {};
  for (const one of value as Record<string, unknown>[]) {
    tests[String(one.test)] = { ...tests[String(one.test)], [String(one.variable)]: one.values };
  }
  return { Condition: tests };
}
