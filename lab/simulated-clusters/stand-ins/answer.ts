import { parseArgs } from "node:util";

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
  /** Names of the cloud's simulated clusters that have an API server. */
  clusters: string[];
  /** Makes the cloud's token; the name of the cluster counts for AWS alone. */
  token: (cloud: string, clusterName: string) => string;
}

const VALID_SECONDS = 3600;

/**
 * What the stand-in of a cloud's credential program answers: an ExecCredential for a simulated cluster, and for anything
 * else a refusal that says who speaks. Pure.
 */
export function standInAnswer(program: StandIn, question: Question): Answer {
  const cloud = standInClouds[program];
  switch (program) {
    case "aws": {
      const name = eksCluster(question.args);
      if (name === undefined)
        return refusal(program, question, "eks get-token --cluster-name NAME");
      if (!question.clusters.includes(name)) return unknownCluster(name, question);
      return credential(question, question.token(cloud, name));
    }
    case "gke-gcloud-auth-plugin":
      if (question.args.length > 0) return refusal(program, question, "no argument");
      return credential(question, question.token(cloud, ""));
    case "kubelogin":
      if (question.args[0] !== "get-token") return refusal(program, question, "get-token ...");
      return credential(question, question.token(cloud, ""));
  }
}

// Options of the aws CLI may stand before the command too, as in `aws --region R eks get-token`.
function eksCluster(args: string[]): string | undefined {
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
    const isToken = positionals.join(" ") === "eks get-token";
    return isToken ? values["cluster-name"] : undefined;
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

function unknownCluster(name: string, { clusters }: Question): Answer {
  const known = clusters.length === 0 ? "none" : clusters.join(", ");
  const line = `aws: this is the lab's stand-in: no simulated EKS cluster is called ${name}; there are: ${known}`;
  return { code: 1, stdout: "", stderr: `${line}\n` };
}
