import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { inSlices } from "../../../../../functions/trace-uploader/cloud/slices";

test("a body longer than a slice comes whole, in slices of 256 KiB that are not copied", async () => {
  const body = randomBytes(600 * 1024);
  const slices = inSlices(body);
  expect(slices).toBeInstanceOf(Readable);
  const taken: Buffer[] = [];
  for await (const slice of slices) taken.push(slice as Buffer);
  expect(taken.map(({ length }) => length / 1024)).toEqual([256, 256, 88]);
  expect(taken.every(({ buffer }) => buffer === body.buffer)).toBe(true);
  expect(Buffer.concat(taken).equals(body)).toBe(true);
});

test.each([0, 1, 256 * 1024])("a body of %d bytes is sent as it is", (length) => {
  const body = Buffer.alloc(length);
  expect(inSlices(body)).toBe(body);
});
