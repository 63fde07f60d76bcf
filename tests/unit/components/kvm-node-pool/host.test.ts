import { aksHostConfig } from "../../../../components/kvm-node-pool/azure-host";
import { gkeHostConfig } from "../../../../components/kvm-node-pool/gcp-host";
import { HugepageSize } from "../../../../components/host-profile/host-profile";

test("without a profile, GKE and AKS keep their own settings", () => {
  expect([gkeHostConfig(undefined), aksHostConfig(undefined)]).toEqual([{}, {}]);
});

test("GKE is told huge pages and those of the profile's settings that it sets", () => {
  const hugepages = { count: 4, size: HugepageSize.Gib1 };
  expect(gkeHostConfig({ hugepages, sysctls: { "net.core.somaxconn": "4096" } })).toEqual({
    hugepagesConfig: { hugepageSize1g: 4 },
    sysctls: {
      "fs.inotify.max_user_instances": "8192",
      "fs.inotify.max_user_watches": "524288",
      "net.core.somaxconn": "4096",
      "vm.max_map_count": "1048576",
    },
  });
  expect(gkeHostConfig({ hugepages: { count: 9 } }).hugepagesConfig).toEqual({
    hugepageSize2m: 9,
  });
});

test("AKS is told what it takes, by its own names and in its own types", () => {
  const sysctls = {
    "net.ipv4.ip_local_port_range": "32768 60999",
    "net.ipv4.tcp_tw_reuse": "1",
    "vm.max_map_count": "262144",
  };
  expect(aksHostConfig({ sysctls })).toEqual({
    linuxOSConfig: {
      sysctls: {
        netIpv4IpLocalPortRange: "32768 60999",
        netIpv4NeighDefaultGcThresh1: 4096,
        netIpv4NeighDefaultGcThresh2: 8192,
        netIpv4NeighDefaultGcThresh3: 16384,
        netIpv4TcpTwReuse: true,
        vmMaxMapCount: 262144,
      },
    },
  });
});
