import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { assetSetId, type AssetSet } from "../../../components/node-provisioner/asset-set";
import {
  fakeNode,
  listing,
  type FakeNode,
} from "../../unit/components/node-provisioner/script-run";

jest.setTimeout(300_000);

const tools = [
  "awk",
  "cat",
  "chmod",
  "cp",
  "cut",
  "flock",
  "ln",
  "mkdir",
  "mv",
  "readlink",
  "rm",
  "sha256sum",
  "sync",
  "uname",
];

/** Lets every command of the script be counted, and kills the whole script at the one that KILL_AT names. */
function wrapTools(node: FakeNode): void {
  const bin = path.join(node.root, "bin");
  const wrapper = (real: string) => `#!/bin/sh
echo x >>"$COUNT"
# Two ends of a pipe may count at the same time, so a number can be passed over.
[ "$KILL_AT" -gt 0 ] && [ "$(wc -l <"$COUNT")" -ge "$KILL_AT" ] && kill -9 0
exec ${real} "$@"
`;
  for (const tool of tools) {
    const real = execFileSync("sh", ["-c", `command -v ${tool}`])
      .toString()
      .trim();
    fs.writeFileSync(path.join(bin, tool), wrapper(real), { mode: 0o755 });
  }
  fs.renameSync(path.join(bin, "curl"), path.join(bin, "served"));
  fs.writeFileSync(path.join(bin, "curl"), wrapper(path.join(bin, "served")), { mode: 0o755 });
}

function versionOf(node: FakeNode, version: string): AssetSet {
  const publish = (name: string) => node.publish(`${name}-${version}`, `${name} ${version}`);
  const assets = {
    vmm: publish("vmm"),
    jailer: publish("jailer"),
    kernel: publish("kernel"),
    rootfs: publish("rootfs"),
  };
  return { amd64: assets, arm64: assets };
}

/** What `current` leads to: always a whole version, and never anything else. */
function currentVersion(node: FakeNode): string {
  const folder = fs.realpathSync(path.join(node.host, "current"));
  const files = listing(folder);
  for (const version of ["1", "2"]) {
    if (files.firecracker !== `vmm ${version}`) continue;
    expect(files).toMatchObject({
      jailer: `jailer ${version}`,
      vmlinux: `kernel ${version}`,
      "rootfs.ext4": `rootfs ${version}`,
    });
    return version;
  }
  throw new Error(`current is no version: ${JSON.stringify(files)}`);
}

test("killed before any of its commands, an upgrade leaves a whole version and the next run completes it", async () => {
  let points = 0;
  for (let at = 1; ; at++) {
    const node = fakeNode();
    const one = versionOf(node, "1");
    const two = versionOf(node, "2");
    await node.install(one);
    wrapTools(node);
    const count = path.join(node.root, "count");
    const { signal, code } = await node.install(two, { COUNT: count, KILL_AT: String(at) });
    currentVersion(node);
    const proof = listing(node.proof)["asset-set"];
    if (proof === `${assetSetId(two)}\n`) expect(currentVersion(node)).toBe("2");
    const again = await node.install(two, { COUNT: count, KILL_AT: "0" });
    expect({ at, ...again }).toMatchObject({ at, code: 0, stderr: "" });
    expect(currentVersion(node)).toBe("2");
    expect(Object.keys(listing(node.host)).filter((name) => /\/\.|\.new$/.test(name))).toEqual([]);
    node.remove();
    if (code === 0) break;
    expect(signal).toBe("SIGKILL");
    points++;
  }
  expect(points).toBeGreaterThan(50);
});
