import type { KubeObject } from "../../../lab/kube/objects";
import { deploy, reveal } from "../../support/deploy";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** Values in the form that the providers generate them in. */
const generated: Record<string, Record<string, string>> = {
  "random:index/randomBytes:RandomBytes": { base64: Buffer.alloc(32, 7).toString("base64") },
  "random:index/randomPassword:RandomPassword": { result: "s".repeat(64) },
  "tls:index/privateKey:PrivateKey": {
    privateKeyPem: PEM.replaceAll("CERTIFICATE", "PRIVATE KEY"),
  },
  "tls:index/selfSignedCert:SelfSignedCert": { certPem: PEM },
  "tls:index/certRequest:CertRequest": { certRequestPem: PEM },
  "tls:index/locallySignedCert:LocallySignedCert": { certPem: PEM },
};

/** The Kubernetes objects that a program registers, as the provider would send them to the API server. */
export async function objectsOf(program: () => unknown): Promise<KubeObject[]> {
  const { resources } = await deploy(program, { outputsOf: (type) => generated[type] ?? {} });
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type, inputs }) => {
      const [, version = "", kind = ""] = type.split(":");
      return { ...reveal(inputs), apiVersion: version.replace(/^core\//, ""), kind };
    });
}

/** The pods that a workload's controller would make; none for other kinds. */
export function podsOf(object: any): KubeObject[] {
  const template = object.spec?.template ?? object.spec?.jobTemplate?.spec?.template;
  if (template === undefined) return [];
  const { name, namespace } = object.metadata;
  const claims = (object.spec.volumeClaimTemplates ?? []).map(({ metadata }: any) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${String(metadata.name)}-${String(name)}-0` },
  }));
  return [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...template.metadata, name: `${String(name)}-pod`, namespace },
      spec: { ...template.spec, volumes: [...template.spec.volumes, ...claims] },
    },
  ];
}
