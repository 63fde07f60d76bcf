/** What runs the instructions of a QEMU guest. */
export const Accelerator = {
  /** The processor itself, through `/dev/kvm`. */
  Kvm: "kvm",
  /** QEMU in software, many times slower: for machines whose KVM runs no stock kernel, as a lab's. */
  Tcg: "tcg",
} as const;
/** See the members of the constant of the same name. */
export type Accelerator = (typeof Accelerator)[keyof typeof Accelerator];
