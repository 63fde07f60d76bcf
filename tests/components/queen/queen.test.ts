import * as corev1 from "@pulumi/kubernetes/core/v1";
import { IssuerKind } from "../../../components/shared/issuer-kind";
import { type QueenArgs, QueenCloud } from "../../../components/queen/args";
import { Queen } from "../../../components/queen/queen";
import { queenRef } from "../../../components/queen/queen-ref";
import { QueenRole } from "../../../components/queen/roles";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  redact,
  reveal,
  tree,
} from "../../support/deploy";
import { generatedOutputs as outputsOf } from "../../support/generated";
import { remember } from "../../support/remember";

const image = `registry.example/queen@sha256:${"a".repeat(64)}`;
const proxyImage = `registry.example/ghostunnel@sha256:${"b".repeat(64)}`;
const least: QueenArgs = {
  assetSet: "v1",
  image,
  namespace: "nodes",
  proxyImage,
  consumers: [
    { name: "workers", namespace: "nodes", role: QueenRole.Worker },
    { name: "gateway", namespace: "api", role: QueenRole.Gateway, secretName: "queen" },
    { name: "uploader", namespace: "jobs", role: QueenRole.Uploader, podLabels: { job: "up" } },
  ],
};

const run = remember((args: Partial<QueenArgs> = {}) =>
  deploy(() => void new Queen("queen", { ...least, ...args }), { outputsOf }),
);
const inputs = (deployment: Deployment, type: string, name: string) =>
  reveal(find(deployment, type, name).inputs);
const podOf = (deployment: Deployment) =>
  inputs(deployment, "kubernetes:apps/v1:StatefulSet", "queen").spec.template.spec;
const named = (pod: any, name: string) =>
  [...pod.initContainers, ...pod.containers].find((container: any) => container.name === name);

const KEYS = [
  ...["gateway", "uploader", "workers"].flatMap((name) => [
    `tls:index/certRequest:CertRequest queen-${name}-client < queen`,
    `tls:index/locallySignedCert:LocallySignedCert queen-${name}-client < queen`,
    `tls:index/privateKey:PrivateKey queen-${name}-client-key < queen`,
  ]),
  "kubernetes:core/v1:Secret queen-gateway-tls < queen",
  "kubernetes:core/v1:Secret queen-tls < queen",
  "kubernetes:core/v1:Secret queen-uploader-tls < queen",
  "kubernetes:core/v1:Secret queen-workers-tls < queen",
  "tls:index/certRequest:CertRequest queen-server < queen",
  "tls:index/locallySignedCert:LocallySignedCert queen-server < queen",
  "tls:index/privateKey:PrivateKey queen-ca-key < queen",
  "tls:index/privateKey:PrivateKey queen-server-key < queen",
  "tls:index/selfSignedCert:SelfSignedCert queen-ca < queen",
];
const OBJECTS = [
  "kubernetes:apps/v1:StatefulSet queen < queen",
  "kubernetes:core/v1:ConfigMap queen-ca < queen",
  "kubernetes:core/v1:PersistentVolumeClaim queen-srv < queen",
  "kubernetes:core/v1:Service queen < queen",
  "kubernetes:core/v1:Service queen-uploads < queen",
  "kubernetes:core/v1:ServiceAccount queen < queen",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy queen < queen",
  "kubernetes:scheduling.k8s.io/v1:PriorityClass queen < queen",
  "kvm-fabric:index:Queen queen < stack",
];

test("makes exactly its objects, each below it", async () => {
  const deployment = await run();
  expect(tree(deployment)).toEqual([...OBJECTS, ...KEYS].sort());
  expect(reveal(deployment.outputs.get("queen"))).toEqual({
    caCertificate: "CA CERTIFICATE\n",
    clientSecretNames: {
      gateway: "queen",
      uploader: "queen-uploader-tls",
      workers: "queen-workers-tls",
    },
    consumerRoles: { gateway: "gateway", uploader: "uploader", workers: "worker" },
    host: "queen.nodes.svc",
    identities: Object.fromEntries(
      ["gateway", "uploader", "workers"].map((name) => [
        name,
        { certificate: "SERVER CERTIFICATE", key: "GENERATED-KEY" },
      ]),
    ),
    namespace: "nodes",
    podLabels: { "app.kubernetes.io/name": "queen", "app.kubernetes.io/instance": "queen" },
    serverName: "queen.nodes.svc",
    uploadsServiceHost: "queen-uploads.nodes.svc",
  });
});

test("makes the same tree where nothing is known yet", async () => {
  const later = (name: string, value: string) =>
    new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
  const program = () => {
    new Queen("queen", {
      ...least,
      assetSet: later("a", "v1"),
      namespace: later("b", "nodes"),
      storageClass: later("c", "fast"),
      certificates: { trustedCertificates: [later("d", "PEM")] },
      consumers: least.consumers?.map((one, at) => ({
        ...one,
        namespace: later(`e${at}`, "nodes"),
      })),
      loadBalancer: { cloud: QueenCloud.Aws, allowedCidrs: ["10.0.0.0/20"] },
    });
  };
  const known = await deploy(program, { outputsOf });
  expect(tree(await deploy(program, { preview: true }))).toEqual(tree(known));
  const own = tree(known).filter((line) => line.endsWith("< queen"));
  expect(own).toHaveLength(OBJECTS.length - 1 + KEYS.length + 1);
});

test("two instances side by side share no object", async () => {
  const program = () => {
    for (const name of ["one", "two"]) {
      const consumers = [{ name: "workers", role: QueenRole.Worker }];
      new Queen(name, { ...least, consumers });
    }
  };
  const { resources } = await deploy(program, { outputsOf });
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const names = objects.map(({ type, inputs: i }) => {
    const { name, namespace } = reveal(i.metadata);
    return `${type} ${String(namespace)}/${String(name)}`;
  });
  expect(new Set(names).size).toBe(objects.length);
  expect(objects).toHaveLength(20);
});

test("guards the volume and the authority's key, and lets both go where the guard is off", async () => {
  const guards = ({ resources }: Deployment) =>
    resources
      .filter((one) => one.protect || one.retainOnDelete)
      .map((one) => `${one.name} ${String(one.protect)} ${String(one.retainOnDelete)}`)
      .sort();
  expect(guards(await run())).toEqual([
    "queen true false",
    "queen-ca-key true true",
    "queen-srv true true",
  ]);
  expect(guards(await run({ deletionProtection: false }))).toEqual([]);
});

test("keys lie in Secrets, and what is made of them stays secret", async () => {
  const deployment = await run();
  const plain = [
    deployment.resources.map(({ inputs: i }) => redact(i)),
    redact(Object.fromEntries(deployment.outputs)),
  ];
  expect(JSON.stringify(plain)).not.toContain("GENERATED-KEY");
  const { stringData } = find(deployment, "kubernetes:core/v1:Secret", "queen-workers-tls").inputs;
  expect(isSecret(stringData) || isSecret(stringData["tls.key"])).toBe(true);
  expect(isSecret(deployment.outputs.get("queen")?.identities)).toBe(true);
});

test("each consumer's Secret lies in its namespace, under an identity of its role alone", async () => {
  const deployment = await run();
  const secrets = ["workers", "gateway", "uploader"].map((name) => {
    const { metadata, type } = inputs(deployment, "kubernetes:core/v1:Secret", `queen-${name}-tls`);
    return `${String(metadata.namespace)}/${String(metadata.name)} ${String(type)}`;
  });
  expect(secrets).toEqual([
    "nodes/queen-workers-tls kubernetes.io/tls",
    "api/queen kubernetes.io/tls",
    "jobs/queen-uploader-tls kubernetes.io/tls",
  ]);
  const request = (name: string) =>
    inputs(deployment, "tls:index/certRequest:CertRequest", `queen-${name}`);
  expect(request("workers-client").uris).toEqual(["spiffe://kvm-fabric.dev/ns/nodes/queen/worker"]);
  expect(request("gateway-client").uris).toEqual([
    "spiffe://kvm-fabric.dev/ns/nodes/queen/gateway",
  ]);
  expect(request("uploader-client").uris).toEqual([
    "spiffe://kvm-fabric.dev/ns/nodes/queen/uploader",
  ]);
  expect(request("uploader-client").dnsNames).toBeUndefined();
  expect(request("server").dnsNames).toEqual([
    "queen.nodes.svc",
    "queen.nodes.svc.cluster.local",
    "queen-uploads.nodes.svc",
    "queen-uploads.nodes.svc.cluster.local",
  ]);
  const signed = (name: string) =>
    inputs(deployment, "tls:index/locallySignedCert:LocallySignedCert", `queen-${name}`);
  expect(signed("server")).toMatchObject({
    allowedUses: ["digital_signature", "server_auth"],
    validityPeriodHours: 8760,
    earlyRenewalHours: 2920,
  });
  expect(signed("workers-client").allowedUses).toEqual(["digital_signature", "client_auth"]);
});

test("with cert-manager it makes Certificates of the same Secrets, and no key", async () => {
  const issuer = { name: "fabric", caCertificate: "PEM", kind: IssuerKind.Issuer };
  const deployment = await deploy(
    () =>
      void new Queen("queen", {
        ...least,
        certificates: {
          issuer: { ...issuer, caCertificate: issuedBy },
          trustedCertificates: [issuedBy],
        },
      }),
    { outputsOf },
  );
  const type = "kubernetes:cert-manager.io/v1:Certificate";
  expect(tree(deployment)).toEqual(
    [
      ...OBJECTS,
      ...["gateway-tls", "tls", "uploader-tls", "workers-tls"].map(
        (name) => `${type} queen-${name} < queen`,
      ),
    ].sort(),
  );
  expect(inputs(deployment, type, "queen-gateway-tls")).toMatchObject({
    metadata: { name: "queen", namespace: "api" },
    spec: {
      secretName: "queen",
      commonName: "gateway",
      uris: ["spiffe://kvm-fabric.dev/ns/nodes/queen/gateway"],
      usages: ["digital signature", "client auth"],
      duration: "2160h",
      renewBefore: "720h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "fabric" },
    },
  });
  expect(inputs(deployment, "kubernetes:core/v1:ConfigMap", "queen-ca").data).toEqual({
    "ca.crt": `${issuedBy}${issuedBy}`,
  });
  expect(deployment.outputs.get("queen")).not.toHaveProperty("identities");
});

const issuedBy = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

test("stays on a node that says nothing, leaves one that is not ready, and whoever wants it otherwise says so", async () => {
  const failure = (key: string) => ({ key, operator: "Exists", effect: "NoExecute" });
  const silent = failure("node.kubernetes.io/unreachable");
  const own = [{ ...failure("node.kubernetes.io/not-ready"), tolerationSeconds: 300 }, silent];
  const [worker, ...others] = podOf(await run()).tolerations;
  expect(worker.key).toBe("kvm-fabric.dev/worker");
  expect(others).toEqual(own);
  const asked = [{ ...silent, tolerationSeconds: 60 }];
  // Of two that fit, Kubernetes takes the first.
  expect(podOf(await run({ tolerations: asked })).tolerations).toEqual([worker, ...asked, ...own]);
});

test("the pod: what starts before the guest, in its order, and what each may", async () => {
  const pod = podOf(await run());
  const order = pod.initContainers.map(({ name, restartPolicy }: any) => [name, restartPolicy]);
  expect(order).toEqual([
    ["hold", "Always"],
    ["verify-host", undefined],
    ["disk", undefined],
    ["proxy-fabric", "Always"],
    ["proxy-uploads", "Always"],
  ]);
  expect(pod.containers.map(({ name }: any) => name)).toEqual(["queen"]);
  for (const { securityContext } of [...pod.initContainers, ...pod.containers]) {
    expect(securityContext).toMatchObject({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(securityContext.capabilities.add).toBeUndefined();
  }
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(pod.hostNetwork).toBeUndefined();
  const users = ["proxy-fabric", "proxy-uploads"].map((name) => named(pod, name).securityContext);
  for (const one of users) {
    expect(one).toMatchObject({ runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532 });
  }
});

test("each proxy lets in its roles alone, and only the proxies see the key", async () => {
  const pod = podOf(await run({ domain: "example.com" }));
  const common = [
    ...["--cert=/tls/tls.crt", "--key=/tls/tls.key", "--cacert=/authority/ca.crt"],
    ...["--timed-reload=30s", "--shutdown-timeout=5s"],
  ];
  expect(named(pod, "proxy-fabric").args).toEqual([
    "server",
    "--listen=:5640",
    "--target=127.0.0.1:15640",
    "--status=:5642",
    "--allow-uri=spiffe://example.com/ns/nodes/queen/worker",
    "--allow-uri=spiffe://example.com/ns/nodes/queen/gateway",
    ...common,
  ]);
  expect(named(pod, "proxy-uploads").args).toEqual([
    "server",
    "--listen=:5641",
    "--target=127.0.0.1:15641",
    "--status=:5643",
    "--allow-uri=spiffe://example.com/ns/nodes/queen/uploader",
    ...common,
  ]);
  const seers = [...pod.initContainers, ...pod.containers]
    .filter(({ volumeMounts }: any) => volumeMounts.some((one: any) => one.name === "queen-tls"))
    .map(({ name }: any) => name);
  expect(seers).toEqual(["proxy-fabric", "proxy-uploads"]);
  expect(pod.volumes.slice(-3)).toEqual([
    { name: "srv", persistentVolumeClaim: { claimName: "queen-srv" } },
    { name: "queen-tls", secret: { secretName: "queen-tls", defaultMode: 0o444 } },
    { name: "queen-ca", configMap: { name: "queen-ca" } },
  ]);
});

test("the guest is called and calls nobody; it has its role, its disk and the device", async () => {
  const queen = named(podOf(await run({ guest: { kernel: "cohesix.efi" } })), "queen");
  const { command } = queen;
  expect(command.slice(0, 7)).toEqual([
    "qemu-system-x86_64",
    "-m",
    "2048",
    "-kernel",
    "/assets/cohesix.efi",
    "-append",
    "COHROLE=$(ROLE)",
  ]);
  expect(command.slice(-6)).toEqual([
    "-netdev",
    "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:15640-:564,hostfwd=tcp:127.0.0.1:15641-:565",
    "-device",
    "virtio-net-pci,netdev=net,romfile=",
    "-drive",
    "file=/srv-disk/disk.img,format=raw,if=virtio,cache=writeback,discard=unmap,detect-zeroes=unmap,file.locking=on",
  ]);
  expect(queen.env.at(-1)).toEqual({ name: "ROLE", value: "QueenPrimary" });
  expect(queen.resources).toEqual({
    requests: { cpu: "1", memory: "2560Mi", "kvm-fabric.dev/kvm": "1" },
    limits: { memory: "2560Mi", "kvm-fabric.dev/kvm": "1" },
  });
});

test("closes the pod to all but each role's pods, at the listener of that role", async () => {
  const policy = inputs(await run(), "kubernetes:networking.k8s.io/v1:NetworkPolicy", "queen").spec;
  const peer = (namespace: string, matchLabels: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels },
  });
  const app = (name: string) => ({ "app.kubernetes.io/name": name });
  expect(policy).toEqual({
    podSelector: { matchLabels: { ...app("queen"), "app.kubernetes.io/instance": "queen" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [peer("nodes", app("worker")), peer("api", app("api-gateway"))],
        ports: [{ port: 5640, protocol: "TCP" }],
      },
      { from: [peer("jobs", { job: "up" })], ports: [{ port: 5641, protocol: "TCP" }] },
    ],
    egress: [],
  });
});

test("without consumers nobody is let in, and a guest that may call out does so where it may", async () => {
  const { spec } = inputs(
    await run({ consumers: [], guest: { egressCidrs: ["10.1.0.0/16"] } }),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "queen",
  );
  expect(spec.ingress).toEqual([]);
  expect(spec.egress[0]).toEqual({ to: [{ ipBlock: { cidr: "10.1.0.0/16" } }] });
  expect(spec.egress[1].ports.map(({ port }: any) => port)).toEqual([53, 53]);
});

test.each([
  [
    QueenCloud.Aws,
    {
      "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
      "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
    },
  ],
  [QueenCloud.Gcp, { "networking.gke.io/load-balancer-type": "Internal" }],
  [QueenCloud.Azure, { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" }],
])(
  "on %s an internal load balancer leads to the uploads, for its addresses alone",
  async (cloud, own) => {
    const allowedCidrs = ["10.0.32.0/20"];
    const deployment = await deploy(
      () =>
        void new Queen("queen", {
          ...least,
          loadBalancer: { cloud, allowedCidrs, annotations: { mine: "1" } },
        }),
      {
        outputsOf: (type, name) => ({
          ...outputsOf(type),
          ...(name === "queen-uploads-balancer" && {
            status: { loadBalancer: { ingress: [{ ip: "10.0.0.9" }] } },
          }),
        }),
      },
    );
    const { metadata, spec } = inputs(
      deployment,
      "kubernetes:core/v1:Service",
      "queen-uploads-balancer",
    );
    expect(metadata.annotations).toEqual({ ...own, mine: "1" });
    expect(spec).toMatchObject({
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      loadBalancerSourceRanges: allowedCidrs,
      ports: [{ name: "secure9p", port: 564, targetPort: "uploads", protocol: "TCP" }],
    });
    const policy = inputs(deployment, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "queen");
    expect(policy.spec.ingress[0].from).not.toContainEqual({ ipBlock: { cidr: "10.0.32.0/20" } });
    expect(policy.spec.ingress[1].from.at(-1)).toEqual({ ipBlock: { cidr: "10.0.32.0/20" } });
    expect(deployment.outputs.get("queen")?.uploadsHost).toBe("10.0.0.9");
  },
);

test("the Services lead each to its listener, and the volume is asked for as it was said", async () => {
  const deployment = await run({ storageClass: "fast", storageGib: 100 });
  const service = (name: string) =>
    inputs(deployment, "kubernetes:core/v1:Service", name).spec.ports;
  const port = { name: "secure9p", port: 564, protocol: "TCP" };
  expect(service("queen")).toEqual([{ ...port, targetPort: "fabric" }]);
  expect(service("queen-uploads")).toEqual([{ ...port, targetPort: "uploads" }]);
  const claim = inputs(deployment, "kubernetes:core/v1:PersistentVolumeClaim", "queen-srv").spec;
  expect(claim).toEqual({
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast",
    resources: { requests: { storage: "100Gi" } },
  });
  expect(named(podOf(deployment), "disk").env).toEqual([{ name: "DISK_GIB", value: "90" }]);
  const { spec } = inputs(deployment, "kubernetes:apps/v1:StatefulSet", "queen");
  expect(spec).toMatchObject({ serviceName: "queen", replicas: 1 });
});

test("a reference leads each role to its listener, and a consumer that is none is named", async () => {
  const refs: any = {};
  let unknown: unknown;
  await deploy(
    () => {
      const queen = new Queen("queen", least);
      for (const name of ["workers", "uploader"]) refs[name] = queenRef(queen, name);
      try {
        queenRef(queen, "nobody");
      } catch (error) {
        unknown = error;
      }
    },
    { outputsOf },
  );
  const resolved = async (ref: any) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ref).map(async ([key, value]: any) => [
          key,
          value?.promise === undefined ? value : await value.promise(),
        ]),
      ),
    );
  const common = {
    caCertificate: "CA CERTIFICATE\n",
    port: 564,
    serverName: "queen.nodes.svc",
    namespace: "nodes",
    podLabels: { "app.kubernetes.io/name": "queen", "app.kubernetes.io/instance": "queen" },
  };
  expect(await resolved(refs.workers)).toEqual({
    ...common,
    clientSecretName: "queen-workers-tls",
    host: "queen.nodes.svc",
    targetPort: 5640,
  });
  expect(await resolved(refs.uploader)).toEqual({
    ...common,
    clientSecretName: "queen-uploader-tls",
    host: "queen-uploads.nodes.svc",
    targetPort: 5641,
  });
  expect(String(unknown)).toContain(
    'queen has no consumer "nobody", allowed gateway, uploader, workers',
  );
});
