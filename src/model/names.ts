// From numbers to the names that a format's document gives them.

/** A table of constants: `{ LOAD: 1, DYNAMIC: 2 }`. Where two names share a value, the first listed is its name. */
export type Names = Readonly<Record<string, number>>;

const reversed = new WeakMap<Names, Map<number, string>>();

/** The name of a value in a table, or null for a value that nobody listed. */
export function nameOf(table: Names, value: number): string | null {
  let names = reversed.get(table);
  if (names === undefined) {
    names = new Map();
    for (const [name, listed] of Object.entries(table)) if (!names.has(listed)) names.set(listed, name);
    reversed.set(table, names);
  }
  return names.get(value) ?? null;
}

/**
 * What a table says of a word that comes from outside: a file, a name, a policy, an option. Undefined for a word that the table does
 * not have, those that every object answers to (`constructor`, `valueOf`) among them.
 */
export function wordIn<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The name with its customary prefix: 'EM_' and X86_64 give 'EM_X86_64'. Null for a value that nobody listed. */
export function prefixedNameOf(prefix: string, table: Names, value: number): string | null {
  const name = nameOf(table, value);
  return name === null ? null : prefix + name;
}

/** The names of all single-bit flags of a table that are set in a word, in the table's order. */
export function flagNames(table: Names, word: number): string[] {
  const names: string[] = [];
  for (const [name, bit] of Object.entries(table)) if ((word & bit) !== 0) names.push(name);
  return names;
}
