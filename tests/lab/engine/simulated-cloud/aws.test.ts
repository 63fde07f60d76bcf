import { variant as test } from "../../../support/whole";
import { AWS_PROGRAM } from "./programs";
import { type Stage, stage } from "./stage";

let lab: Stage;
const up = ["up", "--yes", "--skip-preview", "--non-interactive"];

beforeAll(async () => {
  lab = await stage(AWS_PROGRAM, { "aws:region": "eu-central-1" });
});
afterAll(() => {
  lab.close();
});

test("a stack lives its whole life: preview, up, nothing to change, a change, destroy", async () => {
  const preview = await lab.pulumi("preview", "--non-interactive", "--diff");
  expect(preview).toMatchObject({ code: 0 });
  expect(preview.output).toMatch(/endpoint: \[unknown\]|endpoint *: output<string>/);
  expect(preview.output).toContain("+ 15 to create");
  expect(lab.objects()).toEqual([]);

  expect(await lab.pulumi(...up)).toMatchObject({ code: 0 });
  const { output } = await lab.pulumi("stack", "output", "--json");
  const made = JSON.parse(output) as Record<string, unknown>;
  expect(made).toMatchObject({ version: 1, endpoint: "https://no-api-server.simulated.invalid" });
  expect(made.arn).toMatch(/^arn:aws:eks:eu-central-1:\d{12}:cluster\/lab-[0-9a-f]{7}$/);
  expect(made.group).toMatch(/^sg-[0-9a-f]{17}$/);
  expect(lab.objects()).toHaveLength(14);

  await lab.restart();
  const again = await lab.pulumi(...up, "--expect-no-changes");
  expect(again).toMatchObject({ code: 0 });
  const refresh = await lab.pulumi("refresh", "--yes", "--non-interactive", "--expect-no-changes");
  expect(refresh).toMatchObject({ code: 0 });

  const changed = await lab.pulumi(...up, "--config", "round=2");
  expect(changed.output).toContain("~ 3 updated");
  expect(changed.output).toContain("12 unchanged");
  expect((await lab.pulumi("stack", "output", "version")).output.trim()).toBe("2");
});

test("a change of the range replaces the network and what cannot leave it, and only that", async () => {
  const args = ["preview", "--non-interactive", "--json", "--config", "range=10.1.0.0/16"];
  const { output } = await lab.pulumi(...args, "--config", "round=2");
  const { steps } = JSON.parse(output) as { steps: { op: string; urn: string }[] };
  const operations = steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join(" ")}`)
    .sort();
  expect(operations).toEqual(
    expect.arrayContaining([
      "replace aws:ec2/vpc:Vpc net",
      "replace aws:ec2/subnet:Subnet net-a",
      "replace aws:eks/nodeGroup:NodeGroup system",
      "update aws:eks/cluster:Cluster lab",
    ]),
  );
  expect(operations.filter((line) => line.includes("iam/role"))).toEqual([]);
  // The CLI writes what --config says into the stack's file.
  await lab.pulumi("config", "rm", "range");
});

test("an object that somebody deleted is found missing and made again", async () => {
  lab.lose(/^Eip\./);
  const refresh = await lab.pulumi("refresh", "--yes", "--non-interactive");
  expect(refresh.output).toContain("- 1 deleted");
  const repaired = await lab.pulumi(...up, "--config", "round=2");
  expect(repaired.output).toContain("+ 1 created");
  expect(repaired.output).toContain("+-1 replaced");
});

test("destroy leaves nothing, and no call of the whole life was refused", async () => {
  const destroy = await lab.pulumi("destroy", "--yes", "--non-interactive");
  expect(destroy).toMatchObject({ code: 0 });
  expect(lab.objects()).toEqual([]);
  const failures = lab.requests().filter(({ outcome }) => outcome !== "done");
  expect(failures).toEqual([]);
});

test("a partial failure keeps the object, and the next up mends it", async () => {
  const fault = {
    match: "eks/cluster",
    operation: "create",
    when: "partial",
    message: "InternalFailure: half made",
  };
  lab.behave({ faults: [fault] });
  const failed = await lab.pulumi(...up);
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("InternalFailure: half made");
  expect(lab.objects().some((file) => file.startsWith("Cluster."))).toBe(true);
  lab.behave({});
  const repaired = await lab.pulumi(...up);
  expect(repaired).toMatchObject({ code: 0 });
  expect(lab.objects().filter((file) => file.startsWith("Cluster."))).toHaveLength(1);
  expect(await lab.pulumi(...up, "--expect-no-changes")).toMatchObject({ code: 0 });
  expect(await lab.pulumi("destroy", "--yes", "--non-interactive")).toMatchObject({ code: 0 });
  expect(lab.objects()).toEqual([]);
});
