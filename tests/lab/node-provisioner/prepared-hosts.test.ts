import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import { hostCloudConfig } from "../../../components/host-profile/cloud-init";
import { hostImageScript } from "../../../components/host-profile/image-script";
import { hostProfileScript } from "../../../components/host-profile/script";
import { planAwsPool } from "../../../components/kvm-node-pool/aws-plan";
import { nodeUserData } from "../../../components/kvm-node-pool/aws-user-data";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { until } from "../../support/wait";
import { planOf } from "../../unit/components/host-profile/planned";
import { awsLeast } from "../../unit/components/kvm-node-pool/least";
import { parseMime } from "../../unit/components/kvm-node-pool/parse-mime";
import { signalGroup } from "../../unit/components/node-provisioner/script/ended";
import { BOOTS } from "../../unit/components/node-provisioner/script/pretended-host";
import { serve, startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { type BootingHost, bootingHost, endOf, tree } from "./booting-host";

let web: Web;
let hosts: BootingHost[];
beforeEach(async () => {
  web = await startWeb();
  hosts = [];
});
afterEach(async () => {
  for (const host of hosts) {
    for (const pid of host.processes()) process.kill(pid, "SIGKILL");
    host.remove();
  }
  await web.close();
});

const KERNEL = Buffer.alloc(3_000_000, "kernel of a guest ");

/** A set that a mirror serves; where it comes from does not count for what it is. */
function servedSet(version = "1"): AssetSet {
  const file = (name: string, content: string | Buffer) => {
    const { sha256 } = web.publish(name, content);
    return { url: `https://nowhere.invalid/${name}`, sha256, sizeBytes: content.length };
  };
  return {
    amd64: {
      vmm: file("vmm", BOOTS),
      jailer: file("jailer", "jailer"),
      kernel: file("kernel", Buffer.concat([KERNEL, Buffer.from(version)])),
      rootfs: file("rootfs", "rootfs"),
      gate: { seconds: 10 },
    },
    mirrors: [web.url],
  };
}

function newHost(disk?: string): BootingHost {
  const host = bootingHost(disk);
  hosts.push(host);
  return host;
}

/** The requests for contents since the last look. */
function downloads(): string[] {
  return web.requests.splice(0).filter((request) => request.startsWith("GET"));
}

/** A host on which the provisioner did everything. */
async function provisionedHost(set: AssetSet): Promise<BootingHost> {
  const host = newHost();
  host.mount(set);
  expect(await host.round(assetSetId(set))).toMatchObject({ code: 0 });
  expect(downloads()).toHaveLength(4);
  return host;
}

/** The script that a node of Amazon Linux runs, out of the user data that EC2 hands it. */
function scriptOfUserData(assets: AssetSet): string {
  const plan = planAwsPool("kvm", { ...awsLeast, hostProfile: { assets } });
  if (!plan.ok) throw new Error(JSON.stringify(plan.faults));
  const userData = nodeUserData(plan.plan, awsLeast.cluster);
  return (
    parseMime(userData).find(({ contentType }) => contentType === "text/x-shellscript")?.body ?? ""
  );
}

const routes: [string, (assets: AssetSet) => string][] = [
  ["EC2's user data", scriptOfUserData],
  ["cloud-init", (assets) => yaml.parse(hostCloudConfig({ assets })).write_files[0].content],
  ["SSH", (assets) => hostProfileScript(planOf({ assets }))],
];

test.each(routes)(
  "by %s: a host brings its files while it joins; the provisioner downloads nothing, and leaves the same host",
  async (_, scriptOf) => {
    const set = servedSet();
    const id = assetSetId(set);
    const host = newHost();
    expect(await host.boot(scriptOf(set))).toMatchObject({ code: 0 });
    expect(downloads()).toEqual([]);
    const unit = "kvm-fabric-assets.service";
    expect(host.calls()).toEqual([
      "daemon-reload",
      `--quiet enable ${unit}`,
      `--no-block restart ${unit}`,
    ]);
    expect(await endOf(host.service())).toMatchObject({ code: 0 });
    expect(downloads()).toHaveLength(4);
    // Neither is for whoever has not proven the host.
    expect(tree(host.root).filter((line) => /^(current|\.proven-on)/.test(line))).toEqual([]);
    // Checked in this boot: the provisioner need not take all sums once more, in whatever zone the host is.
    const record = fs.readFileSync(path.join(host.root, `.checked-${id}`), "utf8");
    expect(record).toMatch(/^bootId=boot-1\n/);
    expect(record).toContain(" +0000 ");
    // Run again, it finds what it wants, and starts nothing.
    expect(await endOf(host.service())).toMatchObject({ code: 0 });
    expect(await host.boot(scriptOf(set))).toMatchObject({ code: 0, stderr: "" });
    expect(host.calls()).toHaveLength(3);

    host.mount(set);
    const { code, stderr } = await host.round(id);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("a microVM booted");
    expect(host.status()).toMatchObject({ phase: "proven", assetSet: id });
    expect(web.requests).toEqual([]);
    const after = fs.readFileSync(path.join(host.root, `.checked-${id}`), "utf8");
    expect(after.replace(/^gate=.*$/m, "gate=")).toBe(record);
    expect(await host.run("verify full")).toMatchObject({ code: 0 });
    expect(tree(host.root)).toEqual(tree((await provisionedHost(set)).root));
  },
);

test("an image has the files and no proof; each of its machines proves them in its own boot, and downloads nothing", async () => {
  const set = servedSet();
  const id = assetSetId(set);
  const baker = newHost();
  fs.rmSync(path.join(baker.machine, "dev/kvm"));
  expect(await baker.boot(hostImageScript({ assets: set }))).toMatchObject({ code: 0 });
  expect(downloads()).toHaveLength(4);
  const image = tree(baker.root);
  expect(image.filter((line) => /^(current|\.)/.test(line))).toEqual([]);
  // Baked once more, nothing is fetched and nothing changes.
  expect(await baker.boot(hostImageScript({ assets: set }))).toMatchObject({ code: 0 });
  expect(tree(baker.root)).toEqual(image);

  const node = newHost(baker.root);
  node.kernel("proc/sys/kernel/random/boot_id", "boot-of-the-node\n");
  expect(await node.boot(scriptOfUserData(set))).toMatchObject({ code: 0 });
  expect(node.calls()).toEqual([]);
  node.mount(set);
  const round = await node.round(id);
  expect(round).toMatchObject({ code: 0 });
  expect(round.stderr).toContain("a microVM booted");
  expect(node.status()).toMatchObject({
    phase: "proven",
    assetSet: id,
    bootId: "boot-of-the-node",
  });
  expect(web.requests).toEqual([]);
  expect(tree(node.root)).toEqual(tree((await provisionedHost(set)).root));
});

test("a file of an image that is damaged is fetched again, alone; without a source the finding names it", async () => {
  const set = servedSet();
  const id = assetSetId(set);
  const baker = newHost();
  await baker.boot(hostImageScript({ assets: set }));
  downloads();
  const damaged = () => {
    const node = newHost(baker.root);
    const file = fs.openSync(path.join(node.root, "versions", id, "vmlinux"), "r+");
    fs.writeSync(file, "K", 1_000_000);
    fs.closeSync(file);
    return node;
  };
  const lost = damaged();
  lost.mount({ ...set, mirrors: [] });
  expect(await lost.round(id)).toMatchObject({ code: 1 });
  expect(lost.status()).toMatchObject({ phase: "failed", assetSet: "", reason: "DownloadFailed" });
  expect(lost.status().message).toContain("no source has vmlinux");
  const { findings } = JSON.parse(fs.readFileSync(path.join(lost.state, "findings.json"), "utf8"));
  expect(findings).toMatchObject([
    { name: "artefact-damaged", got: expect.stringContaining("vmlinux") },
  ]);

  const node = damaged();
  node.mount(set);
  expect(await node.round(id)).toMatchObject({ code: 0 });
  expect(downloads()).toEqual([`GET /${String(set.amd64?.kernel.sha256)}`]);
  expect(tree(node.root)).toEqual(tree((await provisionedHost(set)).root));
});

test("killed in the middle, the provisioner goes on where the host's own service was", async () => {
  const set = servedSet();
  const sum = String(set.amd64?.kernel.sha256);
  const half = KERNEL.length / 2;
  const host = newHost();
  await host.boot(scriptOfUserData(set));
  web.behave((request, response, content) => {
    if (content.length < half) serve(request, response, content);
    else
      response
        .writeHead(200, { "Content-Length": content.length })
        .write(content.subarray(0, half));
  });
  const service = host.service();
  const end = endOf(service);
  const partial = path.join(host.root, "objects", `.partial-${sum}`);
  // What curl holds back until there is more of it is lost.
  await until(() => fs.existsSync(partial) && fs.statSync(partial).size > half / 2);
  signalGroup(service, "SIGKILL");
  expect(await end).toMatchObject({ signal: "SIGKILL" });
  expect(downloads()).toHaveLength(3);
  const begun = fs.statSync(partial).size;
  web.behave(undefined);
  host.mount(set);
  expect(await host.round(assetSetId(set))).toMatchObject({ code: 0 });
  expect(downloads()).toEqual([
    `GET /${sum} bytes=${String(begun)}-`,
    `GET /${String(set.amd64?.rootfs?.sha256)}`,
  ]);
  expect(tree(host.root)).toEqual(tree((await provisionedHost(set)).root));
});

test("both at once: the provisioner waits for the host's own service, and each file comes once", async () => {
  const set = servedSet();
  const host = newHost();
  await host.boot(scriptOfUserData(set));
  const answers: (() => void)[] = [];
  web.behave((...request) => {
    answers.push(() => {
      serve(...request);
    });
  });
  const service = endOf(host.service());
  await until(() => answers.length === 1);
  host.mount(set);
  fs.writeFileSync(path.join(host.state, "turn"), `${assetSetId(set)}\n`);
  const provisioner = host.start("round");
  let said = "";
  provisioner.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  const round = endOf(provisioner);
  await until(() => said.includes("waiting for another installer: pid"));
  web.behave(undefined);
  for (const answer of answers) answer();
  expect(await service).toMatchObject({ code: 0 });
  expect(await round).toMatchObject({ code: 0 });
  expect(downloads()).toHaveLength(4);
  expect(host.status()).toMatchObject({ phase: "proven" });
});

test("a service whose mirror is away fails, is started again by its unit, and goes on; a wrong machine is told once", async () => {
  const set = servedSet();
  const host = newHost();
  await host.boot(scriptOfUserData(set));
  expect(host.unit()).toMatch(/^Restart=on-failure$/m);
  expect(host.unit()).toMatch(/^RestartPreventExitStatus=78$/m);
  web.behave((_, response) => response.writeHead(503).end());
  const away = await endOf(host.service());
  expect(away).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no source has firecracker"),
  });
  web.behave(undefined);
  expect(await endOf(host.service())).toMatchObject({ code: 0 });
  const environment = host.environment();
  const arm = spawnSync("sh", [path.join(host.machine, "usr/local/lib/kvm-fabric/assets.sh")], {
    env: { ...environment, MACHINE: "aarch64" },
    encoding: "utf8",
  });
  expect(arm).toMatchObject({
    status: 78,
    stderr: expect.stringContaining("has no files for machines"),
  });
});

const isAnalyzeHere = spawnSync("systemd-analyze", ["--version"]).error === undefined;
(isAnalyzeHere ? test : test.skip)("systemd finds nothing wrong with the unit", async () => {
  const host = newHost();
  await host.boot(scriptOfUserData(servedSet()));
  const unit = path.join(host.machine, "etc/systemd/system/kvm-fabric-assets.service");
  const check = () =>
    spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
  expect(check()).toMatchObject({ status: 0, stderr: "" });
  fs.writeFileSync(unit, host.unit().replace("ExecStart=", "ExecStrt="));
  expect(check().status).not.toBe(0);
});

test("a disk that was copied from a proven node is no proof of the node that it runs in", async () => {
  const [one, two] = [servedSet("1"), servedSet("2")];
  const proven = newHost();
  proven.mount(one);
  expect(await proven.round(assetSetId(one), "node-1")).toMatchObject({ code: 0 });
  const copy = newHost(proven.root);
  for (const host of [proven, copy]) host.mount(two);
  // It is another set's turn, and on neither of the two yet.
  expect(await proven.round("nobody", "node-1")).toMatchObject({ code: 2 });
  expect(proven.status()).toMatchObject({ phase: "waiting", assetSet: assetSetId(one) });
  expect(await copy.round("nobody", "node-2")).toMatchObject({ code: 2 });
  expect(copy.status()).toMatchObject({ phase: "waiting", assetSet: "" });
  expect(await copy.round(assetSetId(two), "node-2")).toMatchObject({ code: 0 });
  expect(copy.status()).toMatchObject({ phase: "proven", assetSet: assetSetId(two) });
});
