import * as ts from "typescript";
import { read } from "./source-files";

const trees = new Map<string, ts.SourceFile>();

/** A file's syntax tree, parsed once. */
export function syntax(file: string): ts.SourceFile {
  const known = trees.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true);
  trees.set(file, tree);
  return tree;
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
