import type { MethodDefinition } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";

/** Of the kubelet's device plugin API. Source: k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1/api.proto */
export const API_VERSION = "v1beta1";

/** A plugin's word to the kubelet that it is there. */
export interface RegisterRequest {
  /** Name of the plugin's socket in the kubelet's folder. */
  endpoint: string;
  /** Such as `kvm-fabric.dev/kvm`. */
  resource: string;
}

/** One unit of the resource. */
export interface Device {
  id: string;
  healthy: boolean;
}

/** A device of the node that a container gets. */
export interface DeviceSpec {
  containerPath: string;
  hostPath: string;
  /** Of r (read), w (write) and m (make the device file). */
  permissions: string;
}

/** A method whose messages are turned into bytes by hand: there are few, and they are small. */
export type Method<Request, Response> = MethodDefinition<Request, Response>;

function method<Request, Response>(
  path: string,
  responseStream: boolean,
  read: (bytes: Buffer) => Request,
  write: (response: Response) => Buffer,
): Method<Request, Response> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: () => {
      throw new Error(`${path} is answered here, not asked`);
    },
  };
}

const nothing = (): Record<string, never> => ({});
const empty = (): Buffer => Buffer.alloc(0);

/** What the kubelet asks of a plugin. */
export const devicePluginService = {
  getDevicePluginOptions: method(
    "/v1beta1.DevicePlugin/GetDevicePluginOptions",
    false,
    nothing,
    empty,
  ),
  listAndWatch: method("/v1beta1.DevicePlugin/ListAndWatch", true, nothing, writeDevices),
  getPreferredAllocation: method(
    "/v1beta1.DevicePlugin/GetPreferredAllocation",
    false,
    nothing,
    empty,
  ),
  allocate: method("/v1beta1.DevicePlugin/Allocate", false, readAllocations, writeAllocations),
  preStartContainer: method("/v1beta1.DevicePlugin/PreStartContainer", false, nothing, empty),
};

/** Path and bytes of the call by which a plugin registers. */
export const registerPath = "/v1beta1.Registration/Register";

/** Bytes of a RegisterRequest. */
export function writeRegister({ endpoint, resource }: RegisterRequest): Buffer {
  const writer = new BinaryWriter();
  writer.writeString(1, API_VERSION);
  writer.writeString(2, endpoint);
  writer.writeString(3, resource);
  return Buffer.from(writer.getResultBuffer());
}

/** Bytes of a ListAndWatchResponse. */
export function writeDevices(devices: readonly Device[]): Buffer {
  const writer = new BinaryWriter();
  for (const { id, healthy } of devices) {
    writer.writeMessage(1, {}, () => {
      writer.writeString(1, id);
      writer.writeString(2, healthy ? "Healthy" : "Unhealthy");
    });
  }
  return Buffer.from(writer.getResultBuffer());
}

/** The number of containers that an AllocateRequest is for. */
export function readAllocations(bytes: Buffer): number {
  const reader = new BinaryReader(bytes);
  let containers = 0;
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) containers += 1;
    reader.skipField();
  }
  return containers;
}

/** Bytes of an AllocateResponse: for each container the devices that it gets. */
export function writeAllocations(containers: readonly (readonly DeviceSpec[])[]): Buffer {
  const writer = new BinaryWriter();
  for (const devices of containers) {
    writer.writeMessage(1, {}, () => {
      for (const { containerPath, hostPath, permissions } of devices) {
        // Field 3 of a ContainerAllocateResponse; 1 is environment, 2 is mounts.
        writer.writeMessage(3, {}, () => {
          writer.writeString(1, containerPath);
          writer.writeString(2, hostPath);
          writer.writeString(3, permissions);
        });
      }
    });
  }
  return Buffer.from(writer.getResultBuffer());
}
