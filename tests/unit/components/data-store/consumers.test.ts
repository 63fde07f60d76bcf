import * as pulumi from "@pulumi/pulumi";
import {
  consumerPeers,
  type DataStoreConsumer,
  dataStoreConsumerFaults,
  planConsumers,
} from "../../../../components/data-store/consumers";
import { loginData } from "../../../../components/data-store/secrets";
import { postgresUri, redisUri } from "../../../../components/data-store/uris";
import { renderFault } from "../../../../components/shared/faults";

const faults = (consumers: DataStoreConsumer[], taken: string[] = []) =>
  dataStoreConsumerFaults("store", consumers, taken).map(renderFault);
const one = { name: "gateway", namespace: "api" };

test.each<[string, DataStoreConsumer[], string[]]>([
  ["nobody", [], []],
  ["two in one namespace", [one, { ...one, name: "jobs", podLabels: { "app.io/x": "" } }], []],
  [
    "two Secrets of one name in two namespaces",
    [
      { ...one, secretName: "db" },
      { name: "jobs", namespace: "jobs", secretName: "db" },
    ],
    [],
  ],
  [
    "no DNS label",
    [{ ...one, name: "Gate_way" }],
    [
      'consumers[0].name: not a DNS label, got "Gate_way", allowed a-z, 0-9 and -, at most 63 characters',
    ],
  ],
  ["two of one name", [one, one], ['consumers[1].name: there are two of that name, got "gateway"']],
  [
    "a label that is none",
    [{ ...one, podLabels: { app: "a b", "-": "x" } }],
    [
      'consumers[0].podLabels["app"]: not a label of Kubernetes, got "a b", allowed letters, digits and ._- inside, at most 63',
      'consumers[0].podLabels["-"]: not a label of Kubernetes, got "x", allowed letters, digits and ._- inside, at most 63',
    ],
  ],
  [
    "no name of a Secret",
    [{ ...one, secretName: "No" }],
    ['consumers[0].secretName: not the name of a Secret, got "No", allowed a-z, 0-9, - and .'],
  ],
  [
    "two Secrets of one name in one namespace",
    [
      { ...one, secretName: "db" },
      { ...one, name: "jobs", secretName: "db" },
    ],
    ['consumers[1].secretName: there are two of that name in the namespace, got "db"'],
  ],
  [
    "a Secret of the name that another's has by default",
    [
      { ...one, secretName: "store-jobs" },
      { ...one, name: "jobs" },
    ],
    ['consumers[0].secretName: there are two of that name in the namespace, got "store-jobs"'],
  ],
  ["its own default, named", [{ ...one, secretName: "store-gateway" }], []],
])("consumers: %s", (_, consumers, expected) => {
  expect(faults(consumers)).toEqual(expected);
});

test("a consumer is not called like a user of the store's own", () => {
  expect(faults([one], ["gateway"])).toEqual([
    'consumers[0].name: a name that the store needs itself, got "gateway"',
  ]);
});

test("Secrets are called after store and consumer, and peers are pods of a namespace", () => {
  const plan = planConsumers("db", [
    one,
    { name: "jobs", namespace: "jobs", podLabels: { a: "b" } },
  ]);
  expect(plan.map(({ secretName }) => secretName)).toEqual(["db-gateway", "db-jobs"]);
  const pods = (namespace: string, podSelector: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector,
  });
  expect(consumerPeers(plan)).toEqual([pods("api", {}), pods("jobs", { matchLabels: { a: "b" } })]);
});

test("URIs hold any password, and a client that follows them checks the server", () => {
  const address = { host: "db.example.com", port: 5432, username: "a@b", password: "p/w:?#" };
  const uri = new URL(postgresUri({ ...address, database: "x" }));
  expect(decodeURIComponent(uri.password)).toBe(address.password);
  expect(decodeURIComponent(uri.username)).toBe("a@b");
  expect([uri.host, uri.pathname, uri.search]).toEqual([
    "db.example.com:5432",
    "/x",
    "?sslmode=verify-full",
  ]);
  expect(redisUri(address)).toBe("rediss://a%40b:p%2Fw%3A%3F%23@db.example.com:5432/0");
});

test("what a Secret holds is secret, whatever the password was before", async () => {
  const data = loginData({
    ...{ host: "cache", port: 6379, username: "u", password: "plain" },
    uri: redisUri,
  });
  expect(await pulumi.isSecret(data)).toBe(true);
});
