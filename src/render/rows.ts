// How a report's rows stand on a page: a label, a value beside it, and with `verbose` what told it beside that.

import { padded, sign, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';
import { hanging, wrapParts, wrapWords } from './wrap.ts';

/** Columns of the labels. */
export const LABEL = 13;

const WIDEST = 100;
const BESIDE = 100; // columns from which on reasons stand beside the facts
const VALUE = 30; // columns of a value that has its reason beside it

/** One line of a report: a fact, and what told it. */
export interface Row {
  readonly label: string;
  /** A sentence, or parts to be set apart. Its text is safe to show. */
  readonly value: string | readonly string[];
  readonly note: string | null;
  /** What stands between parts; a dot by default. */
  readonly separator?: string;
}

/** A row. An undefined note is none. */
export function row(label: string, value: Row['value'], note: string | null | undefined = null, separator?: string): Row {
  return { label, value, note: note ?? null, ...(separator === undefined ? {} : { separator }) };
}

/** The width of the values' column. */
export function room({ columns }: Style): number {
  return Math.max(40, Math.min(columns, WIDEST)) - LABEL;
}

/** What stands between the parts of a value. */
export function between(style: Style): string {
  return ` ${sign('dot', style)} `;
}

function label(text: string, style: Style): string {
  return tinted(padded(text, LABEL), 'dim', style);
}

/** A label, and lines beside it. A word that is too long for that, a path or a digest, moves to the left, where it can be seen and copied whole. */
export function labelled(name: string, lines: readonly string[], style: Style): string {
  const placed = lines.map((text) => {
    const indent = [LABEL, 2].find((columns) => columns + textWidth(text) <= style.columns) ?? 0;
    return { indent, text: `${' '.repeat(indent)}${text}\n` };
  });
  const [first, ...others] = placed as [(typeof placed)[0], ...typeof placed];
  const beside = first.indent === LABEL ? `${label(name, style)}${first.text.slice(LABEL)}` : `${tinted(name, 'dim', style)}\n${first.text}`;
  return beside + others.map(({ text }) => text).join('');
}

/** A row as lines. With `verbose` its reason stands beside it where there is room, else below. */
export function rowLines({ label: name, value, note, separator }: Row, style: Style): string {
  const told = style.verbose ? note : null;
  const one = typeof value === 'string' ? value : value.join(separator ?? between(style));
  if (told !== null && style.columns >= BESIDE && textWidth(one) <= VALUE) {
    const at = LABEL + VALUE + 2;
    const reason = tinted(hanging(wrapWords(told, style.columns - at), at), 'dim', style);
    return `${label(name, style)}${padded(one, VALUE + 2)}${reason}\n`;
  }
  if (told !== null && style.columns >= BESIDE && LABEL + textWidth(one) + 2 + textWidth(told) <= style.columns) return `${label(name, style)}${one}  ${tinted(told, 'dim', style)}\n`;
  const width = style.columns === Infinity && style.verbose ? Infinity : room(style);
  const lines = typeof value === 'string' ? wrapWords(value, width) : wrapParts(value, separator ?? between(style), width);
  const below = told === null ? '' : `${' '.repeat(LABEL)}${tinted(hanging(wrapWords(`because ${told}`, room(style)), LABEL), 'dim', style)}\n`;
  return labelled(name, lines, style) + below;
}

/** Rows that belong together as lines. */
export function groupLines(rows: readonly Row[], style: Style): string {
  return rows.map((one) => rowLines(one, style)).join('');
}
