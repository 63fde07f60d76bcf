import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { containerSecurity } from "../../shared/container-security";
import { commonEnvironment, type UploaderEnvironment } from "../environment";
import type { TraceUploaderPlan } from "./plan";

/** Where a run finds its files. */
const FOLDERS = Object.freeze({
  authorities: "/etc/uploader/authorities",
  identity: "/etc/uploader/identity",
  program: "/opt/uploader",
});

/** User and group of the run: those of the official image of Node.js, but any do. */
const USER = 1000;

/** Seconds before its end at which a run begins nothing new. */
const STOP_BEFORE_SECONDS = 60;

/** The keys of the ConfigMap of authorities. */
export const AUTHORITY_KEYS = Object.freeze({ queen: "queen.pem", store: "store.pem" });

/** The key of the ConfigMap of the program. */
export const PROGRAM_KEY = "command.js";

/** Renders the specification of a run's pod. */
export function uploaderPod(plan: TraceUploaderPlan): k8s.core.v1.PodSpec {
  const { objects, priorityClassName, queen } = plan;
  return {
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    serviceAccountName: objects.uploader,
    // Where a cloud knows the service account, it mounts a token of its own.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    // A run that is told to end puts its parts away first.
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(plan)],
    volumes: [
      { name: "program", configMap: { name: objects.bundle } },
      { name: "authorities", configMap: { name: objects.authorities } },
      // Read anew by each run: a renewed certificate needs no other pod.
      { name: "identity", secret: { secretName: queen.clientSecretName, defaultMode: 0o440 } },
    ],
  };
}

function container(plan: TraceUploaderPlan): k8s.core.v1.Container {
  return {
    name: "uploader",
    image: plan.image,
    command: ["node", `${FOLDERS.program}/${PROGRAM_KEY}`],
    env: environment(plan),
    resources: {
      requests: { cpu: plan.cpu, memory: plan.memory },
      limits: { memory: plan.memory },
    },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "program", mountPath: FOLDERS.program, readOnly: true },
      { name: "authorities", mountPath: FOLDERS.authorities, readOnly: true },
      { name: "identity", mountPath: FOLDERS.identity, readOnly: true },
    ],
  };
}

function environment(plan: TraceUploaderPlan): k8s.core.v1.EnvVar[] {
  const { queen, store, timeLimitSeconds } = plan;
  const limits = { timeLimitSeconds, stopBeforeSeconds: STOP_BEFORE_SECONDS };
  const variables: UploaderEnvironment = {
    ...commonEnvironment(plan, { bucket: store.bucket, endpoint: store.endpoint }, limits),
    ...storeVariables(plan),
    QUEEN_CA_FILE: `${FOLDERS.authorities}/${AUTHORITY_KEYS.queen}`,
    QUEEN_CERTIFICATE_FILE: `${FOLDERS.identity}/tls.crt`,
    QUEEN_HOST: queen.host,
    QUEEN_KEY_FILE: `${FOLDERS.identity}/tls.key`,
    QUEEN_PORT: textOf(queen.port),
    QUEEN_SERVER_NAME: queen.serverName,
    UPLOAD_OLDEST_FILE_SECONDS: String(plan.oldestFileSeconds),
  };
  return [
    ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ...(store.credentialsSecretName === undefined
      ? []
      : [
          fromSecret("AWS_ACCESS_KEY_ID", store.credentialsSecretName, "access-key-id"),
          fromSecret("AWS_SECRET_ACCESS_KEY", store.credentialsSecretName, "secret-access-key"),
        ]),
  ];
}

function storeVariables({ store }: TraceUploaderPlan): UploaderEnvironment {
  return {
    ...(store.pathStyle !== undefined && { STORE_PATH_STYLE: String(store.pathStyle) }),
    ...(store.region !== undefined && { STORE_REGION: store.region }),
    ...(store.verification !== undefined && { STORE_VERIFY: store.verification }),
    ...(store.caCertificate !== undefined && {
      // Beside the public ones, which are Node.js's own.
      NODE_EXTRA_CA_CERTS: `${FOLDERS.authorities}/${AUTHORITY_KEYS.store}`,
    }),
  };
}

function fromSecret(
  name: string,
  secretName: pulumi.Input<string>,
  key: string,
): k8s.core.v1.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}

function textOf(port: pulumi.Input<number>): pulumi.Input<string> {
  return pulumi.output(port).apply(String);
}
