// The report for people: one file in full, slices of a universal file side by side.

import type { Binary, Dependency, Inspection, Warning } from '../model/binary.ts';
import { goRows } from './go-report.ts';
import { hardeningFacts, hardeningWords } from './hardening.ts';
import { identityRows, minimumParts, signatureParts } from './identity.ts';
import { visible } from './visible.ts';
import { dotted, kindText, padded, sign, sizeText, targetsText, targetText, textWidth, tinted, whatText } from './words.ts';
import type { Layout } from './words.ts';
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
function noAnswer(why: string | undefined, layout: Layout): string {
  return why === undefined ? sign('none', layout) : `? ${why}`;
}

function yesOrNo(value: boolean | null, why: string | undefined, layout: Layout): string {
  return value === null ? noAnswer(why, layout) : value ? 'yes' : 'no';
}

/** What the file is, in one line: 'ELF64 PIE executable', 'linux/amd64', 'glibc'. */
function title(binary: Binary): string[] {
  const libc = binary.platform.libc === null ? [] : [visible(binary.platform.libc)];
  return [whatText(binary), targetText(binary), ...libc];
}

function machineText({ machine }: Binary): string {
  return machine.name === null ? `0x${machine.value.toString(16)} (unknown)` : `${machine.name} (${machine.value})`;
}

/** The platform in the words of other tools; what has no word there is left out. */
function spellings({ platform: { go, node, oci, triple } }: Binary): string[] {
  const words = { go, node, oci, triple };
  return Object.entries(words).flatMap(([name, word]) => (word === null ? [] : [`${name} ${word}`]));
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

function symbolsText(binary: Binary, layout: Layout): string {
  const { stripped, debugInfo } = binary;
  const why = unknownReason(binary, 'stripped');
  const unsure = unknownReason(binary, 'debugInfo');
  const table = stripped === null ? (why === undefined ? null : `? ${why}`) : stripped ? 'stripped' : 'not stripped'; // null: a PE file, which has none anyway
  const debug = debugInfo === null ? (unsure === undefined ? null : `debug information ? ${unsure}`) : debugInfo ? 'with debug information' : 'no debug information';
  return [table, debug].filter((part) => part !== null).join(', ') || sign('none', layout);
}

/** All that is said of one binary, dependencies and search paths apart. */
function facts(binary: Binary, layout: Layout): Group[] {
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
      row('spellings', words.length === 0 ? sign('none', layout) : words),
      ...(minimum.length === 0 ? [] : [row('at least', minimum.map(visible), reason(binary, 'minimums.glibc'))]),
    ],
    [
      row('kind', kindText(binary.kind), reason(binary, 'kind')),
      row('linkage', binary.linkage ?? noAnswer(unknownReason(binary, 'linkage'), layout), reason(binary, 'linkage')),
      row('PIE', yesOrNo(binary.pie, unknownReason(binary, 'pie'), layout), reason(binary, 'pie')),
      ...(binary.interpreter === null ? [] : [row('interpreter', visible(binary.interpreter))]),
      ...(binary.libraryName === null ? [] : [row('name', visible(binary.libraryName))]),
      ...(binary.entryPoint === null ? [] : [row('entry', `0x${binary.entryPoint.toString(16)}`)]),
    ],
    [
      row('symbols', symbolsText(binary, layout), reason(binary, 'stripped')),
      ...(binary.buildId === null ? [] : [row('build id', visible(binary.buildId), reason(binary, 'buildId'))]),
      ...(binary.packer === null ? [] : [row('packer', visible(binary.packer), reason(binary, 'packer'))]),
      ...identityRows(binary, layout.verbose).map(([name, value]) => row(name, visible(value))),
      ...(signature === null ? [] : [row('signature', signature.map(visible), reason(binary, 'signature'))]),
    ],
    layout.verbose
      ? hardeningFacts(binary).map(({ name, answer, reason: why }, i) => row(i === 0 ? 'hardening' : '', `${name} ${answer ?? sign('none', layout)}`, why === null ? null : visible(why)))
      : hardening.length === 0
        ? []
        : [row('hardening', hardening)],
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
  }
}

function dependencyText({ name, kind, currentVersion }: Dependency, { verbose }: Layout): string {
  const version = verbose && currentVersion !== null ? ` ${currentVersion}` : '';
  return `${visible(name)}${version}${kind === 'required' ? '' : ` (${kind})`}`;
}

function widthOf({ columns }: Layout): number {
  return Math.max(40, Math.min(columns, WIDEST));
}

/** The width of the values' column. */
function room(layout: Layout): number {
  return widthOf(layout) - LABEL;
}

function label(text: string, layout: Layout): string {
  return tinted(padded(text, LABEL), 'dim', layout);
}

/** A label, and lines beside it. A word that is too long for that, a path or a digest, moves to the left, where it can be seen and copied whole. */
function labelled(name: string, lines: readonly string[], layout: Layout): string {
  const placed = lines.map((text) => {
    const indent = [LABEL, 2].find((columns) => columns + textWidth(text) <= layout.columns) ?? 0;
    return { indent, text: `${' '.repeat(indent)}${text}\n` };
  });
  const [first, ...others] = placed as [(typeof placed)[0], ...typeof placed];
  const beside = first.indent === LABEL ? `${label(name, layout)}${first.text.slice(LABEL)}` : `${tinted(name, 'dim', layout)}\n${first.text}`;
  return beside + others.map(({ text }) => text).join('');
}

function line({ label: name, value, note }: Row, layout: Layout): string {
  const lines = typeof value === 'string' ? wrapWords(value, room(layout)) : wrapParts(value, ` ${sign('dot', layout)} `, room(layout));
  const told = layout.verbose && note !== null ? `${' '.repeat(LABEL)}${tinted(hanging(wrapWords(`because ${note}`, room(layout)), LABEL), 'dim', layout)}\n` : '';
  return labelled(name, lines, layout) + told;
}

/** 'needs   2: libselinux.so.1  libc.so.6'. */
function dependencyLines(binary: Binary, layout: Layout, heading = 'needs'): string {
  const { dependencies, searchPaths } = binary;
  let text = '';
  if (dependencies.length > 0) {
    const count = `${dependencies.length} ${dependencies.length === 1 ? 'library' : 'libraries'}:`;
    text += labelled(heading, wrapParts([count, ...dependencies.map((one) => dependencyText(one, layout))], '  ', room(layout)), layout);
  }
  for (const from of new Set(searchPaths.map((one) => one.from))) {
    const paths = searchPaths.filter((one) => one.from === from).map(({ path }) => (path === '' ? '(the current directory)' : visible(path)));
    text += labelled(from, wrapParts(paths, '  ', room(layout)), layout);
  }
  return text;
}

function warningLines(warnings: readonly Warning[], layout: Layout): string {
  return warnings
    .map(({ message, offset }) => {
      const place = offset === null ? '' : ` (at 0x${offset.toString(16)})`;
      return `${tinted(padded('warning', LABEL), 'yellow', layout)}${hanging(wrapWords(visible(`${message}${place}`), room(layout)), LABEL)}\n`;
    })
    .join('');
}

/** The file's name and what it is; on a line of its own where both don't fit. */
function heading(name: string, parts: readonly string[], layout: Layout): string {
  const gap = Math.max(2, LABEL - textWidth(name));
  const fits = textWidth(name) + gap + textWidth(dotted(parts, layout)) <= layout.columns;
  const text = fits ? dotted(parts, layout) : hanging(wrapParts(parts, ` ${sign('dot', layout)} `, room(layout)), LABEL);
  const beside = fits || textWidth(name) + 2 <= LABEL;
  return `${tinted(name, 'bold', layout)}${beside ? ' '.repeat(gap) : `\n${' '.repeat(LABEL)}`}${text}\n`;
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
const TOO_WIDE: ReadonlySet<string> = new Set(['machine', 'spellings', 'flags', 'Mach-O', 'hardening']);

/** The text of a cell: identities are cut to what people compare at a glance. */
function cellText({ label: name, value }: Row, layout: Layout): string {
  if (typeof value !== 'string') return name === 'signature' ? (value[0] as string) : dotted(value, layout);
  return name === 'build id' && value.length > 16 ? value.slice(0, 8) + sign('ellipsis', layout) + value.slice(-4) : value;
}

/** The rows of all slices as columns; '=' says: the same as to the left. Null where they don't fit. */
function sideBySide(inspection: Inspection, layout: Layout): string | null {
  const { binaries } = inspection;
  const tables = binaries.map((binary) => [
    row('offset', `0x${binary.offset.toString(16)}`),
    row('size', sizeText(binary.size)),
    ...facts(binary, layout).flat().filter(({ label: name }) => !TOO_WIDE.has(name)),
    ...detail(binary).filter(({ label: name }) => !TOO_WIDE.has(name)),
  ]);
  const labels = [...new Set(tables.flatMap((table) => table.map(({ label: name }) => name)))];
  const cells = labels.map((name) =>
    tables.map((table) => {
      const found = table.find((one) => one.label === name);
      return found === undefined ? sign('none', layout) : cellText(found, layout);
    }),
  );
  const head = binaries.map((binary) => targetText(binary).replace(/^[^/]*\//, ''));
  const shown = cells.map((values) => values.map((value, i) => (i > 0 && value === values[i - 1] ? '=' : value)));
  const widths = head.map((name, i) => Math.max(textWidth(name), ...shown.map((values) => textWidth(values[i] as string))) + 2);
  if (LABEL + widths.reduce((sum, width) => sum + width, 0) - 2 > layout.columns) return null;
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
      .map((binary, i) => heading(`slice ${i}`, [...title(binary), `${sizeText(binary.size)} at 0x${binary.offset.toString(16)}`], layout) + single(binary, layout))
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
  const what = inspection.universal ? ['Mach-O universal', targetsText(inspection), `${binaries.length} ${binaries.length === 1 ? 'slice' : 'slices'}`] : title(first);
  const digest = sha256 === null ? '' : labelled('sha256', [sha256], layout);
  const body = inspection.universal ? universal(inspection, layout) : single(first, layout);
  const notes = warningLines(warnings, layout);
  return `${heading(visible(path), [...what, sizeText(size)], layout)}${digest}\n${body}${notes === '' ? '' : `\n${notes}`}`;
}
