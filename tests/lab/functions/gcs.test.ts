import * as path from "node:path";
import { repository } from "../../support/source-files";
import { testBundle, useWorld } from "./bundle-tests";
import { openGate, playSessions } from "./store-gate";
import { startGcs, startTokens } from "./store-servers";
import { expectMoved, lost, type SweptStore } from "./uploader-sweep";
import { left, plantTree, runScript, startQueen, treeSettings } from "./uploader-world";

/*
 * The bundle of Cloud Run against fake-gcs-server, with diod behind mutual TLS as Queen. Played, because the server lacks it: how far a
 * session is (store-gate.ts), the metadata server's tokens and who they let in. Not shown, because nobody here checks it: the MD5 of a
 * session as a whole (x-goog-hash).
 */

const BUCKET = "traces";
const BUNDLE = path.join(repository, "components/trace-uploader/bundles/cloud-run.js");
const SCRIPT = `
  const { uploadTraces } = require(${JSON.stringify(BUNDLE)});
  const answer = {
    writeHead(status) { process.exitCode = status === 200 ? 0 : 1; return this; },
    end(body) { process.stdout.write(body); },
  };
  void uploadTraces({ method: "POST" }, answer);`;

const worldOf = useWorld(async (keep) => {
  const queen = await keep(startQueen());
  const server = await keep(startGcs());
  const tokens = await keep(startTokens());
  const api = `${server.url}/storage/v1/b`;
  const headers = { "content-type": "application/json" };
  await fetch(api, { method: "POST", headers, body: JSON.stringify({ name: BUCKET }) });
  const store: SweptStore = {
    open: () => openGate(server.url, playSessions()),
    run: (tree, { url }) =>
      runScript(SCRIPT, {
        ...queen.environment,
        ...treeSettings(tree),
        STORE_BUCKET: BUCKET,
        STORE_ENDPOINT: url,
        GCE_METADATA_HOST: tokens.address,
      }),
    // Read as a browser would: with nothing of ours.
    objects: async (prefix) => {
      const list = await fetch(`${api}/${BUCKET}/o?prefix=${encodeURIComponent(prefix)}`);
      const { items = [] } = (await list.json()) as { items?: { name: string }[] };
      return Promise.all(
        items.map(async ({ name: key }) => {
          const whole = await fetch(`${api}/${BUCKET}/o/${encodeURIComponent(key)}?alt=media`);
          return { key, content: Buffer.from(await whole.arrayBuffer()) };
        }),
      );
    },
  };
  return { queen, tokens, store, gate: await keep(store.open()) };
});

beforeEach(() => {
  worldOf().tokens.give("token");
});

testBundle(worldOf, '"severity":"ERROR"');

test("a token that is refused is asked for anew; where none is good, nothing is removed", async () => {
  const { queen, store, gate, tokens } = worldOf();
  const tree = plantTree(queen, "expired");
  gate.rule(({ headers }) => (headers.authorization === "Bearer good" ? "pass" : { status: 401 }));
  tokens.give("expired");
  expect(await store.run(tree, gate).ended).toMatchObject({ code: 1 });
  expect(left(tree)).toHaveLength(5);
  tokens.give("expired", "good");
  expect(await store.run(tree, gate).ended).toMatchObject({ code: 0 });
  await expectMoved(store, tree);
});

test("what the store has wrong is not believed", async () => {
  const { queen, store, gate } = worldOf();
  const tree = plantTree(queen, "wrong");
  let spoilt = 0;
  gate.rule(({ body, method, headers }) => {
    // A byte of a chunk, and one of a small file's content, on their way.
    const isContent = method === "PUT" || headers["content-type"]?.includes("related");
    if (isContent && body.length > 1000 && spoilt < 2) {
      body[body.length - 100]! ^= 1;
      spoilt += 1;
    }
    return "pass";
  });
  const { code, output } = await store.run(tree, gate).ended;
  expect({ code, output, spoilt }).toMatchObject({ code: 0, spoilt: 2 });
  expect(await lost(store, tree)).toEqual([]);
});
