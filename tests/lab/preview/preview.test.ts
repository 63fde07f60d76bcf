import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { prepareStack, settingsFile, type StackEngine } from "../../../lab/stack/engine";
import { withOwnLab } from "../../support/own-lab";
import { command, settingsOf } from "../prod/stand";

const lab = withOwnLab();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-preview-test-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** `npm run preview` of prod, with its settings as the repository has them but for a change. */
async function preview(change: (fabric: any) => void, ...flags: string[]) {
  const { config, fabric } = settingsOf("Pulumi.prod.yaml");
  change(fabric);
  const pulumi = path.join(lab.state, "bin", "pulumi");
  const engine: StackEngine = { pulumi, env: lab.env, stack: "prod", folder };
  await prepareStack(engine, { config });
  const file = ["--config-file", settingsFile(engine)];
  return command(lab, "preview", "--stack", "prod", ...flags, ...file);
}

test("prod as committed passes the policy pack, and its comment is a picture of what is made", async () => {
  const { code, stdout } = await preview(() => undefined, "--markdown");
  expect({ code, stdout }).toMatchObject({ code: 0 });
  expect(stdout).toContain("<!-- kvm-fabric preview of prod -->");
  expect(stdout).toMatch(/\d+ created, 0 unchanged\./);
  expect(stdout).toContain("```mermaid\ngraph LR");
  expect(stdout).toContain("fabric-prod-karpenter<br/>Karpenter");
  expect(stdout).not.toContain("policy violation");
  expect(stdout).not.toContain("policy warning");
  expect(stdout.length).toBeLessThan(65_536);
});

test("an endpoint open to everybody in prod is a violation, and a red check", async () => {
  const { code, stdout } = await preview(({ aws }) => {
    // The library lets whoever insists: the policy pack does not.
    aws.cluster.unsafePublicAccessFromAnywhere = true;
  }, "--markdown");
  expect(code).toBe(1);
  expect(stdout).toContain("**The preview failed.**");
  expect(stdout).toContain("`kvm-fabric/no-public-endpoints` `fabric-prod`");
});

test("settings that no plan comes of fail with their faults, by path", async () => {
  const { code, stdout } = await preview(
    ({ aws }) => (aws.pools.metal.minNodes = 13),
    "--markdown",
  );
  expect(code).toBe(1);
  expect(stdout).toContain("kvm-fabric:fabric.aws.pools.metal");
  expect(stdout).not.toMatch(/^\s+at /m);
});

test("without a stack's name it says how it is used", async () => {
  const { code, output } = await command(lab, "preview");
  expect(code).toBe(1);
  expect(output).toContain("--stack is missing");
});
