import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { containerSecurity } from "../shared/container-security";
import type { EnvironmentVariable } from "../shared/environment-variable";
import { vmLifecycle } from "../vm-pod/drain";
import { assetVariables, DRAINING_FILE, RUN_FOLDER } from "../vm-pod/environment";
import { holdContainer } from "../vm-pod/hold";
import { vmPlacement } from "../vm-pod/placement";
import { verifyHostContainer } from "../vm-pod/verify-host";
import { assetsMount, assetVolumes } from "../vm-pod/volumes";
import { diskContainer, diskMount } from "./disk";
import { GUEST_PORTS } from "./guest-network";
import { nodeFailureTolerations } from "./node-loss";
import { identityUri } from "./identity";
import type { QueenPlan } from "./plan";
import { ninepProbes } from "./probes";
import { proxyContainer, proxyVolumes } from "./proxy";
import { QUEEN_POD_PORTS } from "./ports";
import { QueenRole } from "./roles";

/** The proxies' own ports: whether they reach the guest. */
const STATUS_PORTS = Object.freeze({ fabric: 5642, uploads: 5643 });

/** What the pod refers to that only the component knows. */
interface PodContext {
  /** Name of the ConfigMap with the authorities. */
  authority: pulumi.Input<string>;
  /** Name of the Secret with Queen's certificate and key. */
  tls: pulumi.Input<string>;
  /** Name of the claim that the guest's disk lies on. */
  volume: pulumi.Input<string>;
}

/**
 * Renders the specification of Queen's pod. The proxies start before the guest and end after it; its disk is made, or
 * grown, once its assets are held and found whole.
 */
export function queenPod(plan: QueenPlan, context: PodContext): k8s.core.v1.PodSpec {
  const placement = vmPlacement(plan);
  return {
    serviceAccountName: plan.names.queen,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: plan.priorityClassName,
    terminationGracePeriodSeconds: plan.terminationGracePeriodSeconds,
    ...placement,
    // Behind the user's: of two that fit, the first one counts.
    tolerations: [...placement.tolerations, ...nodeFailureTolerations()],
    // The device, the assets and the disk belong to root; all that makes root powerful is dropped.
    securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: "RuntimeDefault" } },
    initContainers: [
      holdContainer(plan),
      verifyHostContainer(plan, true),
      diskContainer(plan.image, plan.diskGib),
      serverProxy(plan, "fabric", [QueenRole.Worker, QueenRole.Gateway]),
      serverProxy(plan, "uploads", [QueenRole.Uploader]),
    ],
    containers: [queen(plan)],
    volumes: [
      ...assetVolumes(plan),
      { name: "run", emptyDir: { sizeLimit: "1Gi" } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
      { name: "srv", persistentVolumeClaim: { claimName: context.volume } },
      ...proxyVolumes(context.tls, context.authority),
    ],
  };
}

/** The proxy of one listener of the guest's: it lets in the roles that are named, and nobody else. */
function serverProxy(plan: QueenPlan, listener: "fabric" | "uploads", roles: readonly QueenRole[]) {
  const port = QUEEN_POD_PORTS[listener];
  const instance = { domain: plan.contract.domain, namespace: plan.namespace, queen: plan.name };
  const uris = roles.map((role) => identityUri(instance, role));
  return {
    ...proxyContainer({
      name: `proxy-${listener}`,
      image: plan.proxyImage,
      args: [
        "server",
        `--listen=:${port}`,
        `--target=127.0.0.1:${GUEST_PORTS[listener]}`,
        `--status=:${STATUS_PORTS[listener]}`,
        ...uris.map((uri) => pulumi.concat("--allow-uri=", uri)),
      ],
      statusPort: STATUS_PORTS[listener],
    }),
    ports: [{ name: listener, containerPort: port, protocol: "TCP" }],
  };
}

function queen(plan: QueenPlan): k8s.core.v1.Container {
  const device = { [plan.contract.kvmResource]: "1" };
  return {
    name: "queen",
    image: plan.image,
    command: plan.command,
    env: environment(plan),
    lifecycle: vmLifecycle(plan.terminationGracePeriodSeconds),
    ...ninepProbes(),
    // What it may take at most it has asked for: a Queen that takes more starves the workers of her node.
    resources: {
      requests: { cpu: plan.cpu, memory: plan.memory, ...device },
      limits: { memory: plan.memory, ...device },
    },
    securityContext: containerSecurity(),
    volumeMounts: [
      assetsMount(plan),
      { name: "run", mountPath: RUN_FOLDER },
      { name: "tmp", mountPath: "/tmp" },
      diskMount(),
    ],
  };
}

function environment(plan: QueenPlan): EnvironmentVariable[] {
  return [
    { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ...assetVariables(plan),
    { name: "KVM_FABRIC_RUN", value: RUN_FOLDER },
    { name: "KVM_FABRIC_DRAINING", value: DRAINING_FILE },
    { name: "ROLE", value: plan.role },
  ];
}
