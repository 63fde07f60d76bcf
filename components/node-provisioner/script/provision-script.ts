import { type AssetSet, assetSetFaults } from "../asset-set";
import { type Fault, renderFaults } from "../../shared/faults";
import { assetsRootFaults } from "../assets-root";
import { policyFaults } from "../doctor-policy";
import { COMMANDS_SECTION } from "./commands";
import { DOCTOR_SECTION } from "./doctor";
import { FETCH_SECTION } from "./fetch";
import { FLIP_SECTION } from "./flip";
import { GATE_SECTION } from "./gate";
import { INSTALL_SECTION } from "./install";
import { PREPARE_COMMAND, PREPARE_SECTION } from "./prepare";
import { REMOVE_SECTION } from "./remove";
import { RUN_SECTION } from "./run";
import { SETTINGS_SECTION } from "./settings";
import { provisionTables } from "./tables";
import { VERIFY_SECTION } from "./verify";

/**
 * The installer as one POSIX script, `provision.sh`. It talks to no API server and holds no token. Settings are
 * environment variables with their defaults at its top; tables are read from `$FILES`.
 *
 * Needs: POSIX sh, awk, curl, flock, setsid, sha256sum, stat, sync with files, tar, tee, timeout, and mv -T.
 */
export function provisionScript(): string {
  return [
    SETTINGS_SECTION,
    DOCTOR_SECTION,
    FETCH_SECTION,
    INSTALL_SECTION,
    VERIFY_SECTION,
    FLIP_SECTION,
    REMOVE_SECTION,
    GATE_SECTION,
    RUN_SECTION,
    PREPARE_SECTION,
    COMMANDS_SECTION,
  ].join("");
}

/** Settings of {@link installerScript} beside the files. */
export interface InstallerOptions {
  /** Folder that receives the files. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /** Severities of the doctor's findings, by name: "fatal", "warning" or "off". Defaults to the script's own. */
  doctorPolicy?: Record<string, string>;
}

/**
 * Renders {@link provisionScript} with its tables in it: one file that runs by hand on a host without Kubernetes, or in an
 * image build (`prepare`: the machine that bakes an image proves nothing of those that run it). A pod that finds the
 * result on its node verifies it and downloads nothing. Throws one error that names every fault.
 */
export function installerScript(assets: AssetSet, options: InstallerOptions = {}): string {
  const { assetsRoot, doctorPolicy } = options;
  const faults = [
    ...installerFaults("", assets, assetsRoot),
    ...policyFaults("doctorPolicy", doctorPolicy),
  ];
  if (faults.length > 0) throw new Error(renderFaults("the installer has faults:", faults));
  const files = { ...provisionTables(assets), ...policyTable(doctorPolicy) };
  return withFiles(provisionScript(), files, assetsRoot);
}

/**
 * Renders the part of {@link installerScript} that needs no host to prove, for user data, where room is short: it brings
 * the files, as `prepare` does, and ends with 78 where the set has none for such a machine. For a set without
 * {@link installerFaults}.
 */
export function preparerScript(assets: AssetSet, assetsRoot?: string): string {
  const sections = [
    SETTINGS_SECTION,
    FETCH_SECTION,
    INSTALL_SECTION,
    VERIFY_SECTION,
    PREPARE_SECTION,
    PREPARE_COMMAND,
  ];
  const [first = "", ...rest] = sections.join("").split("\n");
  const said = rest.map((line) => line.trimStart()).filter((line) => !line.startsWith("#"));
  const script = [first, ...said].join("\n");
  const tables = Object.entries(provisionTables(assets));
  const files = Object.fromEntries(tables.filter(([name]) => !name.endsWith(".gate")));
  return withFiles(script, files, assetsRoot);
}

/** Every fault of what an installer is rendered from, below the path of its arguments. */
export function installerFaults(path: string, assets: AssetSet, assetsRoot?: string): Fault[] {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  return [
    ...assetSetFaults(at("assets"), assets),
    ...mountedFaults(at("assets.mirrors"), assets.mirrors),
    ...assetsRootFaults(at("assetsRoot"), assetsRoot),
  ];
}

function withFiles(script: string, files: Record<string, string>, root?: string): string {
  const embedded = Object.entries(files).map(
    ([name, text]) => `cat >"$FILES/${name}" <<'END_OF_TABLE'\n${text}END_OF_TABLE\n`,
  );
  const [first = "", ...rest] = script.split("\n");
  return [
    `${first}\n# The tables of this asset set, for as long as this runs.\n`,
    "FILES=$(mktemp -d) || exit 1\ntrap 'rm -rf \"$FILES\"' EXIT\ntrap 'exit 1' HUP INT TERM\n",
    ...embedded,
    ...(root === undefined ? [] : [`: "\${HOST_ROOT:=${root}}"\n`]),
    rest.join("\n"),
  ].join("");
}

function mountedFaults(path: string, mirrors: readonly string[] = []): Fault[] {
  return mirrors.flatMap((mirror, index) => {
    if (!/^(nfs|claim):/.test(mirror)) return [];
    const [problem, allowed] = ["only a pod mounts it", "the folder where it is mounted"];
    return [{ path: `${path}[${String(index)}]`, problem, got: mirror, allowed }];
  });
}

/** The doctor's table of severities. */
export function policyTable(policy: Record<string, string> | undefined): Record<string, string> {
  if (policy === undefined) return {};
  const lines = Object.entries(policy).map(([name, severity]) => `${name} ${severity}\n`);
  return { "doctor.policy": lines.join("") };
}
