/**
 * The system's code of an error (ENOENT), if it has one. Not by `instanceof Error`: an error from Node.js's own modules
 * is no instance of it in another context, such as that of a test.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What an error says; anything else as text. */
export function errorMessage(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  return typeof error.message === "string" ? error.message : String(error.message);
}
