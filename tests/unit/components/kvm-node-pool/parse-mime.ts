/** Takes a multipart message apart again, as cloud-init and nodeadm do. */
export function parseMime(message: string): { contentType: string; body: string }[] {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"$/m.exec(message)?.[1];
  if (boundary === undefined) throw new Error("no multipart message");
  const [, ...parts] = message.split(new RegExp(`^--${boundary}(?:--)?\\n`, "m"));
  if (parts.pop() !== "") throw new Error("no end of the message");
  return parts.map((part) => {
    const [head = "", ...rest] = part.split("\n\n");
    const contentType = /^Content-Type: ([^;\n]+)/m.exec(head)?.[1] ?? "";
    return { contentType, body: rest.join("\n\n") };
  });
}
