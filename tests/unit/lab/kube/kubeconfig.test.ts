import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  clusterOf,
  readSettings,
} from "../../../../lab/engine/kubernetes-provider/config/settings";
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

describe("a list of files", () => {
  // Two files in folders of their own that share names, as kubectl would merge them.
  function files(): [string, string] {
    const [first, second] = ["first", "second"].map((name) => path.join(folder, name, "config"));
    for (const file of [first!, second!]) {
      fs.mkdirSync(path.dirname(file));
      fs.writeFileSync(
        path.join(path.dirname(file), "ca.pem"),
        `CA of ${path.basename(path.dirname(file))}`,
      );
    }
    fs.writeFileSync(
      first!,
      JSON.stringify({
        contexts: [{ name: "two", context: { cluster: "c1", user: "mine", namespace: "first" } }],
        users: [
          { name: "mine", user: { exec: { command: "./token", apiVersion: "v1" } } },
          { name: "u1", user: { tokenFile: "secrets/token" } },
        ],
      }),
    );
    fs.writeFileSync(second!, text);
    return [first!, second!];
  }

  test("is merged: the first file that knows a name wins, the first current context counts", () => {
    const list = [path.join(folder, "missing"), ...files()].join(path.delimiter);
    const config = loadKubeconfig(list);
    expect(config).toMatchObject({ context: "one", server: "https://one:6443" });
    expect(loadKubeconfig(list, { context: "two" })).toMatchObject({
      namespace: "first",
      server: "https://one:6443",
    });
    expect(() => loadKubeconfig(list, { context: "three" })).toThrow("it has: two, one");
  });

  test("resolves relative paths against the file that holds them", () => {
    const list = files().join(path.delimiter);
    const config = loadKubeconfig(list);
    expect(config.ca?.toString()).toBe("CA of second");
    expect(config.tokenFile).toBe(path.join(folder, "first", "secrets", "token"));
    const { exec } = loadKubeconfig(list, { context: "two" });
    expect(exec?.command).toBe(path.join(folder, "first", "token"));
  });

  test("may hold an empty file", () => {
    fs.writeFileSync(path.join(folder, "empty"), "");
    const list = [path.join(folder, "empty"), ...files()].join(path.delimiter);
    expect(loadKubeconfig(list).context).toBe("one");
  });

  test("is taken from KUBECONFIG by the provider", () => {
    const [first, second] = files();
    const KUBECONFIG = [first, path.join(folder, "missing"), second].join(path.delimiter);
    const settings = readSettings({ context: "two" }, {});
    expect(clusterOf(settings, { KUBECONFIG })).toMatchObject({
      namespace: "first",
      server: "https://one:6443",
    });
    const none = path.join(folder, "missing");
    expect(() => clusterOf(settings, { KUBECONFIG: none })).toThrow("no kubeconfig: none of");
  });
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
