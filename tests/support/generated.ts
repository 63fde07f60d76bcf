const generated: Record<string, Record<string, string>> = {
  "random:index/randomBytes:RandomBytes": { base64: "GENERATED-GOSSIP" },
  "random:index/randomPassword:RandomPassword": { result: "GENERATED-SEED" },
  "tls:index/privateKey:PrivateKey": {
    privateKeyPem: "GENERATED-KEY",
    publicKeyPem: "GENERATED-PUBLIC-KEY",
  },
  "tls:index/selfSignedCert:SelfSignedCert": { certPem: "CA CERTIFICATE" },
  "tls:index/certRequest:CertRequest": { certRequestPem: "REQUEST" },
  "tls:index/locallySignedCert:LocallySignedCert": { certPem: "SERVER CERTIFICATE" },
};

/** What the providers of keys and certificates would generate, recognisable; for the request recorder. */
export const generatedOutputs = (type: string): Record<string, string> => generated[type] ?? {};
