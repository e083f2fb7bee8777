// What work costs, as processor time of this process: other programs, and other tests beside it, change little of that.

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
