import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { jailerSeccompProfile } from "../../../components/worker/jailer/seccomp";
import { WORKER_CAPABILITIES } from "../../../components/worker/security";
import { Isolation, TapDevices, Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { deploy, find, tree } from "../../support/deploy";

const DAEMON_SET = "kubernetes:apps/v1:DaemonSet";
const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const networkImage = `registry.example/network@sha256:${"b".repeat(64)}`;
const least: WorkerDaemonSetArgs = { assetSet: "v1", image, namespace: "nodes" };
const jailer: Partial<WorkerDaemonSetArgs> = { isolation: Isolation.Jailer };
const privileged: Partial<WorkerDaemonSetArgs> = {
  isolation: Isolation.PrivilegedHostNetwork,
  privilegedReasons: ["makes bridges on the host", "is to go in May"],
};

async function podOf(args: Partial<WorkerDaemonSetArgs>) {
  const deployment = await deploy(() => {
    new WorkerDaemonSet("workers", { ...least, ...args });
  });
  const { metadata, spec } = find(deployment, DAEMON_SET, "workers").inputs;
  const pod = spec.template.spec;
  const containers: any[] = [...pod.initContainers, ...pod.containers];
  const by = Object.fromEntries(containers.map((one) => [one.name, one]));
  return { by, containers, deployment, metadata, pod, template: spec.template.metadata };
}

/** Everything that a container may beyond nothing, whichever way it was given. */
function rightsOf({ securityContext: context }: any) {
  const { add = [], drop = [] } = context.capabilities ?? {};
  return {
    capabilities: [...add].sort((a: string, b: string) => (a < b ? -1 : 1)),
    ...(drop.join() === "ALL" ? {} : { keeps: "all capabilities" }),
    ...(context.privileged ? { privileged: true } : {}),
    ...(context.allowPrivilegeEscalation === false ? {} : { escalates: true }),
    ...(context.readOnlyRootFilesystem ? {} : { writesRoot: true }),
    ...(context.seccompProfile ? { seccomp: context.seccompProfile.type } : {}),
    ...(context.appArmorProfile ? { appArmor: context.appArmorProfile.type } : {}),
  };
}

const NONE = { capabilities: [] };
const NET_ADMIN = { capabilities: ["NET_ADMIN"] };
const SEVEN = [
  ...["CHOWN", "DAC_OVERRIDE", "MKNOD", "NET_ADMIN"],
  ...["SETGID", "SETUID", "SYS_ADMIN"],
];

const modes: [string, Partial<WorkerDaemonSetArgs>, Record<string, object>][] = [
  ["by default", {}, { hold: NONE, "verify-host": NONE, network: NET_ADMIN, worker: NONE }],
  [
    "that makes its own TAP devices",
    { tapDevices: TapDevices.Worker },
    { hold: NONE, "verify-host": NONE, network: NET_ADMIN, worker: NET_ADMIN },
  ],
  [
    "without TAP devices",
    { tapDevices: TapDevices.None },
    { hold: NONE, "verify-host": NONE, network: NET_ADMIN, worker: NONE },
  ],
  [
    "of QEMU",
    { vmm: Vmm.Qemu },
    { hold: NONE, "verify-host": NONE, network: NET_ADMIN, worker: NONE },
  ],
  [
    "below an AppArmor profile",
    { appArmorProfile: "kvm-worker" },
    {
      ...{ hold: NONE, "verify-host": NONE, network: NET_ADMIN },
      worker: { ...NONE, appArmor: "Localhost" },
    },
  ],
  [
    "with the jailer",
    jailer,
    {
      ...{ hold: NONE, "verify-host": NONE, network: NET_ADMIN },
      worker: { capabilities: SEVEN, seccomp: "Localhost", appArmor: "Unconfined" },
    },
  ],
  [
    "with the jailer below an AppArmor profile",
    { ...jailer, appArmorProfile: "jailer" },
    {
      ...{ hold: NONE, "verify-host": NONE, network: NET_ADMIN },
      worker: { capabilities: SEVEN, seccomp: "Localhost", appArmor: "Localhost" },
    },
  ],
  [
    "in the host's network",
    privileged,
    {
      ...{ hold: NONE, "verify-host": NONE, "metadata-guard": NET_ADMIN },
      worker: {
        capabilities: [],
        keeps: "all capabilities",
        privileged: true,
        escalates: true,
        seccomp: "Unconfined",
      },
    },
  ],
];

test.each(modes)(
  "a worker %s has exactly these rights, container by container",
  async (_, args, rights) => {
    const { by, containers, pod } = await podOf(args);
    expect(containers.map(({ name }) => name)).toEqual(Object.keys(rights));
    expect(
      Object.fromEntries(Object.entries(by).map(([name, one]) => [name, rightsOf(one)])),
    ).toEqual(rights);
    expect(pod.securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect([pod.automountServiceAccountToken, pod.enableServiceLinks]).toEqual([false, false]);
    expect([pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined]);
    expect(pod.hostNetwork).toBe(args === privileged ? true : undefined);
  },
);

test("the jailer's capabilities are seven, and no isolation has another", () => {
  expect(new Set(WORKER_CAPABILITIES[Isolation.Jailer].worker)).toEqual(new Set(SEVEN));
  const all = Object.values(WORKER_CAPABILITIES).flatMap(({ network, worker }) => [
    ...network,
    ...worker,
  ]);
  expect(new Set(all)).toEqual(new Set(SEVEN));
  expect(WORKER_CAPABILITIES[Isolation.DevicePlugin].worker).toEqual([]);
});

const hostPaths = (pod: any) =>
  pod.volumes
    .filter(({ hostPath }: any) => hostPath)
    .map(({ name, hostPath }: any) => `${name}: ${hostPath.path} ${hostPath.type}`);

/** Who sees which folder of the node, and how. */
const sightings = (pod: any, containers: any[]) => {
  const ofHost = new Set(
    pod.volumes.filter(({ hostPath }: any) => hostPath).map(({ name }: any) => name),
  );
  return containers.flatMap(({ name, volumeMounts = [] }: any) =>
    volumeMounts
      .filter((mount: any) => ofHost.has(mount.name))
      .map(
        ({ name: volume, mountPath, readOnly, subPath }: any) =>
          `${name}: ${volume}${subPath ? `/${subPath}` : ""} at ${mountPath}${readOnly ? "" : ", writable"}`,
      ),
  );
};

const ASSETS = "assets: /var/lib/kvm-fabric Directory";
const TUN = "tun: /dev/net/tun CharDevice";
const SEEN = [
  "hold: assets at /host-assets",
  "verify-host: assets/versions/v1 at /var/firecracker",
  "worker: assets/versions/v1 at /var/firecracker",
];

test("sees of the node its asset set, read-only, and the TAP device's node", async () => {
  const { pod, containers } = await podOf({});
  expect(hostPaths(pod)).toEqual([ASSETS, TUN]);
  expect(new Set(sightings(pod, containers))).toEqual(
    new Set([
      ...SEEN,
      "network: tun at /dev/net/tun, writable",
      "worker: tun at /dev/net/tun, writable",
    ]),
  );
});

test("writes of the node with the jailer nothing but the kubelet's folder of its own profiles", async () => {
  const { pod, containers } = await podOf({ ...jailer, kubeletRoot: "/data/kubelet" });
  expect(hostPaths(pod)).toEqual([
    ASSETS,
    TUN,
    "host-seccomp: /data/kubelet/seccomp/kvm-fabric DirectoryOrCreate",
  ]);
  expect(new Set(sightings(pod, containers))).toEqual(
    new Set([
      ...SEEN,
      "hold: host-seccomp at /host-seccomp, writable",
      "network: tun at /dev/net/tun, writable",
      "worker: tun at /dev/net/tun, writable",
    ]),
  );
});

test.each([
  ["without TAP devices", { tapDevices: TapDevices.None }],
  ["in the host's network", privileged],
])("sees of the node its asset set alone %s", async (_, args) => {
  const { pod, containers } = await podOf(args);
  expect(hostPaths(pod)).toEqual([ASSETS]);
  expect(new Set(sightings(pod, containers))).toEqual(new Set(SEEN));
});

test("everything else that it writes is the pod's own and has a bound", async () => {
  const { by, pod } = await podOf({ ...jailer, runVolumeGib: 3 });
  expect(pod.volumes.filter(({ emptyDir }: any) => emptyDir)).toEqual([
    { name: "hold", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    { name: "run", emptyDir: { sizeLimit: "3Gi" } },
    { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
  ]);
  const mounts = (name: string) => by[name].volumeMounts.map((mount: any) => mount.mountPath);
  expect(mounts("hold")).toEqual(["/host-assets", "/run/hold", "/seccomp", "/host-seccomp"]);
  expect(mounts("verify-host")).toEqual(["/var/firecracker"]);
  expect(mounts("network")).toEqual(["/run/worker", "/dev/net/tun"]);
  expect(mounts("worker")).toEqual(["/var/firecracker", "/run/worker", "/tmp", "/dev/net/tun"]);
});

test("opens the device in verify-host and in the worker, where that is not privileged", async () => {
  const kvm = (by: any) =>
    Object.entries<any>(by)
      .filter(([, { resources }]) => resources.limits["kvm-fabric.dev/kvm"] === "1")
      .map(([name, { resources }]) => [name, resources.requests["kvm-fabric.dev/kvm"]]);
  for (const args of [{}, jailer, { vmm: Vmm.Qemu }]) {
    expect(kvm((await podOf(args)).by)).toEqual([
      ["verify-host", "1"],
      ["worker", "1"],
    ]);
  }
  expect(kvm((await podOf(privileged)).by)).toEqual([["verify-host", "1"]]);
});

test("ships the jailer's seccomp profile, named by its content everywhere alike", async () => {
  const { by, deployment, pod } = await podOf(jailer);
  const configMap = find(deployment, "kubernetes:core/v1:ConfigMap", "workers-seccomp").inputs;
  expect(configMap.data).toEqual({ "profile.json": jailerSeccompProfile() });
  expect(configMap.immutable).toBe(true);
  const [, hash] = /^workers-seccomp-([0-9a-f]{12})$/.exec(configMap.metadata.name) ?? [];
  expect(hash).toBeDefined();
  expect(by.worker.securityContext.seccompProfile).toEqual({
    type: "Localhost",
    localhostProfile: `kvm-fabric/workers-${hash}.json`,
  });
  expect(pod.volumes.find(({ name }: any) => name === "seccomp")).toEqual({
    name: "seccomp",
    configMap: { name: configMap.metadata.name },
  });
  expect(by.hold.env.slice(2)).toEqual([
    { name: "SECCOMP_FOLDER", value: "/host-seccomp" },
    { name: "SECCOMP_PROFILE", value: `workers-${hash}.json` },
    { name: "SECCOMP_SOURCE", value: "/seccomp/profile.json" },
  ]);
  expect(find(deployment, DAEMON_SET, "workers").dependsOn).toContain("workers-seccomp");
  expect(tree((await podOf({})).deployment).join()).not.toContain("seccomp");
});

test("writes down why it is privileged, on the DaemonSet and on its pods, and nothing where it is not", async () => {
  const { metadata, template } = await podOf({ ...privileged, domain: "aetherium.io" });
  const annotations = {
    "aetherium.io/privileged-reasons": "makes bridges on the host; is to go in May",
  };
  expect([metadata.annotations, template.annotations]).toEqual([annotations, annotations]);
  const plain = await podOf(jailer);
  expect([plain.metadata.annotations, plain.template.annotations]).toEqual([undefined, undefined]);
});

test("holds first, and starts nothing before that is so; waits for an hour at a time", async () => {
  const { by, pod } = await podOf({});
  expect(pod.initContainers.map(({ name }: any) => name)).toEqual([
    "hold",
    "verify-host",
    "network",
  ]);
  const { restartPolicy, startupProbe } = by.hold;
  expect(restartPolicy).toBe("Always");
  expect(startupProbe.exec.command.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(3600);
  expect([by["verify-host"].restartPolicy, by.network.restartPolicy]).toEqual([
    undefined,
    undefined,
  ]);
});

test("guards the host's network for as long as it runs, and the pod's own once", async () => {
  const { by } = await podOf(privileged);
  expect(by["metadata-guard"].restartPolicy).toBe("Always");
  expect(by["metadata-guard"].startupProbe.exec.command.slice(0, 4)).toEqual([
    ...["nft", "list", "table", "inet"],
  ]);
  expect(by["metadata-guard"].volumeMounts).toBeUndefined();
});

test("the network's container has an image of its own where one is named", async () => {
  const guestNetwork = { image: networkImage };
  const images = async (args: Partial<WorkerDaemonSetArgs>) =>
    (await podOf({ ...args, guestNetwork })).containers.map(({ image: one }) => one);
  expect(await images({})).toEqual([image, image, networkImage, image]);
  expect(await images(privileged)).toEqual([image, image, networkImage, image]);
});

test("drains before it ends, by its own script or by the caller's", async () => {
  const { by } = await podOf({ terminationGracePeriodSeconds: 600 });
  const [shell, flag, script] = by.worker.lifecycle.preStop.exec.command;
  expect([shell, flag]).toEqual(["/bin/sh", "-c"]);
  expect(script).toContain("\nseconds=590\n");
  expect(by.worker.lifecycle.postStart.exec.command[2]).toBe('rm -f "$KVM_FABRIC_DRAINING"');
  const drainCommand = ["/usr/bin/drain", "--all"];
  const other = await podOf({ drainCommand });
  expect(other.by.worker.lifecycle.preStop).toEqual({ exec: { command: drainCommand } });
});

test("Kubernetes finds nothing to resolve in a script", async () => {
  for (const args of [{}, jailer, privileged, { vmm: Vmm.Qemu }]) {
    const { containers } = await podOf(args);
    for (const { command, env } of containers) {
      const script: string = command?.[2] ?? "";
      // It would take the two for one.
      expect(script).not.toContain("$$");
      const names = env.map(({ name }: any) => name);
      for (const [, name] of script.matchAll(/\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g)) {
        expect(names).not.toContain(name);
      }
    }
  }
});
