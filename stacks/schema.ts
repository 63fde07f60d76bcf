import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import type { NodeProvisionerArgs } from "../components/node-provisioner/node-provisioner";
import type { Fault } from "../components/shared/faults";
import { imageFaults, sha256Faults } from "../components/shared/images";
import { domainFaults } from "../components/shared/node-contract";
import type { GuestNetwork, QemuGuest } from "../components/worker/args";
import { Isolation, TapDevices, Vmm } from "../components/worker/vmm";
import { awsSchema } from "./aws-schema";
import { azureSchema } from "./azure-schema";
import { bareMetalSchema } from "./bare-metal-schema";
import { cloudNameFaults } from "./cloud-names";
import { Environment } from "./environments";
import { gcpSchema } from "./gcp-schema";
import { serviceShapes } from "./service-schema";
import { argsShape, typeShape } from "./shapes";

/** Where the fabric is stood up. */
export const Target = {
  /** A Kubernetes cluster that exists, with its KVM nodes. */
  Kubernetes: "kubernetes",
  /** EKS. */
  Aws: "aws",
  /** GKE. */
  Gcp: "gcp",
  /** AKS. */
  Azure: "azure",
  /** Own machines. */
  BareMetal: "bare-metal",
} as const;
export type Target = (typeof Target)[keyof typeof Target];

/** A text whose faults the components' own checks find, so that they are worded the same everywhere. */
function checked(check: (path: string, value: string) => Fault[]): z.ZodType<string> {
  return z.any().superRefine((value: string, context) => {
    const faults = check("", value);
    if (faults.length > 0) {
      context.addIssue({ code: "custom", message: faults[0]?.problem ?? "", params: { faults } });
    }
  });
}

const image = checked(imageFaults);
const sha256 = checked(sha256Faults);
const domain = checked(domainFaults);
const strings = z.record(z.string(), z.string());

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
  tolerationSeconds: z.int().optional(),
});

const worker = z.strictObject({
  image,
  appArmorProfile: z.string().optional(),
  assetFiles: z.array(z.string()).optional(),
  assetsMountPath: z.string().optional(),
  command: z.array(z.string()).optional(),
  drainCommand: z.array(z.string()).optional(),
  environment: strings.optional(),
  guestNetwork: typeShape<GuestNetwork>("GuestNetwork").optional(),
  healthPort: z.int().optional(),
  ipForwarding: z.boolean().optional(),
  isolation: z.enum(Isolation).optional(),
  kubeletRoot: z.string().optional(),
  maxUnavailable: z.string().optional(),
  minAvailable: z.int().optional(),
  nodeSelector: strings.optional(),
  pool: z.string().optional(),
  privilegedReasons: z.array(z.string()).optional(),
  qemu: typeShape<QemuGuest>("QemuGuest").optional(),
  registration: z
    .strictObject({
      meta: strings.optional(),
      serviceName: z.string().optional(),
      tags: z.array(z.string()).optional(),
    })
    .optional(),
  resources: z
    .strictObject({ cpu: z.string().optional(), memory: z.string().optional() })
    .optional(),
  runVolumeGib: z.int().optional(),
  tapDevices: z.enum(TapDevices).optional(),
  terminationGracePeriodSeconds: z.int().optional(),
  tolerations: z.array(toleration).optional(),
  vmm: z.enum(Vmm).optional(),
  workerMetadata: z.boolean().optional(),
});

const workers = z.record(z.string(), worker);

const provisioner = argsShape<Omit<NodeProvisionerArgs, "namespace" | "domain">>(
  "NodeProvisioner",
  ["namespace", "domain"],
  { image, memberSha256: sha256, sha256 },
);

const namespaces = z.strictObject({
  agents: z.string().optional(),
  apiServer: z
    .strictObject({ cidrs: z.array(z.string()).optional(), ports: z.array(z.int()).optional() })
    .optional(),
  nodeCidrs: z.array(z.string()).optional(),
  podSecurityVersion: z.string().optional(),
  services: z.string().optional(),
});

const consul = z.strictObject({
  datacenter: z.string().optional(),
  external: z
    .strictObject({
      address: z.string(),
      caCertificate: z.string(),
    })
    .optional(),
  image: image.optional(),
  resources: z
    .strictObject({ cpu: z.string().optional(), memory: z.string().optional() })
    .optional(),
  servers: z.int().optional(),
  snapshots: z
    .strictObject({
      enabled: z.boolean().optional(),
      retained: z.int().optional(),
      schedule: z.string().optional(),
      storageClass: z.string().optional(),
      storageGib: z.int().optional(),
    })
    .optional(),
  storageClass: z.string().optional(),
  storageGib: z.int().optional(),
});

/**
 * The shape of `kvm-fabric:fabric`. Keys that it does not know are faults. What the values may be is said
 * once, by the planners of the components (plan-faults.ts).
 */
export const fabricSchema = z.strictObject({
  environment: z.enum(Environment),
  target: z.enum(Target),
  consul,
  provisioner,
  workers,
  aws: awsSchema.optional(),
  azure: azureSchema.optional(),
  bareMetal: bareMetalSchema.optional(),
  deletionProtection: z.boolean().optional(),
  domain: domain.optional(),
  gcp: gcpSchema.optional(),
  name: checked(cloudNameFaults).optional(),
  kubernetes: z.strictObject({ context: z.string() }).optional(),
  namespaces: namespaces.optional(),
  ...serviceShapes(image),
});

/** A stack's configuration, checked. What it leaves out has the environment's or the component's default. */
export interface FabricConfig extends z.infer<typeof fabricSchema> {
  /** Tokens of an external Consul, by the group of workers that each is for. Secrets. */
  consulTokens: Record<string, Input<string>>;
  /** What opens the machines of the target `bare-metal`. Secret. */
  sshPrivateKey?: Input<string>;
}

/** One group of workers of the configuration. */
export type WorkerConfig = z.infer<typeof worker>;
