import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { provisionScript } from "../../../../components/node-provisioner/script/provision-script";
import { gzipped } from "../../../../components/shared/gzip";

const back = (text: string) => gunzipSync(gzipped(text)).toString();

test.each([
  ["nothing", ""],
  ["one letter", "a"],
  ["one letter often", "a".repeat(100_000)],
  ["the longest match, and one more", `${"ab".repeat(129)}x${"ab".repeat(129)}c`],
  ["a match at the far end of the window", `needle in ${"x".repeat(32_760)}needle in`],
  ["more than a window", Array.from({ length: 20_000 }, (_, n) => String(n * 7919)).join(" ")],
  ["other alphabets", "Ünïcödé 文字 🔥".repeat(50)],
])("brings back %s", (_, text) => {
  expect(back(text)).toBe(text);
});

test("brings back any text", () => {
  const words = fc
    .array(fc.constantFrom("sh ", "if ", "\n", "esac", "${x}", "é", "0"))
    .map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), words), (text) => back(text) === text),
    {
      numRuns: 500,
    },
  );
});

test("is as small as gzip itself, by a few per cent", () => {
  const script = provisionScript();
  expect(gzipped(script).length).toBeLessThan(gzipSync(script, { level: 9 }).length * 1.02);
});

test("is the same bytes for the same text, whatever compresses elsewhere", () => {
  const sum = createHash("sha256")
    .update(gzipped("one and one and one is three\n".repeat(99)))
    .digest("hex");
  expect(sum).toBe("ba5222eb4449f5bfc86eda94ed50d366b022846a3c51a4b07b78a79fdb341192");
});
