import type { Fault } from "./faults";

/**
 * Checks that a container image is pinned: `registry/name[:tag]@sha256:<64 hex>`. A tag alone can be
 * moved to other content, a digest cannot.
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function imageFaults(path: string, image: unknown): Fault[] {
  if (
    typeof image === "string" &&
    /^[a-z0-9][a-z0-9._:/-]*(:[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$/.test(image)
  ) {
    return [];
  }
  return [
    {
      path,
      problem: image === undefined ? "missing" : "an image that is not pinned by digest",
      got: image,
      allowed: "registry/name[:tag]@sha256:<64 hexadecimal digits>",
      fix: "the digest that `docker buildx imagetools inspect IMAGE` prints",
    },
  ];
}

/** Checks a SHA-256 sum: 64 lower-case hexadecimal digits. */
export function sha256Faults(path: string, sum: unknown): Fault[] {
  if (typeof sum === "string" && /^[0-9a-f]{64}$/.test(sum)) return [];
  const allowed = "64 lower-case hexadecimal digits";
  // YAML takes a sum without letters for a number, and then its digits are lost.
  if (typeof sum === "number") {
    return [{ path, problem: "read as a number", got: sum, allowed, fix: "quotes around it" }];
  }
  return [
    {
      path,
      problem: sum === undefined ? "missing" : "not a SHA-256 sum",
      got: sum,
      allowed,
      fix: "the sum that `sha256sum FILE` prints for the very file",
    },
  ];
}
