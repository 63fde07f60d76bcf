// The Kubernetes provider as a daemon: serves every engine that attaches to its port. Used only where the
// official plugin cannot be had.
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { runDaemon } from "../grpc/serve";
import { kubernetesProvider } from "./service";

runDaemon(ResourceProviderService, kubernetesProvider()).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
