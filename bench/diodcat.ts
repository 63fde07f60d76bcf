import * as fs from "node:fs";
import * as path from "node:path";
import { labPaths } from "../lab/paths";

/** A plain reader of 9P: where it is, and the libraries that it runs with. */
export interface PlainReader {
  program: string;
  env: Record<string, string>;
}

/** diodcat, which came into the lab's cache with diod. */
export function diodcat(): PlainReader {
  const trees = path.join(labPaths().cache, "debian-trees");
  const root = fs
    .readdirSync(trees)
    .map((tree) => path.join(trees, tree, "root"))
    .find((folder) => fs.existsSync(path.join(folder, "usr/sbin/diodcat")));
  if (root === undefined) throw new Error("there is no diodcat in the lab's cache");
  const libraries = ["lib", "usr/lib"].flatMap((part) =>
    fs
      .readdirSync(path.join(root, part))
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => path.join(root, part, name)),
  );
  const env = { LD_LIBRARY_PATH: libraries.join(":") };
  return { program: path.join(root, "usr/sbin/diodcat"), env };
}
