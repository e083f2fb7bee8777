// The public face: a change of it shows in a diff, and every part of it is documented. `npx vitest run test/api.test.ts --update` writes it anew.

import { basename, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import * as browser from '../src/browser.ts';
import * as index from '../src/index.ts';
import { faceOf } from './face.ts';
import type { Declared } from './face.ts';

const FACES: Readonly<Record<string, readonly Declared[]>> = { index: faceOf('src/index.ts'), browser: faceOf('src/browser.ts') };
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** A declaration without comments, in the compiler's own layout. */
function printed({ node }: Declared): string {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
}

const isDocumented = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && (doc.comment ?? '') !== '');

type Member = ts.TypeElement | ts.ClassElement;

/** The fields and methods that a declaration has, those of object types within it too. */
function membersOf(node: ts.Node, found: Member[] = []): Member[] {
  ts.forEachChild(node, (child) => {
    const hidden = ts.isConstructorDeclaration(child) || ts.isPrivateIdentifier((child as { name?: ts.Node }).name ?? child);
    if ((ts.isTypeElement(child) || ts.isClassElement(child)) && !hidden && !ts.isIndexSignatureDeclaration(child)) found.push(child);
    membersOf(child, found);
  });
  return found;
}

/** The examples of a declaration. */
function exampleOf(node: ts.Node): string[] {
  const tags = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'example');
  return tags.map(({ comment }) => (typeof comment === 'string' ? comment : ts.getTextOfJSDocComment(comment)) ?? '').filter((text) => text !== '');
}

/** What the compiler has against examples, each as a module of its own that has the face's names, Node's files and a File from a page. */
function problemsOf(entry: string, examples: readonly { name: string; text: string }[]): string[] {
  const names = Object.keys(entry === 'src/index.ts' ? index : browser);
  const head = `import { ${names.join(', ')} } from './${entry}';\nimport { readFile, writeFile } from 'node:fs/promises';\ndeclare const file: File;\n`;
  const texts = new Map(examples.map(({ name, text }, i) => [resolve(`example-${i}-${name}.mts`), `${head}${text}\nexport {};\n`]));
  const options: ts.CompilerOptions = { noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, allowImportingTsExtensions: true, resolveJsonModule: true, types: ['node'] }; // prettier-ignore
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(resolve(path)) || fileExists(path);
  host.readFile = (path) => texts.get(resolve(path)) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(resolve(path));
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path) as ts.SourceFile;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ messageText }) => `${basename(path)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

describe.each(Object.entries(FACES))('%s', (name, face) => {
  it('is what the snapshot says', async () => {
    const text = face.map(printed).join('\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot(`api/${name}.d.ts.txt`);
  });

  it('exports every type that it leads to', () => {
    expect(face.filter(({ exported }) => !exported).map((one) => `${one.name} (${one.file})`)).toEqual([]);
  });

  it('says of every export what it is', () => {
    const bare = face.filter(({ node }) => !isDocumented(node)).map((one) => `${one.name} (${one.file})`);
    expect(bare).toEqual([]);
  });

  it('has an example for every function, which is right by its types', () => {
    const functions = face.filter(({ exported, node }) => exported && ts.isFunctionDeclaration(node));
    const examples = functions.flatMap((one) => exampleOf(one.node).map((text) => ({ name: one.name, text })));
    expect(functions.filter((one) => !examples.some((example) => example.name === one.name)).map((one) => one.name)).toEqual([]);
    expect(problemsOf(`src/${name}.ts`, examples)).toEqual([]);
  }, 60_000);

  it('says of every field what it is', () => {
    const bare = face.flatMap((one) => membersOf(one.node).filter((member) => !isDocumented(member)).map((member) => `${one.name}.${member.name?.getText() ?? '?'} (${one.file})`));
    expect(bare).toEqual([]);
  });
});

describe('the two faces', () => {
  it('differ only in what needs a disk', () => {
    const missing = Object.keys(index).filter((name) => !(name in browser));
    expect(missing.sort()).toEqual(['checkSums', 'compare', 'inspectHost', 'inspectImages', 'inspectMembers', 'inspectProcess', 'scan', 'verifyDetached', 'verifyFiles']);
    expect(Object.keys(browser).filter((name) => !(name in index))).toEqual([]);
    const types = (face: readonly Declared[]): Map<string, string> => new Map(face.map((one) => [one.name, printed(one)]));
    const theirs = types(FACES['index'] as Declared[]);
    for (const [name, text] of types(FACES['browser'] as Declared[])) expect(text, name).toBe(theirs.get(name));
  });
});
