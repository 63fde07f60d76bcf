import { createHash } from "node:crypto";

/** One part of a machine's user data. */
export interface UserDataPart {
  /** As in `text/x-shellscript`, `text/cloud-config` or `application/node.eks.aws`. */
  contentType: string;
  body: string;
}

/**
 * Joins parts to the user data that cloud-init and nodeadm take: MIME multipart, in the order given. The boundary is a
 * hash of the parts, so equal parts are equal user data and no machine is replaced for nothing.
 * Source: https://cloudinit.readthedocs.io/en/latest/explanation/format.html#mime-multi-part-archive
 */
export function mimeUserData(parts: readonly UserDataPart[]): string {
  const boundary = `kvm-fabric-${digest(parts)}`;
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    ...parts.flatMap(({ contentType, body }) => [
      `--${boundary}`,
      `Content-Type: ${contentType}; charset="utf-8"`,
      "",
      body,
    ]),
    `--${boundary}--`,
    "",
  ].join("\n");
}

/** No text holds a hash of itself, but by a chance of one in 2^128. */
function digest(parts: readonly UserDataPart[]): string {
  const content = JSON.stringify(parts.map(({ contentType, body }) => [contentType, body]));
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}
