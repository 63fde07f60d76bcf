import * as fs from "node:fs";
import * as path from "node:path";
import { type Daemon, startDaemon, stopDaemon } from "../../daemon";
import { binFolder } from "../../environment";
import { repository } from "../child";
import { cachedPlugin, onPath, pluginPlaces } from "./official-plugins";
import { nodeCommand } from "../../node-command";

// One process may serve several providers. Those of clouds, and of commands on their machines, are always the lab's
// own: with the official ones, and the user's credentials, the lab would reach real accounts.
const standIns = [
  { daemon: "kubernetes-provider", providers: ["kubernetes"], always: [] },
  {
    daemon: "simulated-cloud",
    providers: ["random", "tls"],
    always: ["aws", "gcp", "azure-native", "command"],
  },
] as const;

/**
 * Starts what stands in for the provider plugins that the user does not have, and makes the engine find those that
 * they have. Answers with the value of PULUMI_DEBUG_PROVIDERS.
 */
export async function startProviders(state: string, version: string): Promise<string> {
  const attached = await Promise.all(
    standIns.map(async ({ daemon, providers, always }) => {
      const missing = providers.filter((provider) => !useOfficial(state, provider));
      const needed = [...missing, ...always];
      if (needed.length === 0) {
        await stopDaemon(state, daemon);
        return [];
      }
      const { port = 0 } = await startStandIn(state, daemon, version);
      return needed.map((provider) => `${provider}:${port}`);
    }),
  );
  return attached.flat().join(",");
}

function startStandIn(state: string, name: string, version: string): Promise<Daemon> {
  const main = path.join(repository, "lab/engine", name, "main.ts");
  return startDaemon(state, name, [...nodeCommand(main), state], {
    // It looks for tools too, and takes none of the lab's own for the user's: with others than the commands', each
    // would start the simulated clusters anew after the other.
    env: {
      KUBECONFIG: path.join(state, "kubeconfig"),
      KVM_FABRIC_LAB: state,
    },
    // Where a kubeconfig names a program that gives its credentials, it is the stand-in that is meant.
    pathFirst: binFolder(state),
    version,
  });
}

// Says whether the user has the official plugin. One of the plugin cache is linked into the lab's own, since
// the lab has a PULUMI_HOME of its own.
function useOfficial(state: string, provider: string): boolean {
  const places = pluginPlaces(binFolder(state));
  if (onPath(`pulumi-resource-${provider}`, places) !== undefined) return true;
  const folder = cachedPlugin(provider, sdkVersion(provider), places);
  if (folder === undefined) return false;
  const plugins = path.join(state, "pulumi-home", "plugins");
  fs.mkdirSync(plugins, { recursive: true, mode: 0o700 });
  const link = path.join(plugins, path.basename(folder));
  if (path.resolve(link) !== path.resolve(folder)) {
    fs.rmSync(link, { recursive: true, force: true });
    fs.symlinkSync(folder, link);
  }
  return true;
}

function sdkVersion(provider: string): string {
  const file = path.join(repository, "node_modules/@pulumi", provider, "package.json");
  const content: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
  const version =
    typeof content === "object" && content !== null && "version" in content ? content.version : "";
  return String(version);
}
