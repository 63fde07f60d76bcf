import { storeErrorOf } from "../../../../../functions/trace-uploader/stores/s3-error";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";

const request = { operation: "PutObject", key: "a/b" };
const answered = (name: string, status: number) =>
  Object.assign(new Error("words"), { name, $metadata: { httpStatusCode: status } });

test.each([
  ["InternalError", 500, StoreFault.Unavailable],
  ["SlowDown", 503, StoreFault.Unavailable],
  ["TooManyRequests", 429, StoreFault.Unavailable],
  ["NotImplemented", 501, StoreFault.Unavailable],
  ["AccessDenied", 403, StoreFault.Unavailable],
  ["Unauthorized", 401, StoreFault.Unavailable],
  ["ExpiredToken", 400, StoreFault.Unavailable],
  ["RequestTimeout", 400, StoreFault.Unavailable],
  ["NoSuchBucket", 404, StoreFault.Unavailable],
  ["PreconditionFailed", 412, StoreFault.Exists],
  ["ConditionalRequestConflict", 409, StoreFault.Exists],
  ["NoSuchUpload", 404, StoreFault.Gone],
  ["BadDigest", 400, StoreFault.Refused],
  ["InvalidPart", 400, StoreFault.Refused],
  ["KeyTooLongError", 400, StoreFault.Refused],
])("%s with status %d means %s", (name, status, kind) => {
  const error = storeErrorOf(answered(name, status), request);
  expect(error).toMatchObject({ kind, message: `PutObject a/b: ${name} ${status} words` });
});

test("what comes to no answer is no file's fault; what is known stays what it is", () => {
  for (const error of [new Error("ECONNRESET"), "words", undefined, { $metadata: {} }]) {
    expect(storeErrorOf(error, request).kind).toBe(StoreFault.Unavailable);
  }
  const known = new StoreError(StoreFault.Gone, "gone");
  expect(storeErrorOf(known, request)).toBe(known);
});
