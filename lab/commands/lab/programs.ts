import * as fs from "node:fs";
import * as path from "node:path";
import { launcherScript } from "../../engine/language-host/launcher";
import { binFolder } from "../../environment";
import { standInClouds } from "../../simulated-clusters/stand-ins/answer";
import { standInScript } from "../../simulated-clusters/stand-ins/script";
import { onPath, pluginPlaces } from "./official-plugins";

const LANGUAGE_HOST = "pulumi-language-nodejs";

/** Programs of clouds that the lab stands in for. */
const STAND_INS = Object.keys(standInClouds);

/** The CLIs that the bin folder offers, by absolute path. */
export interface Programs {
  /** Defaults to none: a stack on the user's own cluster needs none. */
  kubectl?: string;
  pulumi: string;
}

/**
 * Fills the lab's bin folder: kubectl, this Node.js, and pulumi, whose path it answers with. Links, so that no
 * folder of the system moves ahead of others on the user's PATH. The programs by which clouds give out credentials are
 * stand-ins, also where the user has the real ones: the lab's clusters are simulated, and no real account is touched.
 *
 * Where an official language host for Node.js lies beside pulumi, or on PATH, pulumi is linked as it is. Else
 * the folder gets a hard link (or a copy) of it with a language host of ours beside it: the CLI looks beside
 * its own, resolved, path first.
 */
export function prepareBin(state: string, programs: Programs): string {
  const bin = binFolder(state);
  const own = path.join(bin, "pulumi");
  const launcher = path.join(bin, LANGUAGE_HOST);
  if (programs.kubectl !== undefined) link(programs.kubectl, path.join(bin, "kubectl"));
  link(process.execPath, path.join(bin, "node"));
  for (const name of STAND_INS) {
    script(path.join(bin, name), standInScript(process.execPath, state, name));
  }
  const real = fs.realpathSync(programs.pulumi);
  if (hasOfficialHost(real, bin)) {
    fs.rmSync(launcher, { force: true });
    link(real, own);
    return own;
  }
  script(launcher, launcherScript(process.execPath));
  if (!isSameFile(own, real)) {
    replace(own, (file) => {
      linkOrCopy(real, file);
    });
  }
  return own;
}

function hasOfficialHost(pulumi: string, bin: string): boolean {
  const beside = path.join(path.dirname(pulumi), LANGUAGE_HOST);
  return fs.existsSync(beside) || onPath(LANGUAGE_HOST, pluginPlaces(bin)) !== undefined;
}

function link(from: string, to: string): void {
  replace(to, (file) => {
    fs.symlinkSync(from, file);
  });
}

function script(file: string, text: string): void {
  replace(file, (temporary) => {
    fs.writeFileSync(temporary, text, { mode: 0o755 });
  });
}

// Never a half-written program under the name that the engine starts.
function replace(file: string, write: (temporary: string) => void): void {
  const temporary = `${file}.${process.pid}`;
  fs.rmSync(temporary, { force: true });
  write(temporary);
  fs.renameSync(temporary, file);
}

function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch {
    // Another file system, or one without hard links. Times are kept to recognise the copy.
    fs.copyFileSync(from, to);
    const { atime, mtime } = fs.statSync(from);
    fs.utimesSync(to, atime, mtime);
  }
}

function isSameFile(a: string, b: string): boolean {
  if (!fs.existsSync(a) || fs.lstatSync(a).isSymbolicLink()) return false;
  const [left, right] = [fs.statSync(a), fs.statSync(b)];
  if (left.dev === right.dev && left.ino === right.ino) return true;
  return left.size === right.size && Math.abs(left.mtimeMs - right.mtimeMs) < 1;
}
