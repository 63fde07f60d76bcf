import * as fs from "node:fs";
import * as path from "node:path";
import { type Daemon, startDaemon, stopDaemon } from "../../daemon";
import { binFolder } from "../../environment";
import { repository } from "../child";
import { cachedPlugin, onPath, pluginPlaces } from "./official-plugins";
import { nodeCommand } from "./source";

// One process may serve several providers.
const standIns = [
  { daemon: "kubernetes-provider", providers: ["kubernetes"] },
  { daemon: "simulated-cloud", providers: ["random", "tls"] },
] as const;

/**
 * Starts what stands in for the provider plugins that the user does not have, and makes the engine find those that
 * they have. Answers with the value of PULUMI_DEBUG_PROVIDERS.
 */
export async function startProviders(state: string, version: string): Promise<string> {
  const attached = await Promise.all(
    standIns.map(async ({ daemon, providers }) => {
      const needed = providers.filter((provider) => !useOfficial(state, provider));
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
  return startDaemon(state, name, nodeCommand(main), {
    env: { KUBECONFIG: path.join(state, "kubeconfig"), TSX_DISABLE_CACHE: "1" },
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
