// Which names of facts there are: what the schema of an inspection has. Loaded for `--fields` alone.

import { wordIn } from '../model/names.ts';
import { nearest } from '../model/nearest.ts';
import { FILE_FIELDS } from '../render/fields.ts';
import schema from '../schema/inspection.json' with { type: 'json' };

/** What of JSON Schema the inspection's uses. */
interface Node {
  readonly $ref?: string;
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
}

const DEFINITIONS = schema.$defs as Readonly<Record<string, Node>>;

/** A node with those that it refers to, and those of a list's items: what a name may lead on from. */
function unfolded(node: Node): Node[] {
  const referred = node.$ref === undefined ? undefined : wordIn(DEFINITIONS, node.$ref.slice('#/$defs/'.length));
  const inner = [...(referred === undefined ? [] : [referred]), ...(node.oneOf ?? []), ...(node.items === undefined ? [] : [node.items])];
  return [node, ...inner.flatMap(unfolded)];
}

const FILE: readonly Node[] = [{ properties: schema.properties as Readonly<Record<string, Node>> }];
const BINARIES: readonly Node[] = unfolded(schema.properties.binaries as unknown as Node);

/** Names that a name may go on with: null where it may be any (`because.…`). */
function namesIn(nodes: readonly Node[]): readonly string[] | null {
  if (nodes.some(({ additionalProperties }) => typeof additionalProperties === 'object')) return null;
  return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** A name that is no fact, and the fact that is nearest to it; null where all are facts. */
export function unknownField(fields: readonly string[]): { name: string; near: string | null } | null {
  for (const name of fields) {
    const words = name.split('.');
    const first = words[0] as string;
    let nodes = FILE_FIELDS.includes(first) ? FILE : BINARIES;
    let known: readonly string[] | null = [...FILE_FIELDS, ...(namesIn(BINARIES) ?? [])];
    for (const [index, word] of words.entries()) {
      if (known === null) break;
      if (!known.includes(word)) {
        const near = nearest(word, known);
        if (near === null) return { name, near };
        const short = [...words.slice(0, index), near];
        const whole = [...short, ...words.slice(index + 1)].join('.');
        return { name, near: unknownField([whole]) === null ? whole : short.join('.') };
      }
      nodes = nodes.flatMap(({ properties }) => wordIn(properties ?? {}, word) ?? []).flatMap(unfolded);
      known = namesIn(nodes);
    }
  }
  return null;
}

/** Facts for completions: those of the file and of its binaries, and what is within them, one step deep. */
export function fieldNames(): string[] {
  const own = namesIn(BINARIES) ?? [];
  const within = (name: string): string[] => {
    const nodes = BINARIES.flatMap(({ properties }) => wordIn(properties ?? {}, name) ?? []).flatMap(unfolded);
    return (namesIn(nodes) ?? []).map((inner) => `${name}.${inner}`);
  };
  return [...FILE_FIELDS, ...own.flatMap((name) => [name, ...within(name)])];
}
