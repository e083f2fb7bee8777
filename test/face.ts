// The public face as its declarations tell it: what index.ts and browser.ts export, and every type that those names lead to.

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';

/** A name that can be imported, or a type that one of them leads to. */
export interface Declared {
  /** As it is exported; else as it is declared. */
  readonly name: string;
  /** Whether users can import it. */
  readonly exported: boolean;
  /** The file below the project's folder. */
  readonly file: string;
  /** The declaration as it stands in a .d.ts, its doc comment included. */
  readonly node: ts.Statement;
  readonly text: string;
}

const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')) as { config: { compilerOptions: object } };
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');

/** A file's declarations, as the compiler writes them for it alone. */
function declarationsOf(file: string, cache: Map<string, ts.SourceFile>): ts.SourceFile {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const { outputText } = ts.transpileDeclaration(readFileSync(file, 'utf8'), { fileName: file, compilerOptions: { ...options, noEmit: false } });
  const declarations = ts.createSourceFile(`${file}.d.ts`, outputText, ts.ScriptTarget.ES2023, true);
  cache.set(file, declarations);
  return declarations;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as unknown as { name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

/** Identifiers of types that a declaration speaks of. */
function typesIn(node: ts.Node, found: ts.Identifier[] = []): ts.Identifier[] {
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) found.push(node.typeName);
  if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) found.push(node.expression);
  ts.forEachChild(node, (child) => void typesIn(child, found));
  return found;
}

/** What a face exports and leads to: exported names first, each part in the order of names. */
export function faceOf(entry: string): Declared[] {
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol;
  const cache = new Map<string, ts.SourceFile>();
  const faces = new Map<ts.Symbol, Declared[]>();
  const own = (symbol: ts.Symbol): ts.Symbol => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol));

  const add = (symbol: ts.Symbol, name: string, exported: boolean): void => {
    if (faces.has(symbol)) return;
    const declarations = (symbol.declarations ?? []).filter((node) => node.getSourceFile().fileName.startsWith(resolve('src')));
    if (declarations.length === 0 || (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0) return;
    const file = (declarations[0] as ts.Declaration).getSourceFile().fileName;
    const statements = declarationsOf(file, cache).statements.filter((statement) => namesOf(statement).includes(symbol.name));
    faces.set(symbol, statements.map((node) => ({ name, exported, file: relative('.', file).replaceAll('\\', '/'), node, text: node.getFullText().trim() })));
    for (const statement of declarations) {
      for (const identifier of typesIn(signatureOf(statement))) {
        const type = checker.getSymbolAtLocation(identifier);
        if (type !== undefined) add(own(type), type.name, false);
      }
    }
  };

  const exports = checker.getExportsOfModule(module);
  for (const symbol of exports) add(own(symbol), symbol.name, true);
  const names = new Map(exports.map((symbol) => [own(symbol), symbol.name]));
  const all = [...faces].flatMap(([symbol, list]) => list.map((one) => ({ ...one, name: names.get(symbol) ?? one.name, exported: names.has(symbol) })));
  return all.sort((a, b) => Number(b.exported) - Number(a.exported) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A declaration without what only runs: the body of a function. */
function signatureOf(node: ts.Declaration): ts.Node {
  if (!ts.isFunctionDeclaration(node)) return node;
  const { modifiers, asteriskToken, name, typeParameters, parameters, type } = node;
  return ts.factory.createFunctionDeclaration(modifiers, asteriskToken, name, typeParameters, parameters, type, undefined);
}
