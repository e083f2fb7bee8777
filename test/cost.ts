// What work costs, as processor time of this process: other programs, and other tests beside it, change little of that.

import { expect } from 'vitest';

/** Milliseconds of processor time: the best of some tries, ended early once one is within `enough`. */
export async function cost(work: () => unknown, enough = 0, tries = 4): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries && least > enough; i++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** What work gives. Of a few tries one has to stay within so many milliseconds of processor time, which are many times what it takes. */
export async function within<T>(milliseconds: number, work: () => T | Promise<T>): Promise<T> {
  let result: T | undefined;
  const least = await cost(async () => (result = await work()), milliseconds);
  expect(least).toBeLessThan(milliseconds);
  return result as T;
}

/** The same for work that is done at once. */
export function withinSync<T>(milliseconds: number, work: () => T): T {
  for (let i = 0; ; i++) {
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    if (i === 3) expect((user + system) / 1000).toBeLessThan(milliseconds);
    if (i === 3 || (user + system) / 1000 < milliseconds) return result;
  }
}
