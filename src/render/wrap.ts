// Text set in lines: broken between parts, within a part only where it is longer than a line, never within a word.

import { textWidth } from './words.ts';

/** The lines of a paragraph. Words are never broken: one that is wider than `width`, a path, has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  return wrapParts(text.split(' '), ' ', width);
}

/** The lines of a list, its parts set apart by `separator`, which is left out where a line ends. A part goes onto a new line whole if it fits there. */
export function wrapParts(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const part of parts) {
    const longer: string = line === null ? part : line + separator + part;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== null) lines.push(line);
    line = part;
    if (textWidth(part) <= width || separator === ' ' || !part.includes(' ')) continue;
    const broken = wrapWords(part, width);
    line = broken.pop() as string;
    lines.push(...broken);
  }
  lines.push(line ?? '');
  return lines;
}

/** Lines as one text, all but the first indented. */
export function hanging(lines: readonly string[], indent: number): string {
  return lines.join(`\n${' '.repeat(indent)}`);
}
