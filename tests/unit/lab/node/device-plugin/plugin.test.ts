import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { type Plugin, servePlugin } from "../../../../../lab/node/device-plugin/plugin";

// The kubelet's side, spoken by another implementation of the protocol's messages.
const PROTO = `syntax = "proto3";
package v1beta1;
service Registration { rpc Register(RegisterRequest) returns (Empty); }
service DevicePlugin {
  rpc GetDevicePluginOptions(Empty) returns (DevicePluginOptions);
  rpc ListAndWatch(Empty) returns (stream ListAndWatchResponse);
  rpc Allocate(AllocateRequest) returns (AllocateResponse);
}
message Empty {}
message DevicePluginOptions { bool pre_start_required = 1; }
message RegisterRequest { string version = 1; string endpoint = 2; string resource_name = 3; }
message Device { string ID = 1; string health = 2; }
message ListAndWatchResponse { repeated Device devices = 1; }
message ContainerAllocateRequest { repeated string devices_ids = 1; }
message AllocateRequest { repeated ContainerAllocateRequest container_requests = 1; }
message DeviceSpec { string container_path = 1; string host_path = 2; string permissions = 3; }
message ContainerAllocateResponse { repeated DeviceSpec devices = 3; }
message AllocateResponse { repeated ContainerAllocateResponse container_responses = 1; }
`;

let folder: string;
let api: any;
let plugin: Plugin | undefined;
let kubelets: grpc.Server[];
let isThere: boolean;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kf-plugin-"));
  fs.writeFileSync(path.join(folder, "api.proto"), PROTO);
  const definition = loadSync(path.join(folder, "api.proto"), { keepCase: true });
  api = grpc.loadPackageDefinition(definition).v1beta1;
  kubelets = [];
  isThere = true;
});
afterEach(() => {
  plugin?.close();
  for (const kubelet of kubelets) kubelet.forceShutdown();
  fs.rmSync(folder, { recursive: true });
});

/** A kubelet as it begins: no sockets of plugins are left. Answers with the first registration. */
function startKubelet(): Promise<any> {
  for (const name of fs.readdirSync(folder).filter((one) => one.endsWith(".sock"))) {
    fs.rmSync(path.join(folder, name));
  }
  return new Promise((resolve, reject) => {
    const server = new grpc.Server();
    kubelets.push(server);
    server.addService(api.Registration.service, {
      Register: (call: any, done: any) => {
        done(null, {});
        resolve(call.request);
      },
    });
    const address = `unix:${path.join(folder, "kubelet.sock")}`;
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
    });
  });
}

function serve(): void {
  const offer = {
    resource: "example.com/kvm",
    slots: 3,
    device: "/dev/kvm",
    isThere: () => isThere,
  };
  plugin = servePlugin(folder, offer, () => undefined);
}

function pluginClient(endpoint: string) {
  const address = `unix:${path.join(folder, endpoint)}`;
  return new api.DevicePlugin(address, grpc.credentials.createInsecure());
}

/** The next list of devices, as counts by health. */
function nextList(stream: any): Promise<string[]> {
  return new Promise((resolve) => {
    stream.once("data", ({ devices }: any) => {
      resolve((devices ?? []).map(({ ID, health }: any) => `${ID} ${health}`));
    });
  });
}

function allocate(client: any, containers: number): Promise<any> {
  const request = {
    container_requests: Array.from({ length: containers }, () => ({ devices_ids: ["slot-0"] })),
  };
  return new Promise((resolve, reject) => {
    client.Allocate(request, (error: Error | null, answer: any) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
}

test("registers its resource, offers its slots, and gives each container the device, to read and write", async () => {
  const registered = startKubelet();
  serve();
  const { endpoint, ...request } = await registered;
  expect(request).toEqual({ version: "v1beta1", resource_name: "example.com/kvm" });
  const client = pluginClient(endpoint);
  const stream = client.ListAndWatch({});
  stream.on("error", () => undefined);
  expect(await nextList(stream)).toEqual(["slot-0 Healthy", "slot-1 Healthy", "slot-2 Healthy"]);
  const device = { container_path: "/dev/kvm", host_path: "/dev/kvm", permissions: "rw" };
  expect(await allocate(client, 2)).toEqual({
    container_responses: [{ devices: [device] }, { devices: [device] }],
  });
  stream.cancel();
  client.close();
});

test("where the device goes, it is no longer offered and not handed over, until it is back", async () => {
  const registered = startKubelet();
  serve();
  const client = pluginClient((await registered).endpoint);
  const stream = client.ListAndWatch({});
  stream.on("error", () => undefined);
  expect(await nextList(stream)).toHaveLength(3);
  const without = nextList(stream);
  isThere = false;
  expect(await without).toEqual([]);
  await expect(allocate(client, 1)).rejects.toThrow(/this node has no \/dev\/kvm/);
  const again = nextList(stream);
  isThere = true;
  expect(await again).toHaveLength(3);
  stream.cancel();
  client.close();
});

test("registers again with every kubelet that begins, under a socket made anew", async () => {
  serve();
  for (let round = 0; round < 3; round += 1) {
    const { endpoint } = await startKubelet();
    const client = pluginClient(endpoint);
    expect(await allocate(client, 1)).toMatchObject({ container_responses: [{}] });
    client.close();
    kubelets.pop()?.forceShutdown();
  }
});
