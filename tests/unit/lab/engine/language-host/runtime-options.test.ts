import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import {
  runtimeOptions,
  splitArguments,
} from "../../../../../lab/engine/language-host/runtime-options";

const info = (options: Record<string, string | boolean | number>) =>
  new ProgramInfo().setOptions(Struct.fromJavaScript(options));

test("without options a program is TypeScript and the package manager is looked for", () => {
  expect(runtimeOptions(undefined)).toEqual({
    nodeArguments: [],
    packageManager: "auto",
    production: false,
    tsconfig: undefined,
    typescript: true,
  });
});

test("every option is taken over", () => {
  const given = {
    nodeargs: "--inspect --title=x",
    packagemanager: "pnpm",
    production: true,
    tsconfig: "tsconfig.run.json",
    typescript: false,
  };
  expect(runtimeOptions(info(given))).toEqual({
    nodeArguments: ["--inspect", "--title=x"],
    packageManager: "pnpm",
    production: true,
    tsconfig: "tsconfig.run.json",
    typescript: false,
  });
});

test.each([
  [{ typescript: "true" }, 'runtime option typescript: must be true or false, got "true"'],
  [{ nodeargs: 3 }, "runtime option nodeargs: must be a string, got 3"],
  [
    { packagemanager: "cargo" },
    'runtime option packagemanager: got "cargo", allowed auto, npm, yarn, pnpm, bun',
  ],
])("a wrong option is named: %j", (options, message) => {
  expect(() => runtimeOptions(info(options))).toThrow(message);
});

test.each([
  ["", []],
  ["  --a   --b=1 ", ["--a", "--b=1"]],
  [`--a="x y" 'p q' r\\ s`, ["--a=x y", "p q", "r s"]],
  [`"say \\"hi\\"" '' 'it'"'"'s'`, [`say "hi"`, "", "it's"]],
])("a line is split as a shell does: %j", (line, words) => {
  expect(splitArguments(line)).toEqual(words);
});
