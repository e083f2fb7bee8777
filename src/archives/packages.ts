// Packages that are archives of archives: what they show is the inner ones' members, under the names that they are installed by.

import type { Flow } from '../bytes/flow.ts';
import { BinspectError } from '../errors.ts';
import { shownName } from '../model/container.ts';
import { walkAr } from './ar.ts';
import { compressionOf, otherCompression, unpack } from './compressed.ts';
import type { Budget, Member, Remarks } from './member.ts';
import { BLOCK } from './tar-header.ts';
import { walkTar } from './tar.ts';

/** The members of a tar archive that is a member itself, compressed or not. */
async function* innerTar(outer: Member, rename: (name: string) => string, budget: Budget, remarks: Remarks): AsyncGenerator<Member, void, undefined> {
  const packed = await outer.open();
  const head = await packed.peek(BLOCK);
  const other = otherCompression(head);
  if (other !== null) throw new BinspectError('unsupported', `${outer.name} is compressed with ${other}, which is not read`, { detected: other });
  const compression = compressionOf(head);
  const flow: Flow = compression === null ? packed : (await unpack(packed, compression, budget, remarks)).flow;
  for await (const member of walkTar(flow, budget, remarks)) {
    yield { ...member, name: rename(member.name) };
  }
  while ((await flow.chunk(BLOCK * BLOCK)).length > 0); // so that check sums are compared
}

/** A Debian package: deb(5). Its own files come as `DEBIAN/control`, as `dpkg-deb -R` puts them. Throws as `walkTar` does. */
export async function* walkDeb(flow: Flow, budget: Budget, remarks: Remarks): AsyncGenerator<Member, void, undefined> {
  let data = false;
  for await (const member of walkAr(flow, budget)) {
    if (/^control\.tar(?:\.|$)/.test(member.name)) yield* innerTar(member, (name) => `DEBIAN/${shownName(name)}`, budget, remarks);
    else if (/^data\.tar(?:\.|$)/.test(member.name)) {
      data = true;
      yield* innerTar(member, (name) => name, budget, remarks);
    }
  }
  if (!data) throw new BinspectError('malformed', 'the package has no data.tar');
}

/** A zip file; where it is conda's, the members of the two archives in it. Throws as `walkZip` and `walkTar` do. */
export async function* walkConda(members: AsyncGenerator<Member>, budget: Budget, remarks: Remarks): AsyncGenerator<Member, void, undefined> {
  for await (const member of members) {
    if (/^(?:info|pkg)-[^/]+\.tar\.zst$/.test(member.name)) yield* innerTar(member, (name) => name, budget, remarks);
    else yield member;
  }
}
