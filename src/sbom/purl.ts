// Package URLs (ECMA-427), as they are written for what executables name.

/** Text without lone surrogates, which no strict JSON reader takes and no URL can have. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

/** Percent-encoded but for letters, digits and `.-_~:`. */
function encoded(text: string): string {
  return encodeURIComponent(wellFormed(text))
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

/** The parts of a path, encoded; null where one of them is empty, or is a folder's own name, which no package has. */
function encodedPath(path: string): string | null {
  const parts = path.split('/');
  return parts.some((part) => part === '' || part === '.' || part === '..') ? null : parts.map(encoded).join('/');
}

/**
 * `pkg:TYPE/PATH@VERSION#SUBPATH`; the path is the namespace and the name, as the type writes them. Null where the path
 * is not one that a package can have. Unknown versions are left out.
 */
export function purlOf(type: string, path: string, version: string | null, subpath: string | null = null): string | null {
  const name = encodedPath(path);
  const below = subpath === null ? null : encodedPath(subpath);
  if (name === null) return null;
  return `pkg:${type}/${name}${version === null ? '' : `@${encoded(version)}`}${below === null ? '' : `#${below}`}`;
}
