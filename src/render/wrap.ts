// Text set in lines: broken between parts, within a part only where it is longer than a line, never within a word.

import { textWidth } from './words.ts';

/** The lines of a paragraph. Words are never broken: one that is wider than `width`, a path, has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  return wrapParts(text.split(' '), ' ', width);
}

/** The lines of a list, its parts set apart by `separator`, which is left out where a line ends. A part goes onto a new line whole if it fits there. */
export function wrapParts(parts: readonly string[], separator: string, width: number): string[] {
  if (width === Infinity) return [parts.join(separator)];
  const lines: string[] = [];
  const between = textWidth(separator);
  let line: string[] = []; // the parts of the line, and how wide they are together
  let filled = 0;
  for (const part of parts) {
    const own = textWidth(part);
    if (line.length > 0 && filled + between + own <= width) {
      line.push(part);
      filled += between + own;
      continue;
    }
    if (line.length > 0) lines.push(line.join(separator));
    const broken = own <= width || separator === ' ' || !part.includes(' ') ? [part] : wrapWords(part, width);
    const last = broken.pop() as string;
    for (const whole of broken) lines.push(whole);
    line = [last];
    filled = last === part ? own : textWidth(last);
  }
  lines.push(line.join(separator));
  return lines;
}

/** Lines as one text, all but the first indented. */
export function hanging(lines: readonly string[], indent: number): string {
  return lines.join(`\n${' '.repeat(indent)}`);
}
