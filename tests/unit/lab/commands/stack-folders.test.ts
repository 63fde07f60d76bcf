import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  hasStack,
  lockedStacks,
  madeStacks,
  stackFolder,
  withStackLocks,
} from "../../../../lab/commands/stack-folders";

let state: string;

beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), "stack-folders-"));
});

afterEach(() => {
  fs.rmSync(state, { recursive: true });
});

test("stacks have folders of their own, and their settings stand for them", () => {
  expect(madeStacks(state)).toEqual([]);
  for (const stack of ["dev", "prod"]) {
    const folder = stackFolder(state, stack);
    fs.mkdirSync(folder, { recursive: true });
    expect(hasStack(state, stack)).toBe(false);
    fs.writeFileSync(path.join(folder, `settings.${stack}.yaml`), "");
  }
  expect(madeStacks(state)).toEqual(["dev", "prod"]);
  expect(stackFolder(state, "prod")).not.toBe(stackFolder(state, "dev"));
});

test("locks tell which stacks are worked on, for as long as they are", async () => {
  const during = await withStackLocks(state, ["prod", "dev", "a.lock"], () =>
    Promise.resolve(lockedStacks(state).sort()),
  );
  expect(during).toEqual(["a.lock", "dev", "prod"]);
  expect(lockedStacks(state)).toEqual([]);
});
