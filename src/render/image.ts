// Container images as a table: a row a platform, with its configuration, and what it starts.

import { imagePlatformText } from '../model/image.ts';
import type { Image } from '../model/image.ts';
import { visible } from './visible.ts';
import { dotted, padded, sign, targetsText, tinted, whatText } from './words.ts';
import type { Style } from './words.ts';

const WIDTHS = [16, 16, 8, 10] as const;

/** The heads of the columns. */
export function imageHead(style: Style): string {
  const names = ['PLATFORM', 'CONFIG', 'LAYERS', 'BINARIES'].map((name, index) => padded(name, WIDTHS[index] as number)).join('');
  return `${tinted(`${names}ENTRYPOINT`, 'dim', style)}\n`;
}

/** What an image starts: `/entry.sh → /bin/sh → /bin/busybox  linux/arm64 ELF64 static executable`. */
function startText({ entrypoint, config }: Image, style: Style): string {
  if (entrypoint === null || config === null) return sign('none', style);
  const arrow = style.unicode ? ' → ' : ' -> ';
  const way = entrypoint.chain.map(({ path }) => path).join(arrow);
  const { program, problem } = entrypoint;
  if (program === null) return way === '' ? (problem ?? sign('none', style)) : `${way}  (${problem ?? 'not a program'})`;
  const [first] = program.binaries;
  return `${way}  ${targetsText(program)}${first === undefined ? '' : ` ${whatText(first)}`}`;
}

/** One image as a row; below it, why it is not complete, and what is missing. */
export function imageRow(image: Image, style: Style): string {
  const { indexPlatform, config, layers, binaries, complete, warnings, inside, missingInterpreters } = image;
  const label = inside.at(-1)?.member ?? '';
  const cells = [label, config === null ? sign('none', style) : imagePlatformText(config.platform), String(layers.length), String(binaries.length)];
  const row = cells.map((cell, index) => `${padded(visible(cell), (WIDTHS[index] as number) - 2)}  `).join('');
  const lines = [`${row}${visible(startText(image, style))}`];
  if (indexPlatform !== null && config !== null && imagePlatformText(indexPlatform) !== imagePlatformText(config.platform)) {
    lines.push(`  the index says ${imagePlatformText(indexPlatform)}, the configuration says ${imagePlatformText(config.platform)}`);
  }
  for (const { interpreter, programs } of missingInterpreters.slice(0, 4)) {
    lines.push(`  ${interpreter} is not in the image; ${programs.length === 1 ? (programs[0] as string) : `${programs.length} programs, ${programs[0] as string} among them,`} ${programs.length === 1 ? 'asks' : 'ask'} for it`);
  }
  if (!complete) lines.push('  NOT COMPLETE');
  for (const { code, message } of warnings) lines.push(`  ${code}: ${message}`);
  return lines.map((line, index) => `${index === 0 ? line : visible(line)}\n`).join('');
}

/** The line above the rows: the archive, how the images are stored, what they are called. */
export function imageTitle({ inside, format, names }: Image, style: Style): string {
  const path = inside[0]?.path ?? '';
  return `${tinted(visible(path), 'bold', style)}  ${dotted([format, ...(names.length === 0 ? [] : [visible(names.slice(0, 4).join(', '))])], style)}\n`;
}
