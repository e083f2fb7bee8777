// The report for people: one file in full, slices of a universal file side by side.

import type { Binary, Inspection } from '../model/binary.ts';
import type { Warning } from '../model/warning.ts';
import { answerRows, checkRows, componentRows, goPart, hardeningRows, identityPart, needsRows, originRows, packedRows, runsOnRows, symbolsText, titleFacts } from './answers.ts';
import { detailRows } from './detail.ts';
import { minimumParts, signatureParts } from './identity.ts';
import { between, groupLines, LABEL, room, row } from './rows.ts';
import type { Row } from './rows.ts';
import { visible } from './visible.ts';
import { kindText, padded, pathTinted, sign, sizeText, targetsText, targetText, targetTinted, textWidth, tinted, whatText } from './words.ts';
import type { Style } from './words.ts';
import { hanging, wrapParts, wrapWords } from './wrap.ts';

/** What a binary is, in one line: its target, 'ELF64 PIE executable', 'dynamic, glibc', and for Go its version. */
function title(binary: Binary, style: Style): string[] {
  const { linkage, kind, platform, go } = binary;
  const linked = [linkage === 'dynamic' && kind === 'executable' ? 'dynamic' : null, platform.libc === null ? null : visible(platform.libc)].filter((part) => part !== null);
  return [
    tinted(targetTinted(targetText(binary), platform.os, style), 'bold', style),
    whatText(binary),
    ...(linked.length === 0 ? [] : [linked.join(', ')]),
    ...(go === null ? [] : [go.version === null ? 'Go, version unknown' : visible(go.version)]),
  ];
}

function warningLines(warnings: readonly Warning[], style: Style): string {
  return warnings
    .map(({ message, offset }) => {
      const place = offset === null ? '' : ` (at 0x${offset.toString(16)})`;
      return `${tinted(padded('warning', LABEL), 'yellow', style)}${hanging(wrapWords(visible(`${message}${place}`), room(style)), LABEL)}\n`;
    })
    .join('');
}

/** A name and what it is; on a line of its own where both don't fit. */
function heading(name: string, parts: readonly string[], style: Style): string {
  const text = parts.join(between(style));
  const fits = textWidth(name) + 2 + textWidth(text) <= style.columns;
  return fits ? `${name}  ${text}\n` : `${name}\n  ${hanging(wrapParts(parts, between(style), Math.max(38, style.columns - 2)), 2)}\n`;
}

/** Groups set off by blank lines; those without rows left out. */
function groups(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** All that is said of one binary below its title. `digest` stands with the other identities. */
function single(binary: Binary, digest: readonly Row[], style: Style): string {
  const lines = (...rows: readonly (readonly Row[])[]): string => groupLines(rows.flat(), style);
  return groups([
    lines(goPart(binary, style)),
    lines(style.verbose ? titleFacts(binary, style) : []),
    lines(style.verbose ? [] : titleFacts(binary, style), answerRows(binary, style)),
    lines(originRows(binary, style)),
    lines(checkRows(binary, style)),
    lines(detailRows(binary, style.verbose)),
    lines(componentRows(binary, style)),
    lines(digest, identityPart(binary, style)),
    warningLines(binary.warnings, style),
  ]);
}

/** Rows of a slice that stand beside those of other slices. */
function sliceRows(binary: Binary, style: Style): Row[] {
  const signature = signatureParts(binary);
  const id = binary.buildId !== null && binary.buildId.length > 16 ? binary.buildId.slice(0, 8) + sign('ellipsis', style) + binary.buildId.slice(-4) : binary.buildId; // what people compare at a glance
  const least = minimumParts(binary, sign('least', style)).map(visible).join(between(style));
  return [
    row('offset', `0x${binary.offset.toString(16)}`),
    row('size', sizeText(binary.size)),
    row('kind', kindText(binary.kind)),
    ...titleFacts(binary, style).filter(({ label }) => label !== 'kind'),
    ...packedRows(binary),
    ...(least === '' ? runsOnRows(binary, style) : [row('runs on', least)]),
    row('symbols', symbolsText(binary, style)),
    ...(id === null ? [] : [row('build id', visible(id))]),
    ...(signature === null ? [] : [row('signature', visible(signature[0] as string))]),
    ...checkRows(binary, style),
    ...(binary.entryPoint === null ? [] : [row('entry', `0x${binary.entryPoint.toString(16)}`)]),
  ];
}

/** The rows of all slices as columns; '=' says: the same as to the left. Null where they don't fit. */
function sideBySide({ binaries }: Inspection, style: Style): string | null {
  const tables = binaries.map((binary) => sliceRows(binary, style));
  const labels = [...new Set(tables.flatMap((table) => table.map(({ label }) => label)))];
  const cells = labels.map((name) =>
    tables.map((table) => {
      const value = table.find(({ label }) => label === name)?.value ?? sign('none', style);
      return typeof value === 'string' ? value : value.join(between(style));
    }),
  );
  const heads = binaries.map(sliceName);
  const shown = cells.map((values) => values.map((value, i) => (i > 0 && value === values[i - 1] ? '=' : value)));
  const widths = heads.map((name, i) => Math.max(textWidth(name), ...shown.map((values) => textWidth(values[i] as string))) + 2);
  if (LABEL + widths.reduce((sum, width) => sum + width, 0) - 2 > style.columns) return null;
  const columns = (values: readonly string[]): string => values.map((value, i) => padded(value, widths[i] as number)).join('').trimEnd();
  const lines = labels.map((name, i) => `${tinted(padded(name, LABEL), 'dim', style)}${columns(shown[i] as string[])}\n`);
  return `${' '.repeat(LABEL)}${tinted(columns(heads), 'bold', style)}\n${lines.join('')}`;
}

/** A slice's architecture, for a column or a label. */
function sliceName(binary: Binary): string {
  return targetText(binary).replace(/^[^/]*\//, '');
}

/** Rows that all slices have in common once, else for each slice under its name. */
function shared(binaries: readonly Binary[], rowsOf: (binary: Binary, label?: string) => readonly Row[], style: Style): string {
  const all = binaries.map((binary) => groupLines(rowsOf(binary), style));
  if (all.every((text) => text === all[0])) return all[0] as string;
  return binaries.map((binary) => groupLines(rowsOf(binary, sliceName(binary).slice(0, LABEL - 1)), style)).join('');
}

function universal(inspection: Inspection, digest: readonly Row[], style: Style): string {
  const { binaries } = inspection;
  const columns = style.verbose ? null : sideBySide(inspection, style);
  if (columns === null) {
    const slices = binaries.map((binary, i) => heading(`slice ${i}`, [...title(binary, style), `${sizeText(binary.size)} at 0x${binary.offset.toString(16)}`], style) + single(binary, [], style));
    return groups([groupLines(digest, style), ...slices]);
  }
  return groups([
    columns,
    shared(binaries, (binary, label = 'needs') => needsRows(binary, style, label), style),
    shared(binaries, (binary, label = 'hardening') => hardeningRows(binary, style).map((one) => ({ ...one, label })), style),
    groupLines(digest, style),
    binaries.map((binary) => warningLines(binary.warnings, style)).join(''),
  ]);
}

/** What all slices are: 'Mach-O universal bundle'. */
function universalText({ binaries }: Inspection): string {
  const [first, ...others] = new Set(binaries.map(({ kind }) => kind));
  return `Mach-O universal${first === undefined || others.length > 0 || first === 'other' ? '' : ` ${kindText(first)}`}`;
}

/** One file in full. Ends with a newline. */
export function renderInspection(inspection: Inspection, path: string, style: Style): string {
  const { binaries, size, sha256, warnings } = inspection;
  const first = binaries[0] as Binary;
  const slices = [tinted(targetTinted(targetsText(inspection), first.platform.os, style), 'bold', style), universalText(inspection), `${binaries.length} ${binaries.length === 1 ? 'slice' : 'slices'}`];
  const digest = sha256 === null ? [] : [row('sha256', sha256)];
  const body = inspection.universal ? universal(inspection, digest, style) : single(first, digest, style);
  return groups([heading(pathTinted(visible(path), style), [...(inspection.universal ? slices : title(first, style)), sizeText(size)], style), body, warningLines(warnings, style)]);
}

/** The digest of a file that was shown without it, as its row. */
export function digestLine(sha256: string, style: Style): string {
  return groupLines([row('sha256', sha256)], style);
}
