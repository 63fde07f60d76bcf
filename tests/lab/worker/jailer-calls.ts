/**
 * System calls of x86-64 by number, each made with nothing but zeros: what comes of it tells whether a filter or the kernel
 * refused. Source: https://github.com/torvalds/linux/blob/master/arch/x86/entry/syscalls/syscall_64.tbl
 */
export const CALLS = {
  acct: 163,
  add_key: 248,
  bpf: 321,
  chroot: 161,
  delete_module: 176,
  fanotify_init: 300,
  finit_module: 313,
  init_module: 175,
  io_uring_setup: 425,
  ioperm: 173,
  kexec_load: 246,
  keyctl: 250,
  mount: 165,
  open_by_handle_at: 304,
  perf_event_open: 298,
  pivot_root: 155,
  quotactl: 179,
  reboot: 169,
  setdomainname: 171,
  sethostname: 170,
  setns: 308,
  settimeofday: 164,
  swapon: 167,
  syslog: 103,
  umount2: 166,
  unshare: 272,
  userfaultfd: 323,
} as const;

/** The name of a system call among {@link CALLS}. */
export type Call = keyof typeof CALLS;

/** Where the kernel is asked to put a program; below it nothing is mapped. */
const BASE = 0x400000n;
const HEADERS = 64 + 56;

/**
 * The smallest program that makes one system call, all of whose arguments are zero, and ends with the number of its error.
 * No image brings such a program for every call. Source of the form: https://man7.org/linux/man-pages/man5/elf.5.html
 */
export function callProgram(call: Call): Buffer {
  const code = Buffer.from([
    ...[0xb8, 0, 0, 0, 0], // mov eax, CALL
    ...[0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2], // xor edi, edi; xor esi, esi; xor edx, edx
    ...[0x4d, 0x31, 0xd2, 0x4d, 0x31, 0xc0, 0x4d, 0x31, 0xc9], // xor r10, r10; xor r8, r8; xor r9, r9
    ...[0x0f, 0x05], // syscall
    ...[0xf7, 0xd8, 0x89, 0xc7], // neg eax; mov edi, eax
    ...[0xb8, 60, 0, 0, 0, 0x0f, 0x05], // mov eax, exit; syscall
  ]);
  code.writeUInt32LE(CALLS[call], 1);
  const headers = Buffer.alloc(HEADERS);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(headers);
  headers.writeUInt16LE(2, 16); // an executable
  headers.writeUInt16LE(62, 18); // for x86-64
  headers.writeUInt32LE(1, 20);
  headers.writeBigUInt64LE(BASE + BigInt(HEADERS), 24); // where it begins
  headers.writeBigUInt64LE(64n, 32); // the one segment's description
  headers.writeUInt16LE(64, 52);
  headers.writeUInt16LE(56, 54);
  headers.writeUInt16LE(1, 56);
  headers.writeUInt32LE(1, 64); // to be loaded
  headers.writeUInt32LE(5, 68); // to be read and executed
  headers.writeBigUInt64LE(BASE, 80);
  headers.writeBigUInt64LE(BASE, 88);
  headers.writeBigUInt64LE(BigInt(HEADERS + code.length), 96);
  headers.writeBigUInt64LE(BigInt(HEADERS + code.length), 104);
  headers.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([headers, code]);
}

/** A script that makes calls, from a folder that it may write, and prints a line each: its name and the error's number. */
export function callScript(folder: string, calls: readonly Call[]): string {
  const lines = calls.map((call) => {
    const file = `${folder}/call-${call}`;
    const program = callProgram(call).toString("base64");
    return `echo ${program} | base64 -d >${file}; chmod 755 ${file}; ${file} && e=0 || e=$?; echo "${call} $e"; rm ${file}`;
  });
  return lines.join("\n");
}
