import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { applyDefinitions } from "../../lab/cluster/karpenter";
import type { KubeClient } from "../../lab/kube/client";
import { isKubeObject, type KubeObject } from "../../lab/kube/objects";
import { goEnvironment, runCommand } from "../../lab/toolchain/go-command";

/** A release of a Go module whose files hold definitions of custom resources. */
export interface Release {
  /** As in `sigs.k8s.io/gateway-api@v1.4.0`. */
  module: string;
  /** What the checksum database says of it: another content is refused. */
  sum: string;
  files: string[];
  /** Names of the definitions that are wanted. */
  names: string[];
}

/** CloudNativePG's. */
export const CLOUD_NATIVE_PG: Release = {
  module: "github.com/cloudnative-pg/cloudnative-pg@v1.29.1",
  sum: "h1:ZNEt1TMlnQKXI1kho2UqQuqdfvIvjGln4kN7C1lsmGA=",
  files: ["clusters", "scheduledbackups"].map(
    (kind) => `config/crd/bases/postgresql.cnpg.io_${kind}.yaml`,
  ),
  names: ["clusters.postgresql.cnpg.io", "scheduledbackups.postgresql.cnpg.io"],
};

/** Traefik's, of what it does with a request before a Service gets it. */
export const TRAEFIK: Release = {
  module: "github.com/traefik/traefik/v3@v3.5.0",
  sum: "h1:LcEVhZkBC0uXp8vNwn+4zCWKmZTnPo95euw6ejmmWPk=",
  files: ["docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"],
  names: ["middlewares.traefik.io"],
};

/**
 * Brings definitions to the shared lab's API server, out of the very releases; no copy of them is kept here. They stay:
 * other tests may use them at the same time.
 */
export async function bringDefinitions(
  client: KubeClient,
  releases: readonly Release[],
): Promise<void> {
  const definitions = await Promise.all(releases.map(definitionsOf));
  await applyDefinitions(client, definitions.flat());
}

async function definitionsOf({ files, module, names, sum }: Release): Promise<KubeObject[]> {
  const options = { env: goEnvironment(process.env), cwd: __dirname };
  const { log, output } = await runCommand("go", ["mod", "download", "-json", module], options);
  const answer = JSON.parse(output === "" ? "{}" : output);
  if (answer.Dir === undefined) throw new Error(`no ${module}: ${log}`);
  if (answer.Sum !== sum) throw new Error(`${module} is ${String(answer.Sum)}, not ${sum}`);
  const texts = files.map((file) => fs.readFileSync(path.join(answer.Dir, file), "utf8"));
  // Some are templates of a chart that only switch the whole file on.
  const plain = texts.map((text) => text.replace(/^\{\{.*\}\}$/gm, ""));
  const wanted = plain
    .flatMap((text) => parseAllDocuments(text).map((document): unknown => document.toJS()))
    .filter(isKubeObject)
    .filter(({ metadata }) => names.includes(metadata.name ?? ""));
  if (wanted.length !== names.length) throw new Error(`${module} lacks one of ${names.join()}`);
  return wanted;
}
