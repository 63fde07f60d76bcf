import { type QueenArgs, QueenCloud } from "../../../../components/queen/args";
import type { IssuerKind } from "../../../../components/shared/issuer-kind";
import { planQueen } from "../../../../components/queen/plan";
import { QueenRole } from "../../../../components/queen/roles";
import { renderFault } from "../../../../components/shared/faults";
import type { Accelerator } from "../../../../components/vm-pod/accelerator";
import { AUTHORITY } from "../consul/authority";

const image = `registry.example/queen@sha256:${"a".repeat(64)}`;
const least: QueenArgs = { assetSet: "v1", image, namespace: "nodes", proxyImage: image };

function faults(args: Partial<QueenArgs>, name = "queen"): string[] {
  const answer = planQueen(name, { ...least, ...args });
  return answer.ok ? [] : answer.faults.map(renderFault);
}
function plan(args: Partial<QueenArgs> = {}) {
  const answer = planQueen("queen", { ...least, ...args });
  if (!answer.ok) throw new Error(answer.faults.map(renderFault).join("\n"));
  return answer.plan;
}
const worker = { name: "workers", role: QueenRole.Worker };

test("fills in what is left out", () => {
  expect(plan()).toMatchObject({
    assetFiles: ["vmlinux"],
    assetsMountPath: "/assets",
    assetsRoot: "/var/lib/kvm-fabric",
    consumers: [],
    cpu: "1",
    deletionProtection: true,
    diskGib: 18,
    egressCidrs: [],
    leafDays: 365,
    memory: "2560Mi",
    ownPriorityClass: true,
    role: "QueenPrimary",
    storageGib: 20,
    terminationGracePeriodSeconds: 120,
  });
});

test("cert-manager renews more often, where nobody says how often", () => {
  const issuer = { name: "fabric", caCertificate: AUTHORITY };
  expect(plan({ certificates: { issuer } }).leafDays).toBe(90);
  expect(plan({ certificates: { issuer, leafDays: 30 } }).leafDays).toBe(30);
});

test("a consumer's pods are those of its role, in Queen's own namespace, unless said otherwise", () => {
  const consumers = Object.values(QueenRole).map((role) => ({ name: role, role }));
  const planned = plan({ consumers }).consumers;
  expect(planned.map(({ namespace }) => namespace)).toEqual(["nodes", "nodes", "nodes"]);
  expect(planned.map(({ podLabels }) => podLabels)).toEqual([
    { "app.kubernetes.io/name": "worker" },
    { "app.kubernetes.io/name": "api-gateway" },
    { "app.kubernetes.io/name": "trace-uploader" },
  ]);
});

test("the guest is shut in unless it is said whom it may call", () => {
  const network = (args: Partial<QueenArgs>) => {
    const { command } = plan(args);
    return command[command.indexOf("-netdev") + 1];
  };
  expect(network({})).toContain("restrict=on");
  expect(network({ guest: { egressCidrs: [] } })).toContain("restrict=on");
  expect(network({ guest: { egressCidrs: ["10.0.0.0/8"] } })).toContain("restrict=off");
  expect(network({ guest: { fabricPort: 5640, uploadsPort: 17_564 } })).toMatch(
    /hostfwd=tcp:127\.0\.0\.1:15640-:5640,hostfwd=tcp:127\.0\.0\.1:15641-:17564$/,
  );
});

test.each<[string, Partial<QueenArgs>, RegExp]>([
  ["an image by tag", { image: "queen:1" }, /^image: an image that is not pinned/],
  ["a proxy by tag", { proxyImage: "ghostunnel:1" }, /^proxyImage: an image that is not pinned/],
  ["a domain of Kubernetes", { domain: "x.k8s.io" }, /^domain: a domain that Kubernetes keeps/],
  ["a mount path", { assetsMountPath: "assets" }, /^assetsMountPath: not an absolute path/],
  ["an assets root", { assetsRoot: "/a/../b" }, /^assetsRoot: not an absolute path/],
  ["an asset file", { assetFiles: ["../x"] }, /^assetFiles\[0\]: not the name of a file/],
  ["an amount of CPU", { cpu: "many" }, /^cpu: not an amount of CPU/],
  ["a label", { nodeSelector: { "a b": "c" } }, /^nodeSelector\.a b: not a label/],
  ["a toleration", { tolerations: [{ operator: "Exists" }] }, /^tolerations\[0\]\.key: missing/],
  [
    "to stay on a lost node",
    { tolerations: [{ key: "node.kubernetes.io/out-of-service", operator: "Exists" }] },
    /^tolerations\[0\]\.key: would keep Queen on a node that is lost/,
  ],
  [
    "a small volume",
    { storageGib: 1 },
    /^storageGib: out of range, got 1, allowed whole numbers 2/,
  ],
  ["a grace period", { terminationGracePeriodSeconds: 0 }, /^terminationGracePeriodSeconds: out/],
  ["an accelerator", { guest: { accelerator: "xen" as Accelerator } }, /^guest\.accelerator: not/],
  ["a guest's memory", { guest: { memoryMib: 1 } }, /^guest\.memoryMib: out of range/],
  ["a kernel", { guest: { kernel: "a/b" } }, /^guest\.kernel: not the name of a file/],
  ["a program", { guest: { binary: "a b" } }, /^guest\.binary: not a program/],
  ["a guest's port", { guest: { fabricPort: 0 } }, /^guest\.fabricPort: out of range/],
  ["one port for both", { guest: { uploadsPort: 564 } }, /^guest\.uploadsPort: the port of what w/],
  ["a block", { guest: { egressCidrs: ["10.0.0.1"] } }, /^guest\.egressCidrs\[0\]: not a block/],
  [
    "everybody as whom the guest calls",
    { guest: { egressCidrs: ["10.0.0.0/8", "0.0.0.0/0"] } },
    /^guest\.egressCidrs\[1\]: holds 169\.254\.169\.254, where clouds hand out identities/,
  ],
  [
    "the metadata address in IPv6",
    { guest: { egressCidrs: ["fd00:ec2::/32"] } },
    /^guest\.egressCidrs\[0\]: holds fd00:ec2::254, where clouds hand out identities/,
  ],
  ["days", { certificates: { leafDays: 0 } }, /^certificates\.leafDays: out of range/],
  [
    "an issuer's kind",
    {
      certificates: {
        issuer: { name: "a", caCertificate: AUTHORITY, kind: "Vault" as IssuerKind },
      },
    },
    /^certificates\.issuer\.kind: not one of the values/,
  ],
  [
    "an issuer's authority",
    { certificates: { issuer: { name: "a", caCertificate: "SECRET" } } },
    /^certificates\.issuer\.caCertificate: not a certificate in PEM, allowed/,
  ],
  [
    "a further authority",
    { certificates: { trustedCertificates: [AUTHORITY, "SECRET"] } },
    /^certificates\.trustedCertificates\[1\]: not a certificate in PEM, allowed/,
  ],
  [
    "a consumer's name",
    { consumers: [{ ...worker, name: "A" }] },
    /^consumers\[0\]\.name: not a DNS label/,
  ],
  [
    "two of one name",
    { consumers: [worker, worker] },
    /^consumers\[1\]\.name: there are two of that name/,
  ],
  [
    "a name of Queen's own",
    { consumers: [{ ...worker, name: "ca" }] },
    /^consumers\[0\]\.name: a name of Queen's own/,
  ],
  [
    "a role",
    { consumers: [{ name: "a", role: "root" as QueenRole }] },
    /^consumers\[0\]\.role: not one of the values, got "root", allowed worker, gateway, uploader/,
  ],
  [
    "every pod of a namespace",
    { consumers: [{ ...worker, podLabels: {} }] },
    /^consumers\[0\]\.podLabels: empty, so every pod/,
  ],
  [
    "a Secret's name",
    { consumers: [{ ...worker, secretName: "A" }] },
    /^consumers\[0\]\.secretName: not the name of a Secret/,
  ],
  [
    "two Secrets of one name",
    {
      consumers: [
        { ...worker, secretName: "a" },
        { ...worker, name: "b", secretName: "a" },
      ],
    },
    /^consumers\[1\]\.secretName: there are two of that name in the namespace/,
  ],
  [
    "the name of Queen's own Secret",
    { consumers: [{ ...worker, secretName: "queen-tls" }] },
    /^consumers\[0\]\.secretName: there are two of that name in the namespace, got "queen-tls"/,
  ],
  [
    "a cloud",
    { loadBalancer: { cloud: "oci" as QueenCloud, allowedCidrs: ["10.0.0.0/8"] } },
    /^loadBalancer\.cloud: not one of the values/,
  ],
  [
    "nobody's addresses",
    { loadBalancer: { cloud: QueenCloud.Aws, allowedCidrs: [] } },
    /^loadBalancer\.allowedCidrs: empty/,
  ],
  [
    "everybody's addresses",
    { loadBalancer: { cloud: QueenCloud.Aws, allowedCidrs: ["0.0.0.0/0"] } },
    /^loadBalancer\.allowedCidrs\[0\]: everybody's addresses/,
  ],
  [
    "a block of the load balancer's",
    { loadBalancer: { cloud: QueenCloud.Aws, allowedCidrs: ["10.0.0.0/64"] } },
    /^loadBalancer\.allowedCidrs\[0\]: not a block of addresses/,
  ],
])("refuses %s", (_, args, message) => {
  const found = faults(args);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(message);
  expect(found[0]).not.toContain("SECRET");
});

test("refuses a name that cannot begin an object's, or leaves no room for what follows it", () => {
  expect(faults({}, "Queen")[0]).toMatch(/^name: cannot begin the name of a Kubernetes object/);
  expect(faults({}, "q".repeat(41))[0]).toMatch(/^name: too long/);
  expect(faults({}, "q".repeat(40))).toEqual([]);
});

test("names every fault at once", () => {
  expect(faults({ image: "a", proxyImage: "b", storageGib: 0, cpu: "x" }, "Q")).toHaveLength(5);
});
