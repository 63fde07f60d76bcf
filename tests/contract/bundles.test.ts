import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { nodeArguments } from "../../lab/node-command";
import { repository } from "../support/source-files";

const committed = path.join(repository, "components/trace-uploader/bundles");
/** What a ConfigMap can hold, with room for the rest of it: the CronJob's bundle is in one. */
const MOST_BYTES = 900 * 1024;

let made: string;
let rebuilt: ReturnType<typeof spawnSync>;

beforeAll(() => {
  made = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bundles-"));
  const script = path.join(repository, "build/bundle-functions.ts");
  rebuilt = spawnSync(process.execPath, nodeArguments(script, made), {
    cwd: repository,
    encoding: "utf8",
  });
});

afterAll(() => {
  fs.rmSync(made, { recursive: true, force: true });
});

test("the bundles are what their sources make, byte for byte; npm run bundle makes them anew", () => {
  expect(rebuilt).toMatchObject({ status: 0, stderr: "" });
  expect(fs.readdirSync(committed).sort()).toEqual(fs.readdirSync(made).sort());
  const different = fs
    .readdirSync(made)
    .filter((file) => !read(made, file).equals(read(committed, file)));
  expect(different).toEqual([]);
});

test.each(["azure", "cloud-run", "command", "lambda"])(
  "%s.js is small and names no machine",
  (name) => {
    const text = read(committed, `${name}.js`).toString("utf8");
    expect(text.length).toBeLessThan(MOST_BYTES);
    expect(text).not.toContain(repository);
    expect(text).not.toContain("sourceMappingURL");
  },
);

test("only the host's own module is left to be found where a bundle runs", () => {
  const found = fs.readdirSync(committed).flatMap((file) => {
    const text = read(committed, file).toString("utf8");
    return [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  });
  const outside = [...new Set(found)].filter((name) => !isBuiltin(name));
  // The second is asked for by S3 access points of several regions alone, and its lack is told then.
  expect(outside.sort()).toEqual(["@aws-sdk/signature-v4-crt", "@azure/functions-core"]);
});

test("the licences of all packages in the bundles go with them", () => {
  const text = read(committed, "licences.txt").toString("utf8");
  const titles = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+\S* \(.*\)\n=+\n\n(.*)$/gm)];
  expect(titles.map(([, name]) => name)).toEqual(
    expect.arrayContaining(["@aws-sdk/client-s3", "@azure/functions", "cookie"]),
  );
  // Packages of the SDK that have no file of their own: theirs is the SDK's.
  const without = titles.filter(([, , first]) => first === "").map(([, name = ""]) => name);
  expect(without.filter((name) => !name.startsWith("@aws-sdk/"))).toEqual([]);
});

function isBuiltin(name: string): boolean {
  return name.startsWith("node:") || /^[a-z_]+(\/[a-z]+)?$/.test(name);
}

function read(folder: string, file: string): Buffer {
  return fs.readFileSync(path.join(folder, file));
}
