import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import * as tls from "node:tls";
import { nodeArguments } from "../../../../lab/node-command";
import { freePorts } from "../../../../lab/ports";
import { until } from "../../../support/wait";
import { program, run, workspace, written, type Workspace } from "../language-host/workspace";

const REPOSITORY = path.resolve(__dirname, "../../../..");
const MAIN = path.join(REPOSITORY, "lab/engine/simulated-cloud/main.ts");

let lab: Workspace;
let port: number;
let provider: ChildProcess;

async function startProvider(): Promise<void> {
  const env = { ...process.env, PORT: String(port) };
  provider = spawn(process.execPath, nodeArguments(MAIN), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await written(provider, "\n");
}

beforeAll(async () => {
  [port = 0] = await freePorts(1);
  await startProvider();
  lab = await workspace({ PULUMI_DEBUG_PROVIDERS: `random:${port},tls:${port}` });
});
afterAll(() => {
  provider.kill();
  lab.remove();
});

const text = `
  import * as pulumi from "@pulumi/pulumi";
  import * as random from "@pulumi/random";
  import * as tls from "@pulumi/tls";
  const round = new pulumi.Config().get("round") ?? "1";
  const password = new random.RandomPassword("password", { length: 24, keepers: { round } });
  const bytes = new random.RandomBytes("bytes", { length: 32 });
  const id = new random.RandomId("id", { byteLength: 4 });
  const caKey = new tls.PrivateKey("ca", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const ca = new tls.SelfSignedCert("ca", {
    privateKeyPem: caKey.privateKeyPem, isCaCertificate: true, validityPeriodHours: 87600,
    allowedUses: ["cert_signing", "crl_signing"], subject: { commonName: "Test CA" },
  });
  const key = new tls.PrivateKey("server", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = new tls.CertRequest("server", {
    privateKeyPem: key.privateKeyPem, dnsNames: ["server.test"], ipAddresses: ["127.0.0.1"],
    subject: { commonName: pulumi.interpolate\`server-\${id.hex}\` },
  });
  const cert = new tls.LocallySignedCert("server", {
    caCertPem: ca.certPem, caPrivateKeyPem: caKey.privateKeyPem, certRequestPem: request.certRequestPem,
    validityPeriodHours: 24, allowedUses: ["server_auth", "digital_signature"],
  });
  export const shown = { ca: ca.certPem, cert: cert.certPem, id: id.hex };
  export const hidden = { password: password.result, bytes: bytes.base64, key: key.privateKeyPem };`;

const command = ["--yes", "--skip-preview", "--non-interactive"];

interface Outputs {
  shown: { ca: string; cert: string; id: string };
  hidden: { password: string; bytes: string; key: string };
}

async function outputs(): Promise<Outputs> {
  const { output } = await lab.pulumi("values", "stack", "output", "--json", "--show-secrets");
  return JSON.parse(output) as Outputs;
}

test("secrets and certificates live through the whole life of a stack", async () => {
  lab.write(program("values", text));
  await lab.pulumi("values", "stack", "init", "dev");
  const preview = await lab.pulumi("values", "preview", "--non-interactive");
  expect(preview).toMatchObject({ code: 0 });
  const up = await lab.pulumi("values", "up", ...command);
  expect(up).toMatchObject({ code: 0 });
  expect(up.output).toContain("+ 9 created");
  const made = await outputs();

  expect(made.hidden.password).toHaveLength(24);
  expect(Buffer.from(made.hidden.bytes, "base64")).toHaveLength(32);
  const { output: state } = await lab.pulumi("values", "stack", "export");
  for (const secret of Object.values(made.hidden)) {
    expect(state).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(up.output).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
  expect(state).toContain(made.shown.id);
  await checkCertificate(made);

  // A provider killed between two commands, as the lab's may be, loses nothing.
  provider.kill("SIGKILL");
  await until(() => provider.signalCode !== null);
  await startProvider();

  const again = await lab.pulumi("values", "up", ...command, "--expect-no-changes");
  expect(again).toMatchObject({ code: 0 });
  const refresh = await lab.pulumi("values", "refresh", ...command, "--expect-no-changes");
  expect(refresh).toMatchObject({ code: 0 });

  const changed = await lab.pulumi("values", "up", ...command, "--config", "round=2");
  expect(changed.output).toContain("+-1 replaced");
  const replaced = await outputs();
  expect(replaced.hidden.password).not.toBe(made.hidden.password);
  expect(replaced.shown).toEqual(made.shown);

  const destroy = await lab.pulumi("values", "destroy", "--yes", "--non-interactive");
  expect(destroy.output).toContain("- 9 deleted");
});

test("a bad input is refused at preview with its resource and property", async () => {
  lab.write(
    program(
      "wrong",
      `import * as tls from "@pulumi/tls";
       new tls.PrivateKey("weak", { algorithm: "DSA" });`,
    ),
  );
  await lab.pulumi("wrong", "stack", "init", "dev");
  const { code, output } = await lab.pulumi("wrong", "preview", "--non-interactive");
  expect(code).not.toBe(0);
  expect(output).toContain('got "DSA", allowed RSA, ECDSA, ED25519');
  expect(output).toContain("algorithm");
  expect(output).toContain("weak");
});

async function checkCertificate({ shown, hidden }: Outputs): Promise<void> {
  const folder = path.join(lab.folder, "values");
  fs.writeFileSync(path.join(folder, "ca.pem"), shown.ca);
  fs.writeFileSync(path.join(folder, "cert.pem"), shown.cert);
  const args = ["verify", "-purpose", "sslserver", "-CAfile", "ca.pem"];
  const names = ["-verify_hostname", "server.test", "-verify_ip", "127.0.0.1"];
  expect(await run("openssl", [...args, ...names, "cert.pem"], folder)).toContain("OK");

  const server = tls.createServer({ key: hidden.key, cert: shown.cert }, (socket) => {
    socket.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const greeting = await new Promise<string>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, ca: shown.ca, servername: "server.test" };
    const socket = tls.connect(options);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      resolve(chunk.toString());
    });
  });
  server.close();
  expect(greeting).toBe("hello");
}
