import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { bundleFaults, readBundle } from "../../../../components/trace-uploader/bundle";
import { planAwsTraceUploader } from "../../../../components/trace-uploader/aws/plan";
import { parseVnetId, worldName } from "../../../../components/trace-uploader/azure/names";
import { planAzureTraceUploader } from "../../../../components/trace-uploader/azure/plan";
import { planGcpTraceUploader } from "../../../../components/trace-uploader/gcp/plan";
import {
  LARGEST_BUNDLE,
  planTraceUploader,
} from "../../../../components/trace-uploader/kubernetes/plan";
import { cronOf } from "../../../../components/trace-uploader/plan";
import { type Planned, renderFault } from "../../../../components/shared/faults";
import { awsLeast, azureLeast, BUNDLE, gcpLeast, kubernetesLeast } from "./least";

const aws = (args: object, name = "traces") =>
  planAwsTraceUploader(name, { ...awsLeast, ...args }, BUNDLE);
const gcp = (args: object, name = "traces") =>
  planGcpTraceUploader(name, { ...gcpLeast, ...args }, BUNDLE);
const azure = (args: object, name = "traces") =>
  planAzureTraceUploader(name, { ...azureLeast, ...args }, BUNDLE);
const cluster = (args: object, name = "traces") =>
  planTraceUploader(name, { ...kubernetesLeast, ...args }, BUNDLE);

function faultsOf(planned: Planned<unknown>): string[] {
  return planned.ok ? [] : planned.faults.map(renderFault);
}

const everywhere = [
  ["AWS", aws],
  ["Google Cloud", gcp],
  ["Azure", azure],
  ["Kubernetes", cluster],
] as const;

describe.each(everywhere)("on %s", (_, plan) => {
  test("takes the least, with the same defaults", () => {
    const planned = plan({});
    expect(planned).toMatchObject({
      ok: true,
      plan: {
        intervalMinutes: 15,
        lifecycle: { abortIncompleteDays: 7, noncurrentDays: 90, transitionDays: 30 },
        oldestFileSeconds: 7200,
        prefix: "traces",
        setAsideHours: 24,
        settleSeconds: 10,
      },
    });
  });

  test.each([
    [{ intervalMinutes: 7 }, "intervalMinutes: does not divide an hour evenly"],
    [{ intervalMinutes: 1 }, "intervalMinutes: does not divide an hour evenly"],
    [{ alarms: { oldestFileMinutes: 9 } }, "alarms.oldestFileMinutes: out of range"],
    [{ settings: { settleSeconds: 0 } }, "settings.settleSeconds: out of range"],
    [{ settings: { tree: "" } }, "settings.tree: not a tree's name"],
    [{ settings: { tree: "$(HOME)" } }, "settings.tree: not a tree's name"],
    [{ settings: { user: "two words" } }, "settings.user: not a user's name"],
    [{ settings: { userId: -1 } }, "settings.userId: out of range"],
    [{ settings: { userId: 0xffff_ffff } }, "settings.userId: out of range"],
    [{ settings: { setAsideHours: 721 } }, "settings.setAsideHours: out of range"],
    [{ settings: { prefix: "" } }, "settings.prefix: not the beginning of a key"],
    [{ settings: { prefix: "/a" } }, "settings.prefix: not the beginning of a key"],
    [{ settings: { prefix: "a/../b" } }, "settings.prefix: not the beginning of a key"],
    [{ settings: { prefix: "a*" } }, "settings.prefix: not the beginning of a key"],
    [{ settings: { prefix: ".set-aside" } }, "settings.prefix: not the beginning of a key"],
  ])("refuses %j", (args, fault) => {
    const found = faultsOf(plan(args));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  test("refuses a name that nothing can begin with", () => {
    expect(faultsOf(plan({}, "Traces"))[0]).toContain("name: cannot begin the name");
  });
});

const clouds = everywhere.slice(0, 3);

describe.each(clouds)("outside the cluster, on %s", (_, plan) => {
  const { queen } = awsLeast;
  test.each([
    [{ lifecycle: { transitionDays: 29 } }, "lifecycle.transitionDays: out of range"],
    [{ lifecycle: { noncurrentDays: 0 } }, "lifecycle.noncurrentDays: out of range"],
    [{ lifecycle: { abortIncompleteDays: 31 } }, "lifecycle.abortIncompleteDays: out of range"],
    [{ queen: { ...queen, port: 0 } }, "queen.port: out of range"],
    [{ queen: { ...queen, host: "https://queen" } }, "queen.host: not a host"],
    [{ queen: { ...queen, host: "queen:564" } }, "queen.host: not a host"],
    [{ queenCidrs: ["0.0.0.0/0"] }, "queenCidrs[0]: the whole internet"],
    [{ queenCidrs: ["10.0.0.1/24"] }, "queenCidrs[0]: not a range of addresses"],
    [{ queenCidrs: ["10.0.0.0/24", "10.0.0.0/24"] }, "queenCidrs[1]: named twice"],
    [{ queenCidrs: [] }, "queenCidrs: empty"],
  ])("refuses %j", (args, fault) => {
    const found = faultsOf(plan(args));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  test("never transitions with 0, which is no fault", () => {
    expect(plan({ lifecycle: { transitionDays: 0 } })).toMatchObject({ ok: true });
  });

  test("a fault of what is secret shows nothing of it", () => {
    const found = faultsOf(plan({ queen: { ...queen, port: 0 } }));
    expect(found.join()).not.toContain("PRIVATE KEY");
  });
});

test.each([
  [aws({ logRetentionDays: 91 }), "logRetentionDays: not a number of days that CloudWatch knows"],
  [aws({ storePrefixListId: "vpce-1" }), "storePrefixListId: not the id of a prefix list"],
  [aws({ alarmTopicArn: "arn:aws:sqs:eu-central-1:123456789012:a" }), "alarmTopicArn: not the ARN"],
  [aws({ endpointCidrs: ["x"] }), "endpointCidrs[0]: not a range of addresses"],
  [aws({ existingBucket: { name: "b" }, lifecycle: {} }), "lifecycle: given, but an existing"],
  [gcp({ logRetentionDays: 3651 }), "logRetentionDays: out of range"],
  [gcp({ encryptionKeyId: "key" }), "encryptionKeyId: not the id of a key"],
  [gcp({ googleApisCidrs: ["0.0.0.0/0"] }), "googleApisCidrs[0]: the whole internet"],
  [gcp({ existingBucketName: "b", lifecycle: {} }), "lifecycle: given, but an existing bucket"],
  [gcp({}, "t"), "name: too short for the id of a service account"],
  [azure({ logRetentionDays: 29 }), "logRetentionDays: out of range"],
  [azure({ maxInstances: 0 }), "maxInstances: out of range"],
  [azure({ subnetCidr: "10.0.0.0/29" }), "subnetCidr: not a range for a subnet of functions"],
  [azure({ subnetCidr: "8.8.8.0/27" }), "subnetCidr: not a range for a subnet of functions"],
  [azure({ subnetCidr: "10.0.0.1/27" }), "subnetCidr: not a range of addresses"],
  [azure({ actionGroupId: "ops" }), "actionGroupId: not the id of an action group"],
  [
    azure({
      existingContainer: { accountId: "a", accountName: "b", containerName: "c" },
      lifecycle: {},
    }),
    "lifecycle: given, but an existing account keeps its own rules",
  ],
  [cluster({ image: "node:22" }), "image: an image that is not pinned by digest"],
  [cluster({ timeLimitSeconds: 60 }), "timeLimitSeconds: out of range"],
  [cluster({ queenCidrs: ["10.0.0.0/24"] }), "queenCidrs: given, but Queen is in the cluster"],
  [cluster({ resources: { cpu: "a bit" } }), "resources.cpu: not a quantity"],
  [cluster({ resources: { memory: "1G" } }), "resources.memory: not a quantity"],
  [cluster({ store: { bucket: "b", endpoint: "http://s3" } }), "store.endpoint: not the URL"],
  [cluster({ store: { bucket: "b", port: 70_000 } }), "store.port: out of range"],
  [
    cluster({ store: { bucket: "b", namespace: "s3" } }),
    "store.namespace: given without podLabels",
  ],
  [cluster({ store: { bucket: "b", verification: "none" } }), "store.verification: not one of"],
  [
    cluster({ store: { bucket: "b", cidrs: ["10.0.0.0/24"], podLabels: { a: "b" } } }),
    "store.cidrs: given beside podLabels",
  ],
] as const)("refuses, of one cloud alone, %#", (planned, fault) => {
  const found = faultsOf(planned);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(fault);
});

test("a Queen outside the cluster is named by her ranges", () => {
  const { caCertificate, clientSecretName, host, port, serverName } = kubernetesLeast.queen;
  const queen = { caCertificate, clientSecretName, host, port, serverName };
  expect(faultsOf(cluster({ queen }))[0]).toContain("queenCidrs: missing: Queen is outside");
  expect(cluster({ queen, queenCidrs: ["10.0.0.0/24"] })).toMatchObject({ ok: true });
});

test("faults of one call come all at once", () => {
  const wrong = { intervalMinutes: 7, logRetentionDays: 1000, queenCidrs: [] };
  expect(faultsOf(aws(wrong))).toHaveLength(3);
});

test("names fit their clouds, and two long ones never meet", () => {
  const long = fc.stringMatching(/^[a-z][a-z0-9]{50,61}[a-z]$/);
  fc.assert(
    fc.property(long, (name) => {
      const [onAws, onGcp, onAzure] = [aws({}, name), gcp({}, name), azure({}, name)];
      const inCluster = cluster({}, name);
      if (!onAws.ok || !onGcp.ok || !onAzure.ok || !inCluster.ok) throw new Error("not planned");
      const { names } = onAws.plan;
      expect([names.function, names.role, names.scheduleRole].every((n) => n.length <= 64)).toBe(
        true,
      );
      const accounts = [onGcp.plan.names.runAccount, onGcp.plan.names.buildAccount];
      expect(accounts.every((id) => /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(id))).toBe(true);
      expect(new Set([...accounts, onGcp.plan.names.startAccount]).size).toBe(3);
      expect(onGcp.plan.names.role).toMatch(/^[a-zA-Z0-9_.]{3,64}$/);
      expect(`${onAzure.plan.nameOf("starts")}-poison`.length).toBeLessThanOrEqual(63);
      expect(inCluster.plan.objects.uploader.length).toBeLessThanOrEqual(52);
    }),
    { numRuns: 50 },
  );
});

test("names that are all the world's have 3 to 24 letters and digits, and differ by place and word", () => {
  const place = "/subscriptions/s/resourceGroups/g";
  for (const name of ["a", "traces", "a-very-long-name-of-an-uploader"]) {
    const made = ["t", "c", "v"].map((word) => worldName(name, word, place));
    for (const one of made) expect(one).toMatch(/^[a-z][a-z0-9]{2,23}$/);
    expect(new Set([...made, worldName(name, "t", `${place}2`)]).size).toBe(4);
    expect(worldName(name, "t", place.toUpperCase())).toBe(made[0]);
  }
});

test("the id of a virtual network is split, and any other text refused", () => {
  const group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/fabric";
  const id = `${group}/providers/Microsoft.Network/virtualNetworks/fabric`;
  expect(parseVnetId(id)).toEqual({
    name: "fabric",
    resourceGroupName: "fabric",
    subscriptionId: "11111111-1111-1111-1111-111111111111",
  });
  expect(() => parseVnetId("fabric")).toThrow("not the id of a virtual network");
});

test("a package without its bundle says so, whatever the cloud", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bundles-"));
  try {
    expect(readBundle("lambda", folder)).toBeUndefined();
    fs.writeFileSync(path.join(folder, "lambda.js"), "x");
    expect(readBundle("lambda", folder)).toMatchObject({
      sha256: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
      text: "x",
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  expect(bundleFaults("azure", undefined).map(renderFault)[0]).toContain(
    "bundle: the package has no file trace-uploader/bundles/azure.js",
  );
});

test("a bundle that no ConfigMap holds is refused, one that just fits is not", () => {
  const of = (bytes: number) =>
    planTraceUploader("traces", kubernetesLeast, { ...BUNDLE, text: "x".repeat(bytes) });
  expect(faultsOf(of(LARGEST_BUNDLE))).toEqual([]);
  expect(faultsOf(of(LARGEST_BUNDLE + 1))[0]).toContain("bundle: too large");
});

test.each([
  [5, "*/5 * * * *"],
  [30, "*/30 * * * *"],
  [60, "0 * * * *"],
])("every %i minutes is %s", (minutes, cron) => {
  expect(cronOf(minutes)).toBe(cron);
});
