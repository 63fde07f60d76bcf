import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { simulatedClusters } from "../../simulated-clusters/effects";
import { machineWorld } from "../../simulated-clusters/machine-world";
import { cloudFolder } from "../../simulated-clusters/world";
import { ensureTools } from "../../toolchain";
import { runDaemon } from "../grpc/serve";
import { machinesFolder } from "./command/machines";
import { command } from "./command/package";
import { providerService } from "./provider";
import { random } from "./random/package";
import { tls } from "./tls/package";

// The providers that the lab brings itself, all in one process on one port:
// PULUMI_DEBUG_PROVIDERS=random:<port>,tls:<port>,aws:<port>... Its argument is the state folder of the lab, in which the
// simulated clouds keep their objects and their clusters' API servers run. Without one there are no API servers, and
// the objects lie in the folder that KVM_FABRIC_CLOUDS names, in memory where it names none.

const [, , state] = process.argv;
const stateFolder = process.env.KVM_FABRIC_CLOUDS ?? (state && cloudFolder(state));
const effects =
  state === undefined
    ? undefined
    : simulatedClusters({
        state,
        tools: () => ensureTools(),
        note: (message) => process.stderr.write(`${message}\n`),
      });
const world = state === undefined || !effects ? undefined : machineWorld(state, effects);
const packages = [random, tls, ...(state ? [command(machinesFolder(state), world)] : [])];
const service = providerService(packages, {
  ...(stateFolder && { stateFolder }),
  ...(effects && { effects }),
});

void runDaemon(ResourceProviderService, service).catch((error: unknown) => {
  process.stderr.write(`simulated cloud: ${String(error)}\n`);
  process.exitCode = 1;
});
