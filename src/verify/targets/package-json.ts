// What a package.json says of the platforms that its package is for.

import type { PackagePlatforms } from '../../model/verdict.ts';

function words(value: unknown): readonly string[] | null {
  const list = typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  return list.length === 0 ? null : list;
}

/**
 * The os, cpu and libc that the text of a package.json says. What is no text, and no list of texts, says nothing; so does a
 * package.json that is no JSON, which no package can have.
 */
export function packagePlatforms(path: string, text: string): PackagePlatforms {
  const { os, cpu, libc } = entriesOf(text);
  return { path, os: words(os), cpu: words(cpu), libc: words(libc) };
}

function entriesOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof manifest === 'object' && manifest !== null ? (manifest as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
