// What a mistyped word was probably meant to be.

/** How many letters have to be changed, added, left out or exchanged with their neighbours to make one word the other. */
function distance(a: string, b: string): number {
  let earlier: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (earlier[j - 2] as number) + 1);
      next.push(least);
    }
    earlier = row;
    row = next;
  }
  return row[b.length] as number;
}

/** The known word that a mistyped one is nearest to; null where none is near. Of two that are, the one with its first letter. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > 64) return null;
  const most = word.length <= 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | null = null;
  let least = most + 0.5;
  for (const candidate of known) {
    const cost = distance(word, candidate) + (candidate[0] === word[0] ? 0 : 0.25);
    if (cost < least) {
      least = cost;
      best = candidate;
    }
  }
  return best;
}
