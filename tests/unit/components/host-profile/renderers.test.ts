import { spawnSync } from "node:child_process";
import * as yaml from "yaml";
import {
  bottlerocketFaults,
  bottlerocketSettings,
} from "../../../../components/host-profile/bottlerocket";
import { cloudConfig } from "../../../../components/host-profile/cloud-init";
import { HugepageSize, NxHugePages, Smt } from "../../../../components/host-profile/host-profile";
import { hostProfileScript } from "../../../../components/host-profile/script";
import { mimeUserData } from "../../../../components/host-profile/user-data";
import { planOf } from "./planned";

test("cloud-init writes the script and runs it", () => {
  const plan = planOf({ hugepages: { count: 3 } });
  const text = cloudConfig(plan);
  expect(text.split("\n")[0]).toBe("#cloud-config");
  expect(yaml.parse(text)).toEqual({
    write_files: [
      {
        path: "/usr/local/sbin/kvm-fabric-host-profile",
        owner: "root:root",
        permissions: "0755",
        content: hostProfileScript(plan),
      },
    ],
    runcmd: [["/usr/local/sbin/kvm-fabric-host-profile"]],
  });
});

const parts = [
  { contentType: "text/x-shellscript", body: hostProfileScript(planOf()) },
  { contentType: "application/node.eks.aws", body: "apiVersion: node.eks.aws/v1alpha1\n" },
];

test("a MIME parser finds each part as it was", () => {
  const program = `
import email, json, sys
message = email.message_from_string(sys.stdin.read())
print(json.dumps([[p.get_content_type(), p.get_content_charset(), p.get_payload()] for p in message.get_payload()]))`;
  const options = { input: mimeUserData(parts), encoding: "utf8" } as const;
  const { stdout, error } = spawnSync("python3", ["-c", program], options);
  if (error !== undefined) return;
  expect(JSON.parse(stdout)).toEqual(
    parts.map(({ contentType, body }) => [contentType, "utf-8", body]),
  );
});

test("user data is the same for the same parts, and other for others", () => {
  expect(mimeUserData(parts)).toBe(mimeUserData(structuredClone(parts)));
  expect(mimeUserData(parts.slice(1))).not.toBe(mimeUserData(parts));
  const [, boundary = ""] = /boundary="([^"]+)"/.exec(mimeUserData(parts)) ?? [];
  expect(boundary).toMatch(/^kvm-fabric-[0-9a-f]{32}$/);
  expect(mimeUserData(parts).split(`--${boundary}`)).toHaveLength(parts.length + 2);
});

test("fits the 16 KiB of EC2's user data with room for the node's own part", () => {
  expect(mimeUserData(parts).length).toBeLessThan(10_000);
});

test("Bottlerocket gets modules, settings and 2 MiB pages", () => {
  const plan = planOf({ hugepages: { count: 8 }, kernelModules: ["tun"] });
  expect(bottlerocketSettings(plan)).toBe(
    [
      "[settings.kernel.modules.kvm]",
      "allowed = true",
      "autoload = true",
      "",
      "[settings.kernel.modules.tun]",
      "allowed = true",
      "autoload = true",
      "",
      "[settings.kernel.sysctl]",
      '"fs.inotify.max_user_instances" = "8192"',
      '"fs.inotify.max_user_watches" = "524288"',
      '"kernel.pid_max" = "4194304"',
      '"net.ipv4.neigh.default.gc_thresh1" = "4096"',
      '"net.ipv4.neigh.default.gc_thresh2" = "8192"',
      '"net.ipv4.neigh.default.gc_thresh3" = "16384"',
      '"vm.max_map_count" = "1048576"',
      '"vm.nr_hugepages" = "8"',
      "",
    ].join("\n"),
  );
  expect(bottlerocketFaults("hostProfile", plan)).toEqual([]);
});

test("Bottlerocket refuses what it has no setting for", () => {
  const plan = planOf({
    hugepages: { count: 8, size: HugepageSize.Gib1 },
    ksm: true,
    limits: { memlockMib: 64, nofile: 65_536 },
    nestedVirtualization: true,
    nxHugePages: NxHugePages.Auto,
    smt: Smt.Off,
    swap: true,
  });
  expect(bottlerocketFaults("hostProfile", plan).map(({ path }) => path)).toEqual([
    "hostProfile.hugepages.size",
    "hostProfile.limits.memlockMib",
    "hostProfile.limits.nofile",
    "hostProfile.nestedVirtualization",
    "hostProfile.nxHugePages",
    "hostProfile.smt",
    "hostProfile.ksm",
    "hostProfile.swap",
  ]);
});
