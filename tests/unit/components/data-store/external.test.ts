import * as pulumi from "@pulumi/pulumi";
import {
  type ExternalDataStore,
  externalFaults,
  renamedFaults,
} from "../../../../components/data-store/external";
import { issuerFaults } from "../../../../components/data-store/issuer";
import { renderFault } from "../../../../components/shared/faults";
import { instanceNameFaults } from "../../../../components/shared/names";
import { AUTHORITY } from "../consul/authority";

const login = { username: "u", password: "p" };
const least: ExternalDataStore = { host: "db.example.com", ...login };
const secret: ExternalDataStore = { host: "db.example.com", existingSecret: "db" };

test.each<[string, ExternalDataStore, string[]]>([
  ["a login", least, []],
  ["a Secret", { ...secret, privateAuthority: true }, []],
  ["an address", { ...least, host: "10.0.0.1", cidrs: ["10.0.0.1/32", "fd00::/64"] }, []],
  ["what is known later", { ...least, host: pulumi.output("x y"), caCertificate: AUTHORITY }, []],
  [
    "a URI for a host",
    { ...least, host: "https://db.example.com" },
    [
      'external.host: not the name of a host, got "https://db.example.com", allowed a DNS name or an address',
    ],
  ],
  [
    "a URI with a password, which is not shown",
    { ...least, host: "postgres://u:secret@db" },
    ["external.host: not the name of a host, allowed a DNS name or an address"],
  ],
  [
    "no port",
    { ...least, port: 0 },
    ["external.port: out of range, got 0, allowed whole numbers 1 to 65535"],
  ],
  [
    "no addresses",
    { ...least, cidrs: [] },
    ["external.cidrs: empty: nobody could call it; try to leave it out"],
  ],
  [
    "an address that is no block",
    { ...least, cidrs: ["10.0.0.1"] },
    [
      'external.cidrs[0]: not a block of addresses, got "10.0.0.1", allowed CIDR notation as in "10.0.0.0/16" or "fd00::/64"',
    ],
  ],
  [
    "neither login nor Secret",
    { host: "db" },
    [
      "external.username: missing, and there is no existingSecret to take it from",
      "external.password: missing, and there is no existingSecret to take it from",
    ],
  ],
  [
    "both login and Secret",
    { ...secret, ...login, caCertificate: AUTHORITY },
    [
      "external.username: given beside existingSecret, allowed either",
      "external.password: given beside existingSecret, allowed either",
      "external.caCertificate: given beside existingSecret, allowed either",
    ],
  ],
  [
    "no name of a Secret",
    { ...secret, existingSecret: "Not_one" },
    ['external.existingSecret: not the name of a Secret, got "Not_one", allowed a-z, 0-9, - and .'],
  ],
  [
    "word of a Secret that there is not",
    { ...least, privateAuthority: true },
    [
      "external.privateAuthority: says what an existingSecret holds, and there is none; try caCertificate",
    ],
  ],
  [
    "a key for a certificate, which is not shown",
    { ...least, caCertificate: "-----BEGIN PRIVATE KEY-----" },
    [
      "external.caCertificate: not a certificate in PEM, allowed -----BEGIN CERTIFICATE----- ... -----END CERTIFICATE-----, one or several",
    ],
  ],
])("an external store with %s", (_, external, expected) => {
  expect(externalFaults("external", external).map(renderFault)).toEqual(expected);
});

test("an issuer is of a kind that there is, and its authority a certificate", () => {
  const name = "internal";
  expect(issuerFaults("issuer", undefined)).toEqual([]);
  expect(issuerFaults("issuer", { name, caCertificate: AUTHORITY + AUTHORITY })).toEqual([]);
  const wrong: any = { name, caCertificate: "PEM", kind: "AnyIssuer" };
  expect(issuerFaults("issuer", wrong).map(({ path }) => path)).toEqual([
    "issuer.kind",
    "issuer.caCertificate",
  ]);
});

test.each([
  ["fabric-db", []],
  ["a".repeat(41), ["too long"]],
  ["Db", ["cannot begin the name of a Kubernetes object"]],
])("the name %s", (name, problems) => {
  expect(instanceNameFaults(name).map(({ problem }) => problem)).toEqual(problems);
});

test("a consumer names no Secret that lies there already", () => {
  const consumers = [
    { name: "gateway", namespace: "api" },
    { name: "jobs", namespace: "api", secretName: "mine" },
  ];
  expect(renamedFaults(least, consumers)).toEqual([]);
  expect(renamedFaults(secret, consumers).map(renderFault)).toEqual([
    'consumers[1].secretName: has no meaning with external.existingSecret, which names it, got "mine"',
  ]);
});
