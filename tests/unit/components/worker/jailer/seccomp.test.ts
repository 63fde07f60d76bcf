import {
  JAILER_CAPABILITIES,
  jailerSeccompProfile,
  WITHHELD,
} from "../../../../../components/worker/jailer/seccomp";
import { SYSTEM_CALLS } from "../../../../../components/worker/jailer/system-calls";

const profile = JSON.parse(jailerSeccompProfile());
const [allowed] = profile.syscalls;

test("seven capabilities, each once, as Kubernetes names them", () => {
  expect([...JAILER_CAPABILITIES].sort()).toEqual([
    ...["CHOWN", "DAC_OVERRIDE", "MKNOD", "NET_ADMIN", "SETGID", "SETUID", "SYS_ADMIN"],
  ]);
});

test("what is not named is denied, on both architectures", () => {
  expect(profile).toMatchObject({
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: [
      "SCMP_ARCH_X86_64",
      "SCMP_ARCH_X86",
      "SCMP_ARCH_X32",
      "SCMP_ARCH_ARM",
      "SCMP_ARCH_AARCH64",
    ],
  });
  for (const { action } of profile.syscalls) expect(action).toBe("SCMP_ACT_ALLOW");
});

test("the runtime's default, pivot_root, and nothing that is withheld", () => {
  expect(allowed.args).toBeUndefined();
  const expected = [...SYSTEM_CALLS.filter((name) => !WITHHELD.includes(name)), "pivot_root"];
  expect(allowed.names).toEqual(expected.sort());
  expect(new Set(allowed.names).size).toBe(allowed.names.length);
  for (const name of WITHHELD) expect(SYSTEM_CALLS).toContain(name);
  expect(allowed.names).toEqual(
    expect.arrayContaining(["mount", "umount2", "unshare", "setns", "mknod"]),
  );
  for (const name of [
    "bpf",
    "kexec_load",
    "init_module",
    "finit_module",
    "open_by_handle_at",
    "keyctl",
    "chroot",
  ]) {
    expect(allowed.names).not.toContain(name);
  }
});

test("sockets of two families and other personalities are not had for the asking", () => {
  const conditions = profile.syscalls.slice(1);
  expect(conditions.map(({ names }: any) => names[0])).toEqual([
    ...Array(3).fill("socket"),
    ...Array(5).fill("personality"),
  ]);
  for (const { args } of conditions) expect(args).toHaveLength(1);
});
