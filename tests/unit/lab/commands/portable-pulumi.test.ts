import { ensureTools } from "../../../../lab/toolchain";
import { tools } from "../../../../lab/toolchain/versions";
import { fakeMachine, type FakeMachine } from "../toolchain/fake-machine";

// What `up --context` needs on a system that the lab does not run on.
let machine: FakeMachine;

beforeEach(() => {
  machine = fakeMachine();
});

afterEach(() => {
  machine.dispose();
});

const ask = (platform: string, ...names: ("pulumi" | "kubectl")[]) =>
  ensureTools(names, { ...machine.options, platform });

test.each(["darwin", "win32"])("on %s the user's own pulumi is enough", async (platform) => {
  machine.install("pulumi", `echo v${tools.pulumi.own?.minimum ?? ""}`);
  expect(await ask(platform, "pulumi")).toEqual({ pulumi: `${machine.root}/bin/pulumi` });
});

test.each([["no pulumi"], ["one too old"]])("%s is said, and nothing is built", async (which) => {
  if (which === "one too old") machine.install("pulumi", "echo v1.0.0");
  await expect(ask("darwin", "pulumi")).rejects.toMatchObject({
    name: "LabError",
    message: expect.stringContaining("there is no pulumi"),
    hint: expect.stringContaining("install Pulumi"),
  });
  expect(machine.builds()).toEqual([]);
});

test("the lab's other tools need Linux", async () => {
  machine.install("pulumi", `echo v${tools.pulumi.own?.minimum ?? ""}`);
  await expect(ask("darwin", "pulumi", "kubectl")).rejects.toThrow("the lab runs on Linux");
});
