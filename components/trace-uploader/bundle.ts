import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Fault } from "../shared/faults";

/** The uploader for one target, in one file with all that it needs. */
export interface Bundle {
  /** Where it lies. */
  file: string;
  /** SHA-256 of it, in hexadecimal digits. */
  sha256: string;
  text: string;
}

/** What bundles are made for. */
export type BundleTarget = "azure" | "cloud-run" | "command" | "lambda";

/** Where the bundles lie; a test has another place. */
export const BUNDLES = path.join(__dirname, "bundles");

/** Reads a bundle; undefined where there is none. */
export function readBundle(target: BundleTarget, folder: string = BUNDLES): Bundle | undefined {
  const file = path.join(folder, `${target}.js`);
  if (!fs.existsSync(file)) return undefined;
  const text = fs.readFileSync(file, "utf8");
  return { file, sha256: createHash("sha256").update(text).digest("hex"), text };
}

/** The one fault that a bundle can have: it is not there. */
export function bundleFaults(target: BundleTarget, bundle: Bundle | undefined): Fault[] {
  if (bundle !== undefined) return [];
  return [
    {
      path: "bundle",
      problem: `the package has no file trace-uploader/bundles/${target}.js`,
      fix: "a package that is whole; in this repository `npm run bundle` makes the bundles",
    },
  ];
}
