import * as path from "node:path";
import { repository } from "../../support/source-files";
import { testBundle, useWorld } from "./bundle-tests";
import { openGate } from "./store-gate";
import { AZURITE_ACCOUNT, startAzurite, startTokens } from "./store-servers";
import { expectMoved, lost, type SweptStore } from "./uploader-sweep";
import { left, plantTree, runScript, startQueen, treeSettings } from "./uploader-world";

/*
 * The bundle of the function app against Azurite, with diod behind mutual TLS as Queen. Played: Azure's host, which calls the function, and
 * its identity end point. Azurite checks the tokens' times and names, not who signed them.
 */

const CONTAINER = "traces";
const BUNDLE = path.join(repository, "components/trace-uploader/bundles/azure.js");
/** Azure's host, as far as the bundle asks for it: takes what is registered, and then hands the function one message. */
const SCRIPT = `
  const functions = new Map();
  const core = {
    registerFunction: ({ name }, handler) => functions.set(name, handler),
    registerHook() {}, setProgrammingModel() {}, getProgrammingModel() {}, version: "2", hostVersion: "4",
  };
  const Module = require("node:module");
  const load = Module._load;
  Module._load = (name, ...more) => name === "@azure/functions-core" ? core : load(name, ...more);
  require(${JSON.stringify(BUNDLE)});
  if ([...functions.keys()].join() !== "schedule,upload") throw new Error("other functions");
  functions.get("upload")({}, { log: console.log }).catch((error) => {
    console.log(error.message);
    process.exitCode = 1;
  });`;

const worldOf = useWorld(async (keep) => {
  const queen = await keep(startQueen());
  const server = await keep(startAzurite());
  const tokens = await keep(startTokens());
  // Azurite's own certificate is trusted on this way alone.
  const plain = await keep(openGate(server.url));
  const account = `${plain.url}/${AZURITE_ACCOUNT}`;
  const ask = (method: string, rest: string) => {
    const headers = { authorization: `Bearer ${bearer(1)}`, "x-ms-version": "2023-11-03" };
    return fetch(`${account}/${CONTAINER}${rest}`, { method, headers });
  };
  expect((await ask("PUT", "?restype=container")).status).toBe(201);
  const store: SweptStore = {
    open: () => openGate(server.url),
    run: (tree, { url }) =>
      runScript(SCRIPT, {
        ...queen.environment,
        ...treeSettings(tree),
        STORE_BUCKET: CONTAINER,
        STORE_ENDPOINT: `${url}/${AZURITE_ACCOUNT}`,
        IDENTITY_ENDPOINT: `http://${tokens.address}/token`,
        IDENTITY_HEADER: "of the app",
      }),
    // Read as a browser would: with nothing of ours.
    objects: async (prefix) => {
      const list = `?restype=container&comp=list&prefix=${encodeURIComponent(prefix)}`;
      const text = await (await ask("GET", list)).text();
      const keys = [...text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = ""]) => name);
      return Promise.all(
        keys.map(async (key) => {
          const whole = await ask("GET", `/${encodeURIComponent(key)}`);
          return { key, content: Buffer.from(await whole.arrayBuffer()) };
        }),
      );
    },
  };
  return { queen, tokens, store, gate: await keep(store.open()) };
});

beforeEach(() => {
  worldOf().tokens.give(bearer(1));
});

testBundle(worldOf, "the run ended at the store");

test("a token that is refused is asked for anew; where none is good, nothing is removed", async () => {
  const { queen, store, gate, tokens } = worldOf();
  const tree = plantTree(queen, "expired");
  tokens.give(bearer(-1));
  expect(await store.run(tree, gate).ended).toMatchObject({ code: 1 });
  expect(left(tree)).toHaveLength(5);
  tokens.give(bearer(-1), bearer(1));
  expect(await store.run(tree, gate).ended).toMatchObject({ code: 0 });
  await expectMoved(store, tree);
});

test("what arrives otherwise than it was sent is not believed", async () => {
  const { queen, store, gate } = worldOf();
  const tree = plantTree(queen, "wrong");
  let spoilt = 0;
  gate.rule(({ body, method }) => {
    if (method === "PUT" && body.length > 900 && spoilt < 2) {
      body[body.length - 100]! ^= 1;
      spoilt += 1;
    }
    return "pass";
  });
  const { output } = await store.run(tree, gate).ended;
  expect({ output, spoilt }).toMatchObject({ spoilt: 2 });
  expect(await lost(store, tree)).toEqual([]);
});

/** A token as Azure's, good until so many hours from now. */
function bearer(hours: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ aud: "https://storage.azure.com", iss: "https://sts.windows.net/tenant/" },
    ...{ iat: now - 7200, nbf: now - 7200, exp: now + hours * 3600 },
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl`;
}
