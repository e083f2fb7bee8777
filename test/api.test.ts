// The public face: a change of it shows in a diff, and every part of it is documented. `npx vitest run test/api.test.ts --update` writes it anew.

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

  it('says of every field what it is', () => {
    const bare = face.flatMap((one) => membersOf(one.node).filter((member) => !isDocumented(member)).map((member) => `${one.name}.${member.name?.getText() ?? '?'} (${one.file})`));
    expect(bare).toEqual([]);
  });
});

describe('the two faces', () => {
  it('differ only in what needs a disk', () => {
    const missing = Object.keys(index).filter((name) => !(name in browser));
    expect(missing.sort()).toEqual(['checkSums', 'compare', 'inspectHost', 'inspectMembers', 'inspectProcess', 'scan', 'verifyDetached', 'verifyFiles']);
    expect(Object.keys(browser).filter((name) => !(name in index))).toEqual([]);
    const types = (face: readonly Declared[]): Map<string, string> => new Map(face.map((one) => [one.name, printed(one)]));
    const theirs = types(FACES['index'] as Declared[]);
    for (const [name, text] of types(FACES['browser'] as Declared[])) expect(text, name).toBe(theirs.get(name));
  });
});
