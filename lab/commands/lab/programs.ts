import * as fs from "node:fs";
import * as path from "node:path";
import { launcherScript } from "../../engine/language-host/launcher";
import { binFolder } from "../../environment";
import { onPath, pluginPlaces } from "./official-plugins";

const LANGUAGE_HOST = "pulumi-language-nodejs";

/**
 * Fills the lab's bin folder and answers with the path of the pulumi to use. Where an official language host
 * for Node.js lies beside pulumi, or on PATH, pulumi is used where it is; elsewhere a hard link (or a copy) of
 * it is put in the folder with a language host of ours beside it, which is where the CLI looks first.
 */
export function prepareBin(state: string, pulumi: string): string {
  const bin = binFolder(state);
  const launcher = path.join(bin, LANGUAGE_HOST);
  const own = path.join(bin, "pulumi");
  const real = fs.realpathSync(pulumi);
  const beside = path.join(path.dirname(real), LANGUAGE_HOST);
  if (fs.existsSync(beside) || onPath(LANGUAGE_HOST, pluginPlaces(bin)) !== undefined) {
    fs.rmSync(launcher, { force: true });
    fs.rmSync(own, { force: true });
    return pulumi;
  }
  replace(launcher, (file) => {
    fs.writeFileSync(file, launcherScript(process.execPath), { mode: 0o755 });
  });
  if (!isSameFile(own, real)) {
    replace(own, (file) => {
      linkOrCopy(real, file);
    });
  }
  return own;
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
  if (!fs.existsSync(a)) return false;
  const [left, right] = [fs.statSync(a), fs.statSync(b)];
  if (left.dev === right.dev && left.ino === right.ino) return true;
  return left.size === right.size && Math.abs(left.mtimeMs - right.mtimeMs) < 1;
}
