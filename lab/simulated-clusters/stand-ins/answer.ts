import { parseArgs } from "node:util";
import type { TokenCluster } from "../tokens";

/** The programs that real clouds' kubeconfigs name, and the cloud each gets tokens of. */
export const standInClouds = {
  aws: "aws",
  "gke-gcloud-auth-plugin": "gcp",
  kubelogin: "azure-native",
} as const;

/** The programs that the lab stands in for. */
export type StandIn = keyof typeof standInClouds;

/** What a stand-in says: to whom, and with which exit code. */
export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a stand-in is asked with. */
export interface Question {
  args: string[];
  /** KUBERNETES_EXEC_INFO, as kubectl and its kin set it. */
  execInfo: string | undefined;
  now: Date;
  /** The region of AWS that the environment names. */
  region: string | undefined;
  /** The cloud's simulated clusters that have an API server. */
  clusters: TokenCluster[];
  /** Makes the cloud's token; which cluster it is for counts for AWS alone. */
  token: (cluster: TokenCluster) => string;
}

const VALID_SECONDS = 3600;

/**
 * What the stand-in of a cloud's credential program answers: an ExecCredential for a simulated cluster, and for anything
 * else a refusal that says who speaks. Pure.
 */
export function standInAnswer(program: StandIn, question: Question): Answer {
  switch (program) {
    case "aws":
      return eksAnswer(question);
    case "gke-gcloud-auth-plugin":
      if (question.args.length > 0) return refusal(program, question, "no argument");
      return credential(question, question.token({ name: "" }));
    case "kubelogin":
      if (question.args[0] !== "get-token") return refusal(program, question, "get-token ...");
      return credential(question, question.token({ name: "" }));
  }
}

function eksAnswer(question: Question): Answer {
  const asked = eksCluster(question.args);
  if (asked === undefined) {
    return refusal("aws", question, "eks get-token --cluster-name NAME --region REGION");
  }
  const { name, region = question.region } = asked;
  if (region === undefined) return awsFault("no region, by --region or AWS_REGION");
  const cluster = question.clusters.find((one) => one.name === name && one.region === region);
  return cluster === undefined
    ? unknownCluster({ name, region }, question)
    : credential(question, question.token(cluster));
}

// Options of the aws CLI may stand before the command too, as in `aws --region R eks get-token`.
function eksCluster(args: string[]): TokenCluster | undefined {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{ "cluster-name": text, "cluster-id": text, region: text, "role-arn": text },
        ...{ profile: text, output: text },
      },
    });
    const name = values["cluster-name"];
    if (positionals.join(" ") !== "eks get-token" || name === undefined) return undefined;
    return { name, ...(values.region !== undefined && { region: values.region }) };
  } catch {
    return undefined;
  }
}

function credential({ execInfo, now }: Question, token: string): Answer {
  const expires = new Date(now.getTime() + VALID_SECONDS * 1000);
  const answer = {
    kind: "ExecCredential",
    apiVersion: askedVersion(execInfo),
    spec: {},
    status: { expirationTimestamp: expires.toISOString().replace(/\.\d+Z$/, "Z"), token },
  };
  return { code: 0, stdout: `${JSON.stringify(answer)}\n`, stderr: "" };
}

// Clients refuse an answer of another version than they asked for.
function askedVersion(execInfo: string | undefined): string {
  const version = /"apiVersion"\s*:\s*"([^"]+)"/.exec(execInfo ?? "")?.[1];
  return version ?? "client.authentication.k8s.io/v1";
}

function refusal(program: StandIn, { args }: Question, knows: string): Answer {
  const lines = [
    `${program}: this is the lab's stand-in, which knows ${knows}; got: ${args.join(" ") || "no argument"}`,
    "in the lab no command reaches a cloud; the real program is on the PATH outside of it",
  ];
  return { code: 1, stdout: "", stderr: `${lines.join("\n")}\n` };
}

function unknownCluster({ name, region = "" }: TokenCluster, { clusters }: Question): Answer {
  const known = clusters.map((one) => `${one.name} in ${one.region ?? "an unknown region"}`);
  return awsFault(
    `no simulated EKS cluster is called ${name} in ${region}; there are: ${known.join(", ") || "none"}`,
  );
}

function awsFault(fault: string): Answer {
  return { code: 1, stdout: "", stderr: `aws: this is the lab's stand-in: ${fault}\n` };
}
