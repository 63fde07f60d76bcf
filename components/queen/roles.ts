/** What a client of Queen may do. */
export const QueenRole = {
  /** Sees what the guest serves on port 564. */
  Worker: "worker",
  /** Sees what the guest serves on port 564, as workers do, under an identity of its own. */
  Gateway: "gateway",
  /** Sees what the guest serves on port 565 alone: `/srv/alerts` and `/srv/trace`, to read and to remove. */
  Uploader: "uploader",
} as const;
/** See the members of the constant of the same name. */
export type QueenRole = (typeof QueenRole)[keyof typeof QueenRole];
