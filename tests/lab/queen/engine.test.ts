import { X509Certificate } from "node:crypto";
import { settingsFlag } from "../../../lab/stack/engine";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();

describe("a Queen on the real engine", () => {
  let stack: LabStack;
  let agents: string;
  let jobs: string;
  let name: string;
  const set = (key: string, value: string) =>
    stack.must("config", "set", key, value, ...settingsFlag(stack));
  const read = (kind: string, object: string, namespace = agents): Promise<any> =>
    lab.client.get({ apiVersion: "v1", kind, name: object, namespace });
  const secret = async (object: string, namespace = agents): Promise<Record<string, string>> => {
    const { data } = await read("Secret", object, namespace);
    return Object.fromEntries(
      Object.entries<string>(data).map(([key, text]) => [
        key,
        Buffer.from(text, "base64").toString(),
      ]),
    );
  };
  const certificateOf = async (object: string, namespace = agents) =>
    new X509Certificate((await secret(object, namespace))["tls.crt"]!);
  const authorities = async (): Promise<string[]> => {
    const { data } = await read("ConfigMap", `${name}-ca`);
    return data["ca.crt"].match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  };

  test("comes up in one run; its certificates are its authority's, for their names alone", async () => {
    agents = await lab.namespace({ "pod-security.kubernetes.io/enforce": "privileged" });
    jobs = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
    const settings = { agents, jobs, deletionProtection: true };
    stack = await labStack(lab, "tests/lab/queen/program", settings);
    name = `${stack.stack}-queen`;
    await stack.must("up", "--yes", "--skip-preview");
    const [pem = "", ...others] = await authorities();
    expect(others).toEqual([]);
    const authority = new X509Certificate(pem);
    const server = await certificateOf(`${name}-tls`);
    expect([authority.ca, server.verify(authority.publicKey)]).toEqual([true, true]);
    expect(server.checkHost(`${name}.${agents}.svc`)).toBe(`${name}.${agents}.svc`);
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    const uploader = await certificateOf(`${name}-uploader-tls`, jobs);
    expect(uploader.verify(authority.publicKey)).toBe(true);
    expect(uploader.subjectAltName).toBe(
      `URI:spiffe://kvm-fabric.dev/ns/${agents}/${name}/uploader`,
    );
    expect(uploader.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect((await read("ConfigMap", `${stack.stack}-workers-queen-ca`)).data["ca.crt"]).toContain(
      pem,
    );
  });

  test("a second run changes nothing; keys are in no plain text", async () => {
    const args = ["up", "--yes", "--skip-preview", "--expect-no-changes", "--diff"];
    const shown = await stack.must(...args);
    const line = (await secret(`${name}-uploader-tls`, jobs))["tls.key"]!.split("\n")[1]!;
    for (const text of [shown, stack.stateText()]) expect(text).not.toContain(line);
  });

  test("is protected: a destroy is refused before anything is gone", async () => {
    const { code, output } = await stack.run("destroy", "--yes");
    expect(code).not.toBe(0);
    expect(output).toContain("protected");
    expect((await read("PersistentVolumeClaim", `${name}-srv`)).metadata.name).toBe(`${name}-srv`);
  });

  test("its authority changes: both are trusted, and every certificate is the new one's", async () => {
    const [first = ""] = await authorities();
    const { uid } = (await read("PersistentVolumeClaim", `${name}-srv`)).metadata;
    await set("deletionProtection", "false");
    // A value that begins with dashes would be taken for a flag.
    await set("trusted", Buffer.from(first).toString("base64"));
    await stack.must("up", "--yes", "--skip-preview");
    const key = (await stack.resources()).find(({ urn }) => urn.endsWith(`::${name}-ca-key`));
    await stack.must("up", "--yes", "--skip-preview", "--replace", key?.urn ?? "");
    const [second = "", ...others] = await authorities();
    expect(others).toEqual([first]);
    expect(second).not.toBe(first);
    const { publicKey } = new X509Certificate(second);
    const leaves = [
      await certificateOf(`${name}-tls`),
      await certificateOf(`${name}-workers-tls`),
      await certificateOf(`${name}-uploader-tls`, jobs),
    ];
    expect(leaves.map((leaf) => leaf.verify(publicKey))).toEqual([true, true, true]);
    expect((await read("PersistentVolumeClaim", `${name}-srv`)).metadata.uid).toBe(uid);
  });

  test("goes in one run once the protection is off", async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await stack.resources()).toEqual([]);
    await stack.remove();
  });
});
