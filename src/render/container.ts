// An archive as one line: how it is packed, what is in it, and what it says that it is for.

import type { Container } from '../model/container.ts';
import { visible } from './visible.ts';
import { sizeText } from './words.ts';

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `app.tar.gz  tar.gz · 3 members, 1 binary · 4.1 MiB · says arm64 · SHA-256 …`; and a line for each reason why it is not complete. */
export function containerLine({ path, format, kind, members, binaries, size, claims, sha256, complete, warnings }: Container): string {
  const parts = [kind === null || kind === format ? format : `${kind} (${format})`, `${counted(members, 'member', 'members')}, ${counted(binaries, 'binary', 'binaries')}`];
  if (size !== null) parts.push(sizeText(size));
  const said = [...new Set(claims.map(({ text }) => text))];
  if (said.length > 0) parts.push(`says ${said.slice(0, 4).join('; ')}${said.length > 4 ? '; …' : ''}`);
  if (sha256 !== null) parts.push(`SHA-256 ${sha256}`);
  if (!complete) parts.push('NOT COMPLETE');
  const lines = [`${path}  ${parts.join(' · ')}`, ...warnings.map(({ code, message }) => `  ${code}: ${message}`)];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
