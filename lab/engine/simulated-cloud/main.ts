import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { runDaemon } from "../grpc/serve";
import { providerService } from "./provider";
import { random } from "./random/package";
import { tls } from "./tls/package";

// The providers that the lab brings itself, all in one process on one port:
// PULUMI_DEBUG_PROVIDERS=random:<port>,tls:<port>. Their resources have no outside effect.

void runDaemon(ResourceProviderService, providerService([random, tls])).catch((error: unknown) => {
  process.stderr.write(`simulated cloud: ${String(error)}\n`);
  process.exitCode = 1;
});
