import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { readSettings } from "../../../lab/cluster/files";
import { stopLab } from "../../../lab/commands/lab/stop";
import { daemonLog, listDaemons } from "../../../lab/daemon";
import { kubeClient, type KubeClient } from "../../../lab/kube/client";
import { loadKubeconfig } from "../../../lab/kube/kubeconfig";
import { fieldAt, type KubeObject, listAt, textAt } from "../../../lab/kube/objects";
import { cgroupFolders } from "../../../lab/node/control-groups";
import { GUEST_SAYS } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { provisionerImage, workerBaseImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { endProgramOn, machineFolder, programsOn } from "../../../lab/node/machine";
import { type RunningNode, startNode, stopNode } from "../../../lab/node/node";
import { nodeStates } from "../../../lab/node/status";
import { identify, isAlive, namespaceMembers } from "../../../lab/processes";
import { withOwnLab } from "../../support/own-lab";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { byDigest, type PodOptions, podsOf, shell } from "./pods";

const hasKvm = fs.existsSync("/dev/kvm");
const KVM = "kvm-fabric.dev/kvm";

describeOnRealNode("real nodes beside simulated ones", () => {
  const lab = withOwnLab();
  let [a, b]: RunningNode[] = [];
  let image: ImageArchive;
  const pods = podsOf(lab);
  const { get: pod, kubectl, ready, succeeded } = pods;
  const create = (name: string, options: Partial<PodOptions> & Pick<PodOptions, "command">) =>
    pods.create(name, { image: image.name, node: "a", ...options });

  beforeAll(async () => {
    [a, b] = await Promise.all([
      startNode(lab.state, { name: "a" }),
      startNode(lab.state, { name: "b" }),
    ]);
    image = await provisionerImage();
    await importImage(lab.state, "a", image);
  });

  test("two run at once and join as kubelets do, with what a pool promises and the device offered", async () => {
    for (const node of [a!, b!]) {
      const object = await lab.client.get({ apiVersion: "v1", kind: "Node", name: node.name });
      expect(textAt(object, "status", "nodeInfo", "kubeletVersion")).toMatch(/^v1\.36\./);
      expect(textAt(object, "status", "nodeInfo", "containerRuntimeVersion")).toMatch(
        /^containerd:\/\/2\.3\./,
      );
      expect(object.metadata.labels).toMatchObject({ "kvm-fabric.dev/kvm-enabled": "true" });
      expect(listAt(object, "spec", "taints").map((taint) => textAt(taint, "key"))).toEqual(
        expect.arrayContaining(["kvm-fabric.dev/worker", "kvm-fabric.dev/not-ready"]),
      );
      expect(textAt(object, "status", "allocatable", KVM)).toBe(hasKvm ? "100" : "0");
      expect(textAt(object, "status", "addresses", 0, "address")).toBe(node.network.node);
    }
    expect(nodeStates(lab.state).map(({ name, runs }) => ({ name, runs }))).toEqual([
      { name: "a", runs: true },
      { name: "b", runs: true },
    ]);
  });

  test("a pod of an image made here runs, by digest; its logs come, and commands run in it", async () => {
    await create("hello", {
      command: shell("echo hello from a container; sleep 1000"),
      image: byDigest(image),
    });
    await ready("hello");
    expect(await kubectl("logs", "hello")).toBe("hello from a container\n");
    expect(await kubectl("exec", "hello", "--", "sh", "-c", "echo $((6 * 7))")).toBe("42\n");
  });

  test("an unprivileged pod writes to the node's folder, and to nothing of this machine", async () => {
    await create("writer", {
      command: shell("echo written >/host/file; cat /proc/self/status; sync /host/file"),
      volumes: { "/host": "/var/lib/kvm-fabric" },
    });
    await succeeded("writer");
    expect(await kubectl("logs", "writer")).toMatch(/^CapBnd:\t0+$/m);
    const file = "var/lib/kvm-fabric/file";
    expect(fs.readFileSync(path.join(machineFolder(lab.state, "a"), file), "utf8")).toBe(
      "written\n",
    );
    expect(fs.existsSync(path.join("/", file))).toBe(false);
  });

  test("/dev/kvm is there only for a pod that asks for the resource, which opens it", async () => {
    await create("without", { command: shell("test ! -e /dev/kvm") });
    await succeeded("without");
    if (!hasKvm) return;
    await create("with", { command: shell("exec 3<>/dev/kvm"), limits: { [KVM]: "1" } });
    await succeeded("with");
  });

  test("QEMU boots a kernel in an unprivileged pod, under TCG", async () => {
    const worker = await workerBaseImage();
    await importImage(lab.state, "a", worker);
    const qemu = [
      ...["timeout", "60", "qemu-system-x86_64", "-accel", "tcg", "-m", "128", "-no-reboot"],
      ...["-display", "none", "-monitor", "none", "-serial", "stdio"],
      ...["-kernel", "/usr/share/kvm-fabric/vmlinuz", "-initrd", "/usr/share/kvm-fabric/initramfs"],
      ...["-append", "console=ttyS0 panic=-1 quiet -- role=test"],
    ];
    await create("guest", { command: qemu, image: worker.name, user: 1000 });
    await succeeded("guest");
    expect(await kubectl("logs", "guest")).toContain(`${GUEST_SAYS}: role=test`);
  });

  test("a pod reaches the API server and servers of this machine, and nothing beyond", async () => {
    const server = http.createServer((_, response) => response.end("from this machine"));
    await new Promise<void>((resolve) => server.listen(0, a!.network.host, resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const api = "/var/run/secrets/kubernetes.io/serviceaccount";
    try {
      await create("client", {
        token: true,
        command: shell(
          `curl -sS --fail http://${a!.network.host}:${port}/ && echo &&
           curl -sS --cacert ${api}/ca.crt -H "authorization: Bearer $(cat ${api}/token)" https://$KUBERNETES_SERVICE_HOST/api/v1/nodes |
             grep -o 'system:serviceaccount[^ ]*"' | head -1
           curl -sS --max-time 20 http://192.0.2.80/ 2>&1 || true`,
        ),
      });
      await succeeded("client");
    } finally {
      server.close();
    }
    const [first, second, third] = (await kubectl("logs", "client")).split("\n");
    expect(first).toBe("from this machine");
    expect(second).toContain("system:serviceaccount:default:default");
    expect(third).toMatch(/curl: \(7\).*(?:unreachable|Failed to connect|Couldn't connect)/);
  });

  test("a node may write itself and no other (Node authoriser, NodeRestriction)", async () => {
    const client = nodeClient("a");
    try {
      const label = { metadata: { labels: { "example.com/by": "a" } } };
      await client.patch({ apiVersion: "v1", kind: "Node", name: "a" }, label);
      for (const name of ["b", "kvm-0000"]) {
        await expect(client.patch({ apiVersion: "v1", kind: "Node", name }, label)).rejects.toThrow(
          /is not allowed to modify node/,
        );
      }
      await expect(client.list("v1", "Secret", { namespace: "default" })).rejects.toThrow(
        /can only (?:read|list)|forbidden/,
      );
    } finally {
      client.close();
    }
  });

  test("a killed kubelet is started again: pods go on, and the device plugin registers anew", async () => {
    await create("steady", { command: shell("sleep 1000") });
    const before = await ready("steady");
    const [kubelet = 0] = programsOn(a!.init, "kubelet");
    await endProgramOn(a!.init, "kubelet");
    expect(nodeStates(lab.state).find(({ name }) => name === "a")).toMatchObject({ runs: false });
    const again = await startNode(lab.state, { name: "a" });
    expect(again.init).toBe(a!.init);
    expect(programsOn(a!.init, "kubelet")).not.toContain(kubelet);
    await eventually("the device plugin registers again", async () => {
      const log = await fs.promises.readFile(daemonLog(lab.state, "node-a.device-plugin"), "utf8");
      return log.match(/^registered /gm)?.length === 2;
    });
    await create("after", { command: shell("true"), limits: hasKvm ? { [KVM]: "1" } : {} });
    await succeeded("after");
    const after = await pod("steady");
    expect(containerOf(after)).toEqual(containerOf(before));
    expect(await kubectl("exec", "steady", "--", "echo", "still here")).toBe("still here\n");
  });

  test("a DaemonSet runs on every node, real and simulated; simulated pods land on no real one", async () => {
    await importImage(lab.state, "b", image);
    await lab.client.create(workload("DaemonSet", "everywhere", [{ operator: "Exists" }]));
    await lab.client.create(workload("Deployment", "anywhere", []));
    const nodes = await lab.client.list("v1", "Node");
    const everywhere = await eventually("the DaemonSet is ready on all nodes", async () => {
      const set = await lab.client.get(workload("DaemonSet", "everywhere", []));
      return fieldAt(set, "status", "numberReady") === nodes.length && set;
    });
    expect(fieldAt(everywhere, "status", "desiredNumberScheduled")).toBe(nodes.length);
    await eventually("the Deployment is ready", async () => {
      const one = await lab.client.get(workload("Deployment", "anywhere", []));
      return fieldAt(one, "status", "readyReplicas") === 12;
    });
    const all = await lab.client.list("v1", "Pod", { namespace: "default" });
    const simulated = all.filter(({ metadata }) => metadata.labels?.app === "anywhere");
    expect(simulated).toHaveLength(12);
    for (const one of simulated) expect(textAt(one, "spec", "nodeName")).toMatch(/^plain-/);
  });

  test("stopped, a node leaves nothing, and the other goes on", async () => {
    const identities = namespaceMembers(a!.init).flatMap((pid) => identify(pid) ?? []);
    expect(identities.length).toBeGreaterThan(5);
    await stopNode(lab.state, "a");
    expectNothingOf(a!);
    expect(identities.filter(isAlive)).toEqual([]);
    expect(await lab.client.find({ apiVersion: "v1", kind: "Node", name: "a" })).toBeUndefined();
    const query = { fieldSelector: "spec.nodeName=a" };
    expect(await lab.client.list("v1", "Pod", { query })).toEqual([]);
    expect(nodeStates(lab.state)).toMatchObject([{ name: "b", runs: true }]);
    await stopNode(lab.state, "a");
  });

  test("a node whose machine died is made anew by its next start", async () => {
    const [daemon] = listDaemons(lab.state).filter(({ daemon }) => daemon.name === "node-b");
    process.kill(daemon!.daemon.pid, "SIGKILL");
    await eventually("all of it is gone", () =>
      Promise.resolve(namespaceMembers(b!.init).length === 0),
    );
    expect(nodeStates(lab.state)).toMatchObject([{ name: "b", runs: false }]);
    b = await startNode(lab.state, { name: "b" });
    expect(nodeStates(lab.state)).toMatchObject([{ name: "b", runs: true }]);
  });

  test("the lab, stopped, takes its real nodes with it", async () => {
    const identities = namespaceMembers(b!.init).flatMap((pid) => identify(pid) ?? []);
    await stopLab(lab.state);
    expectNothingOf(b!);
    expect(identities.filter(isAlive)).toEqual([]);
    await expect(startNode(lab.state, { name: "b" })).rejects.toThrow(/the lab is not running/);
  });

  function expectNothingOf({ name, cgroup, network }: RunningNode): void {
    const folder = machineFolder(lab.state, name);
    expect(fs.existsSync(folder)).toBe(false);
    expect(fs.readFileSync("/proc/self/mounts", "utf8")).not.toContain(folder);
    expect(cgroupFolders(cgroup)).toEqual([]);
    expect(fs.existsSync(`/sys/class/net/${network.link}`)).toBe(false);
    const daemons = listDaemons(lab.state).map(({ daemon }) => daemon.name);
    expect(daemons.filter((daemon) => daemon.startsWith(`node-${name}`))).toEqual([]);
  }

  /** A client with the credentials that the node's kubelet has. */
  function nodeClient(name: string): KubeClient {
    const file = (of: string) => {
      const folder = path.join(machineFolder(lab.state, name), "var/lib/lab");
      return fs.readFileSync(path.join(folder, of)).toString("base64");
    };
    const server = `https://127.0.0.1:${readSettings(lab.state)!.ports.apiServer}`;
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "x",
      clusters: [{ name: "x", cluster: { server, "certificate-authority-data": file("ca.crt") } }],
      contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
      users: [
        {
          name: "x",
          user: {
            "client-certificate-data": file("client.crt"),
            "client-key-data": file("client.key"),
          },
        },
      ],
    };
    return kubeClient(loadKubeconfig(JSON.stringify(config)));
  }

  function workload(kind: string, name: string, tolerations: unknown[]): KubeObject {
    const labels = { app: name };
    return {
      apiVersion: "apps/v1",
      kind,
      metadata: { name, namespace: "default" },
      spec: {
        ...(kind === "Deployment" && { replicas: 12 }),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            tolerations,
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: "main",
                image: image.name,
                imagePullPolicy: "Never",
                command: shell("sleep 1000"),
              },
            ],
          },
        },
      },
    };
  }
});

/** Which container runs, and how often it began. */
function containerOf(pod: KubeObject): unknown {
  const [status] = listAt(pod, "status", "containerStatuses");
  return [textAt(status, "containerID"), fieldAt(status, "restartCount")];
}
