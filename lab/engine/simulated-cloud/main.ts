import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { runDaemon } from "../grpc/serve";
import { providerService } from "./provider";
import { random } from "./random/package";
import { tls } from "./tls/package";

// The providers that the lab brings itself, all in one process on one port:
// PULUMI_DEBUG_PROVIDERS=random:<port>,tls:<port>,aws:<port>... The objects of the simulated clouds lie in the folder
// that KVM_FABRIC_CLOUDS names, in memory where it names none.

const stateFolder = process.env.KVM_FABRIC_CLOUDS;
const service = providerService([random, tls], { ...(stateFolder && { stateFolder }) });

void runDaemon(ResourceProviderService, service).catch((error: unknown) => {
  process.stderr.write(`simulated cloud: ${String(error)}\n`);
  process.exitCode = 1;
});
