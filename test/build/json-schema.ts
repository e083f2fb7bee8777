// As much of JSON Schema as the schemas of this project use; a keyword that it does not know is an error, not a pass.

type Schema = Readonly<Record<string, unknown>>;

const NOTES = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'format', 'examples']);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function isType(value: unknown, type: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

/** What is wrong with a value, each with its place; empty where it is valid. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, at = ''): string[] {
  const wrong: string[] = [];
  const say = (what: string): void => void wrong.push(`${at === '' ? '/' : at}: ${what}`);
  const inner = (part: unknown, of: unknown, key: string | number): void => void wrong.push(...violations(part, of as Schema, root, `${at}/${key}`));
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : null;
  for (const [keyword, rule] of Object.entries(schema)) {
    switch (keyword) {
      case '$ref': {
        const target = String(rule).replace('#/', '').split('/').reduce<unknown>((part, name) => (part as Schema)[name], root);
        wrong.push(...violations(value, target as Schema, root, at));
        break;
      }
      case 'type':
        if (!(Array.isArray(rule) ? rule : [rule]).some((type) => isType(value, type))) say(`is ${typeOf(value)}, not ${String(rule)}`);
        break;
      case 'const':
        if (value !== rule) say(`is not ${JSON.stringify(rule)}`);
        break;
      case 'enum':
        if (!(rule as unknown[]).includes(value)) say(`${JSON.stringify(value)} is none of ${JSON.stringify(rule)}`);
        break;
      case 'pattern':
        if (typeof value === 'string' && !new RegExp(rule as string, 'u').test(value)) say(`${JSON.stringify(value)} does not match ${String(rule)}`);
        break;
      case 'minimum':
        if (typeof value === 'number' && value < (rule as number)) say(`is below ${String(rule)}`);
        break;
      case 'minItems':
        if (Array.isArray(value) && value.length < (rule as number)) say(`has fewer than ${String(rule)} items`);
        break;
      case 'minProperties':
        if (object !== null && Object.keys(object).length < (rule as number)) say(`has fewer than ${String(rule)} keys`);
        break;
      case 'required':
        for (const key of rule as string[]) if (object !== null && !Object.hasOwn(object, key)) say(`lacks ${key}`);
        break;
      case 'properties':
        for (const [key, of] of Object.entries(rule as Schema)) if (object !== null && Object.hasOwn(object, key)) inner(object[key], of, key);
        break;
      case 'additionalProperties':
        for (const key of Object.keys(object ?? {})) {
          if (Object.hasOwn((schema['properties'] ?? {}) as Schema, key)) continue;
          if (rule === false) say(`has the unknown key ${key}`);
          else inner((object as Schema)[key], rule, key);
        }
        break;
      case 'items':
        if (Array.isArray(value)) value.forEach((item, i) => inner(item, rule, i));
        break;
      case 'oneOf': {
        const fitting = (rule as Schema[]).filter((one) => violations(value, one, root, at).length === 0).length;
        if (fitting !== 1) say(`fits ${fitting} of the alternatives, not one`);
        break;
      }
      default:
        if (!NOTES.has(keyword)) throw new Error(`this validator does not know ${keyword}`);
    }
  }
  return wrong;
}

/** A schema with every object closed: users may get more keys one day, what this version prints has to have exactly these. */
export function closed<T>(part: T): T {
  if (Array.isArray(part)) return part.map(closed) as T;
  if (typeof part !== 'object' || part === null) return part;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(part)) copy[key] = closed(value as unknown);
  if (typeof copy['properties'] === 'object' && copy['type'] === 'object') copy['additionalProperties'] ??= false;
  return copy as T;
}
