/**
 * Where clouds hand an instance its identity, which is the node's and no guest's.
 *
 * Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html (both families),
 * https://cloud.google.com/compute/docs/metadata/querying-metadata (both),
 * https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service (IPv4, the same address),
 * https://docs.openstack.org/nova/latest/user/metadata.html (both). Google's answers DNS as well, on GKE to pods too:
 * https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-dns
 */
export const METADATA_ADDRESSES = Object.freeze({
  ipv4: Object.freeze(["169.254.169.254"]),
  ipv6: Object.freeze(["fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe"]),
});

/**
 * Where agents on a node hand a pod the pod's own identity: a worker may want that, its guests never may have it.
 *
 * Sources: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
export const POD_IDENTITY_ADDRESSES = Object.freeze({
  ipv4: Object.freeze(["169.254.170.2", "169.254.170.23"]),
  ipv6: Object.freeze(["fd00:ec2::23"]),
});

/**
 * Azure's WireServer, which hands a node its certificates and settings. It answers DNS too, on port 53, and names must
 * resolve.
 * Source: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export const WIRE_SERVER = "168.63.129.16";
