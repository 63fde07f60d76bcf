import * as fs from "node:fs";
import * as path from "node:path";
import { type AssetSet, assetSetId } from "../../../../../components/node-provisioner/asset-set";
import { sha256 } from "./ended";
import { BOOTS, pretendedHost, type PretendedHost } from "./pretended-host";
import { startWeb, type Web } from "./web";

let web: Web;
let host: PretendedHost;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());
beforeEach(() => {
  host = pretendedHost();
  web.requests.length = 0;
  web.behave(undefined);
});
afterEach(() => {
  host.remove();
});

function publishSet(version: string): AssetSet {
  return {
    amd64: {
      vmm: web.publish(`vmm-${version}`, `${BOOTS}# ${version}\n`),
      jailer: web.publish(`jailer-${version}`, `jailer ${version}\n`),
      kernel: web.publish(`kernel-${version}`, `kernel ${version}\n`),
      rootfs: web.publish(`rootfs-${version}`, `rootfs ${version}\n`),
    },
  };
}

test("a host gets every file under its sum and its name, the manifest, and current after a boot", async () => {
  const set = publishSet("1");
  const id = assetSetId(set);
  host.mount(set);
  const { code, stderr } = await host.run("install");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain('a microVM booted to "as init process"');
  const files = host.installed();
  const folder = `versions/${id}`;
  const contents = {
    firecracker: `${BOOTS}# 1\n`,
    jailer: "jailer 1\n",
    "rootfs.ext4": "rootfs 1\n",
    vmlinux: "kernel 1\n",
  };
  expect(Object.keys(files)).toEqual(
    [
      `.checked-${id}`,
      ".lock",
      ".proven-on",
      "current",
      ...Object.values(contents).map((content) => `objects/${sha256(content)}`),
      ...["SHA256SUMS", "manifest.json", ...Object.keys(contents)].map(
        (name) => `${folder}/${name}`,
      ),
    ].sort(),
  );
  expect(files.current).toBe(`-> ${folder}`);
  for (const [name, content] of Object.entries(contents)) {
    expect(files[`${folder}/${name}`]).toBe(content);
    const status = fs.statSync(path.join(host.root, folder, name));
    expect(status.ino).toBe(fs.statSync(path.join(host.root, "objects", sha256(content))).ino);
    expect((status.mode & 0o777).toString(8)).toBe(/fire|jail/.test(name) ? "755" : "644");
  }
  expect(JSON.parse(files[`${folder}/manifest.json`] ?? "")).toEqual({
    assetSet: id,
    machine: "x86_64",
    files: Object.fromEntries(
      Object.entries(contents).map(([name, content]) => [name, `sha256:${sha256(content)}`]),
    ),
  });
});

test("a second run downloads nothing, boots nothing, and changes nothing", async () => {
  host.mount(publishSet("1"));
  await host.run("install");
  const before = host.installed();
  web.requests.length = 0;
  const { code, stderr } = await host.run("install");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).not.toContain("booted");
  expect(web.requests).toEqual([]);
  expect(host.installed()).toEqual({ ...before, ".lock": expect.any(String) });
});
