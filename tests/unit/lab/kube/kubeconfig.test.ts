import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { credentialSource } from "../../../../lab/kube/credentials";
import { loadKubeconfig } from "../../../../lab/kube/kubeconfig";

const text = `
apiVersion: v1
kind: Config
current-context: one
contexts:
  - name: one
    context: {cluster: c1, user: u1}
  - name: two
    context: {cluster: c2, user: u2, namespace: here}
clusters:
  - name: c1
    cluster: {server: "https://one:6443", certificate-authority: ca.pem}
  - name: c2
    cluster: {server: "https://two:6443", certificate-authority-data: ${btoa("CA2")}}
users:
  - name: u1
    user: {client-certificate-data: ${btoa("CERT")}, client-key-data: ${btoa("KEY")}}
  - name: u2
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: node
        args: ["-e", "console.log(JSON.stringify({status: {token: process.env.NAMED + process.pid}}))"]
        env: [{name: NAMED, value: made-}]
`;

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kubeconfig-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

test("a file is read with the files it names beside it", () => {
  fs.writeFileSync(path.join(folder, "ca.pem"), "CA1");
  fs.writeFileSync(path.join(folder, "config"), text);
  const config = loadKubeconfig(path.join(folder, "config"));
  expect(config).toMatchObject({
    server: "https://one:6443",
    context: "one",
    namespace: "default",
  });
  expect(config.ca?.toString()).toBe("CA1");
  expect(config.certificate?.toString()).toBe("CERT");
  expect(config.key?.toString()).toBe("KEY");
});

test("text is read with another context, its namespace and inline data", () => {
  const config = loadKubeconfig(text, { context: "two" });
  expect(config).toMatchObject({ server: "https://two:6443", namespace: "here" });
  expect(config.ca?.toString()).toBe("CA2");
  expect(loadKubeconfig(text, { context: "two", namespace: "there" }).namespace).toBe("there");
});

test("what is missing is named, with what there is", () => {
  expect(() => loadKubeconfig(text, { context: "three" })).toThrow(
    'kubeconfig: no context "three", it has: one, two',
  );
  expect(() => loadKubeconfig("/no/such/file")).toThrow("neither the path of a file");
});

test("a credential command is run once for many requests", async () => {
  const credential = credentialSource(loadKubeconfig(text, { context: "two" }));
  const [first, second] = await Promise.all([credential(), credential()]);
  expect(first.token).toMatch(/^made-\d+$/);
  expect(second.token).toBe(first.token);
  expect((await credential()).token).toBe(first.token);
});

test("a credential command that fails is named and tried again next time", async () => {
  const config = loadKubeconfig(text, { context: "two" });
  const credential = credentialSource({
    ...config,
    exec: { command: "/no/such/command", args: [], env: {}, apiVersion: "v1" },
  });
  await expect(credential()).rejects.toThrow("credential command /no/such/command");
  await expect(credential()).rejects.toThrow("credential command /no/such/command");
});
