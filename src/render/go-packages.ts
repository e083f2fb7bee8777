// Go's packages by size, as a table with bars.

import type { FileMap } from '../model/regions.ts';
import { shareText } from './map-rows.ts';
import { visible } from './visible.ts';
import { padded, sign, sizeText, textWidth, tinted } from './words.ts';
import type { Style } from './words.ts';

/** A package, and how much of the code is its. */
interface Sized {
  readonly name: string;
  readonly size: number;
  readonly functions: number;
}

const MOST = 40;
const NUMBERS = 10 + 2 + 6 + 2 + 9 + 2; // SIZE, SHARE, FUNCTIONS

/** The packages of one program; those after the first forty in one line, unless `all`. SHARE is the part of the code of all packages. */
export function renderGoPackages(packages: readonly Sized[], slice: string | null, file: FileMap, style: Style, all: boolean): string {
  const total = packages.reduce((sum, { size }) => sum + size, 0);
  const shown = all ? packages : packages.slice(0, MOST);
  const rest = packages.slice(shown.length);
  const nameOf = ({ name }: Sized): string => (name === '' ? '(made by the toolchain)' : visible(name));
  const longest = shown.reduce((most, one) => Math.max(most, textWidth(nameOf(one))), 7);
  const room = Math.max(0, Math.min(style.columns, 120) - NUMBERS - longest - 2);
  const largest = packages[0]?.size ?? 1;
  const bar = (size: number): string => (room < 8 ? '' : `  ${(style.unicode ? '█' : '#').repeat(Math.round((size / largest) * (room - 1))) || (style.unicode ? '▏' : '|')}`);
  const line = (size: number, functions: number, name: string, drawn: string): string =>
    `${sizeText(size).padStart(10)}  ${shareText(size, total).padStart(6)}  ${String(functions).padStart(9)}  ${drawn === '' ? name : padded(name, longest)}${drawn === '' ? '' : tinted(drawn, 'cyan', style)}\n`;
  const head = `${'SIZE'.padStart(10)}  ${'SHARE'.padStart(6)}  ${'FUNCTIONS'.padStart(9)}  PACKAGE`;
  const left = rest.length === 0 ? '' : line(rest.reduce((sum, { size }) => sum + size, 0), rest.reduce((sum, { functions }) => sum + functions, 0), `${sign('ellipsis', style)} ${rest.length} more`, '');
  const title = `${slice === null ? '' : `${visible(slice)}: `}${packages.length} packages, ${sizeText(total)} of code in a file of ${sizeText(file.size)}\n\n`;
  return `${title}${tinted(head, 'dim', style)}\n${shown.map((one) => line(one.size, one.functions, nameOf(one), bar(one.size))).join('')}${tinted(left, 'dim', style)}`;
}
