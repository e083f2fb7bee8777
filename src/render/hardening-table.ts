// Many files as a table of mitigations: a column for each that one of them has an answer to, a line for each binary.

import type { Binary, Inspection } from '../model/binary.ts';
import { HARDENING_REASON } from '../model/hardening.ts';
import { MITIGATIONS } from '../model/mitigations.ts';
import type { Mitigation } from '../model/mitigations.ts';
import { visible } from './visible.ts';
import { padded, pathTinted, sign, targetText, targetTinted, textWidth, tinted } from './words.ts';
import type { Style, Tint } from './words.ts';
import { wrapWords } from './wrap.ts';

const TARGET = 20;
const LEAST_PATH = 16; // columns

/** A file of the table. */
export interface HardeningItem {
  readonly inspection: Inspection;
  readonly path: string;
}

/** What a binary answers to a mitigation: a protected one says yes in every column; ? is what can't be determined, and nothing stands for a question that does not arise. */
export function mitigationAnswer({ hardening, because }: Pick<Binary, 'hardening' | 'because'>, { fact, good }: Mitigation): string | null {
  const value = hardening?.[fact] ?? null;
  const reason = because[HARDENING_REASON[fact]];
  if (value === null) return reason !== undefined && !reason.startsWith('does not apply') ? '?' : null;
  return typeof value === 'string' ? value : value === good ? 'yes' : 'NO';
}

const TINTS: ReadonlyMap<string, Tint> = new Map([['yes', 'green'], ['full', 'green'], ['partial', 'yellow'], ['?', 'yellow'], ['NO', 'red'], ['none', 'red']]); // prettier-ignore

/** PIE is a fact of its own, and the first that people ask for. */
function pieAnswer({ pie, format }: Binary): string | null {
  return pie === null || format === 'pe' ? null : pie ? 'yes' : 'NO'; // of PE, ASLR says it
}

/** The table. Columns to which no file has an answer are left out; on a terminal also those that it has no room for, which are then named below. */
export function renderHardening(items: readonly HardeningItem[], style: Style): string {
  const rows = items.flatMap(({ inspection, path }) => inspection.binaries.map((binary) => ({ binary, path })));
  if (rows.length === 0) return '';
  const all = [{ head: 'PIE', answers: rows.map(({ binary }) => pieAnswer(binary)) }, ...MITIGATIONS.map((one) => ({ head: one.head, answers: rows.map(({ binary }) => mitigationAnswer(binary, one)) }))];
  const used = all
    .filter(({ answers }) => answers.some((answer) => answer !== null))
    .map((column) => ({ ...column, width: Math.max(column.head.length, ...new Set(column.answers.map((answer) => answer?.length ?? 1))) + 2 }));
  let room = style.columns - TARGET - (style.columns < 100 ? 'PATH'.length : LEAST_PATH); // a path that does not fit beside has a line of its own
  const columns = used.filter(({ width }) => (room -= width) >= 0);
  const head = padded('TARGET', TARGET) + columns.map(({ head: name, width }) => padded(name, width)).join('');
  const lines = rows.map(({ binary, path }, row) => {
    const target = targetTinted(padded(targetText(binary), TARGET), binary.platform.os, style);
    const cells = columns.map(({ answers, width }) => {
      const answer = answers[row] ?? null;
      const text = padded(answer ?? sign('none', style), width);
      return tinted(text, answer === null ? 'dim' : (TINTS.get(answer) ?? 'dim'), style);
    });
    const name = pathTinted(visible(path), style);
    const fits = textWidth(target) + columns.reduce((sum, { width }) => sum + width, 0) + textWidth(name) <= style.columns;
    return `${target}${cells.join('')}`.replace(fits ? /(?!)/ : / +((?:\u001b\[\d+m)*)$/, '$1') + (fits ? name : `\n    ${name}`) + '\n';
  });
  const left = used.slice(columns.length).map(({ head: name }) => name);
  const remark = left.length === 0 ? '' : tinted(wrapWords(`No room for ${left.join(', ')}. A pipe shows all columns.`, style.columns).join('\n'), 'dim', style);
  return `${tinted(`${head}PATH`, 'dim', style)}\n${lines.join('')}${remark === '' ? '' : `${remark}\n`}`;
}
