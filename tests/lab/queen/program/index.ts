import * as pulumi from "@pulumi/pulumi";
import { Queen } from "../../../../components/queen/queen";
import { queenRef } from "../../../../components/queen/queen-ref";
import { QueenRole } from "../../../../components/queen/roles";
import { WorkerDaemonSet } from "../../../../components/worker/worker-daemon-set";

// Objects of the whole cluster are named after the components: the stack's name keeps stacks apart.
const stack = pulumi.getStack();
const config = new pulumi.Config();
const namespace = config.require("agents");
const trusted = Buffer.from(config.get("trusted") ?? "", "base64").toString();

const image = (name: string) => `registry.example.com/${name}@sha256:${"a".repeat(64)}`;
const queen = new Queen(
  `${stack}-queen`,
  {
    assetSet: "not-proven-anywhere",
    image: image("queen"),
    namespace,
    proxyImage: image("ghostunnel"),
    ...(trusted !== "" && { certificates: { trustedCertificates: [trusted] } }),
    consumers: [
      { name: "workers", role: QueenRole.Worker },
      { name: "uploader", namespace: config.require("jobs"), role: QueenRole.Uploader },
    ],
    deletionProtection: config.requireBoolean("deletionProtection"),
    storageClass: "lab",
    storageGib: 2,
  },
  // No node is ever proven for it, so nobody waits for its pod.
  { transforms: [skipAwait] },
);
new WorkerDaemonSet(`${stack}-workers`, {
  assetSet: "not-proven-anywhere",
  image: image("worker"),
  namespace,
  queen: queenRef(queen, "workers"),
  queenProxyImage: image("ghostunnel"),
});

export const { caCertificate, identities } = queen;

function skipAwait({ type, props, opts }: pulumi.ResourceTransformArgs) {
  if (type !== "kubernetes:apps/v1:StatefulSet") return undefined;
  const annotations = { "pulumi.com/skipAwait": "true" };
  return { props: { ...props, metadata: { ...props.metadata, annotations } }, opts };
}
