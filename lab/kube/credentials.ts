import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import { promisify } from "node:util";
import { KubeError } from "./kube-error";
import type { ExecCredentialPlugin, KubeConfig } from "./kubeconfig";
import { textAt } from "./objects";

/** What a request proves its identity with. */
export interface Credential {
  token?: string;
  certificate?: string | Buffer;
  key?: string | Buffer;
}

/** Credentials are renewed this long before they end, in milliseconds. */
const RENEW_BEFORE_MS = 10_000;

/** A token file is read again after this long, in milliseconds: kubelets rotate them in place. */
const TOKEN_FILE_TTL_MS = 60_000;

/** Makes the function that gives the current credential, renewed as its source demands. */
export function credentialSource(config: KubeConfig): () => Promise<Credential> {
  const { certificate, key, token, tokenFile, exec } = config;
  if (exec) return renewed(() => runPlugin(exec));
  if (tokenFile !== undefined && token === undefined) {
    return renewed(async () => ({
      credential: { token: (await fs.readFile(tokenFile, "utf8")).trim() },
      validUntil: Date.now() + TOKEN_FILE_TTL_MS + RENEW_BEFORE_MS,
    }));
  }
  const fixed = Promise.resolve({
    ...(token !== undefined && { token }),
    ...(certificate && { certificate }),
    ...(key && { key }),
  });
  return () => fixed;
}

interface Dated {
  credential: Credential;
  /** Milliseconds since the epoch. */
  validUntil: number;
}

function renewed(make: () => Promise<Dated>): () => Promise<Credential> {
  let current: Promise<Dated> | undefined;
  return async () => {
    current ??= make();
    const making = current;
    try {
      const { credential, validUntil } = await making;
      if (Date.now() < validUntil - RENEW_BEFORE_MS) return credential;
    } catch (error) {
      if (current === making) current = undefined;
      throw error;
    }
    if (current === making) current = make();
    return (await current).credential;
  };
}

async function runPlugin(plugin: ExecCredentialPlugin): Promise<Dated> {
  const { apiVersion, command, args, env } = plugin;
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  let answer: unknown;
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    answer = JSON.parse(stdout);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeError(0, "Unreachable", `kubeconfig: credential command ${command}: ${why}`);
  }
  const token = textAt(answer, "status", "token");
  const certificate = textAt(answer, "status", "clientCertificateData");
  const key = textAt(answer, "status", "clientKeyData");
  const expires = textAt(answer, "status", "expirationTimestamp");
  return {
    credential: {
      ...(token !== undefined && { token }),
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
    },
    validUntil: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
  };
}
