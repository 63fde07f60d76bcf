import type { Input } from "@pulumi/pulumi";
import type { IssuerKind } from "../shared/issuer-kind";
import type { Toleration } from "../shared/node-contract";
import type { Accelerator } from "../vm-pod/accelerator";
import type { QueenRole } from "./roles";

/** Somebody that calls Queen, and gets an identity of its own. */
export interface QueenConsumer {
  /** Name of the consumer: a DNS label, once a component. */
  name: string;
  /** What the consumer may do. */
  role: QueenRole;
  /**
   * Namespace of the consumer's pods, which its Secret is written to. It must exist. Defaults to Queen's own: for
   * consumers outside the cluster, whose key is in the output `identities` as well.
   */
  namespace?: Input<string>;
  /**
   * Labels of the pods that may connect. Defaults to `app.kubernetes.io/name` with the value `worker`, `api-gateway`
   * or `trace-uploader`, by the role.
   */
  podLabels?: Record<string, string>;
  /** Name of the Secret. Defaults to `NAME-CONSUMER-tls`. */
  secretName?: string;
}

/** An issuer of cert-manager that signs all certificates, instead of an authority that is generated. */
export interface QueenIssuer {
  /** Certificates (PEM) of the issuer's authority. */
  caCertificate: Input<string>;
  /** Name of the issuer. */
  name: Input<string>;
  /**
   * Which kind of issuer; one of a namespace must be in that of each consumer, under that name. Defaults to
   * `IssuerKind.ClusterIssuer`.
   */
  kind?: IssuerKind;
}

/** The certificates with which Queen and her consumers know each other. */
export interface QueenCertificates {
  /** Signs with cert-manager, which renews without Pulumi. Defaults to an authority that is generated, for 10 years. */
  issuer?: QueenIssuer;
  /**
   * Days for which the certificates of Queen and of her consumers are good; in the last third they are renewed: by the
   * first `pulumi up`, or by cert-manager. Defaults to 365, and to 90 with cert-manager.
   */
  leafDays?: number;
  /**
   * Certificates (PEM) of further authorities that both ends trust, while authorities change. Defaults to none.
   */
  trustedCertificates?: Input<string>[];
}

/** The cloud whose internal load balancer leads to the uploads. */
export const QueenCloud = {
  /** A Network Load Balancer. */
  Aws: "aws",
  /** An internal passthrough Network Load Balancer. */
  Gcp: "gcp",
  /** An internal Standard Load Balancer. */
  Azure: "azure",
} as const;
/** See the members of the constant of the same name. */
export type QueenCloud = (typeof QueenCloud)[keyof typeof QueenCloud];

/** A private way for uploaders outside the cluster. */
export interface QueenLoadBalancer {
  /** Addresses of the uploaders, as in "10.0.32.0/20": nobody else gets through. */
  allowedCidrs: string[];
  /** Whose load balancer it is. */
  cloud: QueenCloud;
  /** Further annotations of its Service, over the component's own. Defaults to none. */
  annotations?: Record<string, string>;
}

/** Queen's virtual machine. */
export interface QueenGuest {
  /** What runs the guest's instructions. Defaults to `Accelerator.Kvm`. */
  accelerator?: Accelerator;
  /** Further arguments of QEMU, after the component's own. Defaults to none. */
  arguments?: string[];
  /** The QEMU program of the image. Defaults to "qemu-system-x86_64". */
  binary?: string;
  /**
   * Addresses that the guest may call, as in "10.0.0.0/16"; where clouds hand out identities must not be among them.
   * Defaults to none: it calls nobody.
   */
  egressCidrs?: string[];
  /** The guest's port of what workers and gateways see. Defaults to 564. */
  fabricPort?: number;
  /** The guest's initial RAM disk, a file of the asset set. Defaults to none. */
  initrd?: string;
  /** The asset that QEMU boots, a file of the asset set. Defaults to "vmlinux". */
  kernel?: string;
  /** Further words of the kernel's command line, after `COHROLE=ROLE`. Defaults to none. */
  kernelArguments?: string;
  /** The guest's memory in MiB. Defaults to 2048. */
  memoryMib?: number;
  /** The role that the guest boots into, passed as `COHROLE`. Defaults to "QueenPrimary". */
  role?: string;
  /** The guest's port of what uploaders see. Defaults to 565. */
  uploadsPort?: number;
}

/** Arguments of {@link Queen}. */
export interface QueenArgs {
  /** Id of the asset set that Queen runs from: the output `assetSet` of a `NodeProvisioner`. */
  assetSet: Input<string>;
  /** Queen's image, by digest: QEMU and a shell. What it must contain is in docs/queen.md. */
  image: string;
  /** Namespace of the node agents: its Pod Security level must be `privileged`. */
  namespace: Input<string>;
  /** Ghostunnel's image, by digest: the proxy that speaks TLS for the guest. Its entry point must be `ghostunnel`. */
  proxyImage: string;
  /**
   * Files of the asset set that are compared with the manifest's SHA-256 before Queen starts. Defaults to the guest's
   * kernel and initial RAM disk.
   */
  assetFiles?: string[];
  /** Where Queen sees the asset set, read-only. Defaults to "/assets". */
  assetsMountPath?: string;
  /** The provisioner's folder on the node. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /** The certificates. Defaults to what {@link QueenCertificates} says. */
  certificates?: QueenCertificates;
  /** Who calls Queen. Defaults to nobody. */
  consumers?: QueenConsumer[];
  /** CPU that is kept free for Queen, as in `2` or `500m`. Defaults to "1". */
  cpu?: string;
  /**
   * Guards what cannot be made again - the volume, the authority's key - with Pulumi's `protect` and `retainOnDelete`.
   * Switch it off and run `pulumi up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /** The domain of the node contract, and of the identities. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** Queen's virtual machine. Defaults to what {@link QueenGuest} says. */
  guest?: QueenGuest;
  /** A private way for uploaders outside the cluster. Defaults to none. */
  loadBalancer?: QueenLoadBalancer;
  /** Further labels that a node must have. Defaults to none. */
  nodeSelector?: Record<string, string>;
  /** An existing PriorityClass. Defaults to one of the component's own, just above the workers'. */
  priorityClassName?: Input<string>;
  /** StorageClass of the volume. Defaults to the cluster's default. */
  storageClass?: Input<string>;
  /**
   * Size of the volume in GiB, of which nine tenths are the guest's disk. It may grow where the StorageClass lets it,
   * and never shrinks. Defaults to 20.
   */
  storageGib?: number;
  /** How long the guest has to power down before it is killed, in seconds. Defaults to 120. */
  terminationGracePeriodSeconds?: number;
  /**
   * Further taints to tolerate beside the worker taint; one of `node.kubernetes.io/not-ready` or
   * `node.kubernetes.io/unreachable` takes the place of Queen's own. Defaults to none.
   */
  tolerations?: Toleration[];
}
