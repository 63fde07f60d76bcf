import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CredentialsError, queenTls } from "../../../../functions/trace-uploader/credentials";
import type { QueenSettings } from "../../../../functions/trace-uploader/settings";

const { signal } = new AbortController();
let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-credentials-"));
  for (const name of ["ca", "crt", "key"])
    fs.writeFileSync(path.join(folder, name), `file's ${name}`);
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string) => path.join(folder, name);
const files = () => ({ certificateFile: at("crt"), keyFile: at("key") });

/** What a connection is made with; the secret is this JSON. */
function tls(queen: Pick<QueenSettings, "authority" | "identity">, secret: object = {}) {
  const settings: QueenSettings = {
    ...{ host: "h", port: 1, serverName: "queen", user: "u", userId: undefined, tree: "" },
    ...queen,
  };
  return queenTls(settings, () => Promise.resolve(JSON.stringify(secret)), signal);
}

const whole = { "ca.crt": "secret's ca", "tls.crt": "secret's crt", "tls.key": "secret's key" };
const identity = { secret: "s" };

test("identity and authority come from files, from the environment, or both from one secret", async () => {
  expect(await tls({ authority: { file: at("ca") }, identity: files() })).toEqual({
    ...{ ca: "file's ca", cert: "file's crt", key: "file's key", servername: "queen" },
  });
  expect(await tls({ authority: "secret", identity }, whole)).toEqual({
    ...{ ca: "secret's ca", cert: "secret's crt", key: "secret's key", servername: "queen" },
  });
  // What is said aside from the secret counts, so that an authority can be changed without it.
  const said = await tls({ authority: { text: "said" }, identity }, whole);
  expect(said).toMatchObject({ ca: "said", cert: "secret's crt" });
});

test.each([
  [{ ...whole, "ca.crt": undefined }, "no text ca.crt"],
  [{ ...whole, "ca.crt": 5 }, "no text ca.crt"],
  [{ ...whole, "tls.key": undefined }, "not JSON with the texts tls.crt and tls.key"],
])("a secret %j is refused, and nothing of it told", async (secret, words) => {
  const error: unknown = await tls({ authority: "secret", identity }, secret).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CredentialsError);
  expect(String(error)).toContain(words);
  expect(String(error)).not.toContain("secret's key");
});
