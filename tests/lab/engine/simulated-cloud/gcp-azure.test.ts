import { AZURE_PROGRAM, GCP_PROGRAM } from "./programs";
import { type Stage, stage } from "./stage";

const up = ["up", "--yes", "--skip-preview", "--non-interactive"];
const destroy = ["destroy", "--yes", "--non-interactive"];
const stages: Stage[] = [];
afterAll(() => {
  for (const lab of stages) lab.close();
});

async function staged(text: string, config: Record<string, string>): Promise<Stage> {
  const lab = await stage(text, config);
  stages.push(lab);
  return lab;
}

test("GKE: up, nothing to change, a new machine type in place, destroy", async () => {
  const lab = await staged(GCP_PROGRAM, { "gcp:project": "lab-project" });
  expect(await lab.pulumi("preview", "--non-interactive")).toMatchObject({ code: 0 });
  expect(await lab.pulumi(...up)).toMatchObject({ code: 0 });
  expect(await lab.pulumi(...up, "--expect-no-changes")).toMatchObject({ code: 0 });
  const { output } = await lab.pulumi("stack", "output", "--json");
  expect(JSON.parse(output)).toMatchObject({
    endpoint: "no-api-server.simulated.invalid",
    version: expect.stringMatching(/^1\.\d+\.\d+-gke\.\d+$/) as string,
  });
  const changed = await lab.pulumi(...up, "--config", "machine=n2-standard-16");
  expect(changed.output).toContain("~ 1 updated");
  const refused = await lab.pulumi(...up, "--config", "machine=e2-standard-8");
  expect(refused.output).toContain("does not support nested virtualization");
  expect(await lab.pulumi(...destroy)).toMatchObject({ code: 0 });
  expect(lab.objects()).toEqual([]);
});

test("AKS: up, a kubeconfig with an exec credential, nothing to change, destroy", async () => {
  const lab = await staged(AZURE_PROGRAM, { "azure-native:location": "westeurope" });
  expect(await lab.pulumi("preview", "--non-interactive")).toMatchObject({ code: 0 });
  expect(await lab.pulumi(...up)).toMatchObject({ code: 0 });
  expect(await lab.pulumi(...up, "--expect-no-changes")).toMatchObject({ code: 0 });
  const { output } = await lab.pulumi("stack", "output", "--json");
  const { id, kubeconfig } = JSON.parse(output) as { id: string; kubeconfig: unknown };
  expect(id).toMatch(
    /^\/subscriptions\/[-0-9a-f]{36}\/resourceGroups\/lab[0-9a-f]{8}\/providers\/Microsoft.ContainerService\/managedClusters\/lab[0-9a-f]{8}$/,
  );
  expect(JSON.stringify(kubeconfig)).toContain("kubelogin");
  expect(await lab.pulumi(...destroy)).toMatchObject({ code: 0 });
  expect(lab.objects()).toEqual([]);
});
