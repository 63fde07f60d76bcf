import type {
  AutoscalerSettings,
  AwsClusterAutoscalerArgs,
  ClusterAutoscalerArgs,
} from "../../../../components/cluster-autoscaler/args";
import { planAutoscaler, planAwsAutoscaler } from "../../../../components/cluster-autoscaler/plan";
import { cluster } from "../../../components/karpenter/cluster";

const inSettings = (settings: AutoscalerSettings) => ({ settings });
const bad: [string, Partial<AwsClusterAutoscalerArgs>, string, RegExp][] = [
  ["a chart that floats", { chartVersion: "^9" }, "chartVersion", /not pinned/],
  ["charts from a file", { chartRepository: "file:///charts" }, "chartRepository", /registry/],
  ["no namespace", { namespace: "A" }, "namespace", /name/],
  ["a domain of Kubernetes", { domain: "kubernetes.io" }, "domain", /keeps for itself/],
  ["no replica", inSettings({ replicas: 0 }), "settings.replicas", /range/],
  [
    "no time",
    inSettings({ maxNodeProvisionMinutes: 1 }),
    "settings.maxNodeProvisionMinutes",
    /range/,
  ],
  [
    "no patience",
    inSettings({ scaleDownUnneededMinutes: 0 }),
    "settings.scaleDownUnneededMinutes",
    /range/,
  ],
  [
    "another expander",
    inSettings({ expander: "cheapest" as never }),
    "settings.expander",
    /not one of the values/,
  ],
  [
    "a toleration of everything",
    inSettings({ tolerations: [{}] }),
    "settings.tolerations[0].key",
    /every taint/,
  ],
];

test.each(bad)("refuses %s, by its path, of either kind", (_, args, path, problem) => {
  const external: ClusterAutoscalerArgs = { address: "a:1", tlsSecretName: "s" };
  const plans = [
    planAwsAutoscaler("scaler", { cluster, ...args }),
    planAutoscaler("scaler", { ...external, ...args }),
  ];
  for (const planned of plans) {
    const faults = planned.ok ? [] : planned.faults;
    expect(faults.map((fault) => [fault.path, problem.test(fault.problem)])).toEqual([
      [path, true],
    ]);
  }
});

test.each(["", "machines", "machines:0", "machines:70000", "http://machines:80", "a b:1"])(
  "refuses the address %p",
  (address) => {
    const planned = planAutoscaler("scaler", { address, tlsSecretName: "s" });
    expect(planned.ok ? [] : planned.faults.map(({ path }) => path)).toEqual(["address"]);
  },
);

test.each(["machines.example.com:8086", "10.0.0.1:1", "[fd00::1]:65535"])(
  "takes the address %s",
  (address) => {
    expect(planAutoscaler("scaler", { address, tlsSecretName: "s" }).ok).toBe(true);
  },
);
