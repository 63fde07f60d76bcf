import { renderFault } from "../../components/shared/faults";
import { issueFaults } from "../../stacks/issues";
import { argsShape, typeShape } from "../../stacks/shapes";

const shape = argsShape("WorkerDaemonSet", ["assetSet", "consul", "namespace"]);

function faults(value: unknown): string[] {
  const parsed = shape.safeParse(value, { reportInput: true });
  return parsed.success ? [] : issueFaults("w", shape, parsed.error.issues).map(renderFault);
}

test("what a component takes is taken, as it is", () => {
  const worker = { image: "i", qemu: { memoryMib: 64 }, tolerations: [{ key: "a" }], vmm: "qemu" };
  expect(shape.parse(worker)).toEqual(worker);
});

test("what it does not take is refused, with what was meant", () => {
  const wrong = { qemu: { memoryMb: 64 }, vmm: "quemu", namespace: "n", healthPort: "1" };
  expect(faults(wrong)).toEqual([
    expect.stringMatching(/^w\.healthPort: wrong type, got "1", allowed a number$/),
    "w.image: missing, allowed a text",
    expect.stringMatching(
      /^w\.qemu\.memoryMb: unknown key, allowed .*memoryMib.*; try "memoryMib"$/,
    ),
    'w.vmm: not one of the values allowed, got "quemu", allowed firecracker, qemu; try "qemu"',
    expect.stringMatching(/^w\.namespace: unknown key/),
  ]);
});

test("a component or a type that the schema has not is our own mistake", () => {
  expect(() => argsShape("Nothing")).toThrow("the schema has no component Nothing");
  expect(() => typeShape("Vmm")).toThrow("the schema has no object type Vmm");
  expect(typeShape("QemuGuest").parse({ memoryMib: 1 })).toEqual({ memoryMib: 1 });
});
