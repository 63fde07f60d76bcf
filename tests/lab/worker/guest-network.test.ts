import {
  metadataGuardEnvironment,
  metadataGuardReady,
  metadataGuardScript,
} from "../../../components/worker/network/metadata-guard";
import { type GuestNetworkPlan, renderTap } from "../../../components/worker/network/plan";
import { filterRules } from "../../../components/worker/network/rules";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { GUESTS, openStage, planOf, SERVED, type Stage } from "./guest-network-stage";
import {
  GUEST,
  GUEST6,
  GUEST_TO_METADATA,
  NO,
  POD_TO_METADATA,
  ruleLines,
  sorted,
  TRAFFIC,
  type Traffic,
  UNFILTERED,
  WITHOUT,
} from "./guest-network-traffic";

// Real TAP devices, the real packet filter, and what a container may do; pods and machines behind them are played by
// network namespaces.
describeOnRealNode("the network between guests and pod", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await stage.play("build", { SERVED: Object.values(SERVED).join(" ") });
  });
  afterAll(async () => {
    await stage.close();
  });

  const plan = planOf();
  const succeeds = async (
    run: Promise<{ code: number | null; stderr: string; stdout: string }>,
  ) => {
    const { code, stderr, stdout } = await run;
    expect(code === 0 ? "ended well" : stderr).toBe("ended well");
    return stdout;
  };

  /** Tried anew where a busy machine answered late; what is let through once it was not is no accident. */
  const traffic = async (expected: Traffic) => {
    let last: Traffic = {};
    const same = async () => {
      last = await stage.traffic();
      return JSON.stringify(sorted(last)) === JSON.stringify(sorted(expected));
    };
    await eventually("the traffic", same).catch(() => undefined);
    expect(last).toEqual(expected);
  };

  describe("TAP devices, as the kernel judges", () => {
    /** Opens a TAP device as a user without any right. */
    const opens = async (tap: string, user: number) => {
      const ids = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
      const command = [
        "/usr/bin/socat",
        "-u",
        `TUN,tun-type=tap,iff-no-pi,tun-name=${tap}`,
        "GOPEN:/dev/null",
      ];
      const rights = stage.inPod("");
      const { stderr } = await stage.execute([
        "/usr/bin/timeout",
        "50",
        ...rights,
        ...ids,
        ...command,
      ]);
      // Once it has the device socat would set flags, which does take a right: see guest-network-stage.sh.
      return stderr.includes("SIOCSIFFLAGS") ? "opened" : stderr.trim();
    };
    beforeAll(async () => {
      await stage.play(
        "pod ip tuntap add dev tapx mode tap user 12345; pod ip tuntap add dev tapy mode tap",
      );
    });
    afterAll(async () => {
      await stage.play("for one in tapx tapy tapz; do pod ip link delete dev $one; done");
    });

    test.each([
      ["its owner, without any right", "tapx", 12345, "opened"],
      ["another user", "tapx", 12346, /not permitted/],
      ["root without any right, which does not own it", "tapx", 0, /not permitted/],
      ["anybody, where it has no owner", "tapy", 12345, "opened"],
      ["a user, who would make a new one", "tapn", 12345, /not permitted/],
      ["root without any right, who would make a new one", "tapn", 0, /not permitted/],
    ] as const)("%s", async (_, tap, user, expected) => {
      expect(await opens(tap, user)).toMatch(expected);
    });

    test("root with NET_ADMIN alone, who makes a new one", async () => {
      const make = ["/bin/ip", "tuntap", "add", "dev", "tapz", "mode", "tap", "user", "7"];
      await succeeds(stage.execute([...stage.inPod("net_admin"), ...make]));
      expect(await opens("tapz", 7)).toBe("opened");
    });
  });

  describe("the container's script", () => {
    const state = () =>
      stage.play(
        "cat /run/worker/taps; pod nft list ruleset; pod ip -details -oneline link show type tun | sed 's/^[0-9]*: //'; pod ip -brief address; pod ip -brief link | grep tap",
      );

    test("says so where IPv6 is the pod's alone", async () => {
      const forward = (value: number) =>
        stage.play(`pod sh -c 'echo ${value} >/proc/sys/net/ipv6/conf/all/forwarding'`);
      await forward(0);
      expect(await succeeds(stage.network(plan))).toMatch(/^network: the pod forwards no IPv6, so/);
      await forward(1);
      // Whoever forwards takes no route from others, and loses those it had.
      await stage.play("pod ip -6 route replace default via fd09::1");
    });

    test("makes devices, addresses, table and filter with NET_ADMIN alone, and again what was there", async () => {
      const said = await succeeds(stage.network(plan));
      expect(said).toBe("network: 2 TAP devices, the packet filter is loaded\n");
      expect(await stage.play("cat /run/worker/taps")).toBe(
        plan.taps.map((tap) => `${renderTap(tap)}\n`).join(""),
      );
      const once = await state();
      expect(once).toContain("198.18.0.5/30 fdcb:6b76:6d::5/126");
      expect(once).toContain("06:00:c6:12:00:05");
      expect(once).toMatch(/^tap0: .* persist on user 64000 /m);
      expect(once).toMatch(/^tap1: .* persist on user 64001 /m);
      await succeeds(stage.network(plan));
      expect(await state()).toBe(once);
      // In images whose shell takes busybox's `ip` for any other.
      await succeeds(stage.network(plan, {}, ["/bin/busybox", "sh"]));
      expect(await state()).toBe(once);
    });

    test("takes away what an earlier run with more devices left", async () => {
      await succeeds(stage.network(planOf({ ...GUESTS, taps: 4 })));
      await succeeds(stage.network(plan));
      expect(await stage.play("pod ip -oneline link show type tun | wc -l")).toBe("2\n");
    });

    test("makes a thousand devices, each with its elements of the filter", async () => {
      await stage.play("ip netns add many");
      const command = [...stage.inPod("net_admin", "many"), "/bin/dash", "-c", stage.script];
      const environment = { ...stage.environment(planOf({ taps: 1024 })), EGRESS: "no" };
      const began = Date.now();
      await succeeds(stage.execute(command, { ...environment, KVM_FABRIC_TAPS: "/run/taps.many" }));
      console.info(`1024 TAP devices: ${Date.now() - began} ms`);
      const counted = await stage.play(
        `wc -l </run/taps.many; ip -n many -oneline link show type tun up | wc -l
         nsenter --net=/run/netns/many nft list table inet kvm_fabric | grep -o '"tap[0-9]*" [.]' | wc -l`,
      );
      expect(counted).toBe("1024\n1024\n2048\n");
      const again = Date.now();
      await succeeds(stage.execute(command, { ...environment, KVM_FABRIC_TAPS: "/run/taps.many" }));
      console.info(`in place of 1024 others: ${Date.now() - again} ms`);
    });

    test.each([
      ["no nft", "PATH=/nowhere", plan, "the image lacks cat grep mv nft; docs/worker.md"],
      [
        "no device",
        "TUN_DEVICE=/dev/nothing",
        plan,
        "no character device /dev/nothing; load the module tun",
      ],
      ["a device that nobody drives", "TUN_DEVICE=/run/driven", plan, "/run/driven does not open"],
      ["no forwarding", "PROC=/run/proc", plan, "the pod forwards no IPv4, .*ipForwarding: true"],
    ])("names what is missing: %s", async (_, setting, given, expected) => {
      await stage.play("[ -e /run/driven ] || mknod /run/driven c 240 7; mkdir -p /run/proc");
      const [name = "", value = ""] = setting.split("=");
      const { code, stderr } = await stage.network(given, { [name]: value });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(expected) });
    });

    test("names what is missing: iproute2, and the capability", async () => {
      const hidden = `mount --bind /bin/busybox /bin/ip; exec "$@"`;
      const alone = ["/usr/bin/unshare", "--mount", "/bin/dash", "-c", hidden, "sh"];
      const run = (capability: string, before: string[] = []) => {
        const command = [...before, ...stage.inPod(capability), "/bin/dash", "-c", stage.script];
        return stage.execute(command, stage.environment(plan));
      };
      expect((await run("net_admin", alone)).stderr).toMatch(
        /there is no ip of iproute2; it belongs/,
      );
      expect((await run("")).stderr).toMatch(
        /the packet filter was refused; .*the container NET_ADMIN/,
      );
    });

    test("needs no forwarding where guests are let nowhere", async () => {
      await stage.play("mkdir -p /run/proc");
      const closed = planOf({ ...GUESTS, egress: false });
      await succeeds(stage.network(closed, { PROC: "/run/proc" }));
      await succeeds(stage.network(plan));
    });

    test("needs neither a way out nor IPv6 where the pod has none", async () => {
      await stage.play("ip netns add bare");
      const command = [...stage.inPod("net_admin", "bare"), "/bin/dash", "-c", stage.script];
      const off = "nsenter --net=/run/netns/bare sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward";
      await stage.play(`${off}; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'`);
      const environment = { ...stage.environment(plan), KVM_FABRIC_TAPS: "/run/taps.bare" };
      expect(await succeeds(stage.execute(command, environment))).toBe(
        "network: there is no IPv6 in this pod, so guests have none\nnetwork: 2 TAP devices, the packet filter is loaded\n",
      );
      expect(await stage.play("cat /run/taps.bare")).toBe(
        plan.taps.map((tap) => renderTap(tap).replace(/fdcb\S+ fdcb\S+/, "- -") + "\n").join(""),
      );
    });
  });

  describe("the packet filter", () => {
    beforeAll(async () => {
      await succeeds(stage.network(plan));
      await stage.play("attach guest0 tap0; attach guest1 tap1");
    });

    /** Loads rules as the script does, and leaves the devices alone. */
    const load = async (given: GuestNetworkPlan, without?: number) => {
      const rules = filterRules(given)
        .split("\n")
        .filter((_, at) => at !== without);
      const elements = given.taps.flatMap(({ name, guest4, guest6 }) => [
        `add element inet kvm_fabric guests4 { "${name}" . ${guest4} }`,
        `add element inet kvm_fabric guests6 { "${name}" . ${guest6} }`,
      ]);
      await stage.play(`printf '%s\n' "$RULES" | pod nft -f -`, {
        RULES: [...rules, ...elements].join("\n"),
      });
    };
    test("lets through what guests and pod need, and nothing else", async () => {
      await traffic(TRAFFIC);
    });

    test.each(ruleLines(plan))("$chain without: $rule", async ({ chain, rule, at }) => {
      await load(plan, at);
      await traffic({ ...TRAFFIC, ...WITHOUT[`${chain}: ${rule}`] });
    });

    test("lets guests nowhere but to the pod, where they are not to leave it", async () => {
      await load(planOf({ ...GUESTS, egress: false }));
      const outside = Object.entries(TRAFFIC)
        .filter(
          ([label, answer]) => /^guest to (?:a host|names|WireServer)/.test(label) && answer !== NO,
        )
        .map(([label]) => label);
      expect(outside).toHaveLength(5);
      const arrived = "guest to a host by its own address";
      const others = Object.entries(TRAFFIC).filter(([label]) => label !== arrived);
      const cut = Object.fromEntries(
        outside.filter((one) => one !== arrived).map((one) => [one, NO]),
      );
      await traffic({ ...Object.fromEntries(others), ...cut });
    });

    test("lets the pod itself to the metadata address where it may, and guests still not", async () => {
      await load(planOf(GUESTS, { workerMetadata: true }));
      await traffic({ ...TRAFFIC, ...POD_TO_METADATA });
    });

    // Whatever the worker builds there: here the devices of before, without any filter of their own.
    test("keeps what a worker of its own network forwards from the metadata address, and the pod", async () => {
      await load(planOf({ blocked: GUESTS.blocked! }, { tapDevices: "worker" }));
      await traffic({ ...TRAFFIC, ...UNFILTERED });
      await load(planOf({}, { tapDevices: "worker", workerMetadata: true }));
      const blocked = { "guest to a blocked host": GUEST, "guest to a blocked host, IPv6": GUEST6 };
      await traffic({ ...TRAFFIC, ...UNFILTERED, ...POD_TO_METADATA, ...blocked });
    });

    test("keeps the pod from the metadata address where guests send as the pod does", async () => {
      await load(planOf({}, { tapDevices: "none" }));
      await traffic({ ...TRAFFIC, ...UNFILTERED, ...GUEST_TO_METADATA });
      await load(planOf({}, { tapDevices: "none", workerMetadata: true }));
      await traffic({ ...TRAFFIC, ...UNFILTERED, ...GUEST_TO_METADATA, ...POD_TO_METADATA });
    });

    test("takes no route that a guest advertises", async () => {
      // Router advertisement: for half an hour, from whoever sends it.
      const advertise = `printf '\\206\\0\\0\\0\\100\\0\\7\\010\\0\\0\\0\\0\\0\\0\\0\\0' |
        nsenter --net=/run/netns/guest0 socat -u - 'IP6-SENDTO:[ff02::1%eth0]:58,setsockopt-int=41:18:255'`;
      const routes = "ip -n pod -6 route show proto ra";
      await stage.play("pod sh -c 'echo 2 >/proc/sys/net/ipv6/conf/tap0/accept_ra'");
      await load(plan);
      await stage.play(advertise);
      // What comes after it has come through: so it would have.
      await traffic(TRAFFIC);
      expect(await stage.play(routes)).toBe("");
      await stage.play("pod nft flush ruleset");
      await eventually("the pod takes it where nothing filters", async () => {
        await stage.play(advertise);
        return (await stage.play(routes)) !== "";
      });
      await stage.play("pod ip -6 route flush proto ra");
    });
  });

  describe("the guard of a host's network", () => {
    const guarded = planOf({ interfaces: ["eth*", "tap0"] }, { hostNetwork: true });
    const environment = {
      ...Object.fromEntries(
        metadataGuardEnvironment(guarded).map(({ name, value }) => [name, value]),
      ),
      LOOK_SECONDS: "0.1",
    };
    const [, , , ...listed] = metadataGuardReady(guarded);
    const present = async () => {
      const command = [...stage.inPod("net_admin"), "/usr/sbin/nft", "list", "table", ...listed];
      return (await stage.execute(command)).code === 0;
    };

    test("is there while it runs, comes again when flushed, and goes alone", async () => {
      await stage.play("pod nft flush ruleset; pod nft add table inet somebody");
      const script = `echo $$ >/run/guard.pid\n${metadataGuardScript()}`;
      const running = stage.execute(
        [...stage.inPod("net_admin"), "/bin/dash", "-c", script],
        environment,
      );
      await eventually("the table is there", present);
      const hosts = { "guest to a blocked host": GUEST, "guest to a blocked host, IPv6": GUEST6 };
      await traffic({ ...TRAFFIC, ...UNFILTERED, ...POD_TO_METADATA, ...hosts });
      await stage.play("pod nft flush ruleset; pod nft add table inet somebody");
      await eventually("the table is there again", present);
      await stage.play("kill -TERM $(cat /run/guard.pid)");
      expect(await running).toEqual({
        code: 0,
        stderr: "",
        stdout: [
          "metadata-guard: the packet filter is loaded",
          "metadata-guard: something flushed the packet filter",
          "metadata-guard: the packet filter is gone\n",
        ].join("\n"),
      });
      expect(await stage.play("pod nft list tables")).toBe("table inet somebody\n");
    });
  });
});
