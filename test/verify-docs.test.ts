// What the documents say of verification holds: README, help and schemas follow the rule table, and every example runs.

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify as command } from '../src/cli/verify.ts';
import { DT, EM, ET } from '../src/elf/constants.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { EXPECTATION_KEYS, RULES } from '../src/model/rules.ts';
import type { RuleId, VerifyReport } from '../src/model/verdict.ts';
import report from '../src/schema/verify-report.json' with { type: 'json' };
import policySchema from '../src/schema/policy.json' with { type: 'json' };
import { verifyFiles } from '../src/files/verify-files.ts';
import { parsePolicy } from '../src/verify/policy/policy.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';
import { elf, framed, inlineBlob, witnesses } from './build/go.ts';
import { violations } from './build/json-schema.ts';
import { buildPe } from './build/pe.ts';
import { fixtureBytes } from './fixtures.ts';
import { ruleTable } from './rule-table.ts';
import { run } from './terminal.ts';

const README = readFileSync('README.md', 'utf8');
/** What the manual says of verification, and its page of rules and policies. */
const SECTION = `${/^## Verify$[^]*?(?=^## |(?![^]))/m.exec(README)?.[0] ?? ''}\n${readFileSync('src/verify/README.md', 'utf8')}`;

/** The fenced blocks of the section that have a language. */
function blocks(language: string): string[] {
  return Array.from(SECTION.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')), ([, text]) => text as string);
}

/** The words of a simple command line, as a shell takes it apart. */
function words(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? (plain as string));
}

/** Runs one line of a document. */
async function runLine(line: string): Promise<{ status: number; out: string; err: string }> {
  const [first, ...rest] = words(line.replace(/^npx --yes /, ''));
  expect(first).toBe('binspect');
  return run(rest);
}

const MODULES = 'path\texample.com/app\nmod\texample.com/app\tv1.0.0\t\nbuild\t-trimpath=true\nbuild\tCGO_ENABLED=0\nbuild\tvcs=git\nbuild\tvcs.revision=abc\nbuild\tvcs.modified=false\n';

/** A program that Go built, as far as anyone looks. */
const GO_PROGRAM = elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version: 'go1.26.5', modules: framed(MODULES) }), writable: true }, ...witnesses(0x60_0000n, { modules: framed(MODULES) })] }).file;
const LIBRARY = buildElf({ type: ET.DYN, entry: 0n, dynamic: [[DT.NEEDED, 'libc.so.6']] });

/** A release as the examples have it. */
const RELEASE: Readonly<Record<string, Uint8Array>> = {
  'dist/app_linux_amd64': GO_PROGRAM,
  'dist/app_linux_arm64': buildElf({ machine: EM.AARCH64, sections: [] }),
  'dist/app_darwin_universal': fixtureBytes('macho-universal'),
  'dist/app_windows_amd64.exe': buildPe(),
  'npm/linux-x64/x.node': LIBRARY,
  'npm/darwin-x64/x.node': fixtureBytes('macho-x86_64-bundle'),
  'prebuilds/darwin-x64/tree-sitter.node': fixtureBytes('macho-x86_64-bundle'),
  'prebuilds/linux-arm64/tree-sitter.node': LIBRARY,
  'prebuilds/linux-x64/tree-sitter.node': LIBRARY,
  'prebuilds/win32-x64/tree-sitter.node': buildPe(),
};

let folder: string;
const home = process.cwd();

function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-docs-'));
  process.chdir(folder);
  for (const [path, bytes] of Object.entries(RELEASE)) put(path, bytes);
  const dist = Object.entries(RELEASE).filter(([path]) => path.startsWith('dist/'));
  put('dist/SHA256SUMS', dist.map(([path, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${path.slice('dist/'.length)}\n`).join(''));
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('README', () => {
  it('has a section, with examples of every sort', () => {
    expect(SECTION).not.toBe('');
    expect([blocks('console'), blocks('sh'), blocks('yaml'), blocks('json'), blocks('js')].map(({ length }) => length)).toEqual([1, 3, 5, 2, 2]);
  });

  it('has the rule table', () => {
    expect(SECTION).toContain(ruleTable());
  });

  it('shows what the command says of a wrong package', async () => {
    const [block = ''] = blocks('console');
    const [first = '', ...rest] = block.split('\n');
    const { status, out } = await runLine(first.replace(/^\$ /, ''));
    expect(status).toBe(1);
    expect(rest.join('\n')).toBe(out.replace(/(SHA-256 )[0-9a-f]{64}/g, '$16e6e3a0a'));
  });

  it('lines for a shell pass, one after the other', async () => {
    for (const line of blocks('sh').join('').trimEnd().split('\n')) {
      const { status, err: said, out } = await runLine(line);
      const err = said.replace(/^binspect: hint: there is a binspect\.json here; .*\n/, ''); // a line before has written one
      expect({ line, status, err, out: status === 0 ? '' : out }).toEqual({ line, status: 0, err: '', out: '' });
    }
    for (const file of ['binspect.json', 'verify.xml', 'verify.sarif']) expect(existsSync(file), file).toBe(true);
    const named = Object.values(RULES).flatMap(({ options }) => options.map(({ name }) => name));
    const shown = named.filter((name) => SECTION.includes(`--${name} `));
    expect(shown.length).toBeGreaterThan(15);
  });

  it('steps of GitHub and goreleaser pass', async () => {
    const [github = '', goreleaser = ''] = blocks('yaml');
    const step = await runLine(/run: (.*)$/m.exec(github)?.[1] ?? '');
    expect(step).toMatchObject({ status: 0, out: expect.stringMatching(/^::notice title=binspect verify%3A OK::/) as string });
    const fields: Readonly<Record<string, string>> = { Target: 'linux_amd64_v1', Path: 'dist/app_linux_amd64' };
    const hook = (/cmd: (.*)$/m.exec(goreleaser)?.[1] ?? '').replace(/\{\{ \.(\w+) \}\}/g, (_, field: string) => fields[field] as string);
    expect(await runLine(hook)).toMatchObject({ status: 0 });
    expect(await runLine(hook.replace('linux_amd64_v1', 'linux_arm64'))).toMatchObject({ status: 1 });
  });

  it('the policy is one, by reader and schema, and holds', async () => {
    const text = blocks('json').find((block) => block.includes('"artifacts"')) ?? '';
    expect(violations(JSON.parse(text), policySchema)).toEqual([]);
    cpSync('dist', 'policy/dist', { recursive: true });
    put('policy/p.json', text);
    const { status, out } = await run(['verify', '--policy', 'policy/p.json', 'policy/dist']);
    expect(out).toMatch(/OK {2}\d+ files/);
    expect(status).toBe(0);
    expect(parsePolicy(text).artifacts).toHaveLength(3);
  });

  it("npm's script passes", async () => {
    const { scripts } = JSON.parse(blocks('json').find((block) => block.includes('"scripts"')) ?? '') as { scripts: { prepublishOnly: string } };
    expect(await runLine(scripts.prepublishOnly)).toMatchObject({ status: 0 });
    put('npm/linux-arm64/x.node', LIBRARY);
    expect(await runLine(scripts.prepublishOnly)).toMatchObject({ status: 1 });
  });

  /** Runs a block of JavaScript with the library in place of its import; gives what `names` are then. */
  async function evaluate(block: string, names: string): Promise<Record<string, unknown>> {
    const body = block.replace(/^import \{ (.*) \} from 'binspect';$/m, 'const { $1 } = binspect;').replace('export default ', '');
    const Function = Object.getPrototypeOf(async () => {}).constructor as new (...text: string[]) => (library: object) => Promise<Record<string, unknown>>;
    return new Function('binspect', `${body}\nreturn { ${names} };`)({ inspect, verify, verifyFiles });
  }

  it("electron-builder's hook throws for a wrong app only", async () => {
    const { afterPack } = (await evaluate(blocks('js')[1] ?? '', 'afterPack')) as { afterPack: (context: object) => Promise<void> };
    put('linux-unpacked/app', LIBRARY);
    put('linux-unpacked/icudtl.dat', 'data');
    await afterPack({ appOutDir: 'linux-unpacked', electronPlatformName: 'linux', arch: 1 });
    await expect(afterPack({ appOutDir: 'linux-unpacked', electronPlatformName: 'linux', arch: 3 })).rejects.toThrow(/linux-unpacked\/app: expected linux-arm64, found linux\/amd64/);
    put('mac/App.app/Contents/MacOS/App', RELEASE['dist/app_darwin_universal'] as Uint8Array);
    for (const electronPlatformName of ['darwin', 'mas']) await afterPack({ appOutDir: 'mac', electronPlatformName, arch: 4 });
    await expect(afterPack({ appOutDir: 'mac', electronPlatformName: 'linux', arch: 3 })).rejects.toThrow(/darwin/);
    await afterPack({ appOutDir: 'mac', electronPlatformName: 'darwin', arch: 3 }); // a universal program runs there
    mkdirSync('empty');
    await expect(afterPack({ appOutDir: 'empty', electronPlatformName: 'darwin', arch: 3 })).rejects.toThrow();
  });

  it('the calls that replace other tools give what those print', async () => {
    const told = await evaluate(blocks('js')[0] ?? '', 'architectures, libraries, cgo, ok, findings');
    expect(told).toMatchObject({ architectures: ['amd64', 'arm64'], libraries: [], cgo: '0', ok: true });
    expect(told['findings']).toHaveLength(3);
  });
});

describe('help', () => {
  it('has every option of the table, and no other rule', async () => {
    const { out } = await run(['verify', '--help'], { columns: 200 });
    for (const { options, group } of Object.values(RULES)) {
      for (const { name, value, negative, help } of options) {
        expect(out).toContain(`--${name}${value === undefined ? '' : `=${value}`}${negative === undefined ? '' : ` | --no-${name}`}`);
        expect(out.replace(/\s+/g, ' ')).toContain(help.replace(/\s+/g, ' '));
        expect(out).toContain(`\n${group}:\n`);
      }
    }
    const own = ['against', 'bundle', 'signature', 'key', 'certificate', 'certificate-chain', 'trusted-root', 'allowed-signers', 'namespace', 'sums-bundle', 'sums-signature', 'ignore', 'roots', 'tsa-roots', 'at', 'archives', 'exclude', 'files-from', 'null', 'coverage', 'policy', 'init', 'output', 'json', 'quiet', 'timeout', 'verbose'];
    const named = Object.values(RULES).flatMap(({ options }) => options.map(({ name }) => name));
    expect(command.options.map(({ name }) => name).sort()).toEqual([...named, ...own].sort());
  });
});

describe('schemas', () => {
  const { $defs } = policySchema;

  it('know the rules of the table', () => {
    expect(Object.keys($defs.expectations.properties).sort()).toEqual([...EXPECTATION_KEYS].sort());
    expect($defs.waiver.properties.rule.enum.sort()).toEqual(Object.keys(RULES).sort());
    expect(report.$defs.finding.properties.rule.enum.sort()).toEqual(Object.keys(RULES).sort());
  });

  it('want of each expectation the value that the table says', () => {
    const values: Readonly<Record<string, readonly [good: unknown, bad: unknown]>> = {
      true: [true, 'yes'],
      'yes-or-no': [false, 'no'],
      text: ['1.22', 1],
      list: [['linux/amd64'], []],
      linkage: ['static', 'statik'],
      kind: ['bundle', 'exe'],
      settings: [{ CGO_ENABLED: '0' }, { CGO_ENABLED: 0 }],
      sha256: ['ab'.repeat(32), 'ab'],
      size: ['40MiB', '40 parsecs'],
      same: [{ file: 'app', ignore: ['signature'] }, { file: 'app', ignore: ['all'] }],
      host: ['prod.json', 5],
      'page-size': ['16KiB', '16 parsecs'],
      level: ['v3', 'v9'],
      hardening: [{ relro: 'full', ibt: false }, []],
      subject: ['O=Example', 'Example'],
    };
    for (const rule of EXPECTATION_KEYS) {
      const [good, bad] = values[RULES[rule as RuleId].value] as readonly [unknown, unknown];
      for (const [value, valid] of [[good, true], [bad, false]] as const) { // prettier-ignore
        const policy = { version: 1, defaults: { [rule]: value } };
        expect(violations(policy, policySchema).length === 0, `the schema, ${rule}: ${JSON.stringify(value)}`).toBe(valid);
        const read = (): unknown => parsePolicy(JSON.stringify(policy));
        if (valid) expect(read(), rule).toBeDefined();
        else expect(read, rule).toThrow(/line 1/);
      }
    }
  });

  it('take what --init writes and what -o json writes', async () => {
    const { out } = await run(['verify', '--init', 'dist']);
    expect(violations(JSON.parse(out), policySchema)).toEqual([]);
    const checked = await run(['verify', '--target-from-name', '--sums', 'dist/SHA256SUMS', '-o', 'json', 'dist', 'nothing']);
    expect(violations(JSON.parse(checked.out) as VerifyReport, report)).toEqual([]);
  });

  it.each([
    [{}], [{ version: 2 }], [{ version: 1, artefacts: [] }], [{ version: 1, artifacts: [] }], [{ version: 1, artifacts: [{}] }], [{ version: 1, artifacts: [{ files: [] }] }],
    [{ version: 1, artifacts: [{ files: 'a', count: 0 }] }], [{ version: 1, unmatched: 'no' }], [{ version: 1, sums: {} }], [{ version: 1, waivers: [{ rule: 'pie', files: 'a', reason: 'r' }] }],
    [{ version: 1, waivers: [{ rule: 'pei', files: 'a', reason: 'r', expires: '2027-01-01' }] }], [{ version: 1, defaults: { stripd: true } }],
  ])('reader and schema both refuse %j', (policy) => {
    expect(violations(policy, policySchema)).not.toEqual([]);
    expect(() => parsePolicy(JSON.stringify(policy))).toThrow();
  }); // prettier-ignore
});
