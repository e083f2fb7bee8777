// What is said of an embedded signature that was checked: levels that are told apart, never one boolean.

/**
 * How far a statement holds. `unknown`: it could not be told, and a problem says why. `not-asked`: it needs what was not given (roots).
 * `none`: the question does not arise, as an ad-hoc signature has no signer. Only `yes` passes anything.
 */
export type Level = 'yes' | 'no' | 'unknown' | 'not-asked' | 'none';

/** The four questions, each answered by itself. */
export interface Levels {
  /** Whether the bytes are those that the signature's digests name. Says nothing of who made them. */
  readonly intact: Level;
  /** Whether the message is valid for the key of the certificate in it, over those digests. */
  readonly signed: Level;
  /** Whether that certificate chains to a root that the caller gave, by purpose, CA bits and path length, whatever the time. */
  readonly anchored: Level;
  /** Whether every certificate of that path is valid at the time `at`. */
  readonly inTime: Level;
}

/** What kind of signature there is. `pseudo-signed`: no signer although the flag adhoc is clear. */
export type SignatureState = 'absent' | 'damaged' | 'linker-signed' | 'ad-hoc' | 'pseudo-signed' | 'certificate';

/** The time at which certificates have to be valid. */
export interface SignatureTime {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** A stamp that holds and is anchored itself, the caller's word, or this machine's clock. */
  readonly from: 'timestamp' | 'given' | 'clock';
}

/** One attribute of a certificate's subject. */
export interface SubjectAttribute {
  /** 'CN', 'O', …; an object identifier where there is no short name. */
  readonly type: string;
  readonly value: string;
}

/** A certificate, for people. */
export interface Certificate {
  /** As RFC 4514 writes it: 'CN=…, O=…, C=…'. */
  readonly subject: string;
  /** The same in parts, in the certificate's order: to be compared as whole values. */
  readonly subjectAttributes: readonly SubjectAttribute[];
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  /** Of the whole certificate, lower-case hex. */
  readonly sha256: string;
  /** Of its SubjectPublicKeyInfo. */
  readonly spkiSha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Bytes of the file. */
export interface ByteRange {
  /** Which page or entry it is, from 0. */
  readonly index: number;
  /** Counted from the start of the file. */
  readonly offset: number;
  readonly size: number;
}

/** A time stamp over a signature. */
export interface TimestampCheck {
  readonly kind: 'rfc3161' | 'countersignature';
  /** As stamped; null where it can't be read. */
  readonly time: string | null;
  /** Whether it is over this signature and valid for the key of its certificate. */
  readonly signed: Level;
  /** Whether its certificate chains to a root given for time stamps, at the stamped time. */
  readonly anchored: Level;
  /** Whether its signature holds the bare digest, as stamps of the VeriSign era do: a weakness. */
  readonly bareDigest: boolean;
  readonly signer: Certificate | null;
}

/** One signature with a signer. */
export interface SignatureItem {
  /** 0 for the outer one, 1 for one nested in it, … */
  readonly depth: number;
  readonly levels: Levels;
  readonly at: SignatureTime | null;
  readonly digest: {
    /** 'sha256', …; the object identifier of one that is not known. */
    readonly algorithm: string;
    /** Lower-case hex, as signed. */
    readonly signed: string;
    /** As computed over the file; null where that was not possible. */
    readonly computed: string | null;
    readonly method: 'flat' | 'section-wise' | 'code-directory';
  };
  readonly signer: Certificate | null;
  /** The leaf first, as far as issuers are at hand; of an anchored one the last is the root. */
  readonly chain: readonly Certificate[];
  /** SHA-256 of the root; null where the chain ends at none that was given. */
  readonly root: string | null;
  /** What the signer claims, unproved. */
  readonly signingTime: string | null;
  /** Authenticode: the name that Windows shows for the program. */
  readonly programName: string | null;
  /** Authenticode: the address shown for more. */
  readonly moreInfo: string | null;
  /** Authenticode: bytes of the table's entry behind the message; 0 for nested ones. */
  readonly unauthenticatedBytes: number;
  readonly pageHashes: { readonly algorithm: string; readonly count: number; readonly bad: readonly ByteRange[] } | null;
  readonly timestamps: readonly TimestampCheck[];
  /** 'sha1', 'md5', 'rsa-1024', 'bare-digest', … */
  readonly weak: readonly string[];
  readonly unsignedAttributes: readonly { readonly oid: string; readonly offset: number; readonly size: number }[];
  /** Apple: 'developer-id', 'app-store', …; only where it is anchored at one of Apple's roots. */
  readonly kind: string | null;
}

/** What a special slot of a code directory came to. `outside`: what it seals lies in the bundle. `unsealed`: the blob is there and not sealed, so it does not count. */
export interface SpecialSlot {
  readonly slot: number;
  readonly state: 'ok' | 'mismatch' | 'missing' | 'outside' | 'unsealed' | 'empty';
}

/** One code directory of a Mach-O signature. */
export interface CodeDirectoryCheck {
  /** 0, or 0x1000 and up for alternates. */
  readonly slot: number;
  readonly algorithm: 'sha1' | 'sha256-truncated' | 'sha256' | 'sha384' | null;
  readonly version: number;
  readonly flags: number;
  /** The first 20 bytes of its digest, in hex. */
  readonly cdHash: string | null;
  /** The digest in full. */
  readonly digest: string | null;
  /** Bytes of the image that its pages cover. */
  readonly codeLimit: number;
  /** Bytes of a page; 0: all of the code is one. */
  readonly pageSize: number;
  readonly codeSlots: number;
  readonly badPages: readonly ByteRange[];
  /** Whether the CMS message covers it: the first slot's directly, others by hash agility. */
  readonly covered: Level;
  readonly special: readonly SpecialSlot[];
}

/** Something about a signature that has to be known. */
export interface SignatureProblem {
  /** A stable word: 'digest-mismatch', 'page-mismatch', 'signature-value', … */
  readonly code: string;
  /** For people, with the values concerned. */
  readonly message: string;
  /** Position in the file, where there is one. */
  readonly offset: number | null;
  readonly size: number | null;
  /** The question that it spoils; null for a remark. */
  readonly level: keyof Levels | null;
  /** Index in `signatures`; null where it concerns none of them. */
  readonly item: number | null;
}

/** A signature that was checked. */
export interface SignatureCheck {
  readonly state: SignatureState;
  /** `intact` is the weakest of all signatures and code directories; the others are the outer (first) signature's. */
  readonly levels: Levels;
  readonly at: SignatureTime | null;
  /** PE: the outer one, then nested ones as stored. Mach-O: the CMS message if it counts. */
  readonly signatures: readonly SignatureItem[];
  /** Mach-O: in the order of their slots. */
  readonly codeDirectories: readonly CodeDirectoryCheck[];
  /** Mach-O: as codesign(1) prints them. */
  readonly requirements: readonly { readonly type: string; readonly text: string }[];
  /** Mach-O: only sealed ones. */
  readonly entitlements: { readonly keys: Readonly<Record<string, unknown>>; readonly from: 'xml' | 'der'; readonly agree: boolean | null } | null;
  readonly problems: readonly SignatureProblem[];
  /** What nobody could check here: 'revocation', 'notarization', 'catalogue', … */
  readonly notChecked: readonly string[];
}
