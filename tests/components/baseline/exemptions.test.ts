import * as fs from "node:fs";
import * as path from "node:path";
import * as components from "../../../components";
import { AksUpgradeChannel } from "../../../components/cluster/azure/args";
import { GkeImageType } from "../../../components/kvm-node-pool/gcp-args";
import { azureCall } from "../../support/cloud-outputs";
import { deploy, reveal } from "../../support/deploy";
import { repository } from "../../support/source-files";
import { stopTheClock } from "../../support/stack-settings";
import { argumentsOf } from "../provider-checks/arguments";
import { outputsOf as storeOutputs, storeCall } from "../data-store/managed/stores";
import { exemptionLines, exemptions, obsolete } from "./exemptions";
import { recordedHosts } from "./host-files";
import { type Judged, judgedStores } from "./judged-stores";
import { is, offenders, type Recorded, some } from "./rules";
import { recordedOutputs } from "./stacks";

stopTheClock();

const group = "/subscriptions/s/resourceGroups/g/providers";
const includes = (entry: string) => (list: unknown) => String(list).split(",").includes(entry);
const aks = { asks: "", broken: undefined, kind: "ManagedCluster" };
const gke = { asks: "", broken: undefined, kind: "Cluster" };
const kvm = { asks: "", broken: undefined, kind: "NodePool" };
const servers = {
  ...{ asks: "", broken: undefined, kind: "Server" },
  path: "apiServer.enable-admission-plugins",
};

/** What each exempted rule looks at, and the arguments that keep it, by the rule's number. */
const judged: Record<string, Judged> = {
  ...judgedStores,
  CKV_AWS_158: {
    rule: { asks: "", broken: undefined, kind: "LogGroup", path: "kmsKeyId", holds: some },
    args: { flowLogs: { encryptionKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1" } },
  },
  CKV_GCP_65: {
    rule: { ...gke, path: "authenticatorGroupsConfig.securityGroup", holds: some },
    args: { securityGroup: "gke-security-groups@example.com" },
  },
  CKV_GCP_66: {
    rule: {
      ...{ ...gke, path: "binaryAuthorization.evaluationMode" },
      holds: is("PROJECT_SINGLETON_POLICY_ENFORCE"),
    },
    args: { binaryAuthorization: true },
  },
  CKV_GCP_10: {
    rule: { ...kvm, path: "management.autoUpgrade", holds: is(true) },
    args: { autoUpgrade: true },
  },
  CKV_GCP_22: {
    rule: { ...kvm, path: "nodeConfig.imageType", holds: is("COS_CONTAINERD") },
    args: { imageType: GkeImageType.ContainerOptimized },
  },
  CKV_AZURE_4: { rule: { ...aks, path: "addonProfiles.omsagent.enabled", holds: is(true) } },
  CKV_AZURE_116: { rule: { ...aks, path: "addonProfiles.azurepolicy.enabled", holds: is(true) } },
  CKV_AZURE_117: {
    rule: { ...aks, path: "diskEncryptionSetID", holds: some },
    args: { diskEncryptionSetId: `${group}/Microsoft.Compute/diskEncryptionSets/disks` },
  },
  CKV_AZURE_171: {
    rule: { ...aks, path: "autoUpgradeProfile.upgradeChannel", holds: is("patch") },
    args: { kubernetesVersion: "1.36", upgradeChannel: AksUpgradeChannel.Patch },
  },
  CKV_AZURE_172: {
    rule: {
      ...{ ...aks, path: "addonProfiles.azureKeyvaultSecretsProvider.config" },
      holds: some,
    },
  },
  CKV_AZURE_226: {
    rule: { ...aks, path: "agentPoolProfiles.0.osDiskType", holds: is("Ephemeral") },
    args: { systemPool: { ephemeralDisk: true } },
  },
  "AKS hardening": {
    rule: { ...aks, path: "securityProfile.azureKeyVaultKms.enabled", holds: is(true) },
    args: {
      etcdKey: {
        keyId: `https://vault.vault.azure.net/keys/etcd/${"0".repeat(32)}`,
        keyVaultId: `${group}/Microsoft.KeyVault/vaults/vault`,
      },
    },
  },
  "CIS 1.2.3": { rule: { ...servers, holds: includes("DenyServiceExternalIPs") } },
  "CIS 1.2.11": { rule: { ...servers, holds: includes("AlwaysPullImages") } },
};

async function made(component: string, args: object): Promise<Recorded[]> {
  const Component: any = Reflect.get(components, component);
  const program = () => {
    new Component("fabric", { ...argumentsOf[component]?.[0], ...args });
  };
  const deployment = await deploy(program, {
    outputsOf: (...asked) => ({ ...recordedOutputs?.(...asked), ...storeOutputs(...asked) }),
    call: async (asked) => ({ ...(await storeCall(asked)), ...(await azureCall(asked)) }),
  });
  const resources = deployment.resources.map(({ type, name, inputs }) => ({
    ...{ type, name, inputs: reveal(inputs) },
  }));
  return [...resources, ...recordedHosts(deployment, "k3s")];
}

test.each(exemptions)("$component does not keep $id by default", async ({ id, component }) => {
  const { absent = false, rule } = judged[id]!;
  const broken = offenders({ id, ...rule }, await made(component, {}));
  expect(broken).toHaveLength(1);
  expect(broken[0] === `no ${rule.kind}`).toBe(absent);
});

const withArgument = exemptions.filter((exemption) => "argument" in exemption);
test.each(withArgument)(
  "$component keeps $id with $argument",
  async ({ id, component, argument }) => {
    const { rule, args = {} } = judged[id]!;
    const [first = "", ...rest] = argument.split(".");
    const given = Reflect.get(args, first);
    expect(rest.length === 0 ? given : given[rest.join(".")]).toBeDefined();
    expect(offenders({ id, ...rule }, await made(component, args))).toEqual([]);
  },
);

const obsoleteIds = obsolete.map(({ id }) => id);
test("what is exempted or obsolete is said once, and with its reason", () => {
  const ids = [...exemptions.map(({ id, component }) => `${component} ${id}`), ...obsoleteIds];
  expect(new Set(ids).size).toBe(ids.length);
  const exempted = new Set<string>(exemptions.map(({ id }) => id));
  expect(Object.keys(judged).sort()).toEqual([...exempted].sort());
  expect(obsoleteIds.filter((id) => exempted.has(id))).toEqual([]);
  for (const { reason } of [...exemptions, ...obsolete]) expect(reason.length).toBeGreaterThan(15);
});

test("docs/security.md has the list", () => {
  const text = fs.readFileSync(path.join(repository, "docs/security.md"), "utf8");
  const [, section = ""] = text.split("## What the defaults do not keep\n");
  const lines = (section.split("\n## ")[0] ?? "").split("\n");
  expect(lines.filter((line) => line.startsWith("- "))).toEqual(exemptionLines());
});
