/** A resource that the engine took away, as its display says. */
export interface Deletion {
  type: string;
  name: string;
  /** Counted from 0 in the order in which they were gone. */
  place: number;
}

type Is = (one: Deletion) => boolean;

/** What of a stack goes as one, by its name in `order`, and what must be gone before what. */
export interface DestroyOrder {
  stages: Readonly<Record<string, Is>>;
  order: readonly (readonly [string, string])[];
}

const stages = {
  workloads: ({ type }) => /^kubernetes:(apps|batch)/.test(type),
  volumes: ({ type }) => type.endsWith(":PersistentVolumeClaim"),
  "Karpenter's pools": ({ type }) => type === "kubernetes:karpenter.sh/v1:NodePool",
  "Karpenter's controller": ({ name }) => name.endsWith("-karpenter-chart"),
  "Karpenter's definitions": ({ name }) => name.endsWith("-karpenter-crds"),
  "the controller's identity": ({ type, name }) =>
    /^aws:(iam|eks)/.test(type) && name.includes("-karpenter-controller"),
  "the metal pool": ({ type }) => type === "aws:autoscaling:Group",
  "the metal pool's identity": ({ type, name }) =>
    /^aws:(iam|eks)/.test(type) && name.includes("-kvm-metal-nodes"),
  "the cluster's pools": ({ type }) => type === "aws:eks:NodeGroup",
  access: ({ type }) => type.startsWith("aws:eks:Access"),
  "the cluster": ({ type }) => type === "aws:eks:Cluster",
  "the cluster's role": ({ type, name }) => type === "aws:iam:Role" && name.endsWith("-cluster"),
  // The network's own, of its flow logs, go beside it.
  logs: ({ type, name }) => type === "aws:cloudwatch:LogGroup" && /(?<!-flow)-logs$/.test(name),
  // The control plane's interfaces hold its subnets; its way out, NAT and routes, is of the nodes alone.
  subnets: ({ type, name }) => type === "aws:ec2:Subnet" && name.includes("-network-private"),
  "the way out": ({ type }) => /^aws:ec2:(NatGateway|Route|VpcEndpoint)$/.test(type),
  "the VPC": ({ type }) => type === "aws:ec2:Vpc",
} satisfies DestroyOrder["stages"];

/** A part of a stack on AWS that goes as one. */
export type Stage = keyof typeof stages;

/** What must be gone before what: all of the first before any of the second. */
export const DESTROY_ORDER: readonly (readonly [Stage, Stage])[] = [
  ["workloads", "Karpenter's pools"],
  ["volumes", "Karpenter's pools"],
  ["Karpenter's pools", "Karpenter's controller"],
  ["Karpenter's controller", "Karpenter's definitions"],
  ["Karpenter's controller", "the controller's identity"],
  ["Karpenter's definitions", "the cluster's pools"],
  ["workloads", "the metal pool"],
  ["the metal pool", "the metal pool's identity"],
  ["the metal pool's identity", "the cluster"],
  ["the controller's identity", "the cluster"],
  ["the cluster's pools", "the cluster"],
  ["access", "the cluster"],
  ["the cluster", "the cluster's role"],
  ["the cluster", "logs"],
  ["the cluster", "subnets"],
  ["subnets", "the VPC"],
  ["workloads", "the way out"],
  ["Karpenter's pools", "the way out"],
  ["the metal pool", "the way out"],
  ["the cluster's pools", "the way out"],
];

/** No dependency says it: the engine deletes in rounds, and logs are free in the one after the cluster's. */
export const BY_ROUNDS: readonly (readonly [Stage, Stage])[] = [["logs", "the VPC"]];

/** The same for any cloud's test. */
export const awsOrder: DestroyOrder = { stages, order: DESTROY_ORDER };

/** The places of a stage's deletions. */
export function placesOf(
  { stages }: DestroyOrder,
  stage: string,
  deleted: readonly Deletion[],
): number[] {
  return deleted.filter(stages[stage] ?? (() => false)).map(({ place }) => place);
}

/** The deletions that `pulumi destroy` showed, in their order. */
export function deletions(output: string): Deletion[] {
  const lines = output.split("\n").map((line) => /^ -\s+(\S+) (\S+) deleted/.exec(line));
  return lines.flatMap((found, place) =>
    found ? [{ type: found[1] ?? "", name: found[2] ?? "", place }] : [],
  );
}
