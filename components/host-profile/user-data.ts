import { createHash } from "node:crypto";
import type { Fault } from "../shared/faults";

/**
 * The most that EC2 takes, in bytes before they are put into base64: the least of the clouds' limits.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
 */
export const MOST_USER_DATA_BYTES = 16_384;

/**
 * Refuses user data that is too large, of which `script` renders the part that assets make large, and to which somebody else
 * adds so many bytes.
 */
export function userDataFaults(
  path: string,
  userData: string,
  addedBytes: number,
  script: () => string,
): Fault[] {
  const bytes = Buffer.byteLength(userData) + addedBytes;
  if (bytes <= MOST_USER_DATA_BYTES) return [];
  const own = String(Buffer.byteLength(script()));
  return [
    {
      path,
      problem: "too large for user data",
      got: `${String(bytes)} bytes, ${own} of them for the host`,
      allowed: `${String(MOST_USER_DATA_BYTES)} bytes, which is what EC2 takes`,
      fix: "fewer or shorter URLs; or an image with the assets in it; or to leave them to the provisioner",
    },
  ];
}

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
