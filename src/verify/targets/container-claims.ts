// All that an archive claims of the executables in it: its name, and what its own metadata say, by what kind of package it is.

import type { Container, ContainerClaim } from '../../model/container.ts';
import type { PackagePlatforms } from '../../model/verdict.ts';
import { abiClaims, abiOf } from './android-abi.ts';
import { archiveNameClaims } from './archive-name.ts';
import { nativeCodeClaims } from './bundle-native-code.ts';
import { namesOf } from './claims.ts';
import { condaClaim, oldSubdir } from './conda-subdir.ts';
import { claimedTarget, invalidClaim, strangeClaim, targetClaim } from './contents-claim.ts';
import type { ContentsClaim } from './contents-claim.ts';
import { debianClaim } from './debian-architecture.ts';
import { ridClaims, ridOf } from './dotnet-rid.ts';
import { packageText } from './package-json.ts';
import { pkginfoClaim } from './pkginfo-architecture.ts';
import { rpmClaim } from './rpm-architecture.ts';
import { vsixClaim } from './vsix-platform.ts';
import { abiDifference, tagDifference, tagsOfName, wheelClaims, wheelTags } from './wheel-tag.ts';

/** What is known of an archive besides what is said of it. */
export interface ContainerContext {
  /** What its package.json says, one folder down; null where it has none. */
  readonly manifest: PackagePlatforms | null;
  /** The executables in it, by their paths below it. */
  readonly names: readonly string[];
}

/** All claims of an archive. What stands in several places is claimed by each of them. */
export function containerClaims(container: Pick<Container, 'path' | 'kind' | 'claims'>, context: ContainerContext): ContentsClaim[] {
  const name = archiveNameClaims(container.path, context.manifest?.name ?? null);
  return [...name, ...metadataClaims(container, context)];
}

function metadataClaims({ path, kind, claims }: Pick<Container, 'path' | 'kind' | 'claims'>, { manifest, names }: ContainerContext): ContentsClaim[] {
  const fields = (pattern: RegExp): readonly ContainerClaim[] => claims.filter(({ from }) => pattern.test(from));
  switch (kind) {
    case 'npm':
      return manifest === null ? [] : packageClaims(manifest);
    case 'deb':
      return fields(/^DEBIAN\/control Architecture$/i).map(({ text, from }) => debianClaim(text, told(from, text)));
    case 'rpm': {
      const system = fields(/^header OS$/)[0]?.text ?? 'linux';
      return fields(/^header ARCH$/).map(({ text, from }) => rpmClaim(text, system, told(from, text)));
    }
    case 'alpine':
    case 'arch':
      return fields(/^\.PKGINFO arch$/).map(({ text, from }) => pkginfoClaim(text, kind, told(from, text)));
    case 'conda': {
      const subdir = fields(/ subdir$/)[0];
      if (subdir !== undefined) return [condaClaim(subdir.text, told(subdir.from, subdir.text))];
      const old = oldSubdir(fields(/ platform$/)[0]?.text ?? null, fields(/ arch$/)[0]?.text ?? null);
      return old === null ? [] : [condaClaim(old, `info/index.json platform and arch: ${old}`)];
    }
    case 'wheel':
      return wheelFileClaims(path, fields(/\.dist-info\/WHEEL Tag$/i), names);
    case 'vsix':
      return fields(/^extension\.vsixmanifest TargetPlatform$/).flatMap(({ text, from }) => vsixClaim(text, told(from, text)) ?? []);
    case 'nupkg':
      return ridClaims(names.flatMap((one) => ridOf(one) ?? []));
    case 'android-apk':
    case 'android-bundle':
    case 'aar':
      return abiClaims(names.flatMap((one) => abiOf(one) ?? []));
    case 'ipa':
      return [targetClaim({ ...claimedTarget('ios/arm64'), text: 'ipa', os: ['ios', 'tvos'], arch: null, ending: null }, 'an iOS app in Payload')];
    case 'jar':
      return fields(/ Bundle-NativeCode$/i).flatMap(({ text, from }) => nativeCodeClaims(text, from));
    default:
      return [];
  }
}

const SHOWN = 80; // characters of a field in a message

function told(from: string, text: string): string {
  return `${from}: ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`;
}

function packageClaims(manifest: PackagePlatforms): ContentsClaim[] {
  const expected = packageText(manifest);
  return expected === null ? [] : [{ expected, from: manifest.path, asks: { kind: 'package', package: manifest }, words: null, about: null }];
}

/** A wheel's WHEEL file: its tags have to be those of the name; where the name is no wheel's, they are the claim. */
function wheelFileClaims(path: string, written: readonly ContainerClaim[], names: readonly string[]): ContentsClaim[] {
  const own = tagsOfName(namesOf(path).at(-1) ?? '');
  const from = written[0]?.from ?? 'the WHEEL file';
  const texts = written.map(({ text }) => text);
  const claims: ContentsClaim[] = [];
  if (written.length === 0) return [strangeClaim('tags', from, 'the WHEEL file has no tag')];
  if (own === null) {
    const tags = texts.map((text) => wheelTags(text));
    if (tags.includes(null)) return [invalidClaim('tags of a wheel', from, 'a tag in the WHEEL file is no tag')];
    const platforms = tags.flatMap((one) => one?.platforms ?? []);
    claims.push(...wheelClaims({ pythons: [], abis: [], platforms }, from));
  } else {
    const difference = tagDifference(own, texts);
    if (difference !== null) claims.push(invalidClaim('the tags of the name', from, difference));
  }
  const tags = own ?? wheelTags(texts[0] as string);
  const other = tags === null ? null : abiDifference(tags, names.filter((name) => /\.(so|pyd)$/i.test(name)));
  if (other !== null) claims.push(invalidClaim(`modules for ${tags?.abis.join(' or ') ?? ''}`, own === null ? from : `the file name "${namesOf(path).at(-1) ?? ''}"`, other));
  return claims;
}
