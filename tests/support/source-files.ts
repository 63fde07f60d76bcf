import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

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

/** A file's syntax tree. */
export function syntax(file: string): ts.SourceFile {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true);
}

/** Every node of a tree for which `pick` answers something, in order. */
export function collect<T>(root: ts.Node, pick: (node: ts.Node) => T | undefined): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const picked = pick(node);
    if (picked !== undefined) found.push(picked);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** What a file imports at run time and for types alone. */
export function imports(file: string): { target: string; typeOnly: boolean }[] {
  return collect(syntax(file), (node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
    if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier))
      return undefined;
    const clause = ts.isImportDeclaration(node) ? node.importClause : undefined;
    const names = clause?.namedBindings;
    const allTypes =
      names !== undefined &&
      ts.isNamedImports(names) &&
      clause?.name === undefined &&
      names.elements.length > 0 &&
      names.elements.every((element) => element.isTypeOnly);
    const typeOnly = ts.isImportDeclaration(node)
      ? clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes
      : node.isTypeOnly;
    return { target: node.moduleSpecifier.text, typeOnly };
  });
}
