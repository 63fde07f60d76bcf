import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { fakeK3s } from "../../../../lab/engine/simulated-cloud/command/node-programs";
import { LabError } from "../../../../lab/lab-error";
import {
  askedOfKernels,
  hostsOf,
  k3sVersion,
  loopbackAddress,
  machineSettings,
  needsMachines,
} from "../../../../lab/stack/machine-settings";

const FILE = path.resolve(__dirname, "../../../stacks/settings/Pulumi.bare-metal.yaml");
const given = () => parse(fs.readFileSync(FILE, "utf8"));
const metal = (settings: any) => settings.config["kvm-fabric:fabric"].bareMetal;

test("machines are made for a stack on one's own machines alone", () => {
  expect(needsMachines(given())).toBe(true);
  expect(needsMachines({ config: { "kvm-fabric:fabric": { target: "aws" } } })).toBe(false);
  expect(needsMachines({})).toBe(false);
});

test("every host of the cluster and of its pools is a machine, and what is none is left to the program", () => {
  const settings = given();
  metal(settings).pools.metal.hosts[1].architecture = "arm64";
  expect(hostsOf(settings)).toEqual([
    ...["11", "12", "13", "21"].map((n) => ({ address: `192.168.10.${n}`, architecture: "amd64" })),
    { address: "192.168.10.22", architecture: "arm64" },
  ]);
  metal(settings).cluster.hosts = "node-1";
  metal(settings).pools = [7];
  expect(hostsOf(settings)).toEqual([]);
});

test("a kernel takes what profiles ask for", () => {
  const settings = given();
  metal(settings).pools.metal.profile = {
    kernelModules: ["vfio"],
    sysctls: { "vm.swappiness": "1" },
  };
  expect(askedOfKernels(settings)).toEqual({ modules: ["vfio"], sysctls: ["vm.swappiness"] });
});

test("kubeadm is refused: the lab plays k3s alone", () => {
  const settings = given();
  expect(k3sVersion(settings)).toBe("v1.36.3+k3s1");
  metal(settings).cluster.distribution = "kubeadm";
  expect(() => k3sVersion(settings)).toThrow(LabError);
});

test("an address is of loopback's upper half, no network's own, and always the same", () => {
  const addresses = Array.from({ length: 500 }, (_, index) => loopbackAddress(`lab ${index}`));
  for (const address of addresses) {
    const [first = 0, second = 0, , last = 0] = address.split(".").map(Number);
    expect([first, second >= 64 && second < 128, last > 0 && last < 255]).toEqual([
      127,
      true,
      true,
    ]);
  }
  expect(new Set(addresses).size).toBe(500);
  expect(loopbackAddress("lab 1")).toBe(addresses[1]);
});

test("the settings differ in the API's address, the sums and the key, each of them told, and in nothing else", () => {
  const before = given();
  const { changes, settings } = machineSettings(before, "127.64.0.1");
  const sum = createHash("sha256").update(fakeK3s("v1.36.3+k3s1")).digest("hex");
  const expected = given();
  metal(expected).cluster.api.address = "127.64.0.1";
  metal(expected).cluster.release.sha256 = { amd64: sum };
  expected.config["kvm-fabric:sshPrivateKey"] = expect.stringContaining("PRIVATE KEY");
  expect(settings).toEqual(expected);
  expect(before).toEqual(given());
  expect(changes.map((line) => line.split(" ")[0])).toEqual([
    "api.address",
    "release.sha256",
    "kvm-fabric:sshPrivateKey",
  ]);
  expect(machineSettings(settings, "127.64.0.1").settings).toEqual(settings);
});
