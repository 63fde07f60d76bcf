/**
 * The protocol's own names. Sources: the manual pages intro(5) to wstat(5) of Plan 9 (9P2000, with `<fcall.h>` and `<libc.h>`),
 * the experimental draft "Plan 9 Remote Resource Protocol Unix Extension" (9P2000.u), and diod's protocol.md with Linux's
 * `include/net/9p/9p.h` (9P2000.L).
 */

/** The versions of the protocol that this client speaks, the best first. */
export const Version = {
  /** Linux: errors are numbers, attributes are those of stat(2). */
  Linux: "9P2000.L",
  /** Unix: 9P2000 with numbers beside names and special files. */
  Unix: "9P2000.u",
  /** Plan 9's own. */
  Plan9: "9P2000",
} as const;
export type Version = (typeof Version)[keyof typeof Version];

/** Types of messages; a reply's is its request's and one. */
export const Type = {
  Rlerror: 7,
  Tlopen: 12,
  Rlopen: 13,
  Trename: 20,
  Rrename: 21,
  Tgetattr: 24,
  Rgetattr: 25,
  Treaddir: 40,
  Rreaddir: 41,
  Trenameat: 74,
  Rrenameat: 75,
  Tunlinkat: 76,
  Runlinkat: 77,
  Tversion: 100,
  Rversion: 101,
  Tattach: 104,
  Rattach: 105,
  Rerror: 107,
  Tflush: 108,
  Rflush: 109,
  Twalk: 110,
  Rwalk: 111,
  Topen: 112,
  Ropen: 113,
  Tread: 116,
  Rread: 117,
  Tclunk: 120,
  Rclunk: 121,
  Tremove: 122,
  Rremove: 123,
  Tstat: 124,
  Rstat: 125,
  Twstat: 126,
  Rwstat: 127,
} as const;

/** The tag of a Tversion, which belongs to no session yet. */
export const NOTAG = 0xffff;
/** Stands for no fid: an attach without authentication. */
export const NOFID = 0xffffffff;
/** Stands for no numeric user in an attach of 9P2000.u and 9P2000.L. */
export const NONUNAME = 0xffffffff;
/** At most so many names are in one Twalk. */
export const MAXWELEM = 16;
/** Bytes of a message that are not data, rounded up, in a Tread and its reply; servers count with it. */
export const IOHDRSZ = 24;
/** Bytes of a message before its body: size[4] type[1] tag[2]. */
export const HEADER_BYTES = 7;
/** Bytes of a qid: type[1] version[4] path[8]. */
export const QID_BYTES = 13;

/** Bits of a qid's type. */
export const Qt = {
  DIR: 0x80,
  APPEND: 0x40,
  EXCL: 0x20,
  AUTH: 0x08,
  TMP: 0x04,
  SYMLINK: 0x02,
} as const;

/** Bits of a mode in a 9P2000 or 9P2000.u stat. */
export const Dm = {
  DIR: 0x80000000,
  APPEND: 0x40000000,
  EXCL: 0x20000000,
  SYMLINK: 0x02000000,
  DEVICE: 0x00800000,
  NAMEDPIPE: 0x00200000,
  SOCKET: 0x00100000,
} as const;

/** The mode of a Topen that reads. */
export const OREAD = 0;

/** Flags of a Tlopen; they are Linux's on x86 whatever the machines are (Linux's `P9_DOTL_*`). */
export const Lopen = {
  RDONLY: 0,
  NONBLOCK: 0o4000,
  LARGEFILE: 0o100000,
  NOFOLLOW: 0o400000,
} as const;

/** Bits of a Tgetattr's mask. */
export const Getattr = {
  MODE: 0x1n,
  MTIME: 0x40n,
  INO: 0x100n,
  SIZE: 0x200n,
  BASIC: 0x7ffn,
} as const;

/** The kind of file in a mode of stat(2): the mask and its values. */
export const Mode = {
  MASK: 0o170000,
  DIRECTORY: 0o040000,
  FILE: 0o100000,
  SYMLINK: 0o120000,
} as const;

/** What a value of a Twstat says that is to stay as it is: all bits set, or no text. */
export const DONT_TOUCH = { u16: 0xffff, u32: 0xffffffff, u64: 0xffffffffffffffffn } as const;
