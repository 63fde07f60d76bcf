import { once } from "node:events";
import http2 from "node:http2";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as errors from "@pulumi/pulumi/proto/errors_pb";
import * as languageRpc from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import { type CallContext, serverStream, unary } from "../../../../../lab/engine/grpc/handlers";
import { RpcError, unimplemented } from "../../../../../lab/engine/grpc/rpc-error";
import { serve, type Serving } from "../../../../../lab/engine/grpc/serve";

type PluginInfoHandler = (request: Empty, context: CallContext) => Promise<plugin.PluginInfo>;

let serving: Serving;
let client: languageRpc.LanguageRuntimeClient;
let pluginInfo: PluginInfoHandler;
let streamCancelled: Promise<void>;

beforeAll(async () => {
  let cancelled: () => void;
  streamCancelled = new Promise((resolve) => (cancelled = resolve));
  serving = await serve(languageRpc.LanguageRuntimeService, {
    getPluginInfo: unary((request: Empty, context) => pluginInfo(request, context)),
    installDependencies: serverStream(
      async (_request: language.InstallDependenciesRequest, write, { signal }) => {
        const message = new language.InstallDependenciesResponse();
        message.setStdout(Buffer.from("working"));
        write(message);
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => {
            resolve();
          });
        });
        cancelled();
      },
    ),
    runPlugin: serverStream(() => {
      throw unimplemented("no plugins here");
    }),
  });
  client = new languageRpc.LanguageRuntimeClient(
    `127.0.0.1:${serving.port}`,
    grpc.credentials.createInsecure(),
  );
});

afterAll(async () => {
  client.close();
  await serving.close();
});

const ask = () =>
  new Promise<plugin.PluginInfo>((resolve, reject) => {
    client.getPluginInfo(new Empty(), (error, info) => {
      if (error) reject(error);
      else resolve(info);
    });
  });

test("a handler's result is the answer, and it knows the connection", async () => {
  pluginInfo = (_request, { peer }) => {
    const info = new plugin.PluginInfo();
    info.setVersion(peer);
    return Promise.resolve(info);
  };
  expect((await ask()).getVersion()).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("an exception is a status with its message, thrown at once or later", async () => {
  pluginInfo = () => {
    throw new Error("thrown at once");
  };
  await expect(ask()).rejects.toMatchObject({ code: 2, details: "thrown at once" });
  pluginInfo = () => Promise.reject(new RpcError(grpc.status.NOT_FOUND, "no such thing"));
  await expect(ask()).rejects.toMatchObject({ code: 5, details: "no such thing" });
});

test("details arrive in the trailer the engine reads", async () => {
  pluginInfo = () => {
    const detail = new errors.ErrorCause();
    detail.setMessage("why");
    throw new RpcError(grpc.status.UNKNOWN, "failed", [
      { typeName: "pulumirpc.ErrorCause", message: detail },
    ]);
  };
  const error = await ask().catch((caught: unknown) => caught as grpc.ServiceError);
  if (!(error instanceof Error)) throw new Error("expected a failure");
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const status = statusProto.Status.deserializeBinary(bytes as Buffer);
  const any = status.getDetailsList()[0]!;
  expect(status.getMessage()).toBe("failed");
  expect(any.getTypeName()).toBe("pulumirpc.ErrorCause");
  expect(errors.ErrorCause.deserializeBinary(any.getValue_asU8()).getMessage()).toBe("why");
});

test("a stream delivers as it goes and its handler learns of a cancellation", async () => {
  const call = client.installDependencies(new language.InstallDependenciesRequest());
  const failed = new Promise<grpc.ServiceError>((resolve) => call.once("error", resolve));
  const first = await new Promise<language.InstallDependenciesResponse>((resolve) =>
    call.once("data", resolve),
  );
  expect(Buffer.from(first.getStdout_asU8()).toString()).toBe("working");
  call.cancel();
  expect((await failed).code).toBe(grpc.status.CANCELLED);
  await streamCancelled;
});

test("a stream's exception is its status", async () => {
  const call = client.runPlugin(new language.RunPluginRequest());
  const error = await new Promise<grpc.ServiceError>((resolve) => {
    call.on("data", () => undefined).once("error", resolve);
  });
  expect(error).toMatchObject({ code: grpc.status.UNIMPLEMENTED, details: "no plugins here" });
});

test("a taken port is an error, not another port", async () => {
  const taken = serve(languageRpc.LanguageRuntimeService, {}, { port: serving.port });
  await expect(taken).rejects.toThrow(/EADDRINUSE/);
});

describe("whose connections are served", () => {
  // On a connection of its own.
  const connect = (port = serving.port) =>
    new languageRpc.LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
  const asked = (caller: languageRpc.LanguageRuntimeClient) =>
    new Promise<string>((resolve) => {
      caller.getPluginInfo(new Empty(), (error, info) => {
        resolve(error ? grpc.status[error.code] : info.getVersion());
        caller.close();
      });
    });

  beforeEach(() => {
    pluginInfo = () => Promise.resolve(new plugin.PluginInfo().setVersion("served"));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("the own user's are", async () => {
    expect(await asked(connect())).toBe("served");
  });

  test("another user's are not, nor is anything that they sent", async () => {
    // The connections are as ever; it is the server that takes itself for somebody else's.
    const own = process.geteuid!();
    jest.spyOn(process, "geteuid").mockReturnValue(own + 1);
    let calls = 0;
    pluginInfo = () => {
      calls++;
      return Promise.resolve(new plugin.PluginInfo());
    };
    expect(await asked(connect())).toBe("UNAVAILABLE");
    expect(calls).toBe(0);
  });

  test("all are where the system does not tell, which is said once", async () => {
    jest.spyOn(process, "geteuid").mockReturnValue(undefined as unknown as number);
    const report = jest.fn();
    const open = await serve(
      languageRpc.LanguageRuntimeService,
      { getPluginInfo: unary((request: Empty, context) => pluginInfo(request, context)) },
      { report },
    );
    expect(await asked(connect(open.port))).toBe("served");
    expect(await asked(connect(open.port))).toBe("served");
    expect(report.mock.calls).toEqual([[expect.stringContaining("every local user is served")]]);
    await open.close();
  });
});

describe("closing", () => {
  const GRACE_SECONDS = 600;
  const open = async () => {
    const own = await serve(languageRpc.LanguageRuntimeService, {
      getPluginInfo: unary(() => new plugin.PluginInfo()),
    });
    const session = http2.connect(`http://127.0.0.1:${own.port}`);
    await once(session, "remoteSettings");
    return { own, session };
  };

  // The grace is far longer than a test may take.
  test("does not wait where the client breaks off at that moment", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { own, session } = await open();
      for (let turn = 0; turn < round; turn += 1) await new Promise(setImmediate);
      session.destroy();
      for (let turn = 0; turn < round % 4; turn += 1) await new Promise(setImmediate);
      await own.close(GRACE_SECONDS);
    }
  });

  test("does not wait for a client that has nothing to ask", async () => {
    const { own } = await open();
    await own.close(GRACE_SECONDS);
  });
});
