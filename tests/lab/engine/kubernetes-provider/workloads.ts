import type { Properties } from "../../../../lab/engine/grpc/wire";

const IMAGE =
  "localhost/nothing@sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865";

/** Only the simulated nodes without taints take these pods; nothing runs in them. */
function podTemplate(app: string, extra: Properties = {}): Properties {
  return {
    metadata: { labels: { app } },
    spec: {
      containers: [
        {
          name: "main",
          image: IMAGE,
          ports: [{ containerPort: 80 }],
          resources: { requests: { cpu: "1000m", memory: "1024Mi" } },
          securityContext: { privileged: false },
          readinessProbe: { httpGet: { path: "/", port: 80 } },
        },
      ],
      volumes: [{ name: "config", configMap: { name: "config" } }],
      ...extra,
    },
  };
}

function workload(kind: string, namespace: string, name: string, spec: Properties): Properties {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template: podTemplate(name), ...spec },
  };
}

export function deploymentOf(namespace: string, name: string, spec: Properties = {}): Properties {
  return workload("Deployment", namespace, name, spec);
}

export function daemonSetOf(namespace: string, name: string, spec: Properties = {}): Properties {
  return workload("DaemonSet", namespace, name, spec);
}

export function statefulSetOf(namespace: string, name: string, spec: Properties = {}): Properties {
  return workload("StatefulSet", namespace, name, { serviceName: name, replicas: 2, ...spec });
}

export function jobOf(namespace: string, name: string, spec: Properties = {}): Properties {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: { backoffLimit: 0, template: podTemplate(name, { restartPolicy: "Never" }), ...spec },
  };
}

export function podOf(namespace: string, name: string, extra: Properties = {}): Properties {
  const { spec } = podTemplate(name, extra);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name } },
    spec,
  };
}

export function serviceOf(namespace: string, name: string, app = name): Properties {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app }, ports: [{ name: "http", port: 80 }] },
  };
}

export function configMapOf(
  namespace: string,
  name: string,
  data: Properties = { a: "1" },
): Properties {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

export function secretOf(namespace: string, name: string, text: Properties): Properties {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData: text };
}

export function claimOf(namespace: string, name: string): Properties {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
  };
}

export function definitionOf(plural: string, kind: string, scope = "Namespaced"): Properties {
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
    },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.test.dev` },
    spec: {
      group: "test.dev",
      scope,
      names: { plural, kind },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}
