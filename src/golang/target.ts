// GOOS and GOARCH from the names of the runtime's own source files, which stand in every Go program, stripped and trimmed too.

/** A system or an architecture, and the file name that tells it. */
export interface TargetWord {
  readonly word: string;
  readonly file: string;
}

export interface Target {
  readonly os: TargetWord | null;
  readonly arch: TargetWord | null;
}

/** GOOS words (internal/syslist). Of a system that borrows another's files, both are named: the borrower stands first. */
const SYSTEMS = 'android ios illumos linux darwin solaris windows freebsd netbsd openbsd dragonfly aix plan9 js wasip1'.split(' ');
const ARCHITECTURES = new Set('386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' '));

/** Files that are shared by architectures of both byte orders. */
const SHARED: Readonly<Record<string, { readonly big: string; readonly little: string }>> = {
  mipsx: { big: 'mips', little: 'mipsle' },
  mips64x: { big: 'mips64', little: 'mips64le' },
  ppc64x: { big: 'ppc64', little: 'ppc64le' },
};

/** What the runtime's file names tell: rt0_ files first, then sys_, then os_. Null where they don't, or contradict each other. */
export function targetOf(files: Iterable<string>, little: boolean): Target {
  const names = [...files].sort((a, b) => rank(a) - rank(b));
  let os: TargetWord | null = null;
  let arch: TargetWord | null = null;
  for (const file of names) {
    const [, system = '', machine] = /^(?:rt0|sys|os)_([a-z0-9]+?)(?:_([a-z0-9]+))?\.(?:s|go)$/.exec(file) ?? [];
    if (SYSTEMS.includes(system) && (os === null || SYSTEMS.indexOf(system) < SYSTEMS.indexOf(os.word))) os = { word: system, file: `runtime/${file}` };
    const shared = SHARED[machine ?? ''];
    const word = shared === undefined ? machine : little ? shared.little : shared.big;
    if (arch === null && word !== undefined && ARCHITECTURES.has(word)) arch = { word, file: `runtime/${file}` };
  }
  return { os, arch };
}

function rank(file: string): number {
  return file.startsWith('rt0_') ? 0 : file.startsWith('sys_') ? 1 : 2;
}
