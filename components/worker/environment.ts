import { consulVariables } from "../consul/client-environment";
import type { EnvironmentVariable } from "../shared/environment-variable";
import { assetVariables, DRAINING_FILE, RUN_FOLDER } from "../vm-pod/environment";
import type { WorkerPlan } from "./plan";
import { queenVariables } from "./queen";
import { registrationEnvironment } from "./registration";

/** The table of the guests' TAP devices, one a line; only where the helper makes them. */
export const TAPS_FILE = `${RUN_FOLDER}/taps`;

/** Variables that the component sets itself, so arguments must leave them alone. */
export const RESERVED_VARIABLE = /^(KVM_FABRIC_|CONSUL_)|^(NODE_NAME|POD_IP|POD_NAME|ROLE)$/;

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
    ...queenVariables(plan.queen),
    ...(plan.consul === undefined ? [] : consulVariables(plan.consul)),
    ...(plan.registration === undefined ? [] : registrationEnvironment(plan.registration)),
    ...plan.environmentSecrets.map(({ name, secretName, secretKey }) => ({
      name,
      valueFrom: { secretKeyRef: { name: secretName, key: secretKey } },
    })),
    ...Object.entries(plan.environment).map(([name, value]) => ({ name, value })),
  ];
}
