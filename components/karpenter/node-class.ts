import type { Input } from "@pulumi/pulumi";
import { KvmAccess } from "../kvm-node-pool/catalogue/machine";
import { KarpenterImageFamily, type KarpenterVolume } from "./args";

/** What an EC2NodeClass is made of. */
export interface NodeClassContent {
  image: string;
  imageFamily: KarpenterImageFamily;
  kvm: KvmAccess;
  /** The role that Karpenter gives to machines, or the profile where it cannot make one itself. */
  identity: { role: Input<string> } | { instanceProfile: Input<string> };
  securityGroups: SelectorTerm;
  subnets: SelectorTerm;
  tags: Readonly<Record<string, string>>;
  userData: Input<string>;
  volume: KarpenterVolume;
}

/** What finds subnets or security groups. */
export type SelectorTerm = { id: Input<string> } | { tags: Record<string, Input<string>> };

const defaults = Object.freeze({ iops: 3000, sizeGib: 100, throughputMibps: 250 });

/** Bottlerocket's own disk, which holds no data; the size that its image has. */
const BOTTLEROCKET_OS_GIB = 4;

/**
 * The spec of an EC2NodeClass (`karpenter.k8s.aws/v1`): a pinned image, encrypted disks, the metadata service only
 * for who asks with a token, from the node itself (one hop: no pod's network).
 *
 * With nested virtualisation Karpenter takes only instance types that EC2 says can do it, whatever the families.
 * Source: https://karpenter.sh/v1.14/concepts/nodeclasses/
 */
export function nodeClassSpec(content: NodeClassContent) {
  return {
    amiFamily: content.imageFamily,
    amiSelectorTerms: [
      content.image.includes("@") ? { alias: content.image } : { id: content.image },
    ],
    ...content.identity,
    subnetSelectorTerms: [content.subnets],
    securityGroupSelectorTerms: [content.securityGroups],
    associatePublicIPAddress: false,
    blockDeviceMappings: disks(content.imageFamily, content.volume),
    metadataOptions: {
      httpEndpoint: "enabled",
      httpProtocolIPv6: "disabled",
      httpPutResponseHopLimit: 1,
      httpTokens: "required",
    },
    ...(content.kvm === KvmAccess.Nested && {
      cpuOptions: { nestedVirtualization: "enabled" },
    }),
    tags: { ...content.tags },
    userData: content.userData,
  };
}

function disks(family: KarpenterImageFamily, volume: KarpenterVolume) {
  const ebs = {
    volumeType: "gp3",
    encrypted: true,
    deleteOnTermination: true,
    ...(volume.kmsKeyArn !== undefined && { kmsKeyID: volume.kmsKeyArn }),
  };
  const data = {
    ...ebs,
    volumeSize: `${String(volume.sizeGib ?? defaults.sizeGib)}Gi`,
    iops: volume.iops ?? defaults.iops,
    throughput: volume.throughputMibps ?? defaults.throughputMibps,
  };
  switch (family) {
    case KarpenterImageFamily.AmazonLinux2023:
      return [{ deviceName: "/dev/xvda", rootVolume: true, ebs: data }];
    case KarpenterImageFamily.Bottlerocket:
      return [
        {
          deviceName: "/dev/xvda",
          ebs: { ...ebs, volumeSize: `${String(BOTTLEROCKET_OS_GIB)}Gi` },
        },
        { deviceName: "/dev/xvdb", rootVolume: true, ebs: data },
      ];
    default:
      return family satisfies never;
  }
}
