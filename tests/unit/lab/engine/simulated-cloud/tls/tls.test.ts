import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { plainProperties, type Properties } from "../../../../../../lab/engine/grpc/wire";
import { inputFaults } from "../../../../../../lab/engine/simulated-cloud/inputs";
import { changes, created, updated } from "../../../../../../lab/engine/simulated-cloud/lifecycle";
import { tls } from "../../../../../../lab/engine/simulated-cloud/tls/package";
import type { ResourceKind } from "../../../../../../lab/engine/simulated-cloud/resource-kind";

function kind(name: string): ResourceKind {
  const token = Object.keys(tls.resources).find((type) => type.endsWith(`:${name}`)) ?? "";
  const found = tls.resources[token];
  if (!found) throw new Error(`no ${name}`);
  return found;
}

async function make(name: string, inputs: Properties) {
  expect(inputFaults(kind(name), inputs)).toEqual([]);
  const { id, state } = await created(kind(name), inputs);
  return { id, state: plainProperties(state) as Record<string, string> };
}

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-tls-"));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

function file(name: string, content: string | undefined, mode = 0o600): string {
  fs.writeFileSync(path.join(folder, name), content ?? "", { mode });
  return path.join(folder, name);
}

const openssl = (...args: string[]) =>
  execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const keys: [string, Properties][] = [
  ["RSA", { algorithm: "RSA", rsaBits: 2048 }],
  ["P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }],
  ["P384", { algorithm: "ECDSA", ecdsaCurve: "P384" }],
  ["P521", { algorithm: "ECDSA", ecdsaCurve: "P521" }],
  ["ED25519", { algorithm: "ED25519" }],
];

test.each(keys)("a key %s is one and the same in all its forms", async (_name, inputs) => {
  const { id, state } = await make("PrivateKey", inputs);
  const publicKey = createPublicKey(createPrivateKey(state.privateKeyPem ?? ""));
  expect(publicKey.export({ type: "spki", format: "pem" })).toBe(state.publicKeyPem);
  expect(createPublicKey(state.privateKeyPemPkcs8 ?? "").equals(publicKey)).toBe(true);
  expect(id).toMatch(/^[0-9a-f]{40}$/);
  const openssh = file("key", state.privateKeyOpenssh);
  const derived = execFileSync("ssh-keygen", ["-y", "-f", openssh], { encoding: "utf8" });
  expect(`${derived.trim()}\n`).toBe(state.publicKeyOpenssh);
  const print = (hash: string) =>
    execFileSync("ssh-keygen", ["-l", "-E", hash, "-f", openssh], { encoding: "utf8" }).split(
      " ",
    )[1];
  expect(print("sha256")).toBe(state.publicKeyFingerprintSha256);
  expect(print("md5")).toBe(`MD5:${state.publicKeyFingerprintMd5 ?? ""}`);
});

test("P224, the default curve, has no OpenSSH form", async () => {
  const { state } = await make("PrivateKey", { algorithm: "ECDSA" });
  expect(state.ecdsaCurve).toBe("P224");
  expect(openssl("ec", "-in", file("p224", state.privateKeyPem), "-text", "-noout")).toContain(
    "P-224",
  );
  expect(state.privateKeyOpenssh).toBe("");
  expect(state.publicKeyOpenssh).toBe("");
});

test("private forms are secret, public ones are not", () => {
  const { outputs, secrets } = kind("PrivateKey");
  expect(outputs.filter((name) => !secrets.includes(name))).toEqual([
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
  ]);
});

async function authority(keyInputs: Properties, more: Properties = {}) {
  const key = (await make("PrivateKey", keyInputs)).state.privateKeyPem ?? "";
  const inputs = {
    privateKeyPem: key,
    isCaCertificate: true,
    validityPeriodHours: 87600,
    allowedUses: ["cert_signing", "crl_signing"],
    subject: { commonName: "Test CA", organization: "Fabric", country: "NL" },
    ...more,
  };
  return { key, ...(await make("SelfSignedCert", inputs)) };
}

test.each(keys)("a chain of keys %s holds for OpenSSL", async (_name, keyInputs) => {
  const ca = await authority(keyInputs, { maxPathLength: 0 });
  const key = (await make("PrivateKey", keyInputs)).state.privateKeyPem ?? "";
  const request = await make("CertRequest", {
    privateKeyPem: key,
    subject: { commonName: "server", streetAddresses: ["One", "Two"], emailAddress: "a@b.test" },
    dnsNames: ["server.test", "*.server.test"],
    ipAddresses: ["10.0.0.1", "fd00::1"],
    uris: ["spiffe://fabric.test/server"],
  });
  const csr = file("csr.pem", request.state.certRequestPem);
  expect(openssl("req", "-in", csr, "-noout", "-verify", "-subject")).toContain("server");
  const cert = await make("LocallySignedCert", {
    caCertPem: ca.state.certPem,
    caPrivateKeyPem: ca.key,
    certRequestPem: request.state.certRequestPem,
    validityPeriodHours: 24,
    allowedUses: ["server_auth", "client_auth", "digital_signature", "key_encipherment"],
    setSubjectKeyId: true,
  });
  const caFile = file("ca.pem", ca.state.certPem);
  const certFile = file("cert.pem", cert.state.certPem);
  const verify = ["verify", "-x509_strict", "-CAfile", caFile];
  expect(openssl(...verify, "-purpose", "sslserver", "-verify_ip", "fd00::1", certFile)).toContain(
    "OK",
  );
  expect(openssl(...verify, "-verify_hostname", "x.server.test", certFile)).toContain("OK");
  const text = openssl("x509", "-in", certFile, "-noout", "-text", "-certopt", "no_sigdump");
  expect(text).toContain("Digital Signature, Key Encipherment");
  expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
  expect(text).toContain("CA:FALSE");
  expect(text).toContain("URI:spiffe://fabric.test/server");
  const parsed = new X509Certificate(cert.state.certPem ?? "");
  expect(BigInt(`0x${parsed.serialNumber}`).toString()).toBe(cert.id);
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(parsed.subject.split("\n")).toEqual([
    "street=One",
    "street=Two",
    "CN=server",
    "emailAddress=a@b.test",
  ]);
});

test("an authority says what it is, for how long and how deep", async () => {
  const before = Date.now();
  const { state } = await authority(
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    { maxPathLength: 1, setAuthorityKeyId: true },
  );
  const after = Date.now();
  const text = openssl("x509", "-in", file("ca.pem", state.certPem), "-noout", "-text");
  expect(text).toContain("CA:TRUE, pathlen:1");
  expect(text).toContain("Certificate Sign, CRL Sign");
  expect(text).toContain("Authority Key Identifier");
  const start = Date.parse(state.validityStartTime ?? "");
  // Certificates know whole seconds only.
  expect(start).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
  expect(start).toBeLessThanOrEqual(after);
  expect(Date.parse(state.validityEndTime ?? "") - start).toBe(87600 * 3_600_000);
  const { validTo, issuer, subject } = new X509Certificate(state.certPem ?? "");
  expect(Date.parse(validTo)).toBe(Date.parse(state.validityEndTime ?? ""));
  expect(issuer).toBe(subject);
  expect(subject).toBe("C=NL\nO=Fabric\nCN=Test CA");
  expect(state.keyAlgorithm).toBe("ECDSA");
});

test("a certificate may outlive the year 2050", async () => {
  const { state } = await authority({ algorithm: "ED25519" }, { validityPeriodHours: 876_000 });
  const { validTo } = new X509Certificate(state.certPem ?? "");
  expect(Date.parse(validTo)).toBe(Date.parse(state.validityEndTime ?? ""));
});

test("renewal falls due, forces a new certificate, and moves without one", async () => {
  const { state } = await authority({ algorithm: "ED25519" }, { validityPeriodHours: 2 });
  const { privateKeyPem, subject, allowedUses } = state;
  const inputs = {
    privateKeyPem,
    subject,
    allowedUses,
    isCaCertificate: true,
    validityPeriodHours: 2,
  };
  const selfSigned = kind("SelfSignedCert");
  expect(changes(selfSigned, state, inputs, new Set())).toEqual({ changed: [], replacing: [] });
  const early = { ...inputs, earlyRenewalHours: 3 };
  expect(changes(selfSigned, state, early, new Set())).toEqual({
    changed: ["earlyRenewalHours"],
    replacing: [],
  });
  const after = plainProperties(updated(selfSigned, state, early));
  expect(after).toMatchObject({
    earlyRenewalHours: 3,
    readyForRenewal: true,
    certPem: state.certPem,
  });
  expect(changes(selfSigned, after, early, new Set()).replacing).toEqual(["readyForRenewal"]);
});

test("a write-only key signs and is not kept", async () => {
  const key = (await make("PrivateKey", { algorithm: "ED25519" })).state.privateKeyPem;
  const { state } = await make("CertRequest", { privateKeyPemWo: key, privateKeyPemWoVersion: 1 });
  expect(state).not.toHaveProperty("privateKeyPemWo");
  expect(
    openssl("req", "-in", file("wo.pem", state.certRequestPem), "-noout", "-verify"),
  ).toBeDefined();
});

test("an authority's certificate and key that do not belong together are refused", async () => {
  const ca = await authority({ algorithm: "ED25519" });
  const other = (await make("PrivateKey", { algorithm: "ED25519" })).state.privateKeyPem;
  const request = await make("CertRequest", { privateKeyPem: other });
  const inputs = {
    caCertPem: ca.state.certPem,
    caPrivateKeyPem: other,
    certRequestPem: request.state.certRequestPem,
    validityPeriodHours: 1,
    allowedUses: [],
  };
  await expect(created(kind("LocallySignedCert"), inputs)).rejects.toThrow(
    "caPrivateKeyPem: not the private key",
  );
});

test.each<[string, string, Properties, string, string]>([
  [
    "an unknown usage",
    "SelfSignedCert",
    { allowedUses: ["serverAuth"] },
    "allowedUses",
    'got "serverAuth", allowed ',
  ],
  [
    "no address",
    "CertRequest",
    { ipAddresses: ["10.0.0"] },
    "ipAddresses[0]",
    'not an IP address, got "10.0.0"',
  ],
  ["no URI", "CertRequest", { uris: ["nowhere"] }, "uris[0]", 'not a URI, got "nowhere"'],
  [
    "a misspelled subject",
    "CertRequest",
    { subject: { common: "x" } },
    "subject.common",
    "unknown, allowed",
  ],
  [
    "no key",
    "CertRequest",
    { privateKeyPem: "x" },
    "privateKeyPem",
    "not a private key in PEM format",
  ],
  ["two keys", "CertRequest", { privateKeyPemWo: "x" }, "privateKeyPem", "exactly one of"],
  [
    "no request",
    "LocallySignedCert",
    { certRequestPem: "x" },
    "certRequestPem",
    "not a request in PEM format",
  ],
])("%s is refused with its property", async (_what, name, wrong, property, reason) => {
  const ca = await authority({ algorithm: "ED25519" });
  const request = await make("CertRequest", { privateKeyPem: ca.key });
  const correct: Record<string, Properties> = {
    CertRequest: { privateKeyPem: ca.key },
    SelfSignedCert: { privateKeyPem: ca.key, allowedUses: [], validityPeriodHours: 1 },
    LocallySignedCert: {
      caCertPem: ca.state.certPem,
      caPrivateKeyPem: ca.key,
      certRequestPem: request.state.certRequestPem,
      allowedUses: [],
      validityPeriodHours: 1,
    },
  };
  expect(inputFaults(kind(name), { ...correct[name] })).toEqual([]);
  expect(inputFaults(kind(name), { ...correct[name], ...wrong })).toEqual([
    { property, reason: expect.stringContaining(reason) as string },
  ]);
});

test("a P224 key cannot sign here, and the message says which can", async () => {
  const key = (await make("PrivateKey", { algorithm: "ECDSA" })).state.privateKeyPem;
  expect(inputFaults(kind("CertRequest"), { privateKeyPem: key })).toEqual([
    {
      property: "privateKeyPem",
      reason: expect.stringContaining("P256, P384, P521, got P224") as string,
    },
  ]);
});
