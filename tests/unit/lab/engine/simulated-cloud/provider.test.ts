import * as grpc from "@grpc/grpc-js";
import {
  ResourceProviderClient,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { serve, type Serving } from "../../../../../lab/engine/grpc/serve";
import { fromStruct, toStruct } from "../../../../../lab/engine/grpc/struct";
import { isSecret, UNKNOWN } from "../../../../../lab/engine/grpc/wire";
import { providerService } from "../../../../../lab/engine/simulated-cloud/provider";
import { random } from "../../../../../lab/engine/simulated-cloud/random/package";
import { tls } from "../../../../../lab/engine/simulated-cloud/tls/package";

let serving: Serving;
let client: ResourceProviderClient;
beforeAll(async () => {
  serving = await serve(ResourceProviderService, providerService([random, tls]));
  client = new ResourceProviderClient(
    `127.0.0.1:${serving.port}`,
    grpc.credentials.createInsecure(),
  );
});
afterAll(async () => {
  client.close();
  await serving.close();
});

// Makes a call and waits for its answer.
function call<Response>(
  start: (done: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });
}

const urn = (type: string) => `urn:pulumi:dev::p::my:index:Parent$${type}::name`;
const PASSWORD = urn("random:index/randomPassword:RandomPassword");

test("check answers with the inputs and with a failure for each wrong property", async () => {
  const news = toStruct({ length: 0, lenght: 3 });
  const request = new provider.CheckRequest().setUrn(PASSWORD).setNews(news);
  const response = await call<provider.CheckResponse>((done) => client.check(request, done));
  const failures = response.getFailuresList().map((failure) => failure.getProperty());
  expect(failures).toEqual(["lenght", "length"]);
  expect(fromStruct(response.getInputs())).toEqual({ length: 0, lenght: 3 });
});

test("a preview creates nothing, a creation gives an id and a secret", async () => {
  const request = new provider.CreateRequest().setUrn(PASSWORD);
  request.setProperties(toStruct({ length: 12 })).setPreview(true);
  const preview = await call<provider.CreateResponse>((done) => client.create(request, done));
  expect(preview.getId()).toBe("");
  expect(fromStruct(preview.getProperties())).toMatchObject({
    length: 12,
    result: { value: UNKNOWN },
  });
  const made = await call<provider.CreateResponse>((done) =>
    client.create(request.setPreview(false), done),
  );
  const state = fromStruct(made.getProperties());
  expect(made.getId()).toBe("none");
  expect(isSecret(state.result)).toBe(true);

  const diff = new provider.DiffRequest().setUrn(PASSWORD).setId("none");
  diff.setOlds(made.getProperties()).setOldInputs(toStruct({ length: 12 }));
  const same = await call<provider.DiffResponse>((done) =>
    client.diff(diff.setNews(toStruct({ length: 12 })), done),
  );
  expect(same.getChanges()).toBe(provider.DiffResponse.DiffChanges.DIFF_NONE);
  const other = await call<provider.DiffResponse>((done) =>
    client.diff(diff.setNews(toStruct({ length: 13 })), done),
  );
  expect(other.getChanges()).toBe(provider.DiffResponse.DiffChanges.DIFF_SOME);
  expect(other.getReplacesList()).toEqual(["length"]);

  const read = new provider.ReadRequest().setUrn(PASSWORD).setId("none");
  const found = await call<provider.ReadResponse>((done) =>
    client.read(read.setProperties(made.getProperties()), done),
  );
  expect(fromStruct(found.getProperties())).toEqual(state);
});

test("one port serves both packages; an unknown type is refused by its name", async () => {
  const key = new provider.CreateRequest().setUrn(urn("tls:index/privateKey:PrivateKey"));
  const made = await call<provider.CreateResponse>((done) =>
    client.create(key.setProperties(toStruct({ algorithm: "ED25519" })), done),
  );
  expect(fromStruct(made.getProperties())).toMatchObject({ algorithm: "ED25519", rsaBits: 2048 });
  const unknown = new provider.CheckRequest().setUrn(urn("random:index/randomLuck:RandomLuck"));
  await expect(
    call<provider.CheckResponse>((done) => client.check(unknown, done)),
  ).rejects.toMatchObject({
    code: grpc.status.NOT_FOUND,
    details: expect.stringContaining("randomLuck:RandomLuck is not simulated") as string,
  });
});

test("a function answers, an unknown one is refused", async () => {
  const key = new provider.CreateRequest().setUrn(urn("tls:index/privateKey:PrivateKey"));
  const made = await call<provider.CreateResponse>((done) =>
    client.create(key.setProperties(toStruct({ algorithm: "ED25519" })), done),
  );
  const { privateKeyPem, publicKeyPem } = fromStruct(made.getProperties());
  const invoke = new provider.InvokeRequest().setTok("tls:index/getPublicKey:getPublicKey");
  const answer = await call<provider.InvokeResponse>((done) =>
    client.invoke(invoke.setArgs(toStruct({ privateKeyPem })), done),
  );
  expect(fromStruct(answer.getReturn())).toMatchObject({ id: made.getId(), publicKeyPem });
  const missing = new provider.InvokeRequest().setTok("tls:index/getCertificate:getCertificate");
  await expect(
    call<provider.InvokeResponse>((done) => client.invoke(missing, done)),
  ).rejects.toMatchObject({
    code: grpc.status.UNIMPLEMENTED,
  });
});
