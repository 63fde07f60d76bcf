import { type Architecture, architectures } from "../node-provisioner/asset-set";
import { preparerScript } from "../node-provisioner/script/provision-script";
import type { Fault } from "../shared/faults";
import type { HostFile } from "./files";
import type { HostProfile } from "./host-profile";
import type { HostAssetsPlan } from "./plan";
import { writeFiles } from "./shell";

/** Where the program lies that brings the files, to be run by hand as well. */
export const ASSETS_SCRIPT_PATH = "/usr/local/lib/kvm-fabric/assets.sh";

/** The service that runs it. */
export const ASSETS_SERVICE = "kvm-fabric-assets.service";

/** The end of a line that no script has. */
const END = "KVM_FABRIC_ASSETS_END";

/**
 * The service that brings an asset set while its node joins. It is over once the files are there, goes on after a reboot
 * and after whatever went wrong, and takes itself out of the boot at its end: from then on files are the provisioner's.
 *
 * Not of type `oneshot`: the boot's target, and with it the join, would wait for its end at the next boot.
 */
export function assetsService({ id }: HostAssetsPlan): HostFile {
  const lines = [
    "[Unit]",
    `Description=Brings asset set ${id} of kvm-fabric`,
    "Wants=network-online.target",
    "After=network-online.target",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    `ExecStart=/bin/sh ${ASSETS_SCRIPT_PATH}`,
    `ExecStopPost=-+/bin/sh -c '[ "$$SERVICE_RESULT" != success ] || exec systemctl disable ${ASSETS_SERVICE}'`,
    "Restart=on-failure",
    "RestartSec=30",
    "# The set has no files for such a machine.",
    "RestartPreventExitStatus=78",
    "Nice=10",
    "NoNewPrivileges=yes",
    "PrivateTmp=yes",
    "ProtectHome=read-only",
    "ProtectSystem=full",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ];
  const content = `${lines.join("\n")}\n`;
  return { path: `/etc/systemd/system/${ASSETS_SERVICE}`, content };
}

/** The part of a host's script that has its files brought, and waits for nothing; a host that has them starts nothing. */
export function startAssets(assets: HostAssetsPlan): string {
  const script = { path: ASSETS_SCRIPT_PATH, content: preparerScript(assets.set, assets.root) };
  return [
    START_FUNCTION,
    writeFiles([script, assetsService(assets)]),
    `start_assets ${assets.id} ${assets.root}`,
  ].join("\n");
}

/** The part of an image's script that brings the files into it, and fails where they cannot be had. */
export function bakeAssets({ id, root, set }: HostAssetsPlan): string {
  return [
    BAKE_FUNCTION,
    `bake_assets ${id} ${root} <<'${END}'`,
    preparerScript(set, root).trimEnd(),
    END,
  ].join("\n");
}

/** Refuses a profile whose assets have no files for the machines of a pool. */
export function assetArchitectureFaults(
  path: string,
  { assets }: HostProfile = {},
  machines: readonly Architecture[],
): Fault[] {
  if (assets === undefined) return [];
  const missing = architectures.filter(
    (one) => machines.includes(one) && assets[one] === undefined,
  );
  const problem = "missing for machines of the pool";
  return missing.map((one) => ({ path: `${path}.assets.${one}`, problem, allowed: "their files" }));
}

const START_FUNCTION = `# start_assets ID FOLDER: the service goes on by itself, and the node joins meanwhile.
start_assets() {
  [ ! -f "$ROOT$2/versions/$1/manifest.json" ] || return 0
  command -v systemctl >/dev/null || fail 'there is no systemd to bring the assets with: leave assets out'
  { systemctl daemon-reload && systemctl --quiet enable ${ASSETS_SERVICE} &&
    systemctl --no-block restart ${ASSETS_SERVICE}; } || fail 'systemd does not start ${ASSETS_SERVICE}'
  say "asset set $1 is being brought: journalctl -u ${ASSETS_SERVICE}"
}
`;

/** What a machine knows of its own checks and locks stays out of the image. */
const BAKE_FUNCTION = `# bake_assets ID FOLDER: the program that brings the files is on standard input.
bake_assets() {
  program=$(mktemp)
  trap 'rm -f "$program"' EXIT
  cat >"$program"
  HOST_ROOT=$ROOT$2 sh "$program" || fail "the image has no asset set $1: see above"
  rm -f "$program" "$ROOT$2/.lock" "$ROOT$2/.checked-$1"
  trap - EXIT
  say "asset set $1 is in the image"
}
`;
