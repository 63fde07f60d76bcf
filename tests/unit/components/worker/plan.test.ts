import fc from "fast-check";
import type { WorkerDaemonSetArgs } from "../../../../components/worker/args";
import { planWorker } from "../../../../components/worker/plan";
import { Accelerator } from "../../../../components/vm-pod/accelerator";
import { Isolation, TapDevices, Vmm } from "../../../../components/worker/vmm";

const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const consul = {
  address: "https://consul.consul.svc:8501",
  caCertificate: "PEM",
  datacenter: "dc1",
  tokenSecretName: "workers-token",
};
const privileged = {
  isolation: Isolation.PrivilegedHostNetwork,
  privilegedReasons: ["its image makes namespaces on the host"],
};
const least: WorkerDaemonSetArgs = { assetSet: "v1", image, namespace: "nodes" };

function faultsOf(args: Partial<WorkerDaemonSetArgs>, name = "workers"): string[] {
  const result = planWorker(name, { ...least, ...args });
  return result.ok ? [] : result.faults.map(({ path, problem }) => `${path}: ${problem}`);
}

function planOf(args: Partial<WorkerDaemonSetArgs>) {
  const result = planWorker("workers", { ...least, ...args });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

test("three arguments are enough, and every default is the stated one", () => {
  expect(planOf({})).toMatchObject({
    appArmorProfile: undefined,
    assetFiles: ["firecracker", "vmlinux", "rootfs.ext4"],
    assetsMountPath: "/var/firecracker",
    assetsRoot: "/var/lib/kvm-fabric",
    command: [],
    cpu: "1",
    drainCommand: undefined,
    healthPort: 8081,
    ipForwarding: false,
    isolation: "device-plugin",
    kubeletRoot: "/var/lib/kubelet",
    maxUnavailable: 1,
    memory: "4Gi",
    minAvailable: undefined,
    networkImage: image,
    ownPriorityClass: true,
    priorityClassName: "workers",
    privilegedReasons: [],
    registration: undefined,
    runVolumeGib: 10,
    tapDevices: "helper",
    terminationGracePeriodSeconds: 120,
    vmm: "firecracker",
  });
});

test("a QEMU worker boots its guest with the documented command line", () => {
  const { assetFiles, command, memory, healthPort, tapDevices } = planOf({
    vmm: Vmm.Qemu,
    qemu: { kernel: "cohesix.efi", arguments: ["-nic", "none"] },
  });
  expect(command.join(" ")).toBe(
    [
      "qemu-system-x86_64 -m 2048 -kernel /assets/cohesix.efi -append COHROLE=$(ROLE)",
      "-accel kvm -cpu host -display none -serial stdio -no-reboot",
      "-qmp unix:/run/worker/monitor.sock,server=on,wait=off",
      "-chardev pipe,id=drain,path=/run/worker/monitor -mon chardev=drain,mode=readline -nic none",
    ].join(" "),
  );
  expect([memory, healthPort, tapDevices]).toEqual(["2560Mi", undefined, "none"]);
  expect(assetFiles).toEqual(["cohesix.efi"]);
});

test("a QEMU worker takes a RAM disk, further words for its kernel, software, and who minds it", () => {
  const { assetFiles, command } = planOf({
    vmm: Vmm.Qemu,
    qemu: {
      accelerator: Accelerator.Tcg,
      initrd: "initrd.img",
      kernelArguments: "console=ttyS0 quiet",
      launcher: "/usr/local/bin/mind",
    },
  });
  expect(assetFiles).toEqual(["vmlinux", "initrd.img"]);
  expect(command.slice(0, 2)).toEqual(["/usr/local/bin/mind", "qemu-system-x86_64"]);
  const after = (word: string) => command[command.indexOf(word) + 1];
  expect([after("-initrd"), after("-append"), after("-accel")]).toEqual([
    "/assets/initrd.img",
    "COHROLE=$(ROLE) console=ttyS0 quiet",
    "tcg",
  ]);
  expect(command).not.toContain("-cpu");
});

test("what a left out argument means differs by isolation and monitor as it is said", () => {
  const of = (args: Partial<WorkerDaemonSetArgs>) => {
    const { assetFiles, guestNetwork, tapDevices } = planOf(args);
    const { hostNetwork, taps } = guestNetwork;
    return [tapDevices, taps.length, taps[1]?.owner, hostNetwork, assetFiles.includes("jailer")];
  };
  expect(of({})).toEqual(["helper", 16, 0, false, false]);
  expect(of({ isolation: Isolation.Jailer })).toEqual(["helper", 16, 64_001, false, true]);
  expect(of({ vmm: Vmm.Qemu })).toEqual(["none", 0, undefined, false, false]);
  const helped = { vmm: Vmm.Qemu, tapDevices: TapDevices.Helper };
  expect(of(helped)).toEqual(["helper", 1, undefined, false, false]);
  expect(of({ tapDevices: TapDevices.Worker })).toEqual(["worker", 0, undefined, false, false]);
  expect(of(privileged)).toEqual(["worker", 0, undefined, true, false]);
});

test("a percentage stays one, a count becomes a number", () => {
  expect(planOf({ maxUnavailable: "25%" }).maxUnavailable).toBe("25%");
  expect(planOf({ maxUnavailable: "3" }).maxUnavailable).toBe(3);
});

const faulty: [string, Partial<WorkerDaemonSetArgs>, string][] = [
  ["image by tag", { image: "worker:1" }, "image: an image that is not pinned by digest"],
  ["domain", { domain: "x" }, "domain: not a DNS domain"],
  ["mount path", { assetsMountPath: "a" }, "assetsMountPath: not an absolute path"],
  ["root", { assetsRoot: "/a/../b" }, "assetsRoot: not an absolute path"],
  ["asset file", { assetFiles: ["a", "../b"] }, "assetFiles[1]: not the name of a file"],
  ["command", { command: [] }, "command: empty"],
  ["drain", { drainCommand: [] }, "drainCommand: empty"],
  [
    "reserved variable",
    { environment: { CONSUL_HTTP_TOKEN: "x" } },
    "environment.CONSUL_HTTP_TOKEN: a variable that the component sets itself",
  ],
  ["variable", { environment: { "A-B": "x" } }, "environment.A-B: not the name of a variable"],
  [
    "variable twice",
    {
      environment: { A: "x" },
      environmentSecrets: [{ name: "A", secretName: "s", secretKey: "k" }],
    },
    "environmentSecrets[0].name: set twice",
  ],
  ["health port", { healthPort: 0 }, "healthPort: out of range"],
  ["negative count", { minAvailable: -1 }, "minAvailable: out of range"],
  ["fraction", { runVolumeGib: 1.5 }, "runVolumeGib: out of range"],
  [
    "grace period",
    { terminationGracePeriodSeconds: 0 },
    "terminationGracePeriodSeconds: out of range",
  ],
  ["no rollout", { maxUnavailable: "0" }, "maxUnavailable: not a number of pods"],
  ["over all", { maxUnavailable: "101%" }, "maxUnavailable: not a number of pods"],
  ["cpu", { resources: { cpu: "0" } }, "resources.cpu: not an amount of CPU"],
  ["memory", { resources: { memory: "4GB" } }, "resources.memory: not an amount of memory"],
  ["selector", { nodeSelector: { "a b": "c" } }, "nodeSelector.a b: not a label"],
  [
    "tolerates all",
    { tolerations: [{ operator: "Exists" }] },
    "tolerations[0].key: missing, so it would tolerate every taint",
  ],
  [
    "operator",
    { tolerations: [{ key: "a", operator: "In" }] },
    "tolerations[0].operator: not an operator",
  ],
  [
    "Exists with a value",
    { tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
    "tolerations[0].value: an Exists toleration takes none",
  ],
  ["guest of Firecracker", { qemu: {} }, "qemu: only a QEMU worker has it"],
  ["guest memory", { vmm: Vmm.Qemu, qemu: { memoryMib: 1 } }, "qemu.memoryMib: out of range"],
  ["kernel", { vmm: Vmm.Qemu, qemu: { kernel: "/k" } }, "qemu.kernel: not the name of a file"],
  ["RAM disk", { vmm: Vmm.Qemu, qemu: { initrd: "a/b" } }, "qemu.initrd: not the name of a file"],
  ["role", { vmm: Vmm.Qemu, qemu: { role: "a b" } }, "qemu.role: not the name of a file"],
  ["program", { vmm: Vmm.Qemu, qemu: { binary: "" } }, "qemu.binary: not a program"],
  ["launcher", { vmm: Vmm.Qemu, qemu: { launcher: "a b" } }, "qemu.launcher: not a program"],
  [
    "launcher of nothing",
    { vmm: Vmm.Qemu, qemu: { launcher: "mind" }, command: ["x"] },
    "qemu.launcher: without effect, since command stands for the whole command line",
  ],
  [
    "sysctl of the host",
    { ...privileged, ipForwarding: true },
    "ipForwarding: a pod in the host's network cannot set it",
  ],
  [
    "jailer of QEMU",
    { isolation: Isolation.Jailer, vmm: Vmm.Qemu },
    "isolation: the jailer is Firecracker's, and starts no QEMU",
  ],
  [
    "privilege without a reason",
    { isolation: Isolation.PrivilegedHostNetwork },
    "privilegedReasons: missing, and a privileged worker owns its node",
  ],
  [
    "no reason at all",
    { ...privileged, privilegedReasons: [] },
    "privilegedReasons: missing, and a privileged worker owns its node",
  ],
  [
    "an empty reason",
    { ...privileged, privilegedReasons: ["because", " "] },
    "privilegedReasons[1]: empty",
  ],
  [
    "a reason without privilege",
    { privilegedReasons: ["because"] },
    "privilegedReasons: the worker is not privileged",
  ],
  [
    "a reason beside the jailer",
    { isolation: Isolation.Jailer, privilegedReasons: [] },
    "privilegedReasons: the worker is not privileged",
  ],
  [
    "a helper in the host's network",
    { ...privileged, tapDevices: TapDevices.Helper },
    "tapDevices: in the host's network the worker makes its own",
  ],
  [
    "the kubelet's folder without the jailer",
    { kubeletRoot: "/data/kubelet" },
    "kubeletRoot: only the jailer's seccomp profile lies there",
  ],
  [
    "the kubelet's folder",
    { isolation: Isolation.Jailer, kubeletRoot: "kubelet" },
    "kubeletRoot: not an absolute path",
  ],
  ["AppArmor profile", { appArmorProfile: " a" }, "appArmorProfile: not the name of a profile"],
  [
    "network image by tag",
    { guestNetwork: { image: "net:1" } },
    "guestNetwork.image: an image that is not pinned by digest",
  ],
  ["no TAP device", { guestNetwork: { taps: 0 } }, "guestNetwork.taps: out of range"],
  ["no Consul", { registration: {} }, "registration: there is no Consul to register with"],
  [
    "service name",
    { consul, registration: { serviceName: "A" } },
    "registration.serviceName: not a DNS label",
  ],
  [
    "tag",
    { consul, registration: { tags: ["a,b"] } },
    "registration.tags[0]: empty or with a comma",
  ],
  [
    "own meta",
    { consul, registration: { meta: { node: "x" } } },
    "registration.meta.node: the component sets it itself",
  ],
  [
    "meta key",
    { consul, registration: { meta: { "a.b": "x" } } },
    "registration.meta.a.b: Consul refuses it",
  ],
  [
    "meta count",
    {
      consul,
      registration: { meta: Object.fromEntries([...Array(63).keys()].map((n) => [n, ""])) },
    },
    "registration.meta: too many entries",
  ],
  [
    "QEMU without health in Consul",
    { consul, vmm: Vmm.Qemu },
    "healthPort: missing, so Consul could not ask for the worker's health",
  ],
];

test.each(faulty)("refuses %s", (_, args, fault) => {
  expect(faultsOf(args)).toEqual([fault]);
});

test("refuses values outside the closed sets, which other languages can send", () => {
  const args: any = { vmm: "xen", isolation: "none", tapDevices: "some" };
  expect(faultsOf(args)).toEqual([
    "vmm: not one of the values",
    "isolation: not one of the values",
    "tapDevices: not one of the values",
  ]);
  const qemu: any = { accelerator: "hvf" };
  expect(faultsOf({ vmm: Vmm.Qemu, qemu })).toEqual(["qemu.accelerator: not one of the values"]);
});

test("names every fault at once", () => {
  const args = faulty
    .filter(([name]) => ["image by tag", "domain", "cpu", "health port", "command"].includes(name))
    .reduce<Partial<WorkerDaemonSetArgs>>((all, [, one]) => ({ ...all, ...one }), {});
  expect(faultsOf(args, "Workers")).toHaveLength(6);
  const more = {
    ...{ isolation: Isolation.PrivilegedHostNetwork, ipForwarding: true, kubeletRoot: "a" },
    ...{ tapDevices: TapDevices.None, appArmorProfile: "", guestNetwork: { taps: 2, image: "a" } },
  };
  expect(faultsOf(more).map((fault) => fault.split(":")[0])).toEqual([
    ...["kubeletRoot", "kubeletRoot", "privilegedReasons", "ipForwarding", "tapDevices"],
    ...["appArmorProfile", "guestNetwork.image", "guestNetwork.taps"],
  ]);
});

test("either plans or says why, and never throws", () => {
  const anything = fc.record(
    {
      assetsMountPath: fc.string(),
      guestNetwork: fc.record(
        { cidr: fc.string(), ipv6Cidr: fc.ipV6(), taps: fc.integer({ min: -1, max: 1100 }) },
        { requiredKeys: [] },
      ),
      healthPort: fc.integer(),
      isolation: fc.constantFrom(...Object.values(Isolation)),
      privilegedReasons: fc.array(fc.string(), { maxLength: 2 }),
      maxUnavailable: fc.oneof(
        fc.string(),
        fc.nat(120).map((n) => `${n}%`),
      ),
      minAvailable: fc.integer({ min: -2, max: 5 }),
      nodeSelector: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      resources: fc.record({ cpu: fc.string(), memory: fc.string() }),
      tapDevices: fc.constantFrom(...Object.values(TapDevices)),
      vmm: fc.constantFrom(...Object.values(Vmm)),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.string(), anything, (name, args) => {
      const result = planWorker(name, { ...least, ...args });
      if (result.ok) {
        expect(result.plan.maxUnavailable).not.toBeNaN();
        expect(result.plan.maxUnavailable).not.toBe(0);
      } else {
        expect(result.faults.length).toBeGreaterThan(0);
        for (const { path } of result.faults) expect(path).not.toBe("");
      }
    }),
    { numRuns: 300 },
  );
});
