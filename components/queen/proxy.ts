import type { input as k8s } from "@pulumi/kubernetes/types";
import type { Input } from "@pulumi/pulumi";
import { containerSecurity } from "../shared/container-security";

/** Key of the ConfigMap of an authority, and the file that a proxy reads. */
export const AUTHORITY_FILE = "ca.crt";
/** A user that is nobody else's in the pod. */
const PROXY_USER = 65_532;
const TLS_FOLDER = "/tls";
const AUTHORITY_FOLDER = "/authority";
const STATUS_PATH = "/_status";

/** What a container with a proxy is made of. */
interface Proxy {
  name: string;
  image: string;
  /** What the proxy is told beside its certificates. */
  args: Input<string>[];
  /** Where it says whether it reaches whom it stands for. Defaults to nowhere. */
  statusPort?: number;
}

/**
 * Renders a sidecar with Ghostunnel. It reads its certificate, its key and the authorities anew twice a minute: sessions
 * that run go on with what they began with. It speaks TLS 1.2 and later alone.
 * Source: https://github.com/ghostunnel/ghostunnel
 */
export function proxyContainer({ name, image, args, statusPort }: Proxy): k8s.core.v1.Container {
  const files = [
    `--cert=${TLS_FOLDER}/tls.crt`,
    `--key=${TLS_FOLDER}/tls.key`,
    `--cacert=${AUTHORITY_FOLDER}/${AUTHORITY_FILE}`,
  ];
  return {
    name,
    image,
    args: [...args, ...files, "--timed-reload=30s", "--shutdown-timeout=5s"],
    restartPolicy: "Always",
    ...(statusPort === undefined ? {} : { readinessProbe: readiness(statusPort) }),
    resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "128Mi" } },
    securityContext: {
      ...containerSecurity(),
      runAsNonRoot: true,
      runAsUser: PROXY_USER,
      runAsGroup: PROXY_USER,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      // Whole folders: a single file of them would never change in a running container.
      { name: "queen-tls", mountPath: TLS_FOLDER, readOnly: true },
      { name: "queen-ca", mountPath: AUTHORITY_FOLDER, readOnly: true },
    ],
  };
}

function readiness(port: number): k8s.core.v1.Probe {
  return {
    httpGet: { path: STATUS_PATH, port, scheme: "HTTPS" },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  };
}

/** What proxies read: nothing else of the pod mounts these volumes. */
export function proxyVolumes(
  secretName: Input<string>,
  authority: Input<string>,
): k8s.core.v1.Volume[] {
  // Readable for a user that owns none of it.
  return [
    { name: "queen-tls", secret: { secretName, defaultMode: 0o444 } },
    { name: "queen-ca", configMap: { name: authority } },
  ];
}
