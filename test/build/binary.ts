// Makes inspections by hand for tests of what is said about them: real ones, with the facts replaced that a test is about.

import { inspectSync } from '../../src/inspect/inspect.ts';
import type { Binary, BinaryFacts, GoBuild, Inspection, MachODetail, PeDetail } from '../../src/model/binary.ts';
import type { Signature } from '../../src/model/identity.ts';
import type { Certificate, Levels, SignatureCheck, SignatureItem } from '../../src/model/signature.ts';
import { warningOf } from '../../src/model/warning.ts';
import type { WarningCode } from '../../src/model/warning.ts';
import { platformOf } from '../../src/model/platform.ts';
import type { PlatformSeed } from '../../src/model/platform.ts';
import { buildElf } from './elf.ts';
import { buildMachO } from './macho.ts';
import { buildPe } from './pe.ts';

const ELF = inspectSync(buildElf()).binaries[0] as Binary;
const MACH_O = inspectSync(buildMachO()).binaries[0] as Binary;
const PE = inspectSync(buildPe()).binaries[0] as Binary;

/** A platform from what a test is about; the rest is linux/amd64 with glibc. */
export function platform(seed: Partial<PlatformSeed> = {}): BinaryFacts['platform'] {
  return platformOf({ os: 'linux', arch: 'amd64', variant: null, libc: 'glibc', abi: null, ...seed });
}

const PLAIN: Partial<BinaryFacts> = {
  kind: 'executable',
  pie: true,
  linkage: 'dynamic',
  stripped: true,
  packer: null,
  go: null,
  signatureCheck: null,
  components: [],
  dependencies: [],
  searchPaths: [],
  warnings: [],
  assumed: [],
  unknown: [],
  because: {},
};

/** What the headers do not tell, where a test says so. */
function unknown({ platform: own }: Partial<BinaryFacts>): Partial<BinaryFacts> {
  return own === undefined ? {} : { unknown: (['os', 'arch'] as const).filter((fact) => own[fact] === null) };
}

/** A dynamic position-independent program for linux/amd64, and what a test says of it. */
export function elf(facts: Partial<BinaryFacts> = {}): Binary {
  return { ...ELF, ...PLAIN, platform: platform(), interpreter: '/lib64/ld-linux-x86-64.so.2', ...unknown(facts), ...facts } as Binary;
}

/** A program for darwin/arm64. */
export function machO(facts: Partial<BinaryFacts> = {}, detail: Partial<MachODetail> = {}): Binary {
  const own = MACH_O.format === 'mach-o' ? MACH_O.machO : null;
  const seed = platform({ os: 'darwin', arch: 'arm64', libc: 'libsystem' });
  return { ...MACH_O, ...PLAIN, platform: seed, interpreter: '/usr/lib/dyld', machO: { ...own, minimumOs: '11.0', ...detail }, ...unknown(facts), ...facts } as Binary;
}

/** A program for windows/amd64. */
export function pe(facts: Partial<BinaryFacts> = {}, detail: Partial<PeDetail> = {}): Binary {
  const own = PE.format === 'pe' ? PE.pe : null;
  const seed = platform({ os: 'windows', arch: 'amd64', libc: 'ucrt', abi: 'msvc' });
  return { ...PE, ...PLAIN, platform: seed, interpreter: null, pe: { ...own, subsystemVersion: '6.0', ...detail }, ...unknown(facts), ...facts } as Binary;
}

export function dependencies(...names: string[]): BinaryFacts['dependencies'] {
  return names.map((name) => ({ name, kind: 'required', currentVersion: null, compatibilityVersion: null }));
}

export function goBuild(build: Partial<GoBuild> = {}): GoBuild {
  return { version: 'go1.22.3', buildInfo: 'present', path: null, main: null, deps: [], settings: [], buildId: null, ...build };
}

/** A file of one binary, or a universal one of several. */
export function file(binary: Binary | readonly Binary[], facts: Partial<Inspection> = {}): Inspection {
  const binaries = Array.isArray(binary) ? (binary as readonly Binary[]) : [binary as Binary];
  const { format } = binaries[0] as Binary;
  return { schemaVersion: 1, path: 'app', size: 1000, sha256: null, format, universal: Array.isArray(binary), binaries, warnings: [], ...facts };
}

/** A warning with a code. */
export function warning(code: WarningCode): Inspection['warnings'][number] {
  return warningOf(code, `the ${code} of a test`, null);
}

/** A signature that was checked, and is all right unless something else is said. */
export function signatureCheck(levels: Partial<Levels> = {}, rest: Partial<SignatureCheck> = {}): SignatureCheck {
  const all: Levels = { intact: 'yes', signed: 'yes', anchored: 'yes', inTime: 'yes', ...levels };
  const certificate = (subject: string, attributes: readonly (readonly [string, string])[]): Certificate => ({
    subject,
    subjectAttributes: attributes.map(([type, value]) => ({ type, value })),
    issuer: 'CN=Example Root',
    serial: '01',
    sha256: 'cd'.repeat(32),
    spkiSha256: 'ef'.repeat(32),
    notBefore: '2024-01-01T00:00:00Z',
    notAfter: '2026-01-01T00:00:00Z',
  });
  const signer = certificate('CN=Example\\, Inc., OU=TEAM123456, O=Example\\, Inc., C=DE', [['C', 'DE'], ['O', 'Example, Inc.'], ['OU', 'TEAM123456'], ['CN', 'Example, Inc.']]);
  const at = { time: '2025-01-01T00:00:00Z', from: 'timestamp' } as const;
  const item: SignatureItem = {
    depth: 0,
    levels: all,
    at,
    digest: { algorithm: 'sha256', signed: '', computed: '', method: 'code-directory' },
    signer,
    chain: [signer, certificate('CN=Example Root', [['CN', 'Example Root']])],
    root: 'cd'.repeat(32),
    signingTime: null,
    programName: null,
    moreInfo: null,
    unauthenticatedBytes: 0,
    pageHashes: null,
    timestamps: [],
    weak: [],
    unsignedAttributes: [],
    kind: null,
  };
  return { state: 'certificate', levels: all, at, signatures: [item], codeDirectories: [], requirements: [], entitlements: null, problems: [], notChecked: ['revocation'], ...rest };
}

/** A signature that is there, unchecked. */
export function signature(rest: Partial<Signature> = {}): Signature {
  return { kind: 'cms', offset: 0x1000, size: 0x100, identifier: 'com.example.app', teamId: 'TEAM123456', flags: 0x1_0000, cdHash: null, ...rest };
}
