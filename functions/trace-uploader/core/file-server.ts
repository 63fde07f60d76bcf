import type { Session } from "../ninep";

/** What the uploader uses of a session of 9P. */
export type FileServer = Pick<Session, "closed" | "list" | "read" | "remove" | "rename" | "stat">;
