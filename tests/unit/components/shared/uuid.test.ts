import { uuidOf } from "../../../../components/shared/uuid";

test("a text always gives the same UUID, and another text another", () => {
  expect(uuidOf("a")).toBe(uuidOf("a"));
  const texts = Array.from({ length: 200 }, (_, index) => uuidOf(`text ${String(index)}`));
  expect(new Set(texts).size).toBe(200);
  for (const text of texts) {
    expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

// Names of role assignments and ids of tokens: another value would replace what is there.
test("what a text gives is a promise", () => {
  expect(uuidOf("accessor:fabric:worker")).toBe("8230064b-5938-838e-9a11-f0051c1a2c26");
});
