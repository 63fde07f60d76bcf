import { WebClient } from "../../../../../functions/trace-uploader/cloud/web-client";
import { BlobStore } from "../../../../../functions/trace-uploader/stores/blob";
import { GcsStore } from "../../../../../functions/trace-uploader/stores/gcs";
import { s3Store } from "../../../../../functions/trace-uploader/stores/s3";
import { s3Client } from "../../../../../functions/trace-uploader/stores/s3-client";
import type { Store } from "../../../../../functions/trace-uploader/stores/store";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";

const [MIB, GIB] = [2 ** 20, 2 ** 30];

const options = { web: new WebClient() };
const s3 = { endpoint: "http://127.0.0.1:1", region: "us-east-1", pathStyle: true };
const keys = { accessKeyId: "a", secretAccessKey: "b" };

/** Each store, the most parts that it takes, and the longest file that it is given. */
const stores: [string, Store, { parts: number; most: number }][] = [
  [
    "S3",
    s3Store({ client: s3Client(s3, { credentials: keys }), bucket: "b", verify: "checksum" }),
    { parts: 10_000, most: 312.5 * GIB },
  ],
  [
    "Blob Storage",
    new BlobStore({ account: "http://127.0.0.1:1/a", container: "c" }, options),
    { parts: 50_000, most: 1562.5 * GIB },
  ],
  [
    "Cloud Storage",
    new GcsStore({ bucket: "b", prefix: "" }, options),
    { parts: Infinity, most: 5 * 1024 * GIB },
  ],
];

describe.each(stores)("the parts of %s", (_, store, { parts, most }) => {
  test.each([0, 1, 8 * MIB, 10 * GIB, 80_000 * MIB])("are 8 MiB of %d bytes", (length) => {
    expect(store.partLength(length)).toBe(8 * MIB);
  });

  test("are never more than the store takes, nor longer than a small pod has memory for", () => {
    for (const length of [80_000 * MIB + 1, 100 * GIB, 300 * GIB, 1500 * GIB, most]) {
      if (length > most) continue;
      const part = store.partLength(length);
      expect(part).toBeLessThanOrEqual(32 * MIB);
      expect(Math.ceil(length / part)).toBeLessThanOrEqual(parts);
    }
  });

  test("are refused where they would be, before anything is read", () => {
    for (const length of [most + 1, 8 * 1024 * GIB, Number.MAX_SAFE_INTEGER]) {
      let error: unknown;
      try {
        store.partLength(length);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ kind: StoreFault.Refused });
      expect(String(error)).toContain(`${length} bytes: the longest that is moved is ${most}`);
    }
  });
});
