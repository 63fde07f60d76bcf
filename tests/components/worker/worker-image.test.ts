import * as fs from "node:fs";
import * as path from "node:path";
import * as fabric from "../../../components/kubernetes";
import { deploy, type Deployment } from "../../support/deploy";
import { exampleFolder } from "../../support/examples";

const DIGEST = `sha256:${"a".repeat(64)}`;

/** What a user of the example's image has besides what its README shows. */
const given = {
  fabric,
  agents: "agents",
  worker: `registry.example.com/worker@${DIGEST}`,
  consul: {
    address: "https://fabric-consul.consul.svc:8501",
    caCertificate: "PEM",
    datacenter: "dc1",
    tokenSecretNames: { workers: "token" },
  },
};

test("the README of the worker image shows a program that is taken as it is", async () => {
  const readme = fs.readFileSync(path.join(exampleFolder("worker-image"), "README.md"), "utf8");
  const [, program = ""] = /```typescript\n([^]*?)```/.exec(readme) ?? [];
  // oxlint-disable-next-line typescript/no-implied-eval -- it is the README's own program
  const run = new Function(...Object.keys(given), program.replaceAll("<sum>", "b".repeat(64)));
  const made: Deployment = await deploy(() => {
    run(...Object.values(given));
  });
  const daemonSet = made.resources.find(
    ({ name, type }) => name === "workers" && type.endsWith(":DaemonSet"),
  );
  const [container] = daemonSet?.inputs.spec.template.spec.containers ?? [];
  expect(container.command.slice(0, 10)).toEqual([
    ...["/usr/local/bin/worker", "qemu-system-x86_64", "-m", "256"],
    ...["-kernel", "/assets/vmlinuz", "-initrd", "/assets/initramfs"],
    ...["-append", "COHROLE=$(ROLE) console=ttyS0 quiet panic=-1"],
  ]);
  expect(container.command.slice(-2)).toEqual(["-nic", "none"]);
});
