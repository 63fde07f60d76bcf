import {
  declaredFaults,
  findAwsMachine,
  findAzureMachine,
  findGcpMachine,
  type MachineFound,
} from "../../../../components/kvm-node-pool/catalogue";
import { AWS_METAL, AWS_NESTED } from "../../../../components/kvm-node-pool/catalogue/aws";
import { AZURE_FAMILIES } from "../../../../components/kvm-node-pool/catalogue/azure";
import { CATALOGUE_DATE } from "../../../../components/kvm-node-pool/catalogue/machine";
import { providerFaults } from "../../../../components/kvm-node-pool/catalogue/providers";
import { renderFault } from "../../../../components/shared/faults";

const said = (found: MachineFound) => (found.ok ? "" : renderFault(found.fault));
const machineOf = (found: MachineFound) => (found.ok ? found.machine : undefined);

test.each([
  ["m8i.2xlarge", "nested", "amd64"],
  ["c8i-flex.large", "nested", "amd64"],
  ["m7i.4xlarge", "nested", "amd64"],
  ["m5.metal", "metal", "amd64"],
  ["m8i.metal-48xl", "metal", "amd64"],
  ["c7g.metal", "metal", "arm64"],
  ["i7ie.metal-24xl", "metal", "amd64"],
])("EC2 %s gives KVM as %s on %s", (type, kvm, architecture) => {
  expect(machineOf(findAwsMachine("instanceType", type))).toEqual({ type, kvm, architecture });
});

test.each([
  ["m6i.2xlarge", /gives no \/dev\/kvm: .*some Intel families alone.*; try a metal size of m6i/],
  ["m7g.large", /Graviton processors have no nested virtualisation/],
  ["c7a.large", /no nested virtualisation on AMD/],
  ["t3.large", /gives no \/dev\/kvm/],
  ["m8i", /not an EC2 instance type, got "m8i"; try m8i\.2xlarge/],
  ["m8j.metal", /not in the catalogue of .*; try .*\.metal, or declare it yourself with `machine`/],
  ["mm8i.large", /not in the catalogue of .*; try m8i\.large, or declare it/],
])("EC2 %s is refused with the reason and the way out", (type, message) => {
  expect(said(findAwsMachine("instanceType", type))).toMatch(message);
});

test.each([
  ["n2-standard-8", "nested"],
  ["c3-standard-4", "nested"],
  ["n1-custom-8-16384", "nested"],
  ["custom-8-16384", "nested"],
  ["c3-standard-192-metal", "metal"],
])("Compute Engine %s gives KVM as %s", (type, kvm) => {
  expect(machineOf(findGcpMachine("machineType", type))).toMatchObject({ type, kvm });
});

test.each([
  ["e2-standard-4", /gives no \/dev\/kvm: E2 machines/],
  ["n2d-standard-4", /on AMD processors, .*; try n2-standard-8/],
  ["t2a-standard-4", /Arm processors/],
  ["c4a-standard-4", /Arm processors/],
  ["m3-ultramem-32", /memory-optimised/],
  ["n9-standard-4", /not in the catalogue of .*; try n[12]-standard-4, or declare it/],
  ["standard", /not a Compute Engine machine type/],
])("Compute Engine %s is refused with the reason and the way out", (type, message) => {
  expect(said(findGcpMachine("machineType", type))).toMatch(message);
});

test.each(["Standard_D8s_v5", "Standard_E16-4ds_v4", "Standard_D4_v3", "Standard_E8ds_v5"])(
  "Azure %s gives KVM",
  (type) => {
    expect(machineOf(findAzureMachine("vmSize", type))).toMatchObject({ type, kvm: "nested" });
  },
);

test.each([
  ["Standard_D8as_v5", /on AMD sizes is not vouched for, .*; try Standard_D8s_v5/],
  ["Standard_D8ps_v5", /Arm processors/],
  ["Standard_DC8s_v3", /confidential machines/],
  ["Standard_EC8as_v5", /confidential machines/],
  ["Standard_D8s_v6", /not in the catalogue of .*; try Standard_D8s_v[345], or declare it/],
  ["Standard_F8s_v2", /not in the catalogue/],
  ["D8s_v5", /not an Azure size/],
])("Azure %s is refused with the reason and the way out", (type, message) => {
  expect(said(findAzureMachine("vmSize", type))).toMatch(message);
});

test("what the catalogue suggests is in the catalogue", () => {
  for (const type of ["m8j.metal", "mm8i.large", "zz9.metal"]) {
    const suggestion = /; try ([^,;]+), or/.exec(said(findAwsMachine("t", type)))?.[1] ?? "";
    expect(machineOf(findAwsMachine("t", suggestion))).toBeDefined();
  }
  for (const type of ["Standard_F8s_v2", "Standard_D8s_v6", "Standard_M8ms_v9"]) {
    const suggestion = /; try ([^,;]+), or/.exec(said(findAzureMachine("t", type)))?.[1] ?? "";
    expect(machineOf(findAzureMachine("t", suggestion))).toBeDefined();
  }
  const gcp = /; try ([^,;]+), or/.exec(said(findGcpMachine("t", "n9-standard-4")))?.[1] ?? "";
  expect(machineOf(findGcpMachine("t", gcp))).toBeDefined();
});

test("none is nested on Arm or AMD, and the facts carry a date", () => {
  expect(CATALOGUE_DATE).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  for (const [family, facts] of AWS_NESTED) {
    expect(facts.architecture).toBe("amd64");
    expect(family).toMatch(/i[a-z]*(-flex)?$/);
  }
  expect(AWS_METAL.size).toBe(98);
  expect(AZURE_FAMILIES.size).toBe(20);
});

test.each([
  ["cx22", "Hetzner Cloud"],
  ["CAX41", "Hetzner Cloud"],
  ["hcloud", "Hetzner Cloud"],
  ["s-4vcpu-8gb", "DigitalOcean"],
  ["equinix-metal", "Equinix Metal"],
  ["g6-standard-4", "Linode"],
])("a host of %s is refused by name", (got, company) => {
  const [fault] = providerFaults("hosts[0].provider", got);
  expect(fault?.path).toBe("hosts[0].provider");
  expect(renderFault(fault ?? { path: "", problem: "" })).toMatch(
    new RegExp(`${company.replace(/[()]/g, ".")}.* gives no /dev/kvm, got ".*"; try `),
  );
});

test("a dedicated server and an unknown company pass", () => {
  expect(["ax102", "EX44", "ovh", undefined].flatMap((got) => providerFaults("p", got))).toEqual(
    [],
  );
});

test("a declared machine is checked, since other languages give any text", () => {
  const wrong: any = { type: "", kvm: "hyper-v", architecture: "x86" };
  expect(declaredFaults("machine", wrong).map(renderFault)).toEqual([
    "machine.type: missing",
    'machine.kvm: not one of the values, got "hyper-v", allowed metal, nested',
    'machine.architecture: not one of the values, got "x86", allowed amd64, arm64',
  ]);
});
