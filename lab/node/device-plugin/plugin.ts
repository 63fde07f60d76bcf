import * as fs from "node:fs";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import {
  type Device,
  type DeviceSpec,
  devicePluginService,
  registerPath,
  writeRegister,
} from "./protocol";

/** What a plugin offers. */
export interface Offer {
  /** Such as `kvm-fabric.dev/kvm`. */
  resource: string;
  /** How many containers may hold it at once. */
  slots: number;
  /** Path of the device on the node. */
  device: string;
  /** Whether the node has it; asked again and again. */
  isThere: () => boolean;
}

/** A plugin that serves. */
export interface Plugin {
  /** Ends it; its socket goes with it. */
  close(): void;
}

const POLL_MILLISECONDS = 250;
const REGISTER_TIMEOUT_SECONDS = 5;

/** The units of an offer: all of them or, where the node lacks the device, none. Pure. */
export function offeredDevices({ slots }: Pick<Offer, "slots">, isThere: boolean): Device[] {
  if (!isThere) return [];
  return Array.from({ length: slots }, (_, at) => ({ id: `slot-${at}`, healthy: true }));
}

/**
 * Serves the kubelet that has its sockets in `folder`, also the next one there: a kubelet that begins removes the
 * sockets of all plugins, whereupon this one makes its own anew and registers again. `report` is told what happens.
 */
export function servePlugin(folder: string, offer: Offer, report: (text: string) => void): Plugin {
  const endpoint = `${offer.resource.replaceAll(/[^\w.-]/g, "_")}.sock`;
  const socket = path.join(folder, endpoint);
  let server: grpc.Server | undefined;
  let kubelet = "";
  let isBusy = false;
  const look = async (): Promise<void> => {
    const now = inodeOf(path.join(folder, "kubelet.sock"));
    if (now === "" || (now === kubelet && fs.existsSync(socket))) return;
    server?.forceShutdown();
    server = await listen(socket, offer);
    await register(path.join(folder, "kubelet.sock"), endpoint, offer.resource);
    kubelet = now;
    const count = offeredDevices(offer, offer.isThere()).length;
    report(`registered ${offer.resource}: ${count} of ${offer.device}`);
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    look()
      .catch((error: unknown) => {
        report(`not registered: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        isBusy = false;
      });
  }, POLL_MILLISECONDS);
  return {
    close: () => {
      clearInterval(timer);
      server?.forceShutdown();
      fs.rmSync(socket, { force: true });
    },
  };
}

async function listen(socket: string, offer: Offer): Promise<grpc.Server> {
  fs.rmSync(socket, { force: true });
  const server = new grpc.Server();
  server.addService(devicePluginService, implementation(offer));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return server;
}

function implementation(offer: Offer): grpc.UntypedServiceImplementation {
  const spec: DeviceSpec = {
    containerPath: offer.device,
    hostPath: offer.device,
    permissions: "rw",
  };
  const answerEmpty: grpc.handleUnaryCall<unknown, unknown> = (_call, done) => {
    done(null, {});
  };
  const listAndWatch: grpc.handleServerStreamingCall<unknown, Device[]> = (call) => {
    let last: boolean | undefined;
    const look = (): void => {
      const isThere = offer.isThere();
      if (isThere !== last) call.write(offeredDevices(offer, isThere));
      last = isThere;
    };
    look();
    const timer = setInterval(look, POLL_MILLISECONDS);
    call.on("cancelled", () => {
      clearInterval(timer);
      call.end();
    });
  };
  const allocate: grpc.handleUnaryCall<number, DeviceSpec[][]> = (call, done) => {
    if (offer.isThere()) {
      done(
        null,
        Array.from({ length: call.request }, () => [spec]),
      );
    } else {
      done({ code: grpc.status.UNAVAILABLE, message: `this node has no ${offer.device}` });
    }
  };
  return {
    getDevicePluginOptions: answerEmpty,
    getPreferredAllocation: answerEmpty,
    preStartContainer: answerEmpty,
    listAndWatch,
    allocate,
  };
}

async function register(kubelet: string, endpoint: string, resource: string): Promise<void> {
  // The kubelet's server knows itself by no name; what stands for the authority is only not to be a path.
  const client = new grpc.Client(`unix:${kubelet}`, grpc.credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        registerPath,
        writeRegister,
        () => undefined,
        { endpoint, resource },
        { deadline: Date.now() + REGISTER_TIMEOUT_SECONDS * 1000 },
        (error) => {
          if (error) reject(error);
          else resolve();
        },
      );
    });
  } finally {
    client.close();
  }
}

function inodeOf(file: string): string {
  try {
    const { ino, ctimeMs } = fs.statSync(file);
    return `${ino} ${ctimeMs}`;
  } catch {
    return "";
  }
}
