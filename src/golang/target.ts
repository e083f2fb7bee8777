// GOOS and GOARCH from the names of the runtime's own source files, which stand in every Go program, stripped and trimmed too.

/** A system or an architecture, and the file name that shows it. */
export interface TargetWord {
  readonly word: string;
  readonly file: string;
}

export interface Target {
  readonly os: TargetWord | null;
  readonly arch: TargetWord | null;
}

const SYSTEMS = new Set('android ios illumos linux darwin solaris windows freebsd netbsd openbsd dragonfly aix plan9 js wasip1'.split(' ')); // internal/syslist
const ARCHITECTURES = new Set('386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' '));

/** Systems that are built with another's files beside their own. */
const BORROWERS: ReadonlyMap<string, string> = new Map([['android', 'linux'], ['ios', 'darwin'], ['illumos', 'solaris']]); // prettier-ignore

/** Files that are shared by architectures of both byte orders. */
const SHARED: ReadonlyMap<string, { readonly big: string; readonly little: string }> = new Map([
  ['mipsx', { big: 'mips', little: 'mipsle' }],
  ['mips64x', { big: 'mips64', little: 'mips64le' }],
  ['ppc64x', { big: 'ppc64', little: 'ppc64le' }],
]);

/** What the names of the runtime's files (rt0_, sys_, os_) say. Null where they say nothing, or contradict each other: a program may hold another as data. */
export function targetOf(files: Iterable<string>, little: boolean): Target {
  const systems = new Map<string, string>();
  const architectures = new Map<string, string>();
  for (const file of [...files].sort()) {
    const [, system = '', machine = ''] = /^(?:rt0|sys|os)_([a-z0-9]+?)(?:_([a-z0-9]+))?\.(?:s|go)$/.exec(file) ?? [];
    if (SYSTEMS.has(system)) systems.set(system, file);
    const word = SHARED.get(machine)?.[little ? 'little' : 'big'] ?? machine;
    if (ARCHITECTURES.has(word)) architectures.set(word, file);
  }
  for (const [borrower, lender] of BORROWERS) if (systems.has(borrower)) systems.delete(lender);
  return { os: only(systems), arch: only(architectures) };
}

function only(words: ReadonlyMap<string, string>): TargetWord | null {
  const [first, ...others] = words;
  return first === undefined || others.length > 0 ? null : { word: first[0], file: `runtime/${first[1]}` };
}
