import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { renderKubeconfig, type ExecCredential } from "../../../components/cluster/kubeconfig";
import { labClient } from "../../../lab/cluster/cluster";
import type { SimulatedCluster, SimulatedPool } from "../../../lab/engine/simulated-cloud/effects";
import { kubeClient } from "../../../lab/kube/client";
import { loadKubeconfig } from "../../../lab/kube/kubeconfig";
import { type KubeObject, listAt } from "../../../lab/kube/objects";
import { labProcesses } from "../../../lab/processes";
import { simulatedClusters } from "../../../lab/simulated-clusters/effects";
import {
  listSimulatedClusters,
  simulatedClusterFolder,
} from "../../../lab/simulated-clusters/record";
import { startLab } from "../../../lab/commands/lab/start";
import { stopLab } from "../../../lab/commands/lab/stop";
import { ensureTools } from "../../../lab/toolchain";
import { withOwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";

const lab = withOwnLab();

const eks: SimulatedCluster = {
  id: "aws/prod",
  type: "aws:eks/cluster:Cluster",
  name: "prod",
  region: "eu-central-1",
};
const aks: SimulatedCluster = {
  id: "azure/prod",
  type: "azure-native:containerservice:ManagedCluster",
  name: "prod",
};

const pool: SimulatedPool = {
  id: "prod:kvm",
  clusterId: eks.id,
  name: "kvm",
  count: 2,
  machineType: "m8i.4xlarge",
  zones: ["eu-central-1a", "eu-central-1b"],
  labels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
  taints: [{ key: "kvm-fabric.dev/worker", value: "true", effect: "NO_SCHEDULE" }],
};

const effects = () =>
  simulatedClusters({ state: lab.state, tools: () => ensureTools(), note: () => undefined });

const folder = (cluster: SimulatedCluster) => simulatedClusterFolder(lab.state, cluster.id);

async function inCluster<T>(
  cluster: SimulatedCluster,
  work: (client: ReturnType<typeof labClient>) => Promise<T>,
): Promise<T> {
  const client = labClient(folder(cluster));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

const nodes = (cluster: SimulatedCluster) =>
  inCluster(cluster, (client) => client.list("v1", "Node"));
/** Those of `node.kubernetes.io` come and go by the node controller's hand. */
const ownTaints = ({ spec }: KubeObject): any[] =>
  listAt(spec, "taints").filter(({ key }: any) => !key.startsWith("node.kubernetes.io/"));
const nodeNames = async (cluster: SimulatedCluster) =>
  (await nodes(cluster)).map(({ metadata }) => metadata.name);

const awsExec = (name: string, region = "eu-central-1"): ExecCredential => ({
  command: "aws",
  args: ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
  installHint: "install it",
});
const kubeloginExec: ExecCredential = {
  command: "kubelogin",
  args: ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"],
  installHint: "install it",
};

// What a component outputs, with real kubectl, in the lab's environment.
async function kubectl(
  access: { endpoint: string; certificateAuthorityData: string },
  exec: ExecCredential,
  ...args: string[]
) {
  const file = path.join(lab.state, `${lab.unique("kubeconfig")}.json`);
  fs.writeFileSync(file, renderKubeconfig({ name: "c", ...access, exec }), { mode: 0o600 });
  try {
    return await promisify(execFile)("kubectl", ["--kubeconfig", file, ...args], { env: lab.env });
  } finally {
    fs.rmSync(file);
  }
}

let eksAccess: Awaited<ReturnType<ReturnType<typeof effects>["openCluster"]>>;
let aksAccess: typeof eksAccess;

test("two clusters at once get two API servers, and each always the same", async () => {
  [eksAccess, aksAccess] = await Promise.all([
    effects().openCluster(eks),
    effects().openCluster(aks),
  ]);
  expect(eksAccess.endpoint).not.toBe(aksAccess.endpoint);
  expect(eksAccess.certificateAuthorityData).not.toBe(aksAccess.certificateAuthorityData);
  expect(await effects().openCluster(eks)).toEqual(eksAccess);
  expect(await nodes(eks)).toEqual([]);
});

test("the kubeconfig that components render works with kubectl, by the lab's stand-ins", async () => {
  const { stdout } = await kubectl(eksAccess, awsExec("prod"), "auth", "whoami", "-o", "json");
  expect(JSON.parse(stdout).status.userInfo).toMatchObject({ username: "lab:aws" });
  const azure = await kubectl(aksAccess, kubeloginExec, "get", "storageclass", "-o", "name");
  expect(azure.stdout).toContain("storageclass.storage.k8s.io/managed-csi\n");
});

test("and with the lab's own client", async () => {
  const text = renderKubeconfig({ name: "c", ...eksAccess, exec: awsExec("prod") });
  const config = loadKubeconfig(`${text}\n`);
  const command = path.join(lab.state, "bin", "aws");
  const client = kubeClient({ ...config, exec: { ...config.exec!, command } });
  try {
    expect(await client.list("v1", "Node")).toEqual([]);
  } finally {
    client.close();
  }
});

test("a token of one cloud's cluster is worth nothing at another's, and an unknown cluster is refused", async () => {
  await expect(kubectl(aksAccess, awsExec("prod"), "get", "nodes")).rejects.toThrow(
    /logged in|Unauthorized/,
  );
  await expect(kubectl(eksAccess, awsExec("other"), "get", "nodes")).rejects.toThrow(
    /no simulated EKS cluster is called other in eu-central-1; there are: prod in eu-central-1/,
  );
});

test("a token is for the cluster of its region alone, not for its namesake in another", async () => {
  const region = "eu-west-1";
  const namesake = { ...eks, id: "aws/eu-west-1/prod", region };
  await expect(kubectl(eksAccess, awsExec("prod", region), "get", "nodes")).rejects.toThrow(
    /no simulated EKS cluster is called prod in eu-west-1/,
  );
  const access = await effects().openCluster(namesake);
  const west = await kubectl(access, awsExec("prod", region), "get", "nodes", "-o", "name");
  expect(west.stdout).toBe("");
  await expect(kubectl(access, awsExec("prod"), "get", "nodes")).rejects.toThrow(
    /logged in|Unauthorized/,
  );
  await effects().closeCluster(namesake.id);
});

test("a stand-in refuses what it does not know, and says that it is one", async () => {
  const aws = path.join(lab.state, "bin", "aws");
  await expect(promisify(execFile)(aws, ["s3", "ls"])).rejects.toThrow(
    /this is the lab's stand-in/,
  );
});

test("a pool's machines become nodes that offer what they promise", async () => {
  await effects().setPool(pool);
  const ready = await eventually("nodes with KVM devices", async () => {
    const all = await nodes(eks);
    return (
      all.length === 2 &&
      all.every(({ status }: any) => status.allocatable["kvm-fabric.dev/kvm"] === "100") &&
      all
    );
  });
  expect(ready.map(({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"])).toEqual(
    pool.zones,
  );
  expect(ready[0]!.metadata.labels).toMatchObject({
    ...pool.labels,
    "node.kubernetes.io/instance-type": "m8i.4xlarge",
    "topology.kubernetes.io/region": "eu-central-1",
  });
  expect(ready[0]!.spec).toMatchObject({
    providerID: expect.stringMatching(/^aws:\/\/\/eu-central-1a\/i-0[0-9a-f]{16}$/),
  });
  expect(ownTaints(ready[0]!)).toEqual([
    { key: "kvm-fabric.dev/worker", value: "true", effect: "NoSchedule" },
  ]);
  expect(ready[0]!.status).toMatchObject({ capacity: { cpu: "16", memory: "64Gi" } });
  expect(await nodes(aks)).toEqual([]);
});

test("a pool scales up and down by its last machines, and takes new labels and taints in place", async () => {
  const [first, second] = await nodeNames(eks);
  await effects().setPool({ ...pool, count: 3 });
  expect(await nodeNames(eks)).toHaveLength(3);
  await effects().setPool({
    ...pool,
    count: 1,
    labels: { team: "a" },
    taints: [{ key: "own", value: "1", effect: "NoExecute" }],
  });
  const [only, ...others] = await nodes(eks);
  expect(others).toEqual([]);
  expect([first, second]).toContain(only!.metadata.name);
  expect(only!.metadata.labels).toMatchObject({ team: "a" });
  expect(only!.metadata.labels).not.toHaveProperty("kvm-fabric.dev/pool");
  expect(ownTaints(only!).map(({ key }) => key)).toEqual(["own"]);
});

test("a lab that was stopped and started has its simulated clusters again, at the same addresses", async () => {
  await stopLab(lab.state);
  expect(labProcesses(folder(eks))).toEqual([]);
  const before = listSimulatedClusters(lab.state).length;
  await startLab({ state: lab.state });
  expect(listSimulatedClusters(lab.state)).toHaveLength(before);
  const { stdout } = await kubectl(eksAccess, awsExec("prod"), "get", "nodes", "-o", "name");
  expect(stdout.trim().split("\n")).toHaveLength(1);
});

test("pools go, and a cluster that comes back after its end has nothing of the former", async () => {
  await effects().removePool(pool.id);
  await effects().removePool(pool.id);
  expect(await nodes(eks)).toEqual([]);
  await inCluster(eks, (client) =>
    client.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "left", namespace: "default" },
    }),
  );
  await effects().setPool(pool);
  await effects().closeCluster(eks.id);
  await effects().closeCluster(eks.id);
  expect(fs.existsSync(folder(eks))).toBe(false);
  expect(labProcesses(folder(eks))).toEqual([]);
  await expect(effects().setPool(pool)).rejects.toThrow(/has no API server/);
  await effects().openCluster(eks);
  expect(await nodes(eks)).toEqual([]);
  const left = await inCluster(eks, (client) =>
    client.find({ apiVersion: "v1", kind: "ConfigMap", name: "left", namespace: "default" }),
  );
  expect(left).toBeUndefined();
});
