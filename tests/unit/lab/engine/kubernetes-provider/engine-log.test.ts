import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "../../../../../lab/engine/grpc/handlers";
import { until } from "../../../../support/wait";
import { TestProvider } from "./provider-client";

/** An engine's log, and nothing else of it. */
async function startEngine() {
  const logged: string[] = [];
  const server = new grpc.Server();
  server.addService(EngineService, {
    log: unary((request: LogRequest) => {
      logged.push(
        `${request.getUrn()} ${request.getEphemeral() ? "status" : "kept"} ${request.getMessage()}`,
      );
      return new Empty();
    }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { address: `127.0.0.1:${port}`, logged, server };
}

test("messages reach the engine; the end of the engine ends its instance and aborts what it ran", async () => {
  const provider = new TestProvider();
  await provider.start();
  const dying = await startEngine();
  const staying = await startEngine();
  for (const { address } of [dying, staying]) {
    const connection = await provider.engine({ kubeconfig: "none" });
    const attach = new PluginAttach();
    attach.setAddress(address);
    await connection.call("attach", attach);
  }
  const [first = "", second = ""] = provider.instances.peers();
  const instance = provider.instances.of(first);
  instance.log.status("urn:a", "waiting");
  provider.instances.of(second).log.warn("urn:b", "beware");
  await until(() => dying.logged.length + staying.logged.length === 2);
  expect(dying.logged).toEqual(["urn:a status waiting"]);
  expect(staying.logged).toEqual(["urn:b kept beware"]);

  dying.server.forceShutdown();
  await until(() => provider.instances.peers().length === 1);
  expect(provider.instances.peers()).toEqual([second]);
  expect(instance.abort.signal.aborted).toBe(true);

  provider.instances.end(second);
  staying.server.forceShutdown();
  await provider.stop();
});
