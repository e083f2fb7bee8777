// What a checksum file says, line by line.

/**
 * How a line is written.
 * - `standard`: `digest␠␠name` or `digest␠*name`, as sha256sum writes it
 * - `reversed`: `digest␠name`, as BSD's `sha256 -r` does
 * - `tagged`: `SHA256 (name) = digest`, as `sha256sum --tag`, BSD and OpenSSL 1 do
 * - `openssl`: `SHA2-256(name)= digest`, as OpenSSL 3 does
 * - `bare`: the digest alone, in a file called after the file that it belongs to, and beside it
 */
export type LineStyle = 'standard' | 'reversed' | 'tagged' | 'openssl' | 'bare';

/** A digest and the file that should have it. */
export interface ChecksumEntry {
  /** Counted from 1. */
  readonly line: number;
  /** Lists of other digests are malformed lines. */
  readonly algorithm: 'sha256';
  /** Lower-case hex. */
  readonly digest: string;
  /** As it is meant, escapes undone. Bytes that are no UTF-8 stand as U+DC80–U+DCFF. */
  readonly name: string;
  /** Whether it is marked as hashed in binary mode, which makes no difference to the digest. */
  readonly binary: boolean;
  /** How the line is written. */
  readonly style: LineStyle;
}

/** A line that is neither an entry nor a comment nor empty. */
export interface MalformedLine {
  /** Counted from 1. */
  readonly line: number;
  /** The line without its end. */
  readonly text: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** How a list's text is encoded, by its byte order mark. */
export type ListEncoding = 'utf-8' | 'utf-8 with a byte order mark' | 'utf-16le' | 'utf-16be';

/** A checksum file, in the order of its lines. Comments and empty lines are not kept. */
export interface ChecksumList {
  /** In the order of their lines. */
  readonly entries: readonly ChecksumEntry[];
  /** In the order of their lines. */
  readonly malformed: readonly MalformedLine[];
  /** Of the text; 'utf-8' for a list that came as a string. */
  readonly encoding: ListEncoding;
  /** Whether it stands in a PGP-signed message, whose signature nobody has verified here. */
  readonly signed: boolean;
  /** What its lines without a tag are like; the two don't mix. Null where there are none. */
  readonly form: 'standard' | 'reversed' | null;
}
