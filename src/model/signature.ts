// What is said of an embedded signature that was checked: levels that are distinguished, never one boolean.

/**
 * How far a statement holds. `unknown`: it could not be determined, and a problem says why. `not-asked`: it needs what was not given (roots).
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
  /** Its text, as the certificate has it. */
  readonly value: string;
}

/** A certificate, for people. */
export interface Certificate {
  /** As RFC 4514 writes it: 'CN=…, O=…, C=…'. */
  readonly subject: string;
  /** The same in parts, in the certificate's order: to be compared as whole values. */
  readonly subjectAttributes: readonly SubjectAttribute[];
  /** The issuer's name, written the same way. */
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  /** Of the whole certificate, lower-case hex. */
  readonly sha256: string;
  /** Of its SubjectPublicKeyInfo. */
  readonly spkiSha256: string;
  /** The first moment at which it is valid, ISO 8601. */
  readonly notBefore: string;
  /** The last one. */
  readonly notAfter: string;
}

/** Bytes of the file. */
export interface ByteRange {
  /** Which page or entry it is, from 0. */
  readonly index: number;
  /** Counted from the start of the file. */
  readonly offset: number;
  /** Bytes of it. */
  readonly size: number;
}

/** A time stamp over a signature. */
export interface TimestampCheck {
  /** A token of RFC 3161, or a countersignature of PKCS#9. */
  readonly kind: 'rfc3161' | 'countersignature';
  /** As stamped; null where it can't be read. */
  readonly time: string | null;
  /** Whether it is over this signature and valid for the key of its certificate. */
  readonly signed: Level;
  /** Whether its certificate chains to a root given for time stamps, at the stamped time. */
  readonly anchored: Level;
  /** Whether its signature holds the bare digest, as stamps of the VeriSign era do: a weakness. */
  readonly bareDigest: boolean;
  /** The stamper's certificate; null where it is not at hand. */
  readonly signer: Certificate | null;
}

/** One signature with a signer. */
export interface SignatureItem {
  /** 0 for the outer one, 1 for one nested in it, … */
  readonly depth: number;
  /** How far it holds. */
  readonly levels: Levels;
  /** The time at which its certificates have to be valid. */
  readonly at: SignatureTime | null;
  /** What is signed. */
  readonly digest: {
    /** 'sha256', …; the object identifier of one that is not known. */
    readonly algorithm: string;
    /** Lower-case hex, as signed. */
    readonly signed: string;
    /** As computed over the file; null where that was not possible. */
    readonly computed: string | null;
    /** How it is computed: over the file with three holes, over headers and sections, over a code directory. */
    readonly method: 'flat' | 'section-wise' | 'code-directory';
  };
  /** The signer's certificate; null where it is not at hand. */
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
  /** Authenticode: digests of single pages; null without them. */
  readonly pageHashes: {
    /** 'sha1' or 'sha256'. */
    readonly algorithm: string;
    /** Pages of the image. */
    readonly count: number;
    /** Those that are not what their digests say. */
    readonly bad: readonly ByteRange[];
  } | null;
  /** In the order in which they lie there. */
  readonly timestamps: readonly TimestampCheck[];
  /** 'sha1', 'md5', 'rsa-1024', 'bare-digest', … */
  readonly weak: readonly string[];
  /** Attributes that nobody signed: time stamps, nested signatures, and whatever else somebody put there. */
  readonly unsignedAttributes: readonly UnsignedAttribute[];
  /** Apple: 'developer-id', 'app-store', …; only where it is anchored at one of Apple's roots. */
  readonly kind: string | null;
}

/** An attribute that nobody signed. */
export interface UnsignedAttribute {
  /** Its type, dotted. */
  readonly oid: string;
  /** Position in the file. */
  readonly offset: number;
  /** Bytes of it. */
  readonly size: number;
}

/** What a special slot of a code directory came to. `outside`: what it seals lies in the bundle. `unsealed`: the blob is there and not sealed, so it does not count. */
export interface SpecialSlot {
  /** 1 Info.plist, 2 requirements, 3 resources, 5 and 7 entitlements, 8 to 11 constraints. */
  readonly slot: number;
  /** What it came to. */
  readonly state: 'ok' | 'mismatch' | 'missing' | 'outside' | 'unsealed' | 'empty';
}

/** One code directory of a Mach-O signature. */
export interface CodeDirectoryCheck {
  /** 0, or 0x1000 and up for alternates. */
  readonly slot: number;
  /** The digest of its slots; null for a kind that is not known. */
  readonly algorithm: 'sha1' | 'sha256-truncated' | 'sha256' | 'sha384' | null;
  /** 0x20400, … */
  readonly version: number;
  /** adhoc, runtime and the like, as bits. */
  readonly flags: number;
  /** The first 20 bytes of its digest, in hex. */
  readonly cdHash: string | null;
  /** The digest in full. */
  readonly digest: string | null;
  /** Bytes of the image that its pages cover. */
  readonly codeLimit: number;
  /** Bytes of a page; 0: all of the code is one. */
  readonly pageSize: number;
  /** Pages that it has digests for. */
  readonly codeSlots: number;
  /** Pages that are not what their digests say. */
  readonly badPages: readonly ByteRange[];
  /** Whether the CMS message covers it: the first slot's directly, others by hash agility. */
  readonly covered: Level;
  /** What else it seals. */
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
  /** Bytes concerned, where that can be said. */
  readonly size: number | null;
  /** The question that it spoils; null for a remark. */
  readonly level: keyof Levels | null;
  /** Index in `signatures`; null where it concerns none of them. */
  readonly item: number | null;
}

/** A code requirement. */
export interface CodeRequirement {
  /** 'designated', 'host', 'guest', 'library', 'plugin'. */
  readonly type: string;
  /** As codesign(1) prints it. */
  readonly text: string;
}

/** What a Mach-O file asks its system to be allowed. */
export interface Entitlements {
  /** As the file has them: data as hex. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Which form they are taken from: DER where it is there, as newer systems do. */
  readonly from: 'xml' | 'der';
  /** Whether both forms say the same; null where there is only one. */
  readonly agree: boolean | null;
}

/** A signature that was checked. */
export interface SignatureCheck {
  /** What kind of signature there is. */
  readonly state: SignatureState;
  /** `intact` is the weakest of all signatures and code directories; the others are the outer (first) signature's. */
  readonly levels: Levels;
  /** The time at which the outer signature's certificates have to be valid. */
  readonly at: SignatureTime | null;
  /** PE: the outer one, then nested ones as stored. Mach-O: the CMS message if it counts. */
  readonly signatures: readonly SignatureItem[];
  /** Mach-O: in the order of their slots. */
  readonly codeDirectories: readonly CodeDirectoryCheck[];
  /** Mach-O: as codesign(1) prints them. */
  readonly requirements: readonly CodeRequirement[];
  /** Mach-O: only sealed ones. */
  readonly entitlements: Entitlements | null;
  /** Whatever has to be known beside the levels, and why they are not 'yes'. */
  readonly problems: readonly SignatureProblem[];
  /** What nobody could check here: 'revocation', 'notarization', 'catalogue', … */
  readonly notChecked: readonly string[];
}
