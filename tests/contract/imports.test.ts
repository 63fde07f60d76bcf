import * as path from "node:path";
import { sourceFiles } from "../support/source-files";
import { imports } from "../support/syntax";

// Which SDK each public face loads: package.test.ts has consumers with that one alone.

function targets(folder: string): string[] {
  return sourceFiles(folder).flatMap((file) =>
    imports(file)
      .filter(({ target }) => target.startsWith("."))
      .map(({ target }) => path.join(path.dirname(file), target))
      .filter((target) => !target.startsWith(folder))
      .map((target) => `${file} -> ${target}`),
  );
}

test("components import nothing but components", () => {
  expect(targets("components")).toEqual([]);
});

test("stacks import components only, and know no lab", () => {
  expect(targets("stacks").filter((line) => !line.includes("-> components/"))).toEqual([]);
});

test("the lab takes from components only pure files", () => {
  const taken = targets("lab").filter((line) => line.includes("-> components/"));
  const files = taken.map((line) => line.slice(line.indexOf("-> ") + 3));
  const impure = files.filter((file) =>
    imports(`${file}.ts`).some(
      ({ target, typeOnly }) => target.startsWith("@pulumi/") && !typeOnly,
    ),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(impure).toEqual([]);
});

test("pure files of components load no SDK at run time", () => {
  const pure = sourceFiles("components").filter((file) =>
    /\/(plan|manifests|script|flows|ports)\.ts$/.test(file),
  );
  const impure = pure.flatMap((file) =>
    imports(file)
      .filter(({ target, typeOnly }) => target.startsWith("@pulumi/") && !typeOnly)
      .map(({ target }) => `${file} -> ${target}`),
  );
  expect(pure.length).toBeGreaterThan(3);
  expect(impure).toEqual([]);
});

test("an SDK is imported by service, never whole", () => {
  const whole = sourceFiles("components", "stacks", "index.ts", "examples").flatMap((file) =>
    imports(file)
      .filter(
        ({ target, typeOnly }) =>
          /^@pulumi\/(kubernetes|aws|gcp|azure-native)$/.test(target) && !typeOnly,
      )
      .map(({ target }) => `${file} -> ${target}`),
  );
  expect(whole).toEqual([]);
});
