import type { Fault } from "./faults";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a text in PEM, of which there is at least one; undefined where anything else is in it. */
export function certificateBlocks(text: string): string[] | undefined {
  const blocks = text.match(BLOCK) ?? undefined;
  return text.replace(BLOCK, "").trim() === "" ? blocks : undefined;
}

/** The fault of a text that holds no certificates. It is not shown: it may be the key that lay beside them. */
export function noCertificate(path: string): Fault {
  const allowed = "-----BEGIN CERTIFICATE----- ... -----END CERTIFICATE-----, one or several";
  return { path, problem: "not a certificate in PEM", allowed };
}

/** Checks one certificate or several, as text. Nothing at all, or what is only known later, is no fault. */
export function certificateFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string" || certificateBlocks(got) !== undefined) return [];
  return [noCertificate(path)];
}
