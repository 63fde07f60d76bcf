import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { WorkerDaemonSetArgs } from "../../../../components/worker/args";
import { planWorker } from "../../../../components/worker/plan";
import { verifyHostScript } from "../../../../components/worker/verify-host";
import { Isolation, Vmm } from "../../../../components/worker/vmm";

const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const consul = {
  address: "https://consul.consul.svc:8501",
  caCertificate: "PEM",
  datacenter: "dc1",
  tokenSecretName: "workers-token",
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
    assetFiles: ["firecracker", "vmlinux", "rootfs.ext4"],
    assetsMountPath: "/var/firecracker",
    assetsRoot: "/var/lib/kvm-fabric",
    command: [],
    cpu: "1",
    healthPort: 8081,
    ipForwarding: false,
    isolation: "device-plugin",
    maxUnavailable: 1,
    memory: "4Gi",
    minAvailable: undefined,
    ownPriorityClass: true,
    priorityClassName: "workers",
    registration: undefined,
    runVolumeGib: 10,
    tapNetworking: true,
    terminationGracePeriodSeconds: 120,
    vmm: "firecracker",
  });
});

test("a QEMU worker boots its guest with the documented command line", () => {
  const { command, memory, healthPort, tapNetworking } = planOf({
    vmm: Vmm.Qemu,
    qemu: { kernel: "cohesix.efi", arguments: ["-nic", "none"] },
  });
  expect(command.join(" ")).toBe(
    [
      "qemu-system-x86_64 -m 2048 -kernel /assets/cohesix.efi -append COHROLE=$(ROLE)",
      "-accel kvm -cpu host -display none -serial stdio -no-reboot",
      "-qmp unix:/run/worker/monitor.sock,server=on,wait=off -nic none",
    ].join(" "),
  );
  expect([memory, healthPort, tapNetworking]).toEqual(["2560Mi", undefined, false]);
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
  ["role", { vmm: Vmm.Qemu, qemu: { role: "a b" } }, "qemu.role: not the name of a file"],
  [
    "sysctl of the host",
    { isolation: Isolation.PrivilegedHostNetwork, ipForwarding: true },
    "ipForwarding: a pod in the host's network cannot set it",
  ],
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
  const args: any = { vmm: "xen", isolation: "none" };
  expect(faultsOf(args)).toEqual([
    "vmm: not one of the values",
    "isolation: not one of the values",
  ]);
});

test("names every fault at once", () => {
  const args = faulty
    .filter(([name]) => ["image by tag", "domain", "cpu", "health port", "command"].includes(name))
    .reduce<Partial<WorkerDaemonSetArgs>>((all, [, one]) => ({ ...all, ...one }), {});
  expect(faultsOf(args, "Workers")).toHaveLength(6);
});

test("either plans or says why, and never throws", () => {
  const anything = fc.record(
    {
      assetsMountPath: fc.string(),
      healthPort: fc.integer(),
      maxUnavailable: fc.oneof(
        fc.string(),
        fc.nat(120).map((n) => `${n}%`),
      ),
      minAvailable: fc.integer({ min: -2, max: 5 }),
      nodeSelector: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      resources: fc.record({ cpu: fc.string(), memory: fc.string() }),
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

describe("verify-host", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "verify-host-"));
    for (const file of ["firecracker", "vmlinux"]) writeFileSync(join(folder, file), "x");
    writeFileSync(join(folder, "manifest.json"), '{\n  "assetSet": "v1"\n}');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function verify(extra: Record<string, string> = {}) {
    const { status, stderr } = spawnSync("sh", ["-c", verifyHostScript()], {
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        KVM_DEVICE: "/dev/null",
        KVM_FABRIC_ASSETS: folder,
        KVM_FABRIC_ASSET_SET: "v1",
        ASSET_FILES: "firecracker vmlinux",
        ...extra,
      },
    });
    return { status, stderr };
  }

  test("passes a node with the device and the whole set", () => {
    expect(verify()).toEqual({ status: 0, stderr: "" });
  });

  test("says what is wrong: no device", () => {
    expect(verify({ KVM_DEVICE: join(folder, "vmlinux") })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no character device"),
    });
  });

  test("says what is wrong: a missing asset, by name and set", () => {
    expect(verify({ ASSET_FILES: "firecracker rootfs.ext4" })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("asset rootfs.ext4 of set v1 is missing or empty"),
    });
  });

  test("says what is wrong: an empty asset", () => {
    writeFileSync(join(folder, "vmlinux"), "");
    expect(verify().status).toBe(1);
  });

  test("says what is wrong: another set's manifest, even with a longer id", () => {
    writeFileSync(join(folder, "manifest.json"), '{ "assetSet": "v11" }');
    expect(verify().stderr).toContain("not of asset set v1");
  });

  test("is plain POSIX shell", () => {
    const script = join(folder, "script.sh");
    writeFileSync(script, `#!/bin/sh\n${verifyHostScript()}`);
    chmodSync(script, 0o755);
    const shellcheck = spawnSync("shellcheck", ["--shell=sh", "--exclude=SC2153", script], {
      encoding: "utf8",
    });
    if (shellcheck.error === undefined) expect(shellcheck.stdout).toBe("");
    expect(spawnSync("sh", ["-n", script]).status).toBe(0);
  });
});
