import { execFile } from "node:child_process";
import * as os from "node:os";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { findVersion, isWithin } from "./version-range";
import type { OwnTool } from "./versions";

const PROBE_TIMEOUT_SECONDS = 10;

/** Where to look for the user's own tools. */
export interface OwnToolSearch {
  env: NodeJS.ProcessEnv;
  /** Folders that are the lab's: what lies in them is not the user's own, though the lab puts them on the PATH. */
  labFolders: readonly string[];
}

/**
 * The user's own tool of that name, if its version fits: the first on the PATH alone is asked, as a shell would
 * take it. The path is returned as found, since version managers tell tools apart by the name they are called by.
 */
export async function findOwnTool(
  name: string,
  own: OwnTool,
  search: OwnToolSearch,
): Promise<string | undefined> {
  const file = await findOnPath(name, search);
  if (file === undefined) return undefined;
  const version = findVersion(await printed(file, own.versionArguments, search.env));
  return version !== undefined && isWithin(version, own.minimum, own.below) ? file : undefined;
}

/** The first executable file of that name on the PATH, outside the lab's own folders. */
export async function findOnPath(name: string, search: OwnToolSearch): Promise<string | undefined> {
  const folders = (search.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .filter((folder) => !search.labFolders.some((own) => isInside(folder, own)));
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** Says whether a file exists, is a regular file and may be executed. */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, fs.constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

function isInside(folder: string, parent: string): boolean {
  const relative = path.relative(parent, folder);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}

/** What a tool prints; nothing where it fails or hangs, since it is then of no use here. */
function printed(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = {
    // Some kubectl ask the current cluster for its version first, and keep a cache of that in the home folder.
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true", KUBECONFIG: os.devNull },
    timeout: PROBE_TIMEOUT_SECONDS * 1000,
    killSignal: "SIGKILL",
  } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) => {
      resolve(error === null ? stdout : "");
    });
  });
}
