import * as pulumi from "@pulumi/pulumi";
import { fixedSystemPool } from "../../../../components/cluster/azure/fixed-pool-hook";
import { deploy } from "../../../support/deploy";

type Inputs = Record<string, unknown> | undefined;

/** What the hook says to an update, as the engine would tell it of one. */
async function answer(oldInputs: Inputs, newInputs: Inputs): Promise<string | undefined> {
  let message: string | undefined;
  await deploy(async () => {
    const monitor: any = pulumi.runtime.getMonitor();
    monitor.registerResourceHook = (_request: any, callback: any) => callback(null, {});
    const [hook] = fixedSystemPool("fabric");
    // A preview must say it already.
    expect(hook).toMatchObject({
      name: "AzureCluster:fabric:fixed-system-pool",
      opts: { onDryRun: true },
    });
    const urn = "urn:pulumi:dev::p::azure-native:containerservice:ManagedCluster::fabric";
    try {
      await hook?.callback({ urn, id: "i", name: "fabric", type: "t", oldInputs, newInputs });
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
  });
  return message;
}

const cluster = (pool: object) => ({ agentPoolProfiles: [{ name: "system", ...pool }] });

test("refuses machines that AKS cannot give the pool, with what it has", async () => {
  const message = await answer(
    cluster({ vmSize: "Standard_D4s_v5", maxPods: 110 }),
    cluster({ vmSize: "Standard_D8s_v5", maxPods: 60 }),
  );
  expect(message?.split("\n").map((line) => line.replace(/;.*/, ""))).toEqual([
    'AzureCluster "fabric" has 2 faults:',
    "  systemPool.maxPodsPerNode: AKS cannot change it on the pool that the cluster was made with, got 60, allowed 110",
    '  systemPool.vmSize: AKS cannot change it on the pool that the cluster was made with, got "Standard_D8s_v5", allowed "Standard_D4s_v5"',
  ]);
});

test("lets counts and versions pass, and updates of which nothing is known", async () => {
  const counts = [cluster({ minCount: 3 }), cluster({ minCount: 5, orchestratorVersion: "1.37" })];
  expect(await answer(counts[0], counts[1])).toBeUndefined();
  expect(await answer(undefined, counts[1])).toBeUndefined();
});

test("makes no hook where Pulumi's own mocks take none", async () => {
  await deploy(() => {
    expect(fixedSystemPool("fabric")).toEqual([]);
  });
});
