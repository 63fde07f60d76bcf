import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type AssetSet,
  assetSetId,
  installedFiles,
} from "../../../components/node-provisioner/asset-set";
import {
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";

/**
 * Goes before the script: everything that changes a disk counts its point, and at the one that AT names it is killed
 * with all it started, or fails, once (EIO) or from then on (ENOSPC). Data is written in blocks, a point after each. With "drop" it logs what is
 * synced before it is killed.
 */
export const POINTS = `
step() {
  read -r points <"$COUNT" || points=0
  points=$((points + 1))
  echo "$points" >"$COUNT"
  case $MODE in
    kill | drop) [ "$points" -ne "$AT" ] || kill -9 0 ;;
    EIO) [ "$points" -ne "$AT" ] || { echo "$1: Input/output error" >&2; return 1; } ;;
    ENOSPC) [ "$points" -lt "$AT" ] || [ "$1" = rm ] || { echo "$1: No space left on device" >&2; return 1; } ;;
  esac
}
around() {
  step "$1" || return 1
  command "$@" || return $?
  case $MODE in kill | drop) step "$1" ;; esac
}
for tool in chmod ln mkdir mv rm rmdir; do eval "$tool() { around $tool \\"\\$@\\"; }"; done
sync() {
  around sync "$@" || return 1
  [ "$MODE" = drop ] || return 0
  if [ -d "$1" ]; then
    for entry in "$1"/* "$1"/.[!.]*; do
      [ ! -e "$entry" ] || command stat -c "entry $1 %i %n" "$entry" >>"$SYNCED"
    done
    command stat -c "folder %i %n" "$1" >>"$SYNCED"
  else
    echo "file $(command stat -c %i "$1") $(command sha256sum <"$1")" >>"$SYNCED"
  fi
}
tee() {
  case $1 in -a) shift ;; *) : >"$1" ;; esac
  step tee || return 1
  # An archive is no text, and goes in two blocks.
  case $1 in
    *"$ARCHIVE"*)
      for size in 100 1000; do
        command head -c "$size" >"$SYNCED.block"
        command cat "$SYNCED.block" | command tee -a "$1"
        step tee || { command cat >/dev/null; return 1; }
      done
      ;;
    *)
      while IFS= read -r line; do
        echo "$line" >>"$1"
        [ "$1" = /dev/null ] || echo "$line"
        step tee || { command cat >/dev/null; return 1; }
      done
      ;;
  esac
}
cp() {
  step cp || return 1
  command head -c 100 "$1" >"$2"
  step cp || return 1
  command cp "$@"
}
`;

/** Thousands of small disks are made and synced, so they lie in memory where that can be. */
const MEMORY = fs.existsSync("/dev/shm") ? "/dev/shm" : undefined;

/**
 * A host whose script is swept, with the disk of another where one is given. PROVE=no: neither doctor nor gate changes
 * files.
 */
export function sweptHost(mirror: string, like?: string): PretendedHost {
  const host = pretendedHost(POINTS, MEMORY);
  if (like !== undefined && fs.existsSync(path.join(like, "root"))) {
    execFileSync("cp", ["-a", path.join(like, "root"), host.root]);
  }
  fs.writeFileSync(path.join(host.home, "count"), "0\n");
  const settings = {
    ...{ PROVE: "no", MODE: "none", AT: "0", KEEP_VERSIONS: "1", ARCHIVE: "none" },
    ...{ COUNT: path.join(host.home, "count"), SYNCED: path.join(host.home, "synced") },
  };
  return {
    ...host,
    run: (command, extra) => host.run(command, { ...settings, ...extra }),
    mount: (set) => {
      settings.ARCHIVE = `partial-${set.amd64?.vmm?.sha256 ?? ""}`;
      host.mount({ ...set, mirrors: [mirror] });
    },
  };
}

const sum = (file: string) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");

/** Checks what `current` names against its set: the id of a whole version, or undefined where there is none. */
export function wholeCurrent(root: string, sets: readonly AssetSet[]): string | undefined {
  const link = path.join(root, "current");
  if (!fs.existsSync(link)) return undefined;
  const folder = fs.realpathSync(link);
  const id = path.basename(folder);
  const assets = sets.find((set) => assetSetId(set) === id)?.amd64;
  if (!assets) throw new Error(`current is ${id}, which nobody wanted`);
  const files = installedFiles(assets);
  const names = fs.readdirSync(folder).sort();
  const wanted = ["SHA256SUMS", "manifest.json", ...files.map(({ name }) => name)].sort();
  if (names.join() !== wanted.join()) throw new Error(`${id} holds ${names.join(" ")}`);
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "manifest.json"), "utf8"));
  for (const { name, artefact } of files) {
    const got = sum(path.join(folder, name));
    if (
      got !== (artefact.memberSha256 ?? artefact.sha256) ||
      manifest.files[name] !== `sha256:${got}`
    ) {
      throw new Error(`${id}/${name} has SHA-256 ${got}`);
    }
  }
  return id;
}

/** What a disk holds, in short: two disks with the same answer are alike to the script. */
export function stateOf(root: string): string {
  const hash = createHash("sha256");
  const visit = (folder: string) => {
    for (const name of fs.readdirSync(folder).sort()) {
      const entry = path.join(folder, name);
      const { mode, nlink } = fs.lstatSync(entry);
      // The lock tells the number of a process, and the record when it was written.
      const isOfRun = name === ".lock" || name.startsWith(".checked-");
      hash.update(`${entry.slice(root.length)} ${String(mode)} ${String(nlink)}\n`);
      if (fs.lstatSync(entry).isDirectory()) visit(entry);
      else if (fs.lstatSync(entry).isSymbolicLink()) hash.update(fs.readlinkSync(entry));
      else if (!isOfRun) hash.update(sum(entry));
    }
  };
  if (fs.existsSync(root)) visit(root);
  return hash.digest("hex");
}

/** Where everything is that the disk of a host surely holds. */
interface Synced {
  /** By inode: the sum of what was synced. */
  files: Map<string, string>;
  /** By inode of a folder: the inode and name of each entry. */
  folders: Map<string, Set<string>>;
}

/** Everything below a folder, as if all of it were synced now. */
export function allSynced(root: string): Synced {
  const synced: Synced = { files: new Map(), folders: new Map() };
  const visit = (folder: string) => {
    const entries = new Set<string>();
    for (const name of fs.readdirSync(folder)) {
      const entry = path.join(folder, name);
      const { ino } = fs.lstatSync(entry);
      entries.add(`${String(ino)} ${name}`);
      if (fs.lstatSync(entry).isDirectory()) visit(entry);
      else if (fs.lstatSync(entry).isFile()) synced.files.set(String(ino), sum(entry));
    }
    synced.folders.set(String(fs.statSync(folder).ino), entries);
  };
  if (fs.existsSync(root)) visit(root);
  return synced;
}

/** Adds what the script synced, in its order. */
export function addSynced(synced: Synced, log: string): void {
  let pending = new Set<string>();
  for (const line of fs.existsSync(log) ? fs.readFileSync(log, "utf8").trim().split("\n") : []) {
    const [kind, first = "", second = "", third = ""] = line.split(" ");
    if (kind === "file") synced.files.set(first, second);
    if (kind === "entry") pending.add(`${second} ${path.basename(third)}`);
    if (kind === "folder") {
      synced.folders.set(first, pending);
      pending = new Set();
    }
  }
}

/**
 * Takes from a disk all that a power cut may take: the content of files that were not synced since they were written,
 * and names in folders that were not synced since. The two symbolic links are renamed over: either name is possible.
 */
export function dropUnsynced(root: string, synced: Synced): void {
  if (!fs.existsSync(root)) return;
  const visit = (folder: string) => {
    const kept = synced.folders.get(String(fs.statSync(folder).ino));
    for (const name of fs.readdirSync(folder)) {
      const entry = path.join(folder, name);
      const status = fs.lstatSync(entry);
      if (status.isSymbolicLink()) continue;
      if (kept?.has(`${String(status.ino)} ${name}`) !== true)
        fs.rmSync(entry, { recursive: true });
      else if (status.isDirectory()) visit(entry);
      else if (synced.files.get(String(status.ino)) !== sum(entry)) {
        fs.truncateSync(entry, Math.floor(status.size / 2));
      }
    }
  };
  visit(root);
}

/** The sets that the sweeps install, and the folder that serves their files. Archives hold the VMM and its jailer. */
export function sweptSets(folder: string): { mirror: string; sets: [AssetSet, AssetSet] } {
  const mirror = path.join(folder, "mirror");
  fs.mkdirSync(mirror);
  const publish = (content: Buffer | string) => {
    const sha256 = createHash("sha256").update(content).digest("hex");
    fs.writeFileSync(path.join(mirror, sha256), content);
    return { url: "https://nowhere.invalid/file", sha256, sizeBytes: content.length };
  };
  const setOf = (version: string): AssetSet => {
    const release = path.join(folder, `release-${version}`);
    fs.mkdirSync(release);
    fs.writeFileSync(path.join(release, "fc"), `vmm ${version}\n`);
    fs.writeFileSync(path.join(release, "jail"), `jailer ${version}\n`);
    const archive = publish(execFileSync("tar", ["-czf", "-", "-C", release, "fc", "jail"]));
    const member = (name: string) => ({
      ...archive,
      archiveMember: name,
      memberSha256: sum(path.join(release, name)),
    });
    return {
      amd64: {
        vmm: member("fc"),
        jailer: member("jail"),
        // The same in every version: it is taken over, not fetched.
        kernel: publish("the kernel\n"),
        rootfs: publish(`root file system ${version}\n`.repeat(15)),
      },
    };
  };
  return { mirror, sets: [setOf("1"), setOf("2")] };
}
