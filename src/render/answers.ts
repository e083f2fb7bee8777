// What people ask of a binary, in the order in which they ask it: where does it run, what does it need, is it hardened, has it symbols, which build is it.

import type { Binary, Dependency, Format } from '../model/binary.ts';
import { shownLibrary } from '../model/library-name.ts';
import { wordIn } from '../model/names.ts';
import { goRows, goSummary } from './go-report.ts';
import { hardeningFacts, hardeningWords, markedText } from './hardening.ts';
import { identityRows, minimumParts, signatureParts } from './identity.ts';
import { row } from './rows.ts';
import type { Row } from './rows.ts';
import { signatureRows } from './signature.ts';
import { visible } from './visible.ts';
import { kindText, sign, tinted } from './words.ts';
import type { Style } from './words.ts';

/** What told a fact; undefined where nothing is said. */
function reason(binary: Binary, fact: string): string | undefined {
  const text = wordIn(binary.because, fact);
  return text === undefined ? undefined : visible(text);
}

/** 'why' of 'unknown: why', for a fact that is null; undefined where the question does not arise. */
function unknownReason(binary: Binary, fact: string): string | undefined {
  const text = reason(binary, fact);
  return text?.startsWith('unknown: ') === true ? text.slice('unknown: '.length) : undefined;
}

/** A fact that is null: '? why' where it is unknown, a dash where the question does not arise. */
function noAnswer(why: string | undefined, style: Style): string {
  return why === undefined ? sign('none', style) : `${tinted('?', 'yellow', style)} ${why}`;
}

/** The system where it is not simply known: it is only assumed, or unknown. With `verbose` in any case. */
function systemRows(binary: Binary, style: Style): Row[] {
  const { os } = binary.platform;
  const assumed = reason(binary, 'os')?.startsWith('assumed') === true;
  if (os === null) return [row('system', `${tinted('?', 'yellow', style)} ${unknownReason(binary, 'os') ?? ''}`.trimEnd(), reason(binary, 'os'))];
  return assumed || style.verbose ? [row('system', assumed ? `${visible(os)} (assumed)` : visible(os), reason(binary, 'os'))] : [];
}

/** Where it runs: the oldest systems that will do. */
export function runsOnRows(binary: Binary, style: Style): Row[] {
  const parts = minimumParts(binary, sign('least', style)).map(visible);
  const [first, ...others] = parts;
  const because = reason(binary, 'minimums.glibc') ?? reason(binary, 'minimums.os');
  return [...systemRows(binary, style), ...(first === undefined ? [] : [row('runs on', [first.replace(/^\S+ \S+ \S+/, (text) => tinted(text, 'bold', style)), ...others], because)])];
}

/** A library that is asked for; with `verbose` with the version that it was linked with. */
function dependencyText({ name, kind, currentVersion }: Dependency, format: Format, { verbose }: Style): string {
  const version = verbose && currentVersion !== null ? ` ${currentVersion}` : '';
  return `${visible(shownLibrary(format, name))}${version}${kind === 'required' ? '' : ` (${kind})`}`;
}

/** What it needs: libraries, the loader, and where the loader is to look. */
export function needsRows(binary: Binary, style: Style, heading = 'needs'): Row[] {
  const { dependencies, searchPaths, interpreter } = binary;
  const parts = dependencies.map((one) => dependencyText(one, binary.format, style));
  if (interpreter !== null) parts.push(tinted(visible(interpreter), 'dim', style));
  const rows = parts.length === 0 ? [] : [row(heading, parts, null, '  ')];
  for (const from of new Set(searchPaths.map((one) => one.from))) {
    const paths = searchPaths.filter((one) => one.from === from).map(({ path }) => (path === '' ? '(the current directory)' : visible(path)));
    rows.push(row(from, paths, null, '  '));
  }
  return rows;
}

/** Its hardening: a line of marked words; with `verbose` a line for each fact, and what told it. */
export function hardeningRows(binary: Binary, style: Style): Row[] {
  if (!style.verbose) {
    const words = hardeningWords(binary).map((one) => markedText(one, style));
    return words.length === 0 ? [] : [row('hardening', words, null, '  ')];
  }
  return hardeningFacts(binary).map(({ grade, word, reason: why }, i) => {
    const marked = grade === 'none' ? `${sign('none', style)} ${word}` : grade === 'unknown' ? `${tinted('?', 'yellow', style)} ${word}` : markedText({ grade, word }, style);
    return row(i === 0 ? 'hardening' : '', marked, why === null ? null : visible(why));
  });
}

/** Whether it has symbols and debug information. */
export function symbolsText(binary: Binary, style: Style): string {
  const { stripped, debugInfo } = binary;
  const why = unknownReason(binary, 'stripped');
  const unsure = unknownReason(binary, 'debugInfo');
  const table = stripped === null ? (why === undefined ? null : noAnswer(why, style)) : stripped ? 'stripped' : 'not stripped'; // null: a PE file, which has none anyway
  const debug = debugInfo === null ? (unsure === undefined ? null : `debug information ${noAnswer(unsure, style)}`) : debugInfo ? 'with debug information' : 'no debug information';
  return [table, debug].filter((part) => part !== null).join(', ') || sign('none', style);
}

/** Facts of the title, with what told each: for `verbose`; else those that could not be told. */
export function titleFacts(binary: Binary, style: Style): Row[] {
  const { platform, linkage, pie } = binary;
  const unsure = (fact: 'linkage' | 'pie'): boolean => binary[fact] === null && unknownReason(binary, fact) !== undefined;
  const rows: Row[] = [];
  if (style.verbose) rows.push(row('kind', kindText(binary.kind), reason(binary, 'kind')));
  if (style.verbose || unsure('linkage')) rows.push(row('linkage', linkage ?? noAnswer(unknownReason(binary, 'linkage'), style), linkage === null ? null : reason(binary, 'linkage')));
  if (style.verbose || unsure('pie')) rows.push(row('PIE', pie === null ? noAnswer(unknownReason(binary, 'pie'), style) : pie ? 'yes' : 'no', pie === null ? null : reason(binary, 'pie')));
  if (style.verbose && platform.libc !== null) rows.push(row('C library', visible(platform.libc), reason(binary, 'libc')));
  if (platform.variant !== null) rows.push(row('variant', visible(platform.variant), reason(binary, 'variant')));
  return rows;
}

/** What is inside and hides the rest: a packer, an installer. */
export function packedRows(binary: Binary): Row[] {
  return [
    ...(binary.packer === null ? [] : [row('packer', visible(binary.packer), reason(binary, 'packer'))]),
    ...(binary.installer === null ? [] : [row('installer', visible(binary.installer), reason(binary, 'installer'))]),
  ];
}

/** The five answers, in their order. */
export function answerRows(binary: Binary, style: Style): Row[] {
  return [
    ...packedRows(binary),
    ...runsOnRows(binary, style),
    ...needsRows(binary, style),
    ...hardeningRows(binary, style),
    row('symbols', symbolsText(binary, style), reason(binary, 'stripped')),
  ];
}

/** Who made it and who signed it. */
export function originRows(binary: Binary, style: Style): Row[] {
  const signature = signatureParts(binary);
  return [
    ...identityRows(binary, style.verbose).map(([name, value]) => row(name, visible(value))),
    ...(signature === null ? [] : [row('signature', signature.map(visible), reason(binary, 'signature'))]),
  ];
}

/** What became of its signature, where that was asked for. */
export function checkRows(binary: Binary, style: Style): Row[] {
  return signatureRows(binary, style.verbose).map(([name, value]) => row(name, visible(value)));
}

/** The Go part. It leads for Go programs; with `verbose` every dependency and every setting is in it. */
export function goPart({ go }: Binary, style: Style): Row[] {
  if (go === null) return [];
  if (style.verbose) return goRows(go, true).map(([name, value]) => row(name, visible(value)));
  return goSummary(go).map(([name, parts]) => row(name, parts.map(visible)));
}

function machineText({ machine, format }: Binary): string {
  if (format === 'wasm') return machine.name ?? ''; // it has no number
  return machine.name === null ? `0x${machine.value.toString(16)} (unknown)` : `${machine.name} (${machine.value})`;
}

/** Which build it is, beside its digest; and last what other tools call it. */
export function identityPart(binary: Binary, style: Style): Row[] {
  const { node, oci, triple } = binary.platform;
  const words = [...Object.entries({ node, oci })].flatMap(([name, word]) => (word === null ? [] : [`${name} ${word}`]));
  const called = [...words, ...(triple === null ? [] : [triple]), machineText(binary)].filter((text) => text !== '');
  return [
    ...(binary.libraryName === null ? [] : [row('name', visible(binary.libraryName))]),
    ...(binary.buildId === null ? [] : [row('build id', visible(binary.buildId), reason(binary, 'buildId'))]),
    ...(called.length === 0 ? [] : [row('also called', called.map((text) => tinted(text, 'dim', style)))]),
    ...(binary.entryPoint === null ? [] : [row('entry', tinted(`0x${binary.entryPoint.toString(16)}`, 'dim', style))]),
  ];
}

/** What lists in the file name: how many, and with `verbose` each of them. */
export function componentRows({ components }: Binary, style: Style): Row[] {
  const listed = components.filter(({ from }) => from !== 'go'); // which has a block of its own
  if (listed.length === 0) return [];
  const names = style.verbose ? listed.map(({ name, version, from }) => `${name}${version === null ? '' : ` ${version}`} (${from})`) : [];
  return [`${listed.length} listed in the file`, ...names].map((text, index) => row(index === 0 ? 'components' : '', visible(text)));
}
