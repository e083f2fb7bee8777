// What an archive is, by the names of its members: a wheel and a Java archive are both zip files.

/** Gathers the names of one archive. */
export class KindSigns {
  readonly #format: string;
  readonly #seen = new Set<string>();
  #top: string | null = null;
  #tops = 0;

  constructor(format: string) {
    this.#format = format;
  }

  /** `name` without a leading `./`. */
  see(name: string): void {
    const slash = name.indexOf('/');
    const top = slash === -1 ? name : name.slice(0, slash);
    if (top !== this.#top) {
      this.#top = top;
      this.#tops++;
    }
    for (const [sign, pattern] of SIGNS) if (!this.#seen.has(sign) && pattern.test(name)) this.#seen.add(sign);
  }

  /** After all members; `name` is the archive's own. */
  kind(name: string): string | null {
    if (this.#format === 'deb' || this.#format === 'rpm') return this.#format;
    if (this.#format === 'ar') return 'static-library';
    const has = (sign: Sign): boolean => this.#seen.has(sign);
    if (this.#format === 'zip') {
      if (has('wheel')) return 'wheel';
      if (has('vsix')) return 'vsix';
      if (has('conda')) return 'conda';
      if (has('bundle')) return 'android-bundle';
      if (has('android')) return has('dex') || has('resources') ? 'android-apk' : 'aar';
      if (has('ipa')) return 'ipa';
      if (has('nuspec') && has('content types')) return 'nupkg';
      return has('manifest') ? 'jar' : null;
    }
    if (!this.#format.startsWith('tar')) return null;
    if (has('oci-layout')) return 'oci-layout';
    if (has('docker manifest') && has('docker config')) return 'docker-archive';
    if (has('conda')) return 'conda';
    if (has('pkginfo')) return has('arch') ? 'arch' : 'alpine';
    if (/\.bottle(?:\.\d+)?\.tar\.gz$/.test(name)) return 'bottle';
    return has('package.json') && this.#tops === 1 ? 'npm' : null;
  }
}

type Sign = (typeof SIGNS)[number][0];

const SIGNS = [
  ['wheel', /^[^/]+\.dist-info\/WHEEL$/],
  ['vsix', /^extension\.vsixmanifest$/],
  ['conda', /^info\/index\.json$/],
  ['bundle', /^base\/manifest\/AndroidManifest\.xml$/],
  ['android', /^AndroidManifest\.xml$/],
  ['dex', /^classes\.dex$/],
  ['resources', /^resources\.arsc$/],
  ['ipa', /^Payload\/[^/]+\.app\//],
  ['nuspec', /^[^/]+\.nuspec$/i],
  ['content types', /^\[Content_Types\]\.xml$/],
  ['manifest', /^META-INF\/MANIFEST\.MF$/],
  ['oci-layout', /^oci-layout$/],
  ['docker manifest', /^manifest\.json$/],
  ['docker config', /^(?:(?:sha256:)?[0-9a-f]{64}(?:\.json|\.tar)?$|[0-9a-f]{64}\/layer\.tar$|blobs\/)/],
  ['pkginfo', /^\.PKGINFO$/],
  ['arch', /^\.(?:MTREE|BUILDINFO)$/],
  ['package.json', /^[^/]+\/package\.json$/],
] as const;
