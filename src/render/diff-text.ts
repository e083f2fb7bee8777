// A comparison for people: the verdict, what changed, the regions that differ, and what that allows to say.

import type { ComparedPath, Comparison, ComparisonVerdict, FactChange, RegionChange } from '../model/comparison.ts';
import { HEX_DIGITS, shownHex } from './hex.ts';
import { visible } from './visible.ts';
import { padded, sizeText, textWidth, tinted } from './words.ts';
import type { Style, Tint } from './words.ts';

const TITLES: Readonly<Record<ComparisonVerdict, readonly [title: string, tint: Tint]>> = {
  identical: ['identical', 'green'],
  'identical-but-signature': ['the same but for the signature', 'green'],
  'identical-but-identity': ['the same but for identity', 'green'],
  explained: ['the same but for what is recorded of the build', 'yellow'],
  differs: ['differs', 'red'],
  incomparable: ['incomparable', 'red'],
};

/** Signs of a change, and what stands for them in ASCII. */
const arrow = ({ unicode }: Style): string => (unicode ? '→' : '->');
const minus = ({ unicode }: Style): string => (unicode ? '−' : '-');

function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function bytesText(value: number): string {
  return `${count(value)} ${value === 1 ? 'byte' : 'bytes'}`;
}

/** '+5,191', '−12'. */
function signed(value: number, text: string, style: Style): string {
  return `${value < 0 ? minus(style) : '+'}${text}`;
}

function sizeChange(a: number, b: number, style: Style): string {
  if (a === b) return bytesText(a);
  const change = b - a;
  const share = a === 0 ? '' : `, ${signed(change, `${((100 * Math.abs(change)) / a).toFixed(1)} %`, style)}`;
  return `${count(a)} ${arrow(style)} ${bytesText(b)} (${signed(change, count(Math.abs(change)), style)}${share})`;
}

function titleLine(comparison: Comparison, style: Style): string {
  const { verdict, a, b, description, explained, unexplained, equal } = comparison;
  const [title, tint] = TITLES[verdict];
  const differing = explained + unexplained;
  const ignored = equal && verdict !== 'identical' ? tinted(`   counts as equal: ${comparison.ignored.join(', ')} ignored`, 'dim', style) : '';
  const amount = verdict === 'identical' ? `   ${bytesText(a.size)}, sha256 ${a.sha256}` : verdict === 'differs' || verdict === 'incomparable' ? `   ${sizeChange(a.size, b.size, style)}` : `: ${bytesText(differing)}`;
  const what = description.length === 0 || (verdict !== 'identical' && verdict !== 'differs') ? '' : `   ${[...description].reverse().join(' ')}`;
  return `${tinted(title, tint, style)}${what}${amount}${ignored}\n`;
}

/** Which facts a line of the report gathers; others have a line under their own names. */
const LABELS: readonly (readonly [label: string, facts: RegExp])[] = [
  ['platform', /^platform\./],
  ['go', /^go\.(version|buildInfo|path)$/],
  ['modules', /^go\.(deps|main)$/],
  ['settings', /^go\.settings$/],
  ['needs', /^dependencies$|^auxiliaries$/],
  ['search', /^searchPaths$/],
  ['minimums', /^minimums\./],
  ['hardening', /^hardening\.|^pie$/],
  ['versions', /^elf\.(neededVersions|providedVersions)$/],
  ['exports', /^exports$|^wasm\.exports$/],
  ['imports', /^wasm\.imports$/],
  ['signature', /^signature(\.|$)/],
  ['version', /^identity\.version\./],
];

/** Facts that only repeat what the differing bytes show. */
const IN_BYTES = /^(buildId|go\.buildId|signature\.cdHash|identity\.(timestamp|pdbGuid|pdbAge|debugLinkCrc))$/;

const MOST_LINES = 12; // of one label
const MOST_TEXT = 80;

function short(text: string, style: Style): string {
  const shown = visible(text);
  if (style.verbose || shown.length <= MOST_TEXT) return shown;
  return `${shown.slice(0, MOST_TEXT - 1)}${style.unicode ? '…' : '...'}`;
}

/** '~ golang.org/x/net  v0.26.0 → v0.28.0', '+ libresolv.so.2', '! relro full → partial'. */
function factText({ fact, name, change, a, b, worse, slice }: FactChange, style: Style): string {
  const own = name ?? (fact.split('.').at(-1) as string);
  const mark = worse === true ? tinted('!', 'red', style) : change === 'added' ? tinted('+', 'green', style) : change === 'removed' ? tinted(minus(style), 'red', style) : '~';
  const value = change === 'changed' ? `${short(a ?? '', style)} ${arrow(style)} ${short(b ?? '', style)}` : short((change === 'added' ? b : a) ?? '', style);
  const place = slice === null ? '' : tinted(`${visible(slice)}: `, 'dim', style);
  return `${mark} ${place}${short(own, style)}${value === '' ? '' : ` ${value}`}`;
}

function factLines(facts: readonly FactChange[], style: Style): string {
  const groups = new Map<string, FactChange[]>();
  for (const fact of facts) {
    if (!style.verbose && IN_BYTES.test(fact.fact)) continue;
    const label = LABELS.find(([, pattern]) => pattern.test(fact.fact))?.[0] ?? fact.fact;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [fact]);
    else group.push(fact);
  }
  const order = LABELS.map(([label]) => label);
  const place = (label: string): number => (order.includes(label) ? order.indexOf(label) : order.length);
  let text = '';
  for (const [label, group] of [...groups].sort((x, y) => place(x[0]) - place(y[0]))) {
    const most = style.verbose ? Infinity : MOST_LINES;
    const shown = [...group].sort((x, y) => Number(y.worse === true) - Number(x.worse === true)).slice(0, most);
    const lines = shown.map((fact) => factText(fact, style));
    if (group.length > shown.length) lines.push(leftOut(group.slice(shown.length), style));
    text += lines.map((line, index) => `${tinted((index === 0 ? label : '').padEnd(10), 'dim', style)}${line}\n`).join('');
  }
  return text === '' ? '' : `\n${text}`;
}

function leftOut(facts: readonly FactChange[], style: Style): string {
  const of = (change: FactChange['change']): number => facts.filter((fact) => fact.change === change).length;
  const parts = [`${minus(style)}${of('removed')}`, `+${of('added')}`, `~${of('changed')}`].filter((part) => !part.endsWith('0') || part.length > 2);
  return tinted(`and ${count(facts.length)} more: ${parts.join(' ')}`, 'dim', style);
}

const MOST_REGIONS = 20;

const GO_PART = /^Go build id, part (\d) /;

/** 'module text (vcs.revision, vcs.time)', 'Go build id, parts 1, 2, 4': what has one name before its parentheses or its number, together. */
function joined(what: readonly string[]): string {
  const groups = new Map<string, string[]>();
  const parts = what.flatMap((text) => GO_PART.exec(text)?.[1] ?? []);
  for (const text of what) {
    if (GO_PART.test(text)) {
      groups.set(`Go build id, ${parts.length === 1 ? 'part' : 'parts'} ${parts.join(', ')}`, []);
      continue;
    }
    const [, before = text, inside] = /^(.*) \((.*)\)$/.exec(text) ?? [];
    const list = groups.get(before) ?? [];
    if (inside !== undefined) list.push(inside);
    groups.set(before, list);
  }
  return Array.from(groups, ([before, inside]) => (inside.length === 0 ? before : `${before} (${inside.join(', ')})`)).join('; ');
}

function differingText({ a, b, differing, runs, runsLeftOut, what, unexplained }: RegionChange, style: Style): string {
  if (a === null) return 'only in B';
  if (b === null) return 'only in A';
  const known = what.length === 0 ? '' : `: ${short(joined(what), style)}${unexplained > 0 ? ' and more' : ''}`;
  if (a.size !== b.size) return `${bytesText(differing)} between the common ends${known}`;
  const number = runs.length + runsLeftOut;
  const share = a.size > 0 && differing > a.size / 10 && differing > 1000 ? `${((100 * differing) / a.size).toFixed(1)} %` : `${bytesText(differing)}${number > 1 ? ` in ${count(number)} runs` : ''}`;
  return `${share}${known}`;
}

function sizeCell(place: { readonly size: number } | null, style: Style): string {
  return place === null ? (style.unicode ? '–' : '-') : sizeText(place.size);
}

function regionTable({ regions, regionsLeftOut, identicalRegions }: Comparison, style: Style): string {
  const own = regions.filter(({ consequence }) => style.verbose || !consequence);
  const change = ({ a, b }: RegionChange): number => Math.abs((b?.size ?? 0) - (a?.size ?? 0));
  const ordered = style.verbose ? own : [...own].sort((x, y) => change(y) - change(x) || y.differing - x.differing);
  const shown = style.verbose ? ordered : ordered.slice(0, MOST_REGIONS);
  const rows = shown.map((region): string[] => {
    const delta = (region.b?.size ?? 0) - (region.a?.size ?? 0);
    return [visible(region.path), sizeCell(region.a, style), sizeCell(region.b, style), delta === 0 ? (style.unicode ? '–' : '-') : signed(delta, sizeText(Math.abs(delta)), style), differingText(region, style)];
  });
  const heads = ['REGION', 'A', 'B', 'CHANGE', 'DIFFERING'];
  const widths = heads.map((head, index) => Math.min(index === 0 ? 40 : 20, Math.max(textWidth(head), ...rows.map((row) => textWidth(row[index] as string)))));
  const line = (cells: readonly string[]): string => cells.map((cell, index) => (index === 0 ? padded(cell, widths[0] as number) : index === cells.length - 1 ? cell : ' '.repeat(Math.max(0, (widths[index] as number) - textWidth(cell))) + cell)).join('  ');
  let text = rows.length === 0 ? '' : `\n${tinted(line(heads), 'dim', style)}\n${rows.map((row) => `${line(row)}\n`).join('')}`;
  const more = ordered.length - shown.length + regionsLeftOut;
  const ends: string[] = [];
  if (more > 0) ends.push(`${count(more)} more regions differ`);
  if (identicalRegions > 0) ends.push(`${count(identicalRegions)} ${rows.length === 0 ? '' : 'other '}${identicalRegions === 1 ? 'region is' : 'regions are'} identical`);
  if (regions.some(({ consequence }) => consequence)) ends.push('headers differ as a consequence');
  if (ends.length > 0) text += `${tinted(ends.join('; '), 'dim', style)}\n`;
  return text;
}

/** The named values that differ, one line each. */
function valueLines({ values }: Comparison, style: Style): string {
  const seen = new Set<string>();
  const rows = values.slice(0, style.verbose ? values.length : MOST_REGIONS).map(({ offset, size, what, a, b }) => {
    const value = a === '' && b === '' ? '' : `${short(a, style)} ${arrow(style)} ${short(b, style)}`;
    const again = value !== '' && seen.has(value);
    seen.add(value);
    return [`0x${offset.toString(16)}`, bytesText(size), visible(what), again ? '(the same)' : value];
  });
  const widths = [0, 1, 2].map((index) => Math.max(0, ...rows.map((row) => textWidth(row[index] as string))));
  const lines = rows.map((row) => `  ${row.map((cell, index) => (index < 3 ? padded(cell, widths[index] as number) : cell)).join('  ')}`.trimEnd());
  if (values.length > rows.length) lines.push(tinted(`  and ${count(values.length - rows.length)} more`, 'dim', style));
  return lines.map((line) => `${line}\n`).join('');
}

/** Every run with its bytes. */
function runLines({ regions }: Comparison, style: Style): string {
  let text = '';
  for (const { path, runs, runsLeftOut } of regions) {
    if (runs.length === 0) continue;
    text += `\n${tinted(visible(path), 'bold', style)}\n`;
    for (const { a, b, size, what, bytes } of runs) {
      const place = a === b ? `0x${a.toString(16)}` : `0x${a.toString(16)} ${arrow(style)} 0x${b.toString(16)}`;
      const more = size > HEX_DIGITS / 2 ? (style.unicode ? '…' : '...') : '';
      text += `  ${place}  ${bytesText(size)}${what === null ? '' : `  ${visible(what)}`}\n    A ${shownHex(bytes.a)}${more}\n    B ${shownHex(bytes.b)}${more}\n`;
    }
    if (runsLeftOut > 0) text += tinted(`  and ${count(runsLeftOut)} more runs\n`, 'dim', style);
  }
  return text;
}

/** What came of two files. */
export function renderDiff(comparison: Comparison, style: Style): string {
  const { verdict, remarks, warnings } = comparison;
  const notes = [...remarks, ...(style.verbose ? warnings.map(({ message }) => `warning: ${message}`) : [])].map((text) => `${tinted('note:', 'dim', style)} ${visible(text)}\n`).join('');
  if (verdict === 'identical') return titleLine(comparison, style) + notes;
  const values = verdict === 'differs' && !style.verbose ? '' : valueLines(comparison, style);
  const facts = factLines(comparison.facts, style);
  const table = verdict === 'differs' || style.verbose ? regionTable(comparison, style) : '';
  const runs = style.verbose ? runLines(comparison, style) : '';
  return titleLine(comparison, style) + values + facts + table + runs + (notes === '' ? '' : `${facts + table + runs === '' ? '' : '\n'}${notes}`);
}

/** One path of two folders as a line; what is identical is shown with `verbose` only. */
export function renderPathDiff({ path, only, comparison, error }: ComparedPath, style: Style): string {
  const line = (word: string, tint: Tint, more = ''): string => `${tinted(word, tint, style)}  ${path === '' ? '(the archive itself)' : visible(path)}${more === '' ? '' : tinted(`  ${more}`, 'dim', style)}\n`;
  if (error !== null) return line('can not be compared', 'red', visible(error.message));
  if (only !== null) return line(only === 'a' ? 'only in A' : 'only in B', 'red');
  if (comparison === null) return '';
  const [title, tint] = TITLES[comparison.verdict];
  if (comparison.verdict === 'identical') return style.verbose ? line(title, tint) : '';
  const worst = comparison.regions.filter(({ consequence }) => !consequence).slice(0, 3).map((region) => visible(region.path));
  const more = comparison.verdict === 'differs' ? [sizeChange(comparison.a.size, comparison.b.size, style), ...worst].join(', ') : bytesText(comparison.explained + comparison.unexplained);
  const notes = style.verbose || comparison.regions.length === 0 ? comparison.remarks.map((text) => `    ${tinted('note:', 'dim', style)} ${visible(text)}\n`).join('') : '';
  const changes = comparison.facts.filter(({ worse }) => worse === true).map((fact) => `    ${factText(fact, style)}\n`).join('');
  return line(title, tint, comparison.a.size + comparison.b.size === 0 ? '' : more) + changes + notes;
}

/** How many paths came out how. */
export interface DiffSummary {
  identical: number;
  /** Different, but for what is ignored equal. */
  ignored: number;
  different: number;
  onlyInA: number;
  onlyInB: number;
  failed: number;
}

/** The last line of two folders. */
export function renderDiffSummary(summary: DiffSummary): string {
  const { identical, ignored, different, onlyInA, onlyInB, failed } = summary;
  const parts = [`${count(identical)} identical`];
  if (ignored > 0) parts.push(`${count(ignored)} equal but for what is ignored`);
  parts.push(`${count(different)} different`);
  if (onlyInA > 0) parts.push(`${count(onlyInA)} only in A`);
  if (onlyInB > 0) parts.push(`${count(onlyInB)} only in B`);
  if (failed > 0) parts.push(`${count(failed)} that can not be compared`);
  return `${parts.join(', ')}\n`;
}
