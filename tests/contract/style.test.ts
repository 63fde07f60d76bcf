import * as path from "node:path";
import * as ts from "typescript";
import { read, sourceFiles } from "../support/source-files";
import { collect, syntax } from "../support/syntax";

const product = sourceFiles(
  "index.ts",
  "components",
  "stacks",
  "lab",
  "bench",
  "examples",
  "functions",
);
const everything = [...product, ...sourceFiles("tests")];

function lines(node: ts.Node, file: ts.SourceFile): number {
  const first = file.getLineAndCharacterOfPosition(node.getStart()).line;
  return file.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
}

test("there is something to look at", () => {
  expect(product.length).toBeGreaterThan(20);
});

test("no file is over 300 lines", () => {
  const long = product.filter((file) => read(file).trimEnd().split("\n").length > 300);
  expect(long).toEqual([]);
});

test("no function is over 40 lines, no constructor over 60", () => {
  const long = product.flatMap((file) => {
    const tree = syntax(file);
    return collect(tree, (node) => {
      if (!ts.isFunctionLike(node)) return undefined;
      const limit = ts.isConstructorDeclaration(node) || isTable(node) ? 60 : 40;
      // A nested function is counted by itself.
      const count =
        lines(node, tree) - nested(node).reduce((sum, inner) => sum + lines(inner, tree), 0);
      return count > limit
        ? `${file}: ${node.name?.getText() ?? "a function"}, ${String(count)} lines`
        : undefined;
    });
  });
  expect(long).toEqual([]);
});

/** The outermost functions with a body of statements inside a function. */
function nested(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    const body = ts.isFunctionLike(child) && "body" in child ? child.body : undefined;
    if (body !== undefined && ts.isBlock(body)) found.push(child);
    else ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

/** A function that does nothing but return one literal is a table of data. */
function isTable(node: ts.SignatureDeclaration): boolean {
  const body = "body" in node ? node.body : undefined;
  if (body === undefined || !ts.isBlock(body)) return false;
  const last = body.statements.at(-1);
  const before = body.statements.slice(0, -1);
  if (last === undefined || !ts.isReturnStatement(last) || last.expression === undefined)
    return false;
  const literal =
    ts.isObjectLiteralExpression(last.expression) || ts.isArrayLiteralExpression(last.expression);
  const hasFunctions =
    collect(last.expression, (inner) => (ts.isFunctionLike(inner) ? inner : undefined)).length > 0;
  return literal && !hasFunctions && before.every((statement) => ts.isVariableStatement(statement));
}

test("a file exports at most one class", () => {
  const many = product.filter((file) => {
    const classes = syntax(file).statements.filter(
      (statement) =>
        ts.isClassDeclaration(statement) &&
        statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    );
    return classes.length > 1;
  });
  expect(many).toEqual([]);
});

test("file names are kebab-case and say what the file is for", () => {
  const wrong = everything.filter((file) => {
    const name = path.basename(file).replace(/(\.test)?\.ts$/, "");
    return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /^(utils?|helpers?|common|misc)$/.test(name);
  });
  expect(wrong).toEqual([]);
});

test("there is no any, no non-null assertion and no cast outside tests and protocol glue", () => {
  const strict = product.filter(
    (file) => !file.startsWith("lab/engine/") && !file.startsWith("bench/"),
  );
  const loose = strict.flatMap((file) =>
    collect(syntax(file), (node) => {
      const cast = ts.isAsExpression(node) && node.type.getText() !== "const";
      const any = node.kind === ts.SyntaxKind.AnyKeyword;
      return cast || any || ts.isNonNullExpression(node) ? `${file}: ${node.getText()}` : undefined;
    }),
  );
  expect(loose).toEqual([]);
});

test("every exported declaration of the product is documented", () => {
  const undocumented = product.flatMap((file) =>
    syntax(file)
      .statements.filter(isExported)
      .filter((statement) => ts.getJSDocCommentsAndTags(statement).length === 0)
      .filter((statement) => !isTypeTwin(statement))
      .map((statement) => `${file}: ${statement.getText().split("\n")[0] ?? ""}`),
  );
  expect(undocumented).toEqual([]);
});

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
  );
}

/** `export type X = (typeof X)[keyof typeof X]` is documented at the const of the same name. */
function isTypeTwin(statement: ts.Statement): boolean {
  return (
    ts.isTypeAliasDeclaration(statement) &&
    statement.type.getText().includes(`typeof ${statement.name.text}`)
  );
}
