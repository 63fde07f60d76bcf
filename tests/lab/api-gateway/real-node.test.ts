import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { ApiGateway } from "../../../components/api-gateway/api-gateway";
import { conditionOf } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { provisionerImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { type Catalogue, startCatalogue } from "../../support/consul-catalogue";
import { withOwnLab } from "../../support/own-lab";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { objectsOf } from "../consul/objects";
import { byDigest, podsOf } from "../node/pods";

const NODE = "a";
const NAMESPACE = "services";
const SERVICE = "aetherium-worker";

/**
 * A gateway of a shell: it answers on its port with what it has found, asks the catalogue for workers all the time, and
 * asks the first one. busybox's httpd goes on while the shell waits for its end.
 */
const GATEWAY = `set -eu
mkdir -p /tmp/www
cd /tmp/www
echo fine >health
env | sed 's/=.*//' | sort >variables
for file in "$CONSUL_CACERT" "$KVM_FABRIC_QUEEN_CA" "$KVM_FABRIC_QUEEN_CERT" "$KVM_FABRIC_QUEEN_KEY" "$DATABASE_CA_FILE"; do
  [ ! -r "$file" ] || echo "$file"
done >files
ls /etc/postgres-ca >postgres-ca
{ id -u; touch /written 2>/dev/null && echo writes || echo read-only; } >rights
echo "[]" >found
busybox httpd -f -p "$PORT" -h /tmp/www &
trap 'exit 0' TERM
while :; do
  curl -sf --max-time 5 --cacert "$CONSUL_CACERT" -H "X-Consul-Token: $CONSUL_HTTP_TOKEN" \\
    "$CONSUL_HTTP_ADDR/v1/health/service/$KVM_FABRIC_WORKER_SERVICE?passing=true" >partial && mv partial found || :
  address=$(sed -n 's/.*"Address":"\\([^"]*\\)".*/\\1/p' found)
  port=$(sed -n 's/.*"Port":\\([0-9]*\\).*/\\1/p' found)
  [ -z "$address" ] || { curl -sf --max-time 5 "http://$address:$port/health" >partial && mv partial worker; } || :
  sleep 1 &
  wait $!
done`;

// No network policy: a real node's network enforces none. The worker, Consul's catalogue and the image are stand-ins.
describeOnRealNode("a gateway of a shell on a real node", () => {
  const lab = withOwnLab();
  const { kubectl } = podsOf(lab);
  let node: RunningNode;
  let image: ImageArchive;
  let catalogue: Catalogue;
  let worker: http.Server;
  let pod: any;

  const object = (kind: string, name: string, rest: object) =>
    lab.client.apply({ apiVersion: "v1", kind, metadata: { name, namespace: NAMESPACE }, ...rest });

  beforeAll(async () => {
    [node, image] = await Promise.all([
      startNode(lab.state, { name: NODE, taints: [] }),
      provisionerImage(),
    ]);
    await importImage(lab.state, NODE, image);
    const { host } = node.network;
    catalogue = await startCatalogue(host);
    worker = http.createServer((_, response) => response.end("a worker of the fabric"));
    await new Promise<void>((resolve) => worker.listen(0, host, resolve));
    const level = { "pod-security.kubernetes.io/enforce": "restricted" };
    const metadata = { name: NAMESPACE, labels: level };
    await lab.client.create({ apiVersion: "v1", kind: "Namespace", metadata });
    await object("Secret", "gateway-consul", { stringData: { token: catalogue.token } });
    const identity = { "tls.crt": "CERTIFICATE", "tls.key": "KEY" };
    await object("Secret", "gateway-queen", { stringData: identity });
    const login = { uri: "postgresql://db/app?sslmode=verify-full", password: "p", "ca.crt": "CA" };
    await object("Secret", "gateway-db", { stringData: login });
    for (const made of await objectsOf(() => new ApiGateway("gateway", argumentsOf()))) {
      await lab.client.apply(made);
    }
  });

  afterAll(async () => {
    await catalogue.close();
    worker.close();
  });

  function argumentsOf() {
    return {
      image: byDigest(image),
      namespace: NAMESPACE,
      command: ["/bin/sh", "-c", GATEWAY],
      replicas: 1,
      resources: { cpu: "50m", memory: "64Mi" },
      nodeSelector: { "kubernetes.io/hostname": NODE },
      preStopSeconds: 30,
      consul: {
        address: catalogue.address,
        caCertificate: catalogue.caCertificate,
        datacenter: "dc1",
        tokenSecretName: "gateway-consul",
      },
      workers: { serviceName: SERVICE, cidrs: [`${node.network.host}/32`] },
      postgres: { host: "db", port: 5432, secretName: "gateway-db", privateAuthority: true },
      queen: {
        caCertificate: "QUEEN CA",
        clientSecretName: "gateway-queen",
        host: "queen",
        port: 564,
        serverName: "queen",
      },
    };
  }

  /** What the gateway answers for a path, as callers in the cluster see it. */
  const answer = async (path: string): Promise<string> => {
    const response = await fetch(`http://${String(pod.status.podIP)}:8080/${path}`);
    return response.ok ? (await response.text()).trim() : "";
  };

  test("is admitted at the level `restricted`, starts, and is ready once it answers", async () => {
    const query = { labelSelector: "app.kubernetes.io/instance=gateway" };
    pod = await eventually("a gateway that is ready", async () => {
      const [one] = await lab.client.list("v1", "Pod", { namespace: NAMESPACE, query });
      return one !== undefined && conditionOf(one, "Ready")?.status === "True" && one;
    });
    expect(pod.spec.nodeName).toBe(NODE);
    expect(await answer("health")).toBe("fine");
  });

  test("has its variables and files, as a user that may read them and write nothing", async () => {
    expect((await answer("variables")).split("\n")).toEqual(
      expect.arrayContaining([
        ...["CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "DATABASE_URL", "KVM_FABRIC_QUEEN_ADDRESS"],
        ...["KVM_FABRIC_WORKER_SERVICE", "POD_IP", "PORT"],
      ]),
    );
    expect((await answer("files")).split("\n")).toEqual([
      "/etc/consul-ca/ca.pem",
      "/etc/queen-ca/ca.pem",
      "/etc/queen-client/tls.crt",
      "/etc/queen-client/tls.key",
      "/etc/postgres-ca/ca.crt",
    ]);
    expect(await answer("postgres-ca")).toBe("ca.crt");
    expect(await answer("rights")).toBe("65532\nread-only");
  });

  test("finds a worker in the catalogue once its check passes, and calls it", async () => {
    expect(await answer("found")).toBe("[]");
    const { address, port } = worker.address() as AddressInfo;
    await register({ address, port });
    const reply = await eventually(
      "the worker's answer",
      async () => (await answer("worker")) || undefined,
    );
    expect(reply).toBe("a worker of the fabric");
    const asked = `GET /v1/health/service/${SERVICE}?passing=true`;
    expect(catalogue.requests).toContain(asked);
  });

  async function register({ address, port }: { address: string; port: number }): Promise<void> {
    const body = {
      ID: `${SERVICE}-a`,
      Name: SERVICE,
      Tags: ["worker"],
      Address: address,
      Port: port,
      Meta: { node: "a" },
      Check: {
        HTTP: `http://${address}:${String(port)}/health`,
        Interval: "10s",
        DeregisterCriticalServiceAfter: "10m",
      },
    };
    const script =
      'curl -sf --cacert "$CONSUL_CACERT" -H "X-Consul-Token: $CONSUL_HTTP_TOKEN" -X PUT -d "$0" ' +
      '"$CONSUL_HTTP_ADDR/v1/agent/service/register"';
    const exec = ["exec", "-n", NAMESPACE, pod.metadata.name, "--", "sh", "-c", script];
    await kubectl(...exec, JSON.stringify(body));
  }

  test("answers on while it is told to end, then ends by itself", async () => {
    // So that the pod can still be looked at once its container has ended.
    await lab.client.patch(pod, { metadata: { finalizers: ["kvm-fabric.test/looked-at"] } });
    await lab.client.remove(pod);
    const ending: any = await lab.client.get(pod);
    expect(ending.metadata.deletionTimestamp).toBeDefined();
    expect(await answer("health")).toBe("fine");
    const terminated = await eventually("its container's end", async () => {
      const { status }: any = await lab.client.get(pod);
      return status.containerStatuses?.[0].state.terminated;
    });
    // 137 would be the kubelet's KILL.
    expect(terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    await lab.client.patch(pod, { metadata: { finalizers: null } });
  });
});
