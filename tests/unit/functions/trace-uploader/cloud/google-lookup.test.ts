import type { LookupAddress } from "node:dns";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";
import { googleLookup } from "../../../../../functions/trace-uploader/cloud/google-lookup";
import { WebClient } from "../../../../../functions/trace-uploader/cloud/web-client";
import { authority } from "../ninep/authority";
import { fails } from "../ninep/waits";

type Found = string | LookupAddress[];

/** What a lookup finds. */
function find(addresses: readonly string[], host: string, all: boolean): Promise<Found> {
  return new Promise((resolve, reject) => {
    googleLookup(addresses)?.(host, { all }, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });
}

const vip = ["199.36.153.8", "199.36.153.9"];

test("Google's APIs are where it is said, one address or all; everything else is where DNS says", async () => {
  for (const host of ["storage.googleapis.com", "secretmanager.googleapis.com"]) {
    expect(await find(vip, host, false)).toBe("199.36.153.8");
    expect(await find(vip, host, true)).toEqual(vip.map((address) => ({ address, family: 4 })));
  }
  expect(vip).not.toContain(await find(vip, "localhost", false));
  for (const host of ["googleapis.com.invalid", "xgoogleapis.com.invalid"]) {
    expect(await fails(find(vip, host, false))).toMatchObject({ syscall: "getaddrinfo" });
  }
  expect(googleLookup([])).toBeUndefined();
});

test("a client calls them there, asks for them by name, and believes nobody without a certificate for it", async () => {
  const { cert, key } = await (await authority("stranger")).issue("storage.googleapis.com");
  const names: string[] = [];
  const server = tls.createServer({
    ...{ cert, key },
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const web = new WebClient(5, googleLookup(["127.0.0.1"]));
  try {
    const url = `https://storage.googleapis.com:${port}/`;
    const asked = web.send({ method: "GET", url }, new AbortController().signal);
    expect(String(await fails(asked))).toMatch(/certificate/);
    expect(names).toEqual(["storage.googleapis.com"]);
  } finally {
    web.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
