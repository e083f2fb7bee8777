// The house stands: imports run downhill, node: and catch only where they belong, no dependency ever.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort();
const texts = new Map(files.map((path) => [path, readFileSync(join('src', path), 'utf8')]));

/** Every file's imports, as paths below src; bare names as they are. */
function importsOf(path: string): string[] {
  const text = texts.get(path) as string;
  const found = text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm);
  return Array.from(found, ([, from, bare, lazy]) => (from ?? bare ?? lazy) as string).map((target) =>
    target.startsWith('.') ? normalize(join(dirname(path), target)).replaceAll('\\', '/') : target,
  );
}

/** The floor of a file: what it may import lies lower, or in its own folder. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^(errors|limits)\.ts$/, 1],
  [/^(model|pki)\//, 2],
  [/^(bytes|verify|render)\//, 3],
  [/^(archives|checksums|sbom)\//, 4],
  [/^(elf|macho|pe|wasm)\//, 5],
  [/^(golang|signature|components)\//, 6],
  [/^inspect\//, 7],
  [/^(compare|host|proofs)\//, 8],
  [/^files\//, 9],
  [/^(cli\.ts$|cli\/|index\.ts$|browser\.ts$)/, 10],
];

function floorOf(path: string): number {
  const floor = FLOORS.find(([pattern]) => pattern.test(path))?.[1];
  if (floor === undefined) throw new Error(`${path} stands on no floor`);
  return floor;
}

const folderOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] as string) : '');

/** Where Node's own modules may be imported. */
const NODE = /^(bytes\/(stream|source-file|digest|inflate-node|folder|hash-pool|hash-worker)\.ts|signature\/runtime-keys\.ts|host\/(tree|system)\.ts|cli\.ts|cli\/.*)$/;

/** Where something may be caught, and why. */
const CATCH: Readonly<Record<string, string>> = {
  'bytes/input.ts': 'the driver, for missing bytes; partial results, for BinspectError',
  'bytes/text.ts': 'the strict decoder says by throwing that bytes are no UTF-8',
  'bytes/source-file.ts': "the system's errors become io",
  'bytes/source-http.ts': "a server's failures become io",
  'model/url.ts': 'a URL may have escapes that are no UTF-8',
  'inspect/open-url.ts': 'what is open is closed, and an error gets its path',
  'bytes/source.ts': 'a read that fails once the signal has fired was aborted',
  'bytes/given.ts': 'whatever a source of the caller’s throws becomes io',
  'bytes/source-blob.ts': "the browser's errors become io",
  'bytes/folder.ts': "the system's errors become io",
  'bytes/stream.ts': "the system's errors become io",
  'bytes/hash-pool.ts': 'one bad file never ends the others',
  'bytes/hash-worker.ts': 'a failure goes back to the pool as data',
  'bytes/inflate.ts': 'a stream that is cut on purpose gives what it can',
  'bytes/inflate-node.ts': "zlib's errors become malformed and truncated",
  'archives/container-word.ts': 'a damaged archive is named by what was read of it',
  'archives/compressed.ts': 'an error gets its place in the compressed bytes',
  'archives/image-json.ts': 'JSON.parse says by throwing that a text is no JSON',
  'archives/image-layer.ts': 'what was read of a damaged layer stands',
  'archives/image-store.ts': 'a blob may be missing',
  'archives/read-images.ts': 'one damaged image ends nothing',
  'archives/evidence.ts': 'JSON.parse says by throwing that a text is no JSON',
  'components/json-list.ts': 'JSON.parse says by throwing that a text is no JSON',
  'components/lists.ts': 'one damaged list costs the others nothing',
  'inspect/inspect.ts': 'an error gets its path',
  'inspect/open-input.ts': 'what is no file may be inside one',
  'inspect/open-image-member.ts': 'what is open is closed',
  'files/images.ts': 'what is open is closed, and an executable that can not be told is named',
  'inspect/open-member.ts': 'the archive is closed, and an error gets its path',
  'inspect/inspect-parts.ts': 'a pass over bytes that are not held spoils one fact',
  'files/report-details.ts': 'a file that has changed since has no detail',
  'files/compare-archives.ts': 'one bad member never ends the others',
  'files/inspect-members.ts': 'an error gets its path',
  'files/members.ts': 'one bad member ends nothing, and what was told of a damaged archive stands',
  'pki/attempt.ts': 'partial results, for BinspectError',
  'signature/runtime-keys.ts': 'what the runtime can not do is null',
  'inspect/inspect-file.ts': 'an error gets its path',
  'files/given.ts': 'one bad file ends nothing',
  'verify/targets/package-json.ts': 'JSON.parse says by throwing that a text is no JSON',
  'compare/compare.ts': 'files that are no executables may still be the same',
  'compare/folders.ts': 'one bad file never ends the others',
  'proofs/json.ts': 'JSON.parse says by throwing that a text is no JSON',
  'proofs/settings.ts': 'a key or a root that can not be read is wrong usage',
  'proofs/artifact.ts': 'what is no file may be a digest',
  'files/scan.ts': 'one bad file never ends it',
  'host/tree.ts': "the system's errors become codes: what is missing or not permitted is a fact here",
  'host/library.ts': 'a file that is no ELF file is skipped, as loaders do',
  'host/process.ts': 'the same, of what a process has mapped',
  'host/foreign-libraries.ts': 'the same, of other formats',
  'host/subject.ts': 'what is no program is judged as what it is',
  'host/runs.ts': 'an error gets its path',
  'verify/runs/host-value.ts': 'JSON.parse says by throwing that a text is no JSON',
  'verify/rules/runs-on.ts': "a host that is none becomes the policy's own error, with its place",
};

describe('floors', () => {
  it.each(files)('%s imports downhill', (path) => {
    for (const target of importsOf(path)) {
      if (!target.endsWith('.ts')) continue;
      expect(texts.has(target), `${path} imports ${target}, which is not there`).toBe(true);
      const own = folderOf(path) !== '' && folderOf(path) === folderOf(target);
      if (path === 'cli.ts' && folderOf(target) === 'cli') continue;
      expect(own || floorOf(target) < floorOf(path), `${path} imports ${target}`).toBe(true);
    }
  });

  it.each(files.filter((path) => /^(verify|render)\//.test(path)))('%s knows only the model', (path) => {
    for (const target of importsOf(path)) expect(target).toMatch(/^(model\/|errors\.ts|limits\.ts|(verify|render)\/)/);
  });

  it.each(files.filter((path) => path.startsWith('golang/') && !/-(view|memory)\.ts$/.test(path)))('%s imports no wing', (path) => {
    for (const target of importsOf(path)) expect(target).not.toMatch(/^(elf|macho|pe|wasm)\//);
  });

  it.each(files.filter((path) => /^(elf|macho|pe|wasm)\//.test(path)))('%s knows no other wing', (path) => {
    const wing = folderOf(path);
    for (const target of importsOf(path)) if (/^(elf|macho|pe|wasm)\//.test(target)) expect(folderOf(target)).toBe(wing);
  });

  it('needs no runtime behind the face for browsers', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const target of importsOf(path)) {
        expect(target, `${path} imports ${target}`).toMatch(/\.ts$/);
        visit(target);
      }
    };
    visit('browser.ts');
    expect(reached.size).toBeGreaterThan(50);
    for (const path of reached) {
      const code = (texts.get(path) as string).replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
      expect(code, path).not.toMatch(/\b(Buffer|process)\.\w|\brequire\(|\b__(dirname|filename)\b/);
    }
  });

  it('has no import circle', () => {
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      expect(trail.includes(path), [...trail, path].join(' → ')).toBe(false);
      if (done.has(path)) return;
      for (const target of importsOf(path)) if (texts.has(target)) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of files) visit(path, []);
  });
});

/** Where a table is asked for a word that is no literal, and why that is right. */
const ASKED: Readonly<Record<string, string>> = {
  'model/certainty.ts: because[fact]': 'the keys are those that it is asked for one after the other',
  'model/names.ts: table[word]': 'the one function that asks, after Object.hasOwn',
  'render/json.ts: (value as Record<string, unknown>)[key]': 'the key is the object’s own, by for…in',
  'render/json.ts: copy[key]': 'a copy of that object, which has the key',
};

/** Every place where an object is asked for, or given, a property whose name is any text: Object.prototype would answer to a file's words. */
function textKeys(): string[] {
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.json', {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} });
  const program = ts.createProgram(files.map((path) => join('src', path)), { ...config?.options, noEmit: true });
  const checker = program.getTypeChecker();
  const { Any, Unknown, String, StringMapping, TemplateLiteral } = ts.TypeFlags;
  const isText = (type: ts.Type): boolean => {
    if (type.isUnionOrIntersection()) return type.types.some(isText);
    const bound = type.isTypeParameter() ? (checker.getBaseConstraintOfType(type) ?? null) : type;
    return bound === null || (bound.flags & (Any | Unknown | String | StringMapping | TemplateLiteral)) !== 0 || (bound !== type && isText(bound));
  };
  const found: string[] = [];
  for (const path of files) {
    const file = program.getSourceFile(join('src', path)) as ts.SourceFile;
    const visit = (node: ts.Node): void => {
      const say = (): void => void found.push(`${path}: ${node.getText()}`);
      if (ts.isElementAccessExpression(node)) {
        const type = checker.getTypeAtLocation(node.argumentExpression);
        const cast = ts.isAsExpression(node.argumentExpression) && (type.flags & ts.TypeFlags.NumberLike) === 0;
        if (isText(type) || cast) say();
      }
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword && isText(checker.getTypeAtLocation(node.left))) {
        if (!ts.isStringLiteral(node.left)) say();
      }
      if (ts.isBindingElement(node) && node.propertyName !== undefined && ts.isComputedPropertyName(node.propertyName)) say();
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

describe('house rules', () => {
  it('no object is asked for a word that may come from outside', { timeout: 60_000 }, () => {
    expect(textKeys().sort()).toEqual(Object.keys(ASKED).sort());
  });

  it.each(files)('%s: node:, catch, names, head', (path) => {
    const text = texts.get(path) as string;
    for (const target of importsOf(path)) {
      if (target.endsWith('.ts') || target.endsWith('.json')) continue;
      expect(target, `${path} imports a package`).toMatch(/^node:/);
      expect(path, `${path} imports ${target}`).toMatch(NODE);
    }
    if (/\}\s*catch\b/.test(text) && !path.startsWith('cli')) expect(Object.keys(CATCH)).toContain(path);
    expect(path).not.toMatch(/(^|\/)(utils?|helpers?|common|core|misc)(\.ts|\/)/);
    if (path !== 'index.ts' && path !== 'browser.ts') expect(path.endsWith('/index.ts'), 'no barrels').toBe(false);
    expect(text.replace(/^#!.*\n/, '').startsWith('//'), 'a line at the head says what this room is').toBe(true);
  });

  it('depends on nothing', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) expect(manifest[kind]).toBeUndefined();
    expect(Object.keys(manifest['devDependencies'] ?? {}).sort()).toEqual(['@types/node', 'tsup', 'typescript', 'vitest']);
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });
});
