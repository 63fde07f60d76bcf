import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { writeImage, writeLayer } from "../../../../../lab/node/image/oci";
import type { TarEntry } from "../../../../../lab/node/image/tar";
import { buildImage, filesLayer } from "../../../../../lab/node/images";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-oci-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const file = (name: string, content: string): TarEntry => ({
  ...{ path: name, mode: 0o644, kind: "file", content: Buffer.from(content) },
});
const sum = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const inFolder = (name: string) => path.join(folder, name);

function write(name = "localhost/a/b:tag") {
  const layers = ["one", "two"].map((text) => writeLayer([file(text, text)], inFolder(text)));
  return writeImage(name, { cmd: ["/one"], user: "7:7" }, layers, inFolder("image.tar"));
}

function unpack(archive: string) {
  fs.mkdirSync(inFolder("out"));
  execFileSync("tar", ["-xf", archive, "-C", inFolder("out")]);
  const blob = (digest: string) =>
    fs.readFileSync(inFolder(`out/blobs/sha256/${digest.replace("sha256:", "")}`));
  const index = JSON.parse(fs.readFileSync(inFolder("out/index.json"), "utf8"));
  return { blob, index };
}

test("every part of an image is there under its sum, from the index down to the files", () => {
  const image = write();
  const { blob, index } = unpack(image.file);
  const manifest = JSON.parse(blob(image.digest).toString());
  const config = JSON.parse(blob(manifest.config.digest).toString());
  expect(index.manifests[0]).toMatchObject({
    digest: image.digest,
    size: blob(image.digest).length,
  });
  for (const { digest, size } of [manifest.config, ...manifest.layers, ...index.manifests]) {
    expect(sum(blob(digest))).toBe(digest);
    expect(blob(digest).length).toBe(size);
  }
  expect(config.rootfs.diff_ids).toEqual(
    manifest.layers.map(({ digest }: { digest: string }) => digest),
  );
  expect(config.config).toMatchObject({ Cmd: ["/one"], User: "7:7" });
  const [layer] = manifest.layers;
  expect(blob(layer.digest).toString("latin1")).toContain("one");
});

test("an image is entered under its name, and under its name with the digest, for containerd to find", () => {
  const { digest, file: archive } = write("localhost:5000/a/b:tag");
  const names = unpack(archive).index.manifests.map(
    ({ annotations }: any) => annotations["io.containerd.image.name"],
  );
  expect(names).toEqual(["localhost:5000/a/b:tag", `localhost:5000/a/b@${digest}`]);
});

test("the same image twice is the same archive; another configuration is another image", () => {
  const first = write();
  const bytes = sum(fs.readFileSync(first.file));
  const again = write();
  expect(again.digest).toBe(first.digest);
  expect(sum(fs.readFileSync(again.file))).toBe(bytes);
  const layers = [writeLayer([file("one", "one")], inFolder("one"))];
  const other = [{}, { env: ["A=b"] }, { entrypoint: ["/one"] }].map(
    (config) => writeImage("localhost/x:y", config, layers, inFolder("other.tar")).digest,
  );
  expect(new Set(other).size).toBe(3);
});

test("an image is made once, found again, and made anew where what it is made of changed", async () => {
  let made = 0;
  const layer = (content: string) => {
    const { key, entries } = filesLayer({ "/bin/tool": content });
    return { key, entries: () => ((made += 1), entries()) };
  };
  const build = (content: string) =>
    buildImage(folder, { name: "localhost/t:1", config: {}, layers: [layer(content)] });
  const first = await build("one");
  expect(await build("one")).toEqual(first);
  expect(made).toBe(1);
  const second = await build("two");
  expect(made).toBe(2);
  expect(second.digest).not.toBe(first.digest);
  expect(fs.readdirSync(path.dirname(first.file)).sort()).toEqual(["image.json", "image.tar"]);
});
