// Every rule passes, fails and is unknown; and what it says where the question does not arise.

import { describe, expect, it } from 'vitest';
import { RULES, EXPECTATION_KEYS } from '../src/model/rules.ts';
import type { Inspection } from '../src/model/binary.ts';
import type { Comparison } from '../src/model/comparison.ts';
import type { Host } from '../src/model/host.ts';
import { NO_HARDENING } from '../src/model/hardening.ts';
import type { Levels } from '../src/model/signature.ts';
import type { Warning } from '../src/model/warning.ts';
import type { Expectations, Status } from '../src/model/verdict.ts';
import { verify } from '../src/verify/verify.ts';
import { dependencies, elf, file, goBuild, machO, pe, platform, signature, signatureCheck, warning } from './build/binary.ts';

const HEX = 'ab'.repeat(32);
const settings = (...pairs: (readonly [string, string])[]) => pairs.map(([key, value]) => ({ key, value })); // prettier-ignore
const go = (build: Parameters<typeof goBuild>[0]) => elf({ go: goBuild(build), because: { go: 'a .go.buildinfo section' } }); // prettier-ignore
const main = (version: string) => ({ path: 'example.com/app', version, sum: '', replace: null }); // prettier-ignore
const unknownPlatform = elf({ platform: platform({ os: null }) });
const packed = elf({ packer: 'UPX', linkage: null, stripped: null, platform: platform({ libc: null }), interpreter: null });
const library = elf({ kind: 'shared-library', pie: null, because: { kind: 'DT_SONAME is there' } });
const object = elf({ kind: 'relocatable', pie: null, linkage: null, interpreter: null });
const MINIMUMS = { glibc: null, glibcxx: null, cxxabi: null, os: null, kernel: null, cpu: null, pageSize: null };
const glibc = (version: string | null, because?: string) =>
  elf({ minimums: { ...MINIMUMS, glibc: version }, dependencies: dependencies('libc.so.6'), because: because === undefined ? {} : { 'minimums.glibc': because } });
const fat = file([machO({ platform: platform({ os: 'darwin', arch: 'amd64', libc: 'libsystem' }) }), machO()]);

const HOST: Host = {
  schemaVersion: 1, os: 'linux', arch: 'amd64', level: 'v3', kernel: '6.1.0', osVersion: null, pageSize: 4096, libc: { name: 'glibc', version: '2.36', from: null },
  loaders: ['/lib64/ld-linux-x86-64.so.2'], scriptInterpreters: null, libraries: null, compatible: [], emulators: [], translated: false, processArch: 'amd64', node: null, because: {},
}; // prettier-ignore
const checked = (levels: Parameters<typeof signatureCheck>[0] = {}, rest: Parameters<typeof signatureCheck>[1] = {}, warnings: Warning[] = [], own = signature()) =>
  machO({ signature: own, signatureCheck: signatureCheck(levels, rest), warnings }); // prettier-ignore
const problem = (code: string, level: keyof Levels) => ({ code, message: code, offset: null, size: null, level, item: null }); // prettier-ignore

const compared = (verdict: Comparison['verdict'], equal: boolean, more: Partial<Comparison> = {}): Comparison => ({
  schemaVersion: 1, verdict, equal, ignored: [], a: { path: 'old', size: 1, sha256: 'aa' }, b: { path: 'new', size: 1, sha256: 'bb' }, description: [], remarks: [], facts: [],
  regions: [], regionsLeftOut: 0, identicalRegions: 0, values: [], explained: 0, unexplained: 0, warnings: [], ...more,
}); // prettier-ignore

type Case = readonly [what: string, inspection: Inspection, expectations: Expectations, status: Status, rest?: string | RegExp];

/** What every rule says of which file. The last column is what is found, or a pattern of the sentence. */
const CASES: Readonly<Record<keyof Expectations, readonly Case[]>> = {
  target: [
    ['the same', file(elf()), { target: 'linux/amd64' }, 'pass', 'linux/amd64'],
    ["Node's spelling", file(elf()), { target: 'linux-x64' }, 'pass'],
    ['a triple', file(elf()), { target: 'x86_64-unknown-linux-gnu' }, 'pass', 'linux/amd64 (glibc)'],
    ['another architecture', file(elf()), { target: 'linux/arm64' }, 'fail', 'linux/amd64'],
    ['another system', file(elf()), { target: 'darwin/amd64' }, 'fail'],
    ['another C library', file(elf()), { target: 'x86_64-unknown-linux-musl' }, 'fail', 'linux/amd64 (glibc)'],
    ['a C library that nobody knows', file(elf({ platform: platform({ libc: null }) })), { target: 'x86_64-unknown-linux-musl' }, 'pass'],
    ['an ABI of its own', file(elf({ platform: platform({ variant: 'x32' }) })), { target: 'linux/amd64' }, 'fail', 'linux/x32'],
    ['one of several', file(elf()), { target: ['linux/arm64', 'linux/amd64'] }, 'pass'],
    ['none of several', file(elf()), { target: ['linux/arm64', 'linux/386'] }, 'fail'],
    ['universal', fat, { target: 'darwin/universal' }, 'pass'],
    ['universal, all slices wanted', fat, { target: ['darwin/amd64', 'darwin/arm64'] }, 'pass'],
    ['universal, one slice fits', fat, { target: 'darwin/arm64' }, 'pass'],
    ['universal, one of two is missing', file([machO(), machO()]), { target: ['darwin/arm64', 'darwin/amd64'] }, 'fail', /no slice is for darwin\/amd64/],
    ['universal wanted, thin', file(machO()), { target: 'darwin/universal' }, 'fail', /not universal/],
    ['universal wanted, one slice', file([machO()]), { target: 'darwin/universal' }, 'fail', /no slice is for amd64/],
    ['universal or another, thin', file(machO()), { target: ['darwin/universal', 'linux/amd64'] }, 'fail', /not universal/],
    ['universal or another, universal', fat, { target: ['darwin/universal', 'linux/amd64'] }, 'pass'],
    ['a system that nobody knows', file(unknownPlatform), { target: 'linux/amd64' }, 'unknown', '?/amd64'],
  ],
  targetFromName: [
    ['file name', file(elf(), { path: 'app_linux_amd64' }), { targetFromName: true }, 'pass', 'linux/amd64'],
    ['wrong file name', file(elf(), { path: 'app_linux_arm64' }), { targetFromName: true }, 'fail', 'linux/amd64'],
    ['wrong folder', file(elf(), { path: 'prebuilds/linux-arm64/tree-sitter.node' }), { targetFromName: true }, 'fail', /e_machine is 62/],
    ['ending', file(elf(), { path: 'app.exe' }), { targetFromName: true }, 'fail', /expected windows/],
    ['no claim', file(elf(), { path: 'app' }), { targetFromName: true }, 'unknown', /claims a target/],
    ['no path', file(elf(), { path: null }), { targetFromName: true }, 'unknown'],
    ['unknown platform', file(unknownPlatform, { path: 'app_linux_amd64' }), { targetFromName: true }, 'unknown', '?/amd64'],
  ],
  runsOn: [
    ['the same machine', file(elf()), { runsOn: HOST }, 'pass'],
    ['another machine', file(elf({ platform: platform({ arch: 'arm64' }) })), { runsOn: HOST }, 'fail', /no emulator is registered for arm64; the system says: .*Exec format error/],
    ['a file that was not read', file(elf()), { runsOn: 'prod.json' }, 'unknown', /prod\.json was not read/],
  ],
  sameAs: [
    ['identical', file(elf()), { sameAs: compared('identical', true) }, 'pass', 'identical'],
    ['equal by what is ignored', file(elf()), { sameAs: compared('identical-but-identity', true, { ignored: ['identity'] }) }, 'pass', 'identical-but-identity'],
    ['the same but for the signature, which is not ignored', file(elf()), { sameAs: compared('identical-but-signature', false) }, 'fail', 'identical-but-signature'],
    ['different', file(elf()), { sameAs: compared('differs', false) }, 'fail', /expected the same as old, found differs/],
    ['incomparable', file(elf()), { sameAs: compared('incomparable', false, { remarks: ['A is ELF64, B is PE32'] }) }, 'fail', /A is ELF64, B is PE32/],
    ['not compared', file(elf()), { sameAs: 'old' }, 'unknown', /it was not compared with old/],
    ['a comparison of other files', file(elf(), { sha256: 'cc' }), { sameAs: compared('identical', true) }, 'unknown', /other files/],
  ],
  linkage: [
    ['static', file(elf({ linkage: 'static' })), { linkage: 'static' }, 'pass', 'static'],
    ['static wanted', file(elf()), { linkage: 'static' }, 'fail', 'dynamic'],
    ['a library', file(library), { linkage: 'dynamic' }, 'pass', 'dynamic'],
    ['packed', file(packed), { linkage: 'static' }, 'unknown', /UPX/],
    ['nothing tells', file(elf({ linkage: null })), { linkage: 'static' }, 'unknown'],
    ['an object', file(object), { linkage: 'static' }, 'fail', /does not apply to an object file/],
  ],
  pie: [
    ['yes', file(elf()), { pie: true }, 'pass', 'position-independent'],
    ['no', file(elf({ pie: false })), { pie: true }, 'fail', 'not position-independent'],
    ['no, as wanted', file(elf({ pie: false })), { pie: false }, 'pass'],
    ['yes, unwanted', file(elf()), { pie: false }, 'fail'],
    ['a library', file(library), { pie: true }, 'fail', /does not apply to a shared library/],
    ['a library, --no-pie', file(library), { pie: false }, 'fail', /does not apply to a shared library/],
    ['nothing tells', file(elf({ pie: null })), { pie: true }, 'unknown'],
  ],
  stripped: [
    ['yes', file(elf()), { stripped: true }, 'pass', 'stripped'],
    ['no', file(elf({ stripped: false })), { stripped: true }, 'fail', 'not stripped'],
    ['no, as wanted', file(elf({ stripped: false })), { stripped: false }, 'pass'],
    ['packed', file(packed), { stripped: true }, 'unknown', /UPX/],
    ['nothing tells', file(elf({ stripped: null })), { stripped: true }, 'unknown'],
    ['PE', file(pe()), { stripped: true }, 'fail', /does not apply to PE/],
    ['PE, --no-stripped', file(pe({ stripped: false })), { stripped: false }, 'fail', /does not apply to PE/],
  ],
  kind: [
    ['the same', file(elf()), { kind: 'executable' }, 'pass', 'executable'],
    ['another', file(library), { kind: 'executable' }, 'fail', 'shared-library'],
    ['cut short', file(elf({ warnings: [warning('segment-truncated')] })), { kind: 'executable' }, 'unknown', /cut short/],
  ],
  libc: [
    ['the same', file(elf()), { libc: 'glibc' }, 'pass', 'glibc'],
    ['another', file(elf()), { libc: 'musl' }, 'fail', 'glibc'],
    ['nothing tells', file(elf({ platform: platform({ libc: null }) })), { libc: 'musl' }, 'unknown', /C library/],
    ['packed', file(packed), { libc: 'glibc' }, 'unknown', /UPX/],
  ],
  interpreter: [
    ['the same', file(elf()), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'pass', '/lib64/ld-linux-x86-64.so.2'],
    ['another', file(elf({ interpreter: '/nix/store/x/ld.so' })), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'fail', '/nix/store/x/ld.so'],
    ['none', file(elf({ interpreter: null })), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'fail', 'no interpreter'],
    ['packed', file(packed), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'unknown', /UPX/],
    ['PE', file(pe()), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'fail', /does not apply to PE/],
    ['an object', file(object), { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'fail', /does not apply/],
  ],
  maxGlibcxx: [
    ['older', file(elf({ minimums: { ...MINIMUMS, glibcxx: '3.4.9' } })), { maxGlibcxx: '3.4.29' }, 'pass', '3.4.9'],
    ['newer', file(elf({ minimums: { ...MINIMUMS, glibcxx: '3.4.30' } })), { maxGlibcxx: '3.4.29' }, 'fail', '3.4.30'],
    ['none', file(elf({ because: { 'minimums.glibcxx': 'no GLIBCXX_ version' } })), { maxGlibcxx: '3.4.29' }, 'pass'],
    ['not known', file(elf({ unknown: ['minimums.glibcxx'], because: { 'minimums.glibcxx': 'unknown: GLIBCXX_X' } })), { maxGlibcxx: '3.4.29' }, 'unknown', /GLIBCXX_X/],
    ['an object', file(object), { maxGlibcxx: '3.4.29' }, 'fail', /does not apply/],
  ],
  maxCpu: [
    ['lower', file(elf({ minimums: { ...MINIMUMS, cpu: 'v2' } })), { maxCpu: 'v3' }, 'pass', 'v2'],
    ['higher', file(elf({ minimums: { ...MINIMUMS, cpu: 'v4' } })), { maxCpu: 'v3' }, 'fail', 'v4'],
    ['none', file(elf()), { maxCpu: 'v1' }, 'pass', 'no level is asked for'],
    ['another processor', file(elf({ platform: platform({ arch: 'arm64' }) })), { maxCpu: 'v1' }, 'fail', /does not apply: only x86-64/],
    ['no name yet', file(elf({ unknown: ['minimums.cpu'], because: { 'minimums.cpu': 'unknown: bit 4' } })), { maxCpu: 'v4' }, 'unknown', /bit 4/],
  ],
  minPageSize: [
    ['large enough', file(elf({ minimums: { ...MINIMUMS, pageSize: 65_536 } })), { minPageSize: '16KiB' }, 'pass', /65536/],
    ['too small', file(elf({ minimums: { ...MINIMUMS, pageSize: 4096 } })), { minPageSize: 16_384 }, 'fail', /4096/],
    ['nothing to map', file(elf({ minimums: MINIMUMS })), { minPageSize: 16_384 }, 'unknown'],
    ['Mach-O', file(machO()), { minPageSize: 16_384 }, 'fail', /does not apply: only ELF/],
  ],
  hardening: [
    ['all', file(elf({ hardening: { ...NO_HARDENING, relro: 'full', nonExecutableStack: true, writableAndExecutable: false } })), { hardening: 'relro=partial,nx,no-rwx' }, 'pass'],
    ['relro', file(elf({ hardening: { ...NO_HARDENING, relro: 'partial' } })), { hardening: ['relro=full'] }, 'fail', 'relro=partial'],
    ['an executable stack', file(elf({ hardening: { ...NO_HARDENING, nonExecutableStack: false } })), { hardening: { nx: true } }, 'fail', 'nx=no'],
    ['not wanted', file(elf({ hardening: { ...NO_HARDENING, ibt: false } })), { hardening: { ibt: false } }, 'pass', 'ibt=no'],
    ['not known', file(elf({ hardening: NO_HARDENING, because: { 'hardening.stackCanary': 'unknown: no symbols' } })), { hardening: 'canary' }, 'unknown', /no symbols/],
    ['another format', file(elf({ hardening: NO_HARDENING })), { hardening: 'cfg' }, 'fail', /does not apply/],
    ['packed', file(packed), { hardening: 'nx' }, 'unknown', /UPX/],
    ['an object', file(object), { hardening: 'nx' }, 'fail', /does not apply/],
  ],
  maxGlibc: [
    ['older', file(glibc('2.9')), { maxGlibc: '2.17' }, 'pass', 'glibc 2.9'],
    ['the same', file(glibc('2.17')), { maxGlibc: '2.17' }, 'pass'],
    ['newer', file(glibc('2.34', 'GLIBC_2.34 from libc.so.6')), { maxGlibc: '2.28' }, 'fail', /GLIBC_2.34 from libc.so.6/],
    ['newer by a patch', file(glibc('2.3.4')), { maxGlibc: '2.3' }, 'fail'],
    ['static', file(elf({ linkage: 'static', interpreter: null })), { maxGlibc: '2.17' }, 'pass', 'no glibc version is needed'],
    ['musl', file(elf({ platform: platform({ libc: 'musl' }) })), { maxGlibc: '2.17' }, 'pass', 'no glibc version is needed'],
    ['Mach-O', file(machO()), { maxGlibc: '2.17' }, 'pass', 'no glibc version is needed'],
    ['no library', file(elf()), { maxGlibc: '2.17' }, 'pass', 'no glibc version is needed'],
    ['no version, and the file says so', file(glibc(null, 'there is no DT_VERNEED')), { maxGlibc: '2.17' }, 'pass', 'no glibc version is needed'],
    ['nothing tells', file(glibc(null)), { maxGlibc: '2.17' }, 'unknown', /symbol versions/],
    ['packed', file(packed), { maxGlibc: '2.17' }, 'unknown', /UPX/],
    ['an object', file(object), { maxGlibc: '2.17' }, 'fail', /does not apply/],
  ],
  minOs: [
    ['Mach-O, in the range', file(machO()), { minOs: '<=11.0' }, 'pass', '11.0'],
    ['Mach-O, numbers not texts', file(machO({}, { minimumOs: '10.13.4' })), { minOs: '>=10.9 <11' }, 'pass', '10.13.4'],
    ['Mach-O, newer', file(machO({}, { minimumOs: '13.0' })), { minOs: '<=11.0' }, 'fail', '13.0'],
    ['Mach-O, none named', file(machO({}, { minimumOs: null })), { minOs: '<=11.0' }, 'unknown'],
    ['PE', file(pe()), { minOs: '<=6.1' }, 'pass', '6.0'],
    ['PE, newer', file(pe({}, { subsystemVersion: '10.0' })), { minOs: '<=6.1' }, 'fail', '10.0'],
    ['Android', file(elf({ platform: platform({ os: 'android', libc: 'bionic' }), minimums: { glibc: null, glibcxx: null, cxxabi: null, os: '21', kernel: null, cpu: null, pageSize: null } })), { minOs: '<=23' }, 'pass', '21'],
    ['Linux', file(elf()), { minOs: '<=11.0' }, 'fail', /does not apply/],
    ['one slice of two', file([machO(), machO({}, { minimumOs: '13.0' })]), { minOs: '<=11.0' }, 'fail', '13.0'],
  ],
  needs: [
    ['there', file(elf({ dependencies: dependencies('libc.so.6', 'libm.so.6') })), { needs: 'libm.so.6' }, 'pass', 'libm.so.6'],
    ['its last part', file(machO({ dependencies: dependencies('/usr/lib/libSystem.B.dylib') })), { needs: 'libSystem.B.dylib' }, 'pass', '/usr/lib/libSystem.B.dylib'],
    ['PE, whatever its letters', file(pe({ dependencies: dependencies('KERNEL32.dll') })), { needs: 'kernel32.DLL' }, 'pass', 'KERNEL32.dll'],
    ['not there', file(elf({ dependencies: dependencies('libc.so.6') })), { needs: 'libm.so.6' }, 'fail', 'libc.so.6'],
    ['none at all', file(elf()), { needs: 'libm.so.6' }, 'fail', 'none'],
    ['packed', file(packed), { needs: 'libm.so.6' }, 'unknown', /UPX/],
    ['a name that can not be read', file(elf({ warnings: [warning('no-string')] })), { needs: 'libm.so.6' }, 'unknown'],
    ['an object', file(object), { needs: 'libm.so.6' }, 'fail', /does not apply/],
  ],
  noNeeds: [
    ['none like it', file(elf({ dependencies: dependencies('libc.so.6') })), { noNeeds: 'libssl*' }, 'pass', 'none'],
    ['one like it', file(elf({ dependencies: dependencies('libc.so.6', 'libssl.so.3') })), { noNeeds: 'libssl*' }, 'fail', 'libssl.so.3'],
    ['by its path', file(machO({ dependencies: dependencies('/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib') })), { noNeeds: '/opt/homebrew/*' }, 'fail'],
    ['one of two globs', file(elf({ dependencies: dependencies('libssl.so.3') })), { noNeeds: ['libz*', 'libssl*'] }, 'fail', 'libssl.so.3'],
    ['packed', file(packed), { noNeeds: 'libssl*' }, 'unknown', /UPX/],
    ['a name that can not be read', file(elf({ warnings: [warning('no-string')] })), { noNeeds: 'libssl*' }, 'unknown'],
    ['an object', file(object), { noNeeds: 'libssl*' }, 'fail', /does not apply/],
  ],
  onlyNeeds: [
    ['all allowed', file(elf({ dependencies: dependencies('libc.so.6', 'libm.so.6') })), { onlyNeeds: ['libc.so.*', 'libm.so.6'] }, 'pass', 'libc.so.6, libm.so.6'],
    ['none', file(elf()), { onlyNeeds: 'libc.so.6' }, 'pass', 'none'],
    ['one more', file(elf({ dependencies: dependencies('libc.so.6', 'libm.so.6') })), { onlyNeeds: 'libc.so.6' }, 'fail', 'libm.so.6'],
    ['packed', file(packed), { onlyNeeds: 'libc.so.6' }, 'unknown', /UPX/],
    ['too many to read', file(elf({ warnings: [warning('limit-exceeded')] })), { onlyNeeds: 'libc.so.6' }, 'unknown'],
    ['an object', file(object), { onlyNeeds: 'libc.so.6' }, 'fail', /does not apply/],
  ],
  noSearchPaths: [
    ['none', file(elf()), { noSearchPaths: true }, 'pass', 'none'],
    ['one', file(elf({ searchPaths: [{ path: '/home/ci/lib', from: 'DT_RUNPATH' }] })), { noSearchPaths: true }, 'fail', /DT_RUNPATH/],
    ['the current directory', file(elf({ searchPaths: [{ path: '', from: 'DT_RPATH' }] })), { noSearchPaths: true }, 'fail', '(the current directory)'],
    ['packed', file(packed), { noSearchPaths: true }, 'unknown', /UPX/],
    ['one that can not be read', file(elf({ warnings: [warning('string-cut')] })), { noSearchPaths: true }, 'unknown'],
    ['an object', file(object), { noSearchPaths: true }, 'fail', /does not apply/],
  ],
  go: [
    ['newer', file(go({})), { go: '>=1.22' }, 'pass', 'go1.22.3'],
    ['a release candidate comes before', file(go({ version: 'go1.22rc1' })), { go: '>=1.22' }, 'fail', 'go1.22rc1'],
    ['the first release', file(go({ version: 'go1.22' })), { go: '>=1.22' }, 'pass'],
    ['a 1.22', file(go({})), { go: '1.22' }, 'pass'],
    ['a development version', file(go({ version: 'devel go1.23-2c12f3b' })), { go: '>=1.22' }, 'unknown', 'devel go1.23-2c12f3b'],
    ['no version', file(go({ version: null, buildInfo: 'absent' })), { go: '>=1.22' }, 'unknown', /build information/],
    ['packed', file(packed), { go: '>=1.22' }, 'unknown', /UPX/],
    ['not Go', file(elf()), { go: '>=1.22' }, 'fail', 'not built by Go'],
  ],
  goModule: [
    ['the same', file(go({ main: main('v1.0.0') })), { goModule: 'example.com/app' }, 'pass', 'example.com/app'],
    ['another', file(go({ main: main('v1.0.0') })), { goModule: 'example.com/other' }, 'fail', 'example.com/app'],
    ['none recorded', file(go({})), { goModule: 'example.com/app' }, 'unknown', /no main module/],
    ['no build information', file(go({ buildInfo: 'absent' })), { goModule: 'example.com/app' }, 'unknown'],
    ['not Go', file(elf()), { goModule: 'example.com/app' }, 'fail', 'not built by Go'],
  ],
  goSettings: [
    ['the same', file(go({ settings: settings(['CGO_ENABLED', '0']) })), { goSettings: { CGO_ENABLED: '0' } }, 'pass', 'CGO_ENABLED=0'],
    ['as a list', file(go({ settings: settings(['-trimpath', 'true']) })), { goSettings: ['-trimpath=true'] }, 'pass', '-trimpath=true'],
    ['with a = in it', file(go({ settings: settings(['-ldflags', '-X a=b']) })), { goSettings: ['-ldflags=-X a=b'] }, 'pass'],
    ['another value', file(go({ settings: settings(['CGO_ENABLED', '1']) })), { goSettings: { CGO_ENABLED: '0' } }, 'fail', 'CGO_ENABLED=1'],
    ['not among them', file(go({ settings: settings(['GOOS', 'linux']) })), { goSettings: { CGO_ENABLED: '0' } }, 'fail', /no CGO_ENABLED/],
    ['none recorded', file(go({})), { goSettings: { CGO_ENABLED: '0' } }, 'unknown'],
    ['not Go', file(elf()), { goSettings: { CGO_ENABLED: '0' } }, 'fail', 'not built by Go'],
  ],
  goVcsClean: [
    ['clean', file(go({ settings: settings(['vcs', 'git'], ['vcs.modified', 'false']) })), { goVcsClean: true }, 'pass', 'vcs.modified=false'],
    ['modified', file(go({ settings: settings(['vcs', 'git'], ['vcs.modified', 'true']) })), { goVcsClean: true }, 'fail', 'vcs.modified=true'],
    ['dirty by its version', file(go({ main: main('v1.0.1-0.20250101000000-abcdefabcdef+dirty') })), { goVcsClean: true }, 'fail', /\+dirty/],
    ['not recorded', file(go({ settings: settings(['GOOS', 'linux']) })), { goVcsClean: true }, 'unknown'],
    ['not Go', file(elf()), { goVcsClean: true }, 'fail', 'not built by Go'],
  ],
  goTrimpath: [
    ['trimmed', file(go({ settings: settings(['-trimpath', 'true']) })), { goTrimpath: true }, 'pass', '-trimpath=true'],
    ['not trimmed', file(go({ settings: settings(['GOOS', 'linux']) })), { goTrimpath: true }, 'fail', /no -trimpath=true/],
    ['none recorded', file(go({})), { goTrimpath: true }, 'unknown'],
    ['not Go', file(elf()), { goTrimpath: true }, 'fail', 'not built by Go'],
  ],
  sha256: [
    ['the same', file(elf(), { sha256: HEX }), { sha256: HEX.toUpperCase() }, 'pass', HEX],
    ['another', file(elf(), { sha256: 'cd'.repeat(32) }), { sha256: HEX }, 'fail', 'cd'.repeat(32)],
    ['not hashed', file(elf()), { sha256: HEX }, 'unknown'],
  ],
  maxSize: [
    ['smaller', file(elf()), { maxSize: '1K' }, 'pass', '1000 bytes'],
    ['the same', file(elf()), { maxSize: 1000 }, 'pass'],
    ['larger', file(elf(), { size: 1025 }), { maxSize: '1KiB' }, 'fail', '1025 bytes'],
    ['1000-based', file(elf(), { size: 1001 }), { maxSize: '1KB' }, 'fail'],
    ['cut short', file(elf({ warnings: [warning('truncated')] })), { maxSize: '1K' }, 'unknown', /cut short/],
  ],
  signed: [
    ['with a certificate', file(checked()), { signed: true }, 'pass', 'signed by CN=Example\\, Inc., OU=TEAM123456, O=Example\\, Inc., C=DE'],
    ['by anybody, without roots', file(checked({ anchored: 'not-asked', inTime: 'not-asked' })), { signed: true }, 'pass'],
    ['by somebody who leads nowhere', file(checked({ anchored: 'no', inTime: 'unknown' })), { signed: true }, 'pass'],
    ['not checked', file(machO()), { signed: true }, 'unknown', /was not checked/],
    ['changed', file(checked({ intact: 'no' }, { problems: [problem('page-mismatch', 'intact')] })), { signed: true }, 'fail', /not those that were signed \(page-mismatch\)/],
    ['not valid', file(checked({ signed: 'no' }, { problems: [problem('signature-value', 'signed')] })), { signed: true }, 'fail', /not valid for its certificate \(signature-value\)/],
    ['not known whether changed', file(checked({ intact: 'unknown' })), { signed: true }, 'unknown'],
    ['not known whether valid', file(checked({ signed: 'unknown' })), { signed: true }, 'unknown'],
    ...(['ad-hoc', 'linker-signed', 'pseudo-signed', 'absent', 'damaged'] as const).map((state): Case => [state, file(checked({ signed: 'none' }, { state })), { signed: true }, 'fail']),
    ['a catalogue may have it', file(pe({ signatureCheck: signatureCheck({}, { state: 'absent', notChecked: ['catalogue'] }) })), { signed: true }, 'fail', /catalogue/],
    ['one slice of two', file([checked(), machO({ signatureCheck: signatureCheck({ signed: 'none' }, { state: 'ad-hoc' }) })]), { signed: true }, 'fail'],
    ['in doubt', file(checked({}, {}, [{ ...warning('signature-blobs'), doubts: ['signature'] }])), { signed: true }, 'unknown', /in doubt/],
  ],
  anchored: [
    ['all of it', file(checked()), { anchored: true }, 'pass', /below CN=Example Root, at 2025-01-01T00:00:00Z by its time stamp/],
    ['no roots', file(checked({ anchored: 'not-asked', inTime: 'not-asked' })), { anchored: true }, 'unknown', /no root certificates were given/],
    ['another root', file(checked({ anchored: 'no', inTime: 'unknown' }, { problems: [problem('chain', 'anchored')] })), { anchored: true }, 'fail', /chain/],
    ['an algorithm that is not known', file(checked({ anchored: 'unknown' })), { anchored: true }, 'unknown'],
    ['expired', file(checked({ inTime: 'no' }, { problems: [problem('not-in-time', 'inTime')] })), { anchored: true }, 'fail', /not-in-time/],
    ['not whole', file(checked({ intact: 'no' })), { anchored: true }, 'fail'],
    ['ad hoc', file(checked({ signed: 'none', anchored: 'none', inTime: 'none' }, { state: 'ad-hoc' })), { anchored: true }, 'fail', /ad-hoc/],
  ],
  teamId: [
    ['the same', file(checked()), { teamId: 'TEAM123456' }, 'pass', 'TEAM123456'],
    ['another', file(checked()), { teamId: 'TEAM' }, 'fail', 'TEAM123456'],
    ['no roots: anybody can write it', file(checked({ anchored: 'not-asked' })), { teamId: 'TEAM123456' }, 'unknown', /anybody can write this/],
    ['another root', file(checked({ anchored: 'no' })), { teamId: 'TEAM123456' }, 'fail'],
    ['not in the certificate', file(checked({}, {}, [], signature({ teamId: 'EVIL' }))), { teamId: 'EVIL' }, 'fail', /the certificate another or none/],
    ['no team', file(checked({}, {}, [], signature({ teamId: null }))), { teamId: 'TEAM123456' }, 'fail', /names no team/],
    ['ad hoc', file(checked({ signed: 'none' }, { state: 'ad-hoc' })), { teamId: 'TEAM123456' }, 'fail'],
    ['PE', file(pe({ signature: signature({ kind: 'authenticode', teamId: null }), signatureCheck: signatureCheck() })), { teamId: 'TEAM123456' }, 'fail', /does not apply/],
  ],
  signer: [
    ['whole values', file(checked()), { signer: 'O=Example, Inc.' }, 'pass'],
    ['escaped', file(checked()), { signer: 'cn=Example\\, Inc., O=Example, Inc., c=DE' }, 'pass'],
    ['part of a value', file(checked()), { signer: 'O=Example' }, 'fail'],
    ['the value of another type', file(checked()), { signer: 'CN=TEAM123456' }, 'fail'],
    ['one of two', file(checked()), { signer: 'O=Example, Inc., C=FR' }, 'fail'],
    ['no roots', file(checked({ anchored: 'not-asked' })), { signer: 'O=Example, Inc.' }, 'unknown'],
    ['another root', file(checked({ anchored: 'no' })), { signer: 'O=Example, Inc.' }, 'fail'],
  ],
  signerSha256: [
    ['the same, without roots', file(checked({ anchored: 'not-asked' })), { signerSha256: 'CD'.repeat(32) }, 'pass'],
    ['as others write it', file(checked()), { signerSha256: new Array<string>(32).fill('cd').join(':') }, 'pass'],
    ['another', file(checked()), { signerSha256: 'ab'.repeat(32) }, 'fail', 'cd'.repeat(32)],
    ['not valid', file(checked({ signed: 'no' })), { signerSha256: 'cd'.repeat(32) }, 'fail'],
    ['not checked', file(machO()), { signerSha256: 'cd'.repeat(32) }, 'unknown'],
  ],
  signingId: [
    ['the same', file(checked()), { signingId: 'com.example.app' }, 'pass', 'com.example.app'],
    ['another', file(checked()), { signingId: 'com.example' }, 'fail', 'com.example.app'],
    ['no roots', file(checked({ anchored: 'not-asked' })), { signingId: 'com.example.app' }, 'unknown'],
    ['PE', file(pe({ signature: signature({ kind: 'authenticode', identifier: null }), signatureCheck: signatureCheck() })), { signingId: 'x' }, 'fail', /does not apply/],
  ],
};

describe.each(Object.entries(CASES))('%s', (rule, cases) => {
  for (const [what, inspection, expectations, status, rest] of cases) {
    it(what, () => {
      const { ok, findings } = verify(inspection, expectations);
      expect(ok).toBe(status === 'pass');
      const bad = findings.find((one) => one.status !== 'pass') ?? findings[0];
      expect(bad).toMatchObject({ rule: rule === 'runsOn' ? (expect.stringMatching(/^runs/) as string) : rule, status });
      if (typeof rest === 'string') expect(bad?.found).toBe(rest);
      if (rest instanceof RegExp) expect(bad?.message).toMatch(rest);
    });
  }

  it('passes, fails and is unknown somewhere in this table', () => {
    expect(new Set(cases.map(([, , , status]) => status))).toEqual(new Set(['pass', 'fail', 'unknown']));
  });

  it('does not apply somewhere in this table exactly where the rule table says so', () => {
    const applies = cases.every(([, , , , rest]) => !String(rest).includes('does not apply'));
    expect(applies).toBe(RULES[rule as keyof typeof RULES].notApplicable === null);
  });
});

describe('verify', () => {
  it('has a case for every rule about one file', () => {
    expect(Object.keys(CASES).sort()).toEqual(EXPECTATION_KEYS.filter((key) => key !== 'unique').sort());
  });

  it('fails where nothing is expected', () => {
    expect(verify(file(elf()), {})).toEqual({ ok: false, findings: [] });
    expect(verify(file(elf()), { pie: undefined })).toEqual({ ok: false, findings: [] });
    expect(verify(file(elf()), { noSearchPaths: false, targetFromName: false })).toEqual({ ok: false, findings: [] });
  });

  it('says of every finding what was expected by whom, and what was found and what says so', () => {
    const inspection = file(elf({ because: { os: 'an NT_GNU_ABI_TAG note' } }), { path: 'prebuilds/linux-arm64/x.node' });
    expect(verify(inspection, { targetFromName: true }).findings).toEqual([
      {
        rule: 'targetFromName',
        status: 'fail',
        expected: 'linux/arm64',
        expectedFrom: 'the folder "linux-arm64"',
        found: 'linux/amd64',
        evidence: 'e_machine is 62 (EM_X86_64); system: an NT_GNU_ABI_TAG note',
        slice: null,
        message: 'expected linux/arm64, found linux/amd64 (e_machine is 62 (EM_X86_64); system: an NT_GNU_ABI_TAG note)',
      },
    ]);
    expect(verify(inspection, { pie: true }).findings[0]?.expectedFrom).toBe('expectations.pie');
    expect(verify(inspection, { pie: true }, { expectedFrom: () => 'my build' }).findings[0]?.expectedFrom).toBe('my build');
  });

  it('asks every slice', () => {
    const { findings } = verify(file([machO(), machO({ pie: false })]), { pie: true, maxSize: '1M' });
    expect(findings.map(({ rule, slice, status }) => [rule, slice, status])).toEqual([
      ['pie', 0, 'pass'],
      ['pie', 1, 'fail'],
      ['maxSize', null, 'pass'],
    ]);
  });

  it('wants every claim to hold', () => {
    const inspection = file(elf(), { path: 'linux-x64/app_linux_amd64.exe' });
    const packageJson = { path: 'package.json', os: ['linux'], cpu: ['x64'], libc: ['musl'] };
    const { findings } = verify(inspection, { targetFromName: true }, { packageJson });
    expect(findings.map(({ expectedFrom, status }) => [expectedFrom, status])).toEqual([
      ['the file name "app_linux_amd64.exe"', 'pass'], // which spells the system out, so that the ending and the folder say no more
      ['package.json', 'fail'],
    ]);
  });

  it('passes nothing that is cut short, whatever is expected', () => {
    const whole = file(elf({ dependencies: dependencies('libc.so.6') }), { sha256: HEX, path: 'app_linux_amd64' });
    const expectations: Expectations = { targetFromName: true, kind: 'executable', pie: true, stripped: true, linkage: 'dynamic', needs: 'libc.so.6', sha256: HEX, maxSize: 5000 };
    expect(verify(whole, expectations).ok).toBe(true);
    const cut = verify({ ...whole, warnings: [warning('truncated')] }, expectations);
    expect(cut.findings.map(({ status }) => status)).toEqual(cut.findings.map(() => 'unknown'));
    expect(cut.findings).toHaveLength(8);
  });

  it.each([
    [{ stripd: true }, /unknown key "stripd"; did you mean "stripped"\?/],
    [{ pie: 'yes' }, /pie: true or false is wanted, not "yes"/],
    [{ kind: 'executible' }, /kind: .*did you mean executable\?/],
    [{ target: 'linux/arm46' }, /target: .*did you mean arm/],
    [{ target: [] }, /target: at least one/],
    [{ linkage: 'statik' }, /linkage/],
    [{ maxGlibc: 'new' }, /maxGlibc: a version of glibc/],
    [{ minOs: '=>11' }, /minOs: a range/],
    [{ go: 'latest' }, /go: a range of Go versions/],
    [{ goSettings: ['CGO_ENABLED'] }, /goSettings: a setting is like/],
    [{ goSettings: {} }, /goSettings: at least one/],
    [{ sha256: 'abc' }, /sha256: a SHA-256 has 64/],
    [{ maxSize: '40 parsecs' }, /maxSize: a size is like/],
    [{ maxSize: 0 }, /maxSize: a size/],
    [{ unique: true }, /unique: this rule is about several files/],
    [[], /expectations are an object/],
    [null, /expectations are an object/],
  ])('refuses %j', (expectations, message) => {
    expect(() => verify(file(elf()), expectations as Expectations)).toThrow(expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) as string }) as Error);
  });
});
