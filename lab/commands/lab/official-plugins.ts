import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** Where to look for plugins of Pulumi that the user has. */
export interface PluginPlaces {
  /** Pulumi's plugin cache. Defaults to `plugins` in PULUMI_HOME, else in ~/.pulumi. */
  cache: string;
  /** Folders of PATH. */
  path: string[];
}

/** The user's own places. `ignore` is a folder of PATH that does not count, such as the lab's own. */
export function pluginPlaces(ignore: string, env: NodeJS.ProcessEnv = process.env): PluginPlaces {
  const home = env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
  const folders = (env.PATH ?? "").split(path.delimiter);
  return {
    cache: path.join(home, "plugins"),
    path: folders.filter((folder) => folder !== "" && folder !== ignore),
  };
}

/** The first program of that name on PATH. */
export function onPath(name: string, places: PluginPlaces): string | undefined {
  return places.path.map((folder) => path.join(folder, name)).find(isExecutable);
}

/**
 * The newest plugin of the cache that the engine takes for an SDK of `version`: the same major version, and
 * no older. Answers with its folder.
 */
export function cachedPlugin(
  provider: string,
  version: string,
  places: PluginPlaces,
): string | undefined {
  const prefix = `resource-${provider}-v`;
  const wanted = numbers(version);
  if (!fs.existsSync(places.cache)) return undefined;
  const names = fs.readdirSync(places.cache);
  return (
    names
      .filter(
        (name) => name.startsWith(prefix) && /^\d+\.\d+\.\d+$/.test(name.slice(prefix.length)),
      )
      // A download that was cut off leaves a mark beside the folder.
      .filter((name) => !names.includes(`${name}.partial`))
      .map((name) => ({ name, has: numbers(name.slice(prefix.length)) }))
      .filter(({ has }) => has[0] === wanted[0] && compare(has, wanted) >= 0)
      .sort((a, b) => compare(b.has, a.has))
      .map(({ name }) => path.join(places.cache, name))
      .find((folder) => isExecutable(path.join(folder, `pulumi-resource-${provider}`)))
  );
}

function numbers(version: string): number[] {
  return version.split(".").map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differences = a.map((part, index) => part - (b[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
