import * as pulumi from "@pulumi/pulumi";
import { oneMinorUpgrade } from "../../../components/cluster/upgrade-hook";
import { deploy } from "../../support/deploy";

type State = Record<string, unknown> | undefined;

/** What the hook says to an update, as the engine would tell it of one. */
async function answer(update: {
  oldInputs?: State;
  oldOutputs?: State;
  newInputs?: State;
}): Promise<string | undefined> {
  let message: string | undefined;
  await deploy(async () => {
    const monitor: any = pulumi.runtime.getMonitor();
    monitor.registerResourceHook = (_request: any, callback: any) => callback(null, {});
    const properties = { input: "minMasterVersion", output: "masterVersion" };
    const [hook] = oneMinorUpgrade("GcpCluster", "fabric", properties);
    expect(hook).toMatchObject({
      name: "GcpCluster:fabric:one-minor-upgrade",
      opts: { onDryRun: true },
    });
    const urn = "urn:pulumi:dev::p::gcp:container/cluster:Cluster::fabric";
    try {
      await hook?.callback({ urn, id: "i", name: "fabric", type: "t", ...update });
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
  });
  return message;
}

test("refuses a skip from the version that runs, whatever was asked for before", async () => {
  const message = await answer({
    oldInputs: { minMasterVersion: "1.35" },
    oldOutputs: { masterVersion: "1.34.2-gke.1" },
    newInputs: { minMasterVersion: "1.36" },
  });
  expect(message).toBe(
    'GcpCluster "fabric" has 1 fault:\n' +
      "  kubernetesVersion: skips minor versions: the control plane runs 1.34.2-gke.1, " +
      'got "1.36", allowed 1.34 or 1.35; try 1.35 first, with nodes and add-ons',
  );
});

test("compares with what was asked for where the state does not tell what runs", async () => {
  const newInputs = { minMasterVersion: "1.36" };
  expect(await answer({ oldInputs: { minMasterVersion: "1.34" }, newInputs })).toContain("skips");
});

test.each<[string, State, State]>([
  ["one minor version", { masterVersion: "1.35" }, { minMasterVersion: "1.36" }],
  ["another property", { masterVersion: "1.36" }, { minMasterVersion: "1.36", labels: {} }],
  ["no version known before", {}, { minMasterVersion: "1.36" }],
  ["no version asked for", { masterVersion: "1.36" }, {}],
])("lets pass: %s", async (_, oldOutputs, newInputs) => {
  expect(await answer({ oldOutputs, newInputs })).toBeUndefined();
});

test("makes no hook where Pulumi's own mocks take none", async () => {
  await deploy(() => {
    expect(oneMinorUpgrade("C", "n", { input: "version", output: "version" })).toEqual([]);
  });
});
