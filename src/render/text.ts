// The report for people: one file in full, slices of a universal file side by side, many files as a table.

import type { Binary, Dependency, Inspection, Warning } from '../model/binary.ts';
import { goRows } from './go-report.ts';
import { hardeningFacts, hardeningWords } from './hardening.ts';
import { identityRows, minimumText, signatureText } from './identity.ts';
import { visible } from './visible.ts';
import { formatText, kindText, padded, sizeText, targetsText, targetText, textWidth, tinted } from './words.ts';
import type { Layout } from './words.ts';

const LABEL = 12;
const WIDEST = 100;

/** One line of a report: a fact, and what told it. */
interface Row {
  readonly label: string;
  readonly value: string;
  readonly note: string | null;
}

/** Rows that belong together; groups are set off by a blank line. */
type Group = readonly Row[];

function row(label: string, value: string, note: string | null | undefined = null): Row {
  return { label, value, note: note ?? null };
}

function yesOrNo(value: boolean | null, unknown: string | undefined): string {
  if (value !== null) return value ? 'yes' : 'no';
  return unknown === undefined ? '–' : `? ${unknown}`;
}

/** What the file is, in one line: 'ELF64 PIE executable · linux/amd64 · glibc'. */
function title(binary: Binary): string {
  const pie = binary.pie === true ? (binary.linkage === 'static' ? 'static PIE ' : 'PIE ') : binary.linkage === 'static' ? 'static ' : '';
  const order = binary.endianness === 'big' ? ' big-endian' : '';
  const libc = binary.platform.libc === null ? '' : ` · ${binary.platform.libc}`;
  return `${formatText(binary)}${order} ${pie}${kindText(binary.kind)} · ${targetText(binary)}${libc}`;
}

function machineText({ machine }: Binary): string {
  return machine.name === null ? `0x${machine.value.toString(16)} (unknown)` : `${machine.name} (${machine.value})`;
}

/** The platform in the words of other tools; what has no word there is left out. */
function spellings({ platform: { go, node, oci, triple } }: Binary): string {
  const words = { go, node, oci, triple };
  const known = Object.entries(words).flatMap(([name, word]) => (word === null ? [] : [`${name} ${word}`]));
  return known.length === 0 ? '–' : known.join(' · ');
}

function reason(binary: Binary, fact: string): string | undefined {
  const text = binary.because[fact];
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

function symbolsText(binary: Binary): string {
  const { stripped, debugInfo } = binary;
  const why = unknownReason(binary, 'stripped');
  const table = stripped === null ? (why === undefined ? '–' : `? ${why}`) : stripped ? 'stripped' : 'not stripped';
  const unsure = unknownReason(binary, 'debugInfo');
  const debug = debugInfo === null ? (unsure === undefined ? '' : `, debug information ? ${unsure}`) : debugInfo ? ', with debug information' : ', no debug information';
  return table + debug;
}

/** All that is said of one binary, dependencies and search paths apart. */
function facts(binary: Binary, layout: Layout): Group[] {
  const { platform } = binary;
  const minimum = minimumText(binary);
  const words = hardeningWords(binary);
  const signature = signatureText(binary);
  const groups: Group[] = [
    [
      row('machine', machineText(binary)),
      row('system', systemText(binary), reason(binary, 'os')),
      ...(platform.libc === null ? [] : [row('C library', visible(platform.libc), reason(binary, 'libc'))]),
      ...(platform.variant === null ? [] : [row('variant', visible(platform.variant), reason(binary, 'variant'))]),
      row('spellings', spellings(binary)),
      ...(minimum === '' ? [] : [row('at least', visible(minimum), reason(binary, 'minimums.glibc'))]),
    ],
    [
      row('kind', kindText(binary.kind), reason(binary, 'kind')),
      row('linkage', binary.linkage ?? (unknownReason(binary, 'linkage') === undefined ? '–' : `? ${unknownReason(binary, 'linkage')}`), reason(binary, 'linkage')),
      row('PIE', yesOrNo(binary.pie, unknownReason(binary, 'pie')), reason(binary, 'pie')),
      ...(binary.interpreter === null ? [] : [row('interpreter', visible(binary.interpreter))]),
      ...(binary.libraryName === null ? [] : [row('name', visible(binary.libraryName))]),
      ...(binary.entryPoint === null ? [] : [row('entry', `0x${binary.entryPoint.toString(16)}`)]),
    ],
    [
      row('symbols', symbolsText(binary), reason(binary, 'stripped')),
      ...(binary.buildId === null ? [] : [row('build id', visible(binary.buildId), reason(binary, 'buildId'))]),
      ...(binary.packer === null ? [] : [row('packer', visible(binary.packer), reason(binary, 'packer'))]),
      ...identityRows(binary, layout.verbose).map(([name, value]) => row(name, visible(value))),
      ...(signature === null ? [] : [row('signature', visible(signature), reason(binary, 'signature'))]),
    ],
    layout.verbose
      ? hardeningFacts(binary).map(({ name, answer, reason: why }, i) => row(i === 0 ? 'hardening' : '', `${name} ${answer}`, why === null ? null : visible(why)))
      : words.length === 0
        ? []
        : [row('hardening', words.join(' · '))],
  ];
  return groups;
}

/** The format's own words. */
function detail(binary: Binary): Group {
  switch (binary.format) {
    case 'elf': {
      const { type, typeName, osAbi, osAbiName, flags, abi, floatAbi, segments, sections } = binary.elf;
      const convention = [abi, floatAbi === null ? null : `${floatAbi} float`].filter((word) => word !== null).join(', ');
      return [
        row('ELF', `${typeName ?? `type ${type}`} · ${osAbiName ?? `OS ABI ${osAbi}`} · flags 0x${flags.toString(16)}${convention === '' ? '' : ` (${convention})`} · ${segments} segments · ${sections} sections`),
      ];
    }
    case 'mach-o': {
      if (binary.machO === null) return [];
      const { fileType, fileTypeName, cpuSubtype, cpuSubtypeName, flags, flagNames, platformName, minimumOs, sdk, loadCommands } = binary.machO;
      return [
        ...(minimumOs === null ? [] : [row('minimum', `${platformName?.replace('PLATFORM_', '') ?? 'system'} ${minimumOs}${sdk === null ? '' : ` (SDK ${sdk})`}`)]),
        row('Mach-O', `${fileTypeName ?? `type ${fileType}`} · ${cpuSubtypeName ?? `subtype 0x${cpuSubtype.toString(16)}`} · ${loadCommands} load commands`),
        row('flags', `0x${flags.toString(16)} ${flagNames.join(' ')}`.trimEnd()),
      ];
    }
    case 'pe': {
      const { subsystem, subsystemName, subsystemVersion, imageBase, characteristics, characteristicsNames, dllCharacteristics, dllCharacteristicsNames, sections } =
        binary.pe;
      const short = (names: readonly string[]): string => names.map((name) => name.replace(/^IMAGE_(FILE|DLLCHARACTERISTICS)_/, '')).join(' ');
      return [
        row('subsystem', `${subsystemName?.replace('IMAGE_SUBSYSTEM_', '') ?? subsystem} ${subsystemVersion}`),
        row('PE', `image base 0x${imageBase.toString(16)} · ${sections} sections`),
        row('file flags', `0x${characteristics.toString(16)} ${short(characteristicsNames)}`.trimEnd()),
        row('DLL flags', `0x${dllCharacteristics.toString(16)} ${short(dllCharacteristicsNames)}`.trimEnd()),
      ];
    }
  }
}

function dependencyText({ name, kind, currentVersion }: Dependency, { verbose }: Layout): string {
  const version = verbose && currentVersion !== null ? ` ${currentVersion}` : '';
  return `${visible(name)}${version}${kind === 'required' ? '' : ` (${kind})`}`;
}

function widthOf({ columns }: Layout): number {
  return Math.max(40, Math.min(columns, WIDEST));
}

/** Words set in lines, the later ones indented to the values' column. */
function wrapped(words: readonly string[], layout: Layout, separator = '  '): string {
  const width = widthOf(layout) - LABEL;
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line}${separator}${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(LABEL)}`);
}

function label(text: string, layout: Layout): string {
  return tinted(padded(text, LABEL), 'dim', layout);
}

function line({ label: name, value, note }: Row, layout: Layout): string {
  const text = value.includes(' · ') ? wrapped(value.split(' · '), layout, ' · ') : wrapped(value.split(' '), layout, ' ');
  const told = layout.verbose && note !== null ? `\n${' '.repeat(LABEL)}${tinted(wrapped(`because ${note}`.split(' '), layout, ' '), 'dim', layout)}` : '';
  return `${label(name, layout)}${text}${told}\n`;
}

/** 'needs   2: libselinux.so.1  libc.so.6'. */
function dependencyLines(binary: Binary, layout: Layout, heading = 'needs'): string {
  const { dependencies, searchPaths } = binary;
  let text = '';
  if (dependencies.length > 0) {
    const count = `${dependencies.length} ${dependencies.length === 1 ? 'library' : 'libraries'}:`;
    text += `${label(heading, layout)}${wrapped([count, ...dependencies.map((one) => dependencyText(one, layout))], layout)}\n`;
  }
  for (const from of new Set(searchPaths.map((one) => one.from))) {
    const paths = searchPaths.filter((one) => one.from === from).map(({ path }) => (path === '' ? '(the current directory)' : visible(path)));
    text += `${label(from, layout)}${wrapped(paths, layout)}\n`;
  }
  return text;
}

function warningLines(warnings: readonly Warning[], layout: Layout): string {
  return warnings
    .map(({ message, offset }) => {
      const place = offset === null ? '' : ` (at 0x${offset.toString(16)})`;
      return `${tinted(padded('warning', LABEL), 'yellow', layout)}${wrapped(visible(`${message}${place}`).split(' '), layout, ' ')}\n`;
    })
    .join('');
}

/** The file's name and what it is; on a line of its own where both don't fit. */
function heading(path: string, text: string, layout: Layout): string {
  const name = visible(path);
  const gap = Math.max(2, LABEL - textWidth(name));
  const fits = textWidth(name) + gap + textWidth(text) <= layout.columns;
  return `${tinted(name, 'bold', layout)}${fits ? ' '.repeat(gap) : `\n${' '.repeat(LABEL)}`}${fits ? text : wrapped(text.split(' · '), layout, ' · ')}\n`;
}

function single(binary: Binary, layout: Layout): string {
  const [platform, linking, symbols, hardening] = facts(binary, layout).map((group) => group.map((one) => line(one, layout)).join(''));
  const go = binary.go === null ? '' : goRows(binary.go, layout.verbose).map(([name, value]) => line(row(name, visible(value)), layout)).join('');
  const own = layout.verbose || binary.format !== 'elf' ? detail(binary).map((one) => line(one, layout)).join('') : '';
  return [platform, linking + dependencyLines(binary, layout), symbols, hardening, own, go, warningLines(binary.warnings, layout)]
    .filter((part) => part !== '' && part !== undefined)
    .join('\n');
}

/** Rows that say what the column's head says, or would leave no room for a second column. */
const TOO_WIDE: ReadonlySet<string> = new Set(['machine', 'spellings', 'flags', 'Mach-O', 'hardening', 'at least']);

/** An identity cut to what people compare at a glance. */
function shortened(one: Row): Row {
  if (one.label === 'signature') return row(one.label, one.value.split(' · ')[0] as string);
  return one.label === 'build id' && one.value.length > 16 ? row(one.label, `${one.value.slice(0, 8)}…${one.value.slice(-4)}`) : one;
}

/** The rows of all slices as columns; '=' says: the same as to the left. Null where they don't fit. */
function sideBySide(inspection: Inspection, layout: Layout): string | null {
  const { binaries } = inspection;
  const tables = binaries.map((binary) => [
    row('offset', `0x${binary.offset.toString(16)}`),
    row('size', sizeText(binary.size)),
    ...facts(binary, layout).flat().filter(({ label: name }) => !TOO_WIDE.has(name)).map(shortened),
    ...detail(binary).filter(({ label: name }) => !TOO_WIDE.has(name)),
  ]);
  const labels = [...new Set(tables.flatMap((table) => table.map(({ label: name }) => name)))];
  const cells = labels.map((name) => tables.map((table) => table.find((one) => one.label === name)?.value ?? '–'));
  const head = binaries.map((binary) => targetText(binary).replace(/^[^/]*\//, ''));
  const shown = cells.map((values) => values.map((value, i) => (i > 0 && value === values[i - 1] ? '=' : value)));
  const widths = head.map((name, i) => Math.max(textWidth(name), ...shown.map((values) => textWidth(values[i] as string))) + 2);
  if (LABEL + widths.reduce((sum, width) => sum + width, 0) - 2 > Math.max(layout.columns, WIDEST)) return null;
  const columns = (values: readonly string[]): string => values.map((value, i) => padded(value, widths[i] as number)).join('').trimEnd();
  const lines = labels.map((name, i) => `${label(name, layout)}${columns(shown[i] as string[])}\n`);
  return `${' '.repeat(LABEL)}${tinted(columns(head), 'bold', layout)}\n${lines.join('')}`;
}

function sameDependencies(binaries: readonly Binary[]): boolean {
  const first = JSON.stringify([binaries[0]?.dependencies, binaries[0]?.searchPaths]);
  return binaries.every((binary) => JSON.stringify([binary.dependencies, binary.searchPaths]) === first);
}

function universal(inspection: Inspection, layout: Layout): string {
  const { binaries } = inspection;
  const columns = layout.verbose ? null : sideBySide(inspection, layout);
  if (columns === null) {
    return binaries
      .map((binary, i) => `${tinted(`slice ${i + 1}`, 'bold', layout)}${' '.repeat(LABEL - 7)}${title(binary)} · ${sizeText(binary.size)} at 0x${binary.offset.toString(16)}\n${single(binary, layout)}`)
      .join('\n');
  }
  const dependencies = sameDependencies(binaries)
    ? dependencyLines(binaries[0] as Binary, layout)
    : binaries.map((binary) => dependencyLines(binary, layout, targetText(binary).replace(/^[^/]*\//, '').slice(0, LABEL - 1))).join('');
  const warnings = binaries.map((binary) => warningLines(binary.warnings, layout)).join('');
  return [columns, dependencies, warnings].filter((part) => part !== '').join('\n');
}

/** One file in full. Ends with a newline. */
export function renderInspection(inspection: Inspection, path: string, layout: Layout): string {
  const { binaries, size, sha256, warnings } = inspection;
  const first = binaries[0] as Binary;
  const what = inspection.universal ? `Mach-O universal · ${targetsText(inspection)} · ${binaries.length} ${binaries.length === 1 ? 'slice' : 'slices'}` : title(first);
  const digest = sha256 === null ? '' : `${label('sha256', layout)}${sha256}\n`;
  const body = inspection.universal ? universal(inspection, layout) : single(first, layout);
  const notes = warningLines(warnings, layout);
  return `${heading(path, `${what} · ${sizeText(size)}`, layout)}${digest}\n${body}${notes === '' ? '' : `\n${notes}`}`;
}

/** Columns of the table: the path comes last, so that no width has to be known before the last file is. */
const COLUMNS: readonly (readonly [name: string, width: number])[] = [
  ['FORMAT', 10],
  ['TARGET', 20],
  ['KIND', 15],
  ['LINK', 8],
  ['PIE', 4],
  ['C LIBRARY', 10],
  ['SIZE', 10],
  ['SHA256', 13],
];

/** Columns that a narrow terminal does without. */
const SPARE: ReadonlySet<string> = new Set(['C LIBRARY', 'SHA256']);
const NARROW = 110;

function columnsOf({ columns }: Layout, hashed: boolean): { name: string; width: number; index: number }[] {
  return COLUMNS.map(([name, width], index) => ({ name, width, index })).filter(({ name }) => (columns >= NARROW || !SPARE.has(name)) && (hashed || name !== 'SHA256'));
}

/** The heads of the table's columns. */
export function tableHead(layout: Layout, hashed: boolean): string {
  const names = columnsOf(layout, hashed).map(({ name, width }) => padded(name, width)).join('');
  return `${tinted(`${names}PATH`, 'dim', layout)}\n`;
}

/** What slices agree on, or 'mixed'. */
function common(values: readonly string[]): string {
  return values.every((value) => value === values[0]) ? (values[0] as string) : 'mixed';
}

/** One file as a line of the table. Its SHA-256 is cut to 12 digits; JSON has it whole. */
export function tableRow(inspection: Inspection, path: string, layout: Layout): string {
  const { binaries, size, sha256 } = inspection;
  const cells = [
    inspection.universal ? 'universal' : formatText(binaries[0] as Binary),
    targetsText(inspection),
    common(binaries.map(({ kind }) => kindText(kind))),
    common(binaries.map(({ linkage }) => linkage ?? '–')),
    common(binaries.map(({ pie }) => (pie === null ? '–' : pie ? 'yes' : 'no'))),
    common(binaries.map(({ platform }) => visible(platform.libc ?? '–'))),
    sizeText(size),
    sha256?.slice(0, 12) ?? '',
  ];
  const text = columnsOf(layout, sha256 !== null).map(({ width, index }) => `${padded(cells[index] as string, width - 1)} `).join('');
  return `${text}${tinted(visible(path), 'bold', layout)}\n`;
}
