import { type AssetSet, assetSetFaults } from "../asset-set";
import { renderFaults } from "../../shared/faults";
import { COMMANDS_SECTION } from "./commands";
import { DOCTOR_SECTION } from "./doctor";
import { FETCH_SECTION } from "./fetch";
import { GATE_SECTION } from "./gate";
import { INSTALL_SECTION } from "./install";
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
    REMOVE_SECTION,
    GATE_SECTION,
    RUN_SECTION,
    COMMANDS_SECTION,
  ].join("");
}

/** Settings of {@link installerScript} beside the files. */
export interface InstallerOptions {
  /** Folder that receives the files. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /** Severities of the doctor's findings, by name: "fatal", "warning" or "off". Defaults to the script's own. */
  policy?: Record<string, string>;
}

/**
 * Renders {@link provisionScript} with its tables in it: one file that runs by hand on a host without Kubernetes, in
 * cloud-init or in an image build (with `PROVE=no`: the machine that bakes an image proves nothing of those that run it).
 * A pod that finds the result on its node verifies it and downloads nothing. Throws one error that names every fault.
 */
export function installerScript(assets: AssetSet, options: InstallerOptions = {}): string {
  const faults = assetSetFaults("assets", assets);
  if (faults.length > 0) throw new Error(renderFaults("the asset set has faults:", faults));
  const mounted = assets.mirrors?.find((mirror) => /^(nfs|claim):/.test(mirror));
  if (mounted !== undefined) {
    throw new Error(
      `assets.mirrors: only a pod mounts ${mounted}; name the folder where it is mounted`,
    );
  }
  const root = options.assetsRoot;
  if (root !== undefined && !/^(\/[A-Za-z0-9_][\w.-]*)+$/.test(root)) {
    throw new Error(`assetsRoot: not an absolute path of letters, digits and ._-: ${root}`);
  }
  const files = { ...provisionTables(assets), ...policyTable(options.policy) };
  const embedded = Object.entries(files).map(
    ([name, text]) => `cat >"$FILES/${name}" <<'END_OF_TABLE'\n${text}END_OF_TABLE\n`,
  );
  const [first = "", ...rest] = provisionScript().split("\n");
  return [
    `${first}\n# The tables of this asset set, for as long as this runs.\n`,
    "FILES=$(mktemp -d) || exit 1\ntrap 'rm -rf \"$FILES\"' EXIT\ntrap 'exit 1' HUP INT TERM\n",
    ...embedded,
    ...(root === undefined ? [] : [`: "\${HOST_ROOT:=${root}}"\n`]),
    rest.join("\n"),
  ].join("");
}

/** The doctor's table of severities. Throws where one is none. */
export function policyTable(policy: Record<string, string> | undefined): Record<string, string> {
  if (policy === undefined) return {};
  const lines = Object.entries(policy).map(([name, severity]) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name) || !["fatal", "warning", "off"].includes(severity)) {
      throw new Error(`policy: "${name}: ${severity}" is no finding with fatal, warning or off`);
    }
    return `${name} ${severity}\n`;
  });
  return { "doctor.policy": lines.join("") };
}
