import type { Input } from "@pulumi/pulumi";
import { type ConsulRef, TOKEN_KEY } from "../consul/consul-ref";
import type { WorkerPlan } from "./plan";
import { registrationEnvironment } from "./registration";

/** An environment variable as a container's specification holds it. */
export interface EnvironmentVariable {
  name: string;
  value?: Input<string>;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    secretKeyRef?: { name: Input<string>; key: string };
  };
}

/** Where a worker finds the certificate of Consul's authority. */
export const CONSUL_CA_FOLDER = "/etc/consul-ca";
/** The file in {@link CONSUL_CA_FOLDER}, and the key of the ConfigMap that it comes from. */
export const CONSUL_CA_FILE = "ca.pem";
/** Where a worker keeps sockets, logs and guests' writable disks. */
export const RUN_FOLDER = "/run/worker";
/** Appears when a worker is to take no more guests. */
export const DRAINING_FILE = `${RUN_FOLDER}/draining`;
/** The pair of pipes, `.in` and `.out`, through which the drain asks a QEMU to power its guest down. */
export const MONITOR_PIPE = `${RUN_FOLDER}/monitor`;
/** The table of the guests' TAP devices, one a line; only where the helper makes them. */
export const TAPS_FILE = `${RUN_FOLDER}/taps`;

/** Variables that the component sets itself, so arguments must leave them alone. */
export const RESERVED_VARIABLE = /^(KVM_FABRIC_|CONSUL_)|^(NODE_NAME|POD_IP|POD_NAME|ROLE)$/;

/** What `hold` needs to know. */
export function holdEnvironment(plan: WorkerPlan): EnvironmentVariable[] {
  return [
    { name: "KVM_FABRIC_ASSET_SET", value: plan.assetSet },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ];
}

/** What `verify-host` needs to know. */
export function verifyEnvironment(plan: WorkerPlan): EnvironmentVariable[] {
  return [
    ...assetVariables(plan),
    { name: "ASSET_FILES", value: plan.assetFiles.join(" ") },
    ...(plan.qemu === undefined ? [] : [{ name: "MONITOR_PIPE", value: MONITOR_PIPE }]),
  ];
}

/** The worker's environment. The order matters: Kubernetes resolves references backwards only. */
export function workerEnvironment(plan: WorkerPlan): EnvironmentVariable[] {
  return [
    { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "KVM_FABRIC_VMM", value: plan.vmm },
    ...assetVariables(plan),
    { name: "KVM_FABRIC_RUN", value: RUN_FOLDER },
    { name: "KVM_FABRIC_DRAINING", value: DRAINING_FILE },
    ...(plan.guestNetwork.taps.length === 0 ? [] : [{ name: "KVM_FABRIC_TAPS", value: TAPS_FILE }]),
    ...(plan.healthPort === undefined
      ? []
      : [{ name: "KVM_FABRIC_HEALTH_PORT", value: String(plan.healthPort) }]),
    ...(plan.qemu === undefined ? [] : [{ name: "ROLE", value: plan.qemu.role }]),
    ...(plan.consul === undefined ? [] : consulVariables(plan.consul)),
    ...(plan.registration === undefined ? [] : registrationEnvironment(plan.registration)),
    ...plan.environmentSecrets.map(({ name, secretName, secretKey }) => ({
      name,
      valueFrom: { secretKeyRef: { name: secretName, key: secretKey } },
    })),
    ...Object.entries(plan.environment).map(([name, value]) => ({ name, value })),
  ];
}

function assetVariables(plan: WorkerPlan): EnvironmentVariable[] {
  return [
    { name: "KVM_FABRIC_ASSETS", value: plan.assetsMountPath },
    { name: "KVM_FABRIC_ASSET_SET", value: plan.assetSet },
  ];
}

/** The variables that Consul's own clients read. */
function consulVariables(consul: ConsulRef): EnvironmentVariable[] {
  return [
    { name: "CONSUL_HTTP_ADDR", value: consul.address },
    { name: "CONSUL_CACERT", value: `${CONSUL_CA_FOLDER}/${CONSUL_CA_FILE}` },
    { name: "CONSUL_DATACENTER", value: consul.datacenter },
    {
      name: "CONSUL_HTTP_TOKEN",
      valueFrom: { secretKeyRef: { name: consul.tokenSecretName, key: TOKEN_KEY } },
    },
  ];
}
