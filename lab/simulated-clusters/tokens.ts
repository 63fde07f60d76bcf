import { createHmac, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "../atomic-file";
import { tokensFile } from "../cluster/files";
import type { SimulatedCluster } from "../engine/simulated-cloud/effects";

/** Whoever a simulated cloud's token stands for administers the cluster. */
const GROUP = "system:masters";

/** A cluster as a token names it. */
export type TokenCluster = Pick<SimulatedCluster, "name" | "region">;

/**
 * The token that a simulated cloud gives to reach a cluster. As in the real ones, AWS's is for one cluster, by its name,
 * and those of Google and Azure are for every cluster of theirs. Stricter than AWS, where clusters of one name in two
 * regions may take each other's: so that a kubeconfig with the wrong region is found. Made from the lab's secret, so it
 * is known wherever the lab is, and nothing has to be looked up.
 */
export function clusterToken(
  state: string,
  cloud: string,
  { name, region = "" }: TokenCluster,
): string {
  const scope = cloud === "aws" ? `aws/${region}/${name}` : cloud;
  return createHmac("sha256", readSecret(state)).update(scope).digest("base64url");
}

/** Lets a cluster's API server, which keeps its things in `folder`, take the token. */
export function writeTokens(state: string, folder: string, cluster: SimulatedCluster): void {
  const [cloud = ""] = cluster.type.split(":");
  const token = clusterToken(state, cloud, cluster);
  writeAtomically(tokensFile(folder), `${token},lab:${cloud},lab:${cloud},"${GROUP}"\n`);
}

function readSecret(state: string): string {
  const file = path.join(state, "simulated-clusters", "secret");
  if (!fs.existsSync(file)) {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeAtomically(file, `${randomBytes(32).toString("base64url")}\n`);
  }
  return fs.readFileSync(file, "utf8").trim();
}
