import * as fs from "node:fs";
import * as path from "node:path";

/** The root of the repository. */
export const repository = path.resolve(__dirname, "../..");

/** The TypeScript files below some folders of the repository, as paths from its root. */
export function sourceFiles(...folders: string[]): string[] {
  return folders.flatMap((folder) => {
    const whole = path.join(repository, folder);
    if (!fs.existsSync(whole)) return [];
    if (fs.statSync(whole).isFile()) return [folder];
    return fs
      .readdirSync(whole, { recursive: true, encoding: "utf8" })
      .map((file) => path.join(folder, file))
      .filter(
        (file) =>
          file.endsWith(".ts") &&
          !file.endsWith(".d.ts") &&
          !/(^|\/)(node_modules|dist)\//.test(file),
      );
  });
}

/** A file's text. */
export function read(file: string): string {
  return fs.readFileSync(path.join(repository, file), "utf8");
}
