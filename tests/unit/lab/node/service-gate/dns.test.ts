import * as dgram from "node:dgram";
import * as dns from "node:dns";
import { dnsAnswer } from "../../../../../lab/node/service-gate/dns";

const names = new Map([
  ["queen.agents.svc.cluster.local", ["10.0.0.77"]],
  ["consul.agents.svc.cluster.local", ["198.19.0.2", "198.19.0.3"]],
  ["nobody.agents.svc.cluster.local", []],
]);

describe("asked by a resolver", () => {
  const server = dgram.createSocket("udp4");
  const resolver = new dns.promises.Resolver({ timeout: 60_000, tries: 1 });
  beforeAll(async () => {
    server.on("message", (query, from) => {
      const answer = dnsAnswer(query, names);
      if (answer) server.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
  });
  afterAll(() => {
    server.close();
  });

  test("names of Services have their addresses, however they are written", async () => {
    expect(await resolver.resolve4("queen.agents.svc.cluster.local")).toEqual(["10.0.0.77"]);
    expect(await resolver.resolve4("Queen.Agents.SVC.cluster.local.")).toEqual(["10.0.0.77"]);
    expect(await resolver.resolve4("consul.agents.svc.cluster.local")).toHaveLength(2);
  });

  test.each([
    ["queen.agents.svc.cluster.local", "AAAA", "ENODATA"],
    ["nobody.agents.svc.cluster.local", "A", "ENODATA"],
    ["queen.agents.svc.agents.svc.cluster.local", "A", "ENOTFOUND"],
    ["queen.agents.svc", "A", "EREFUSED"],
    ["example.com", "A", "EREFUSED"],
  ])("%s %s: %s", async (name, type, code) => {
    await expect(resolver.resolve(name, type)).rejects.toMatchObject({ code });
  });
});

test.each([
  ["nothing", ""],
  ["an answer", "0001 8000 0001 0000 0000 0000 00 0001 0001"],
  ["two questions", "0001 0000 0002 0000 0000 0000 00 0001 0001 00 0001 0001"],
  ["a name that points elsewhere", "0001 0000 0001 0000 0000 0000 c00c 0001 0001"],
  ["a name without an end", "0001 0000 0001 0000 0000 0000 05 61"],
  ["a question without its type", "0001 0000 0001 0000 0000 0000 01 61 00 00"],
])("%s is not answered", (_, text) => {
  expect(dnsAnswer(Buffer.from(text.replaceAll(" ", ""), "hex"), names)).toBeUndefined();
});
