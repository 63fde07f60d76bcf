import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { repository } from "../../../lab/commands/child";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();
const GOLDEN = path.join(repository, "components/schema.json");
const image = `registry.example.com/worker@sha256:${"a".repeat(64)}`;

test("the package's schema, its interface in every language, is the golden one", async () => {
  const pulumi = path.join(lab.state, "bin", "pulumi");
  const { stdout } = await promisify(execFile)(pulumi, ["package", "get-schema", "./components"], {
    cwd: repository,
    env: lab.env,
    maxBuffer: 1 << 24,
  });
  if (process.env.KVM_FABRIC_UPDATE_GOLDEN === "1") fs.writeFileSync(GOLDEN, stdout);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(fs.readFileSync(GOLDEN, "utf8")));
});

describe("WorkerDaemonSet as a remote component", () => {
  let stack: LabStack;
  let namespace: string;

  beforeAll(async () => {
    namespace = await lab.namespace();
    stack = await labStack(lab, "tests/lab/fabric/programs/remote", {
      "remote:workers": { namespace, image, vmm: "qemu" },
    });
  });

  afterAll(async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    await stack.remove();
  });

  test("comes up, and its outputs come back", async () => {
    await stack.must("up", "--yes", "--skip-preview");
    const resources = await stack.resources();
    const types = resources
      .map(({ type, custom }) => (custom ? type : `${type} (component)`))
      .sort();
    expect(types).toEqual([
      "kubernetes:apps/v1:DaemonSet",
      "kubernetes:core/v1:ServiceAccount",
      "kubernetes:scheduling.k8s.io/v1:PriorityClass",
      "kvm-fabric:index:WorkerDaemonSet (component)",
      expect.stringMatching(/^pulumi:providers:kubernetes$/),
      expect.stringMatching(/^pulumi:providers:kvm-fabric$/),
    ]);
    const { stdout } = await stack.run("stack", "output", "daemonSetName");
    const daemonSet = await lab.client.get({
      ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
      ...{ name: stdout.trim(), namespace },
    });
    expect(daemonSet.metadata.labels).toMatchObject({ "app.kubernetes.io/name": "worker" });
  });

  test("its faults reach the user, each with its property", async () => {
    const wrong = await labStack(lab, "tests/lab/fabric/programs/remote", {
      "remote:workers": { namespace, image: "worker:latest", maxUnavailable: "none" },
    });
    const { code, output } = await wrong.run("preview");
    expect(code).not.toBe(0);
    expect(output).toContain("not pinned by digest");
    expect(output).toContain("maxUnavailable");
    await wrong.remove();
  });
});
