import { gzipped } from "../shared/gzip";
import type { HostProfilePlan } from "./plan";
import { hostProfileScript } from "./script";

/** How long a line of the packed script is. */
const WIDTH = 120;

/**
 * The script of a profile as user data takes it, where room is short: with assets it is packed, and unpacks itself. The
 * same plan is the same text, on every machine.
 */
export function bootScript(plan: HostProfilePlan): string {
  const script = hostProfileScript(plan);
  if (plan.assets === undefined) return script;
  const packed = gzipped(script).toString("base64");
  const lines = packed.match(new RegExp(`.{1,${String(WIDTH)}}`, "g")) ?? [];
  return [
    "#!/bin/sh",
    `# Host profile and asset set ${plan.assets.id} of kvm-fabric, packed. It is shown by:`,
    "# sed '1,/^base64/d;/^END/,$d' FILE | base64 -d | gzip -d",
    "set -eu",
    "folder=$(mktemp -d)",
    "trap 'rm -rf \"$folder\"' EXIT",
    "base64 -d >\"$folder/script.gz\" <<'END'",
    ...lines,
    "END",
    'gzip -d "$folder/script.gz"',
    'sh "$folder/script"',
    "",
  ].join("\n");
}
