import { createHash } from "node:crypto";

/** One part of a message. */
export interface MimePart {
  /** As in `text/x-shellscript`. */
  contentType: string;
  content: string;
}

/**
 * Joins parts to a multipart message, as cloud-init and nodeadm read user data. The boundary is a hash of the parts:
 * the same parts give the same message, and no part holds it.
 * Source: RFC 2046, section 5.1
 */
export function mimeMessage(parts: readonly MimePart[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  const boundary = `==${hash}==`;
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    ...parts.flatMap(({ contentType, content }) => [
      `--${boundary}`,
      `Content-Type: ${contentType}; charset="us-ascii"`,
      "",
      content,
    ]),
    `--${boundary}--`,
    "",
  ].join("\n");
}
