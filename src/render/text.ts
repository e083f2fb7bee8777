// The report for people: one file in full, slices of a universal file side by side.

import type { Binary, Dependency, Format, Inspection } from '../model/binary.ts';
import { shownLibrary } from '../model/library-name.ts';
import { wordIn } from '../model/names.ts';
import type { Warning } from '../model/warning.ts';
import { goRows } from './go-report.ts';
import { hardeningFacts, hardeningWords } from './hardening.ts';
import { identityRows, minimumParts, signatureParts } from './identity.ts';
import { signatureRows } from './signature.ts';
import { visible } from './visible.ts';
import { wasmRows } from './wasm.ts';
import { dotted, kindText, padded, sign, sizeText, targetsText, targetText, textWidth, tinted, whatText } from './words.ts';
import type { Style } from './words.ts';
import { hanging, wrapParts, wrapWords } from './wrap.ts';

const LABEL = 12;
const WIDEST = 100;

/** One line of a report: a fact, and what told it. */
interface Row {
  readonly label: string;
  /** A sentence, or parts to be set apart by dots. */
  readonly value: string | readonly string[];
  readonly note: string | null;
}

/** Rows that belong together; groups are set off by a blank line. */
type Group = readonly Row[];

function row(label: string, value: Row['value'], note: string | null | undefined = null): Row {
  return { label, value, note: note ?? null };
}

/** A fact that is null: '? why' where it is unknown, a dash where the question does not arise. */
function noAnswer(why: string | undefined, style: Style): string {
  return why === undefined ? sign('none', style) : `? ${why}`;
}

function yesOrNo(value: boolean | null, why: string | undefined, style: Style): string {
  return value === null ? noAnswer(why, style) : value ? 'yes' : 'no';
}

/** What the file is, in one line: 'ELF64 PIE executable', 'linux/amd64', 'glibc'. */
function title(binary: Binary): string[] {
  const libc = binary.platform.libc === null ? [] : [visible(binary.platform.libc)];
  return [whatText(binary), targetText(binary), ...libc];
}

function machineText({ machine, format }: Binary): string {
  if (format === 'wasm') return machine.name ?? ''; // it has no number
  return machine.name === null ? `0x${machine.value.toString(16)} (unknown)` : `${machine.name} (${machine.value})`;
}

/** The platform in the words of other tools; what has no word there is left out. */
function spellings({ platform: { go, node, oci, triple } }: Binary): string[] {
  const words = { go, node, oci, triple };
  return Object.entries(words).flatMap(([name, word]) => (word === null ? [] : [`${name} ${word}`]));
}

function reason(binary: Binary, fact: string): string | undefined {
  const text = wordIn(binary.because, fact);
  return text === undefined ? undefined : visible(text);
}

/** 'unknown: why' of a reason, for a fact that is null; undefined where the question does not arise. */
function unknownReason(binary: Binary, fact: string): string | undefined {
  const text = reason(binary, fact);
  return text?.startsWith('unknown: ') === true ? text.slice('unknown: '.length) : undefined;
}

/** The system; where it is only assumed, that stands beside it in any case. */
function systemText(binary: Binary): string {
  const { os } = binary.platform;
  if (os === null) return `? ${unknownReason(binary, 'os') ?? ''}`.trimEnd();
  return reason(binary, 'os')?.startsWith('assumed') === true ? `${visible(os)} (assumed)` : visible(os);
}

function symbolsText(binary: Binary, style: Style): string {
  const { stripped, debugInfo } = binary;
  const why = unknownReason(binary, 'stripped');
  const unsure = unknownReason(binary, 'debugInfo');
  const table = stripped === null ? (why === undefined ? null : `? ${why}`) : stripped ? 'stripped' : 'not stripped'; // null: a PE file, which has none anyway
  const debug = debugInfo === null ? (unsure === undefined ? null : `debug information ? ${unsure}`) : debugInfo ? 'with debug information' : 'no debug information';
  return [table, debug].filter((part) => part !== null).join(', ') || sign('none', style);
}

/** All that is said of one binary, dependencies and search paths apart. */
function facts(binary: Binary, style: Style): Group[] {
  const { platform } = binary;
  const words = spellings(binary);
  const minimum = minimumParts(binary);
  const hardening = hardeningWords(binary);
  const signature = signatureParts(binary);
  const groups: Group[] = [
    [
      row('machine', machineText(binary)),
      row('system', systemText(binary), reason(binary, 'os')),
      ...(platform.libc === null ? [] : [row('C library', visible(platform.libc), reason(binary, 'libc'))]),
      ...(platform.variant === null ? [] : [row('variant', visible(platform.variant), reason(binary, 'variant'))]),
      row('spellings', words.length === 0 ? sign('none', style) : words),
      ...(minimum.length === 0 ? [] : [row('at least', minimum.map(visible), reason(binary, 'minimums.glibc'))]),
    ],
    [
      row('kind', kindText(binary.kind), reason(binary, 'kind')),
      row('linkage', binary.linkage ?? noAnswer(unknownReason(binary, 'linkage'), style), reason(binary, 'linkage')),
      row('PIE', yesOrNo(binary.pie, unknownReason(binary, 'pie'), style), reason(binary, 'pie')),
      ...(binary.interpreter === null ? [] : [row('interpreter', visible(binary.interpreter))]),
      ...(binary.libraryName === null ? [] : [row('name', visible(binary.libraryName))]),
      ...(binary.entryPoint === null ? [] : [row('entry', `0x${binary.entryPoint.toString(16)}`)]),
    ],
    [
      row('symbols', symbolsText(binary, style), reason(binary, 'stripped')),
      ...(binary.buildId === null ? [] : [row('build id', visible(binary.buildId), reason(binary, 'buildId'))]),
      ...(binary.packer === null ? [] : [row('packer', visible(binary.packer), reason(binary, 'packer'))]),
      ...(binary.installer === null ? [] : [row('installer', visible(binary.installer), reason(binary, 'installer'))]),
      ...identityRows(binary, style.verbose).map(([name, value]) => row(name, visible(value))),
      ...(signature === null ? [] : [row('signature', signature.map(visible), reason(binary, 'signature'))]),
    ],
    style.verbose
      ? hardeningFacts(binary).map(({ name, answer, reason: why }, i) => row(i === 0 ? 'hardening' : '', `${name} ${answer ?? sign('none', style)}`, why === null ? null : visible(why)))
      : hardening.length === 0
        ? []
        : [row('hardening', hardening)],
    signatureRows(binary, style.verbose).map(([name, value]) => row(name, visible(value))),
  ];
  return groups;
}

/** The format's own words. */
function detail(binary: Binary, verbose = false): Group {
  switch (binary.format) {
    case 'elf': {
      const { type, typeName, osAbi, osAbiName, flags, abi, floatAbi, segments, sections } = binary.elf;
      const convention = [abi, floatAbi === null ? null : `${floatAbi} float`].filter((word) => word !== null).join(', ');
      return [
        row('ELF', [
          typeName ?? `type ${type}`,
          osAbiName ?? `OS ABI ${osAbi}`,
          `flags 0x${flags.toString(16)}${convention === '' ? '' : ` (${convention})`}`,
          `${segments} segments`,
          `${sections} sections`,
        ]),
      ];
    }
    case 'mach-o': {
      if (binary.machO === null) return [];
      const { fileType, fileTypeName, cpuSubtype, cpuSubtypeName, flags, flagNames, loadCommands } = binary.machO;
      return [
        row('Mach-O', [fileTypeName ?? `type ${fileType}`, cpuSubtypeName ?? `subtype 0x${cpuSubtype.toString(16)}`, `${loadCommands} load commands`]),
        row('flags', `0x${flags.toString(16)} ${flagNames.join(' ')}`.trimEnd()),
      ];
    }
    case 'pe': {
      const { subsystem, subsystemName, subsystemVersion, imageBase, characteristics, characteristicsNames, dllCharacteristics, dllCharacteristicsNames, sections } =
        binary.pe;
      const short = (names: readonly string[]): string => names.map((name) => name.replace(/^IMAGE_(FILE|DLLCHARACTERISTICS)_/, '')).join(' ');
      return [
        row('subsystem', `${subsystemName?.replace('IMAGE_SUBSYSTEM_', '') ?? subsystem} ${subsystemVersion}`),
        row('PE', [`image base 0x${imageBase.toString(16)}`, `${sections} sections`]),
        row('file flags', `0x${characteristics.toString(16)} ${short(characteristicsNames)}`.trimEnd()),
        row('DLL flags', `0x${dllCharacteristics.toString(16)} ${short(dllCharacteristicsNames)}`.trimEnd()),
      ];
    }
    case 'wasm':
      return wasmRows(binary, verbose).map(([name, parts]) => row(name, parts.map(visible)));
  }
}

function dependencyText({ name, kind, currentVersion }: Dependency, format: Format, { verbose }: Style): string {
  const version = verbose && currentVersion !== null ? ` ${currentVersion}` : '';
  return `${visible(shownLibrary(format, name))}${version}${kind === 'required' ? '' : ` (${kind})`}`;
}

function widthOf({ columns }: Style): number {
  return Math.max(40, Math.min(columns, WIDEST));
}

/** The width of the values' column. */
function room(style: Style): number {
  return widthOf(style) - LABEL;
}

function label(text: string, style: Style): string {
  return tinted(padded(text, LABEL), 'dim', style);
}

/** A label, and lines beside it. A word that is too long for that, a path or a digest, moves to the left, where it can be seen and copied whole. */
function labelled(name: string, lines: readonly string[], style: Style): string {
  const placed = lines.map((text) => {
    const indent = [LABEL, 2].find((columns) => columns + textWidth(text) <= style.columns) ?? 0;
    return { indent, text: `${' '.repeat(indent)}${text}\n` };
  });
  const [first, ...others] = placed as [(typeof placed)[0], ...typeof placed];
  const beside = first.indent === LABEL ? `${label(name, style)}${first.text.slice(LABEL)}` : `${tinted(name, 'dim', style)}\n${first.text}`;
  return beside + others.map(({ text }) => text).join('');
}

function line({ label: name, value, note }: Row, style: Style): string {
  const lines = typeof value === 'string' ? wrapWords(value, room(style)) : wrapParts(value, ` ${sign('dot', style)} `, room(style));
  const told = style.verbose && note !== null ? `${' '.repeat(LABEL)}${tinted(hanging(wrapWords(`because ${note}`, room(style)), LABEL), 'dim', style)}\n` : '';
  return labelled(name, lines, style) + told;
}

/** 'needs   2: libselinux.so.1  libc.so.6'. */
function dependencyLines(binary: Binary, style: Style, heading = 'needs'): string {
  const { dependencies, searchPaths } = binary;
  let text = '';
  if (dependencies.length > 0) {
    const [singular, plural] = binary.format === 'wasm' ? ['module', 'modules'] : ['library', 'libraries'];
    const count = `${dependencies.length} ${dependencies.length === 1 ? singular : plural}:`;
    text += labelled(heading, wrapParts([count, ...dependencies.map((one) => dependencyText(one, binary.format, style))], '  ', room(style)), style);
  }
  for (const from of new Set(searchPaths.map((one) => one.from))) {
    const paths = searchPaths.filter((one) => one.from === from).map(({ path }) => (path === '' ? '(the current directory)' : visible(path)));
    text += labelled(from, wrapParts(paths, '  ', room(style)), style);
  }
  return text;
}

function warningLines(warnings: readonly Warning[], style: Style): string {
  return warnings
    .map(({ message, offset }) => {
      const place = offset === null ? '' : ` (at 0x${offset.toString(16)})`;
      return `${tinted(padded('warning', LABEL), 'yellow', style)}${hanging(wrapWords(visible(`${message}${place}`), room(style)), LABEL)}\n`;
    })
    .join('');
}

/** The file's name and what it is; on a line of its own where both don't fit. */
function heading(name: string, parts: readonly string[], style: Style): string {
  const gap = Math.max(2, LABEL - textWidth(name));
  const fits = textWidth(name) + gap + textWidth(dotted(parts, style)) <= style.columns;
  const text = fits ? dotted(parts, style) : hanging(wrapParts(parts, ` ${sign('dot', style)} `, room(style)), LABEL);
  const beside = fits || textWidth(name) + 2 <= LABEL;
  return `${tinted(name, 'bold', style)}${beside ? ' '.repeat(gap) : `\n${' '.repeat(LABEL)}`}${text}\n`;
}

/** What lists in the file name: how many, and with `verbose` each of them. */
function componentLines({ components }: Binary, style: Style): string {
  const listed = components.filter(({ from }) => from !== 'go'); // which has a block of its own
  if (listed.length === 0) return '';
  const names = style.verbose ? listed.map(({ name, version, from }) => `${name}${version === null ? '' : ` ${version}`} (${from})`) : [];
  return [`${listed.length} listed in the file`, ...names].map((text, index) => line(row(index === 0 ? 'components' : '', visible(text)), style)).join('');
}

function single(binary: Binary, style: Style): string {
  const [platform, linking, symbols, hardening, signatures] = facts(binary, style).map((group) => group.map((one) => line(one, style)).join(''));
  const go = binary.go === null ? '' : goRows(binary.go, style.verbose).map(([name, value]) => line(row(name, visible(value)), style)).join('');
  const own = style.verbose || binary.format !== 'elf' ? detail(binary, style.verbose).map((one) => line(one, style)).join('') : '';
  return [platform, linking + dependencyLines(binary, style), symbols, hardening, signatures, own, go, componentLines(binary, style), warningLines(binary.warnings, style)]
    .filter((part) => part !== '' && part !== undefined)
    .join('\n');
}

/** Rows that say what the column's head says, or would leave no room for a second column. */
const TOO_WIDE: ReadonlySet<string> = new Set(['machine', 'spellings', 'flags', 'Mach-O', 'hardening']);

/** The text of a cell: identities are cut to what people compare at a glance. */
function cellText({ label: name, value }: Row, style: Style): string {
  if (typeof value !== 'string') return name === 'signature' ? (value[0] as string) : dotted(value, style);
  return name === 'build id' && value.length > 16 ? value.slice(0, 8) + sign('ellipsis', style) + value.slice(-4) : value;
}

/** The rows of all slices as columns; '=' says: the same as to the left. Null where they don't fit. */
function sideBySide(inspection: Inspection, style: Style): string | null {
  const { binaries } = inspection;
  const tables = binaries.map((binary) => [
    row('offset', `0x${binary.offset.toString(16)}`),
    row('size', sizeText(binary.size)),
    ...facts(binary, style).flat().filter(({ label: name }) => !TOO_WIDE.has(name)),
    ...detail(binary).filter(({ label: name }) => !TOO_WIDE.has(name)),
  ]);
  const labels = [...new Set(tables.flatMap((table) => table.map(({ label: name }) => name)))];
  const cells = labels.map((name) =>
    tables.map((table) => {
      const found = table.find((one) => one.label === name);
      return found === undefined ? sign('none', style) : cellText(found, style);
    }),
  );
  const head = binaries.map((binary) => targetText(binary).replace(/^[^/]*\//, ''));
  const shown = cells.map((values) => values.map((value, i) => (i > 0 && value === values[i - 1] ? '=' : value)));
  const widths = head.map((name, i) => Math.max(textWidth(name), ...shown.map((values) => textWidth(values[i] as string))) + 2);
  if (LABEL + widths.reduce((sum, width) => sum + width, 0) - 2 > style.columns) return null;
  const columns = (values: readonly string[]): string => values.map((value, i) => padded(value, widths[i] as number)).join('').trimEnd();
  const lines = labels.map((name, i) => `${label(name, style)}${columns(shown[i] as string[])}\n`);
  return `${' '.repeat(LABEL)}${tinted(columns(head), 'bold', style)}\n${lines.join('')}`;
}

function sameDependencies(binaries: readonly Binary[]): boolean {
  const first = JSON.stringify([binaries[0]?.dependencies, binaries[0]?.searchPaths]);
  return binaries.every((binary) => JSON.stringify([binary.dependencies, binary.searchPaths]) === first);
}

function universal(inspection: Inspection, style: Style): string {
  const { binaries } = inspection;
  const columns = style.verbose ? null : sideBySide(inspection, style);
  if (columns === null) {
    return binaries
      .map((binary, i) => heading(`slice ${i}`, [...title(binary), `${sizeText(binary.size)} at 0x${binary.offset.toString(16)}`], style) + single(binary, style))
      .join('\n');
  }
  const dependencies = sameDependencies(binaries)
    ? dependencyLines(binaries[0] as Binary, style)
    : binaries.map((binary) => dependencyLines(binary, style, targetText(binary).replace(/^[^/]*\//, '').slice(0, LABEL - 1))).join('');
  const warnings = binaries.map((binary) => warningLines(binary.warnings, style)).join('');
  return [columns, dependencies, warnings].filter((part) => part !== '').join('\n');
}

/** One file in full. Ends with a newline. */
export function renderInspection(inspection: Inspection, path: string, style: Style): string {
  const { binaries, size, sha256, warnings } = inspection;
  const first = binaries[0] as Binary;
  const what = inspection.universal ? ['Mach-O universal', targetsText(inspection), `${binaries.length} ${binaries.length === 1 ? 'slice' : 'slices'}`] : title(first);
  const digest = sha256 === null ? '' : labelled('sha256', [sha256], style);
  const body = inspection.universal ? universal(inspection, style) : single(first, style);
  const notes = warningLines(warnings, style);
  return `${heading(visible(path), [...what, sizeText(size)], style)}${digest}\n${body}${notes === '' ? '' : `\n${notes}`}`;
}
