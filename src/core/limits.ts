/** Every limit on input from outside, with its reason. Enforced before parsing. */

/** Signature armor as git hands it over: the largest of 68,530 real ones is 9 kB. */
export const MAX_ARMOR_BYTES = 1 << 20;

/** A payload: git reads all of it into memory itself; push certificates are the largest. */
export const MAX_PAYLOAD_BYTES = 64 << 20;

/** Header lines of an object, a signature of the largest size among them; a merge of 66 parents has 4 kB. */
export const MAX_HEADER_BYTES = 2 << 20;

/** Nesting of ASN.1: a certificate needs 9. */
export const MAX_DER_DEPTH = 32;

/** Elements of one piece of ASN.1: a signature with its certificate and attributes has about 250. */
export const MAX_DER_ELEMENTS = 4096;

/** Bytes of an OBJECT IDENTIFIER: the longest one in use here has 12. */
export const MAX_OID_BYTES = 64;

/** Certificates in one signature: gitsign wrote at most 2. */
export const MAX_CERTIFICATES = 8;

/** Timestamp tokens in one signature: signers ask one authority, or for the long run two. */
export const MAX_TIMESTAMP_TOKENS = 8;

/**
 * How uncertain a timestamp authority may be of its own clock. It asserts genTime, and that counts; but who does not
 * know the minute proves nothing about a certificate that lives ten. Real ones claim a second or less.
 */
export const MAX_TIMESTAMP_ACCURACY_MS = 60_000;

/** Certificates between a timestamp authority's own and its root: public ones have one or two. */
export const MAX_TIMESTAMP_INTERMEDIATES = 4;

/** A configured chain of a timestamp authority, PEM: a handful of certificates of 2 kB. */
export const MAX_TIMESTAMP_CHAIN_BYTES = 256 << 10;

/** Log entries given beside one signature. It has one; strangers, who may write notes, can add more. */
export const MAX_EVIDENCE_ENTRIES = 64;

/** One such entry: 5 kB as a rule, most of it the proof. */
export const MAX_EVIDENCE_ENTRY_BYTES = 64 << 10;

/** The facts about one signature, as a cache keeps them: 4 kB, half of it the certificate. */
export const MAX_FACTS_BYTES = 64 << 10;

/** Leafs whose checks a verifier of histories remembers, with about 40 kB each: a signer's commits follow one another. */
export const MAX_REMEMBERED_LEAFS = 256;

/**
 * The largest leaf that is remembered, whose parsed form takes many times as much, and the largest signature that it came
 * in, which stays in memory with it: 1 kB and 1 to 5 kB are usual.
 */
export const MAX_REMEMBERED_LEAF_BYTES = 4 << 10;
export const MAX_REMEMBERED_SIGNATURE_BYTES = 64 << 10;

/** Hashes in an inclusion proof: a tree of 2^63 leaves has 63. */
export const MAX_PROOF_HASHES = 64;

/** A checkpoint with 16 witness lines stays well below. */
export const MAX_CHECKPOINT_BYTES = 16 << 10;
export const MAX_CHECKPOINT_SIGNATURES = 64;

/** SCTs in one leaf: Fulcio embeds one. */
export const MAX_SCTS = 16;

/** A trusted root: the public one has 7 kB. */
export const MAX_TRUSTED_ROOT_BYTES = 1 << 20;

/** An answer of a service: a Rekor v1 entry has about 6 kB, Fulcio caps its own at 1 MiB. */
export const MAX_ANSWER_BYTES = 1 << 20;

/** An answer of a timestamp authority: Sigstore's have 1 kB, commercial ones with four certificates 7 kB. */
export const MAX_TIMESTAMP_BYTES = 64 << 10;

/** How long a service is waited for. All times in milliseconds. */
export interface Patience {
  /** One request, from connecting to the last byte of its answer. */
  readonly attemptMs: number;
  /** Everything asked of that service in one call, waiting between attempts included. */
  readonly totalMs: number;
  /** After the first attempt. */
  readonly retries: number;
  /** Before the first retry; doubles with each, and half of it is chance. */
  readonly backoffMs: number;
}

/**
 * A sign call ends within 30 s whatever the services do (a login's waiting for the person aside): 2 s for a
 * keychain that hangs, 7 s for the identity provider, 9 s here and 11 s for the log make 29.
 * A CA needs about 0.5 s; an answer that comes too late costs a certificate that nobody uses.
 */
export const FULCIO_PATIENCE: Patience = { attemptMs: 5_000, totalMs: 9_000, retries: 3, backoffMs: 250 };

/** A log waits for its tree to grow, 1 to 3 s; a retry after a slow success finds the entry (409). */
export const REKOR_PATIENCE: Patience = { attemptMs: 6_000, totalMs: 11_000, retries: 3, backoffMs: 250 };

/**
 * A Rekor v2 log answers only with a checkpoint that covers the entry, after 20 s at the latest. Signing there ends
 * within 45 s instead of 30: 2, 7 and 9 s as above and 26 s here, in which a second signature must fit where the
 * first one's answer was lost.
 */
export const REKOR_V2_PATIENCE: Patience = {
  attemptMs: 22_000,
  totalMs: 26_000,
  retries: 3,
  backoffMs: 250,
};

/** A timestamp authority is asked while the log is, and so for no longer; it needs about 0.1 s. */
export const TIMESTAMP_PATIENCE: Patience = { attemptMs: 5_000, totalMs: 11_000, retries: 3, backoffMs: 250 };

/** A login asks three times (configuration, token, keys): the 7 s that the above leave are for all of them. */
export const LOGIN_PATIENCE: Patience = { attemptMs: 5_000, totalMs: 7_000, retries: 3, backoffMs: 250 };

/** An ID token: Dex's have 1 kB, GitHub Actions' 2 kB; groups claims make some longer. */
export const MAX_ID_TOKEN_BYTES = 32 << 10;

/**
 * How far the local clock may be from the authority's: certificates live ten minutes, and a machine without
 * time synchronisation is off by a few. Only signing looks at the local clock.
 */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** Searching a log for an entry that a signature does not carry: somebody waits for one verdict. */
export const SEARCH_PATIENCE: Patience = { attemptMs: 8_000, totalMs: 20_000, retries: 3, backoffMs: 250 };

/** The same for a whole history, where nobody waits for any single answer and the log may ask for a rest. */
export const PROVE_PATIENCE: Patience = {
  attemptMs: 20_000,
  totalMs: 120_000,
  retries: 4,
  backoffMs: 500,
};

/** Between two requests of one search: public logs are shared by everybody. */
export const SEARCH_INTERVAL_MS = 25;

/** The same at a log that refuses so many: eight questions that wait for each other are still answered in their time. */
export const SLOWEST_SEARCH_INTERVAL_MS = 1_000;

/** Entries fetched at a time: Rekor v1 refuses more. */
export const MAX_RETRIEVED_ENTRIES = 10;

/** Entry ids in an answer to a search: one certificate can have signed a long rebase, and anybody can log a hash. */
export const MAX_FOUND_ENTRIES = 12_000;

/** Entries looked at because they have the same certificate. */
export const MAX_SAME_CERTIFICATE_ENTRIES = 100;

/** A note with log entries: an entry has about 12 kB in base64, and an object is logged once, or after a retry twice. */
export const MAX_NOTE_BYTES = 256 << 10;
export const MAX_NOTE_ENTRIES = 16;

/** A TUF repository: one file waits 5 s at most, and whoever asked for an update 20 s for all of them. */
export const TUF_PATIENCE: Patience = { attemptMs: 5_000, totalMs: 20_000, retries: 2, backoffMs: 250 };

/** The same where trust is only looked after besides: somebody waits for a verdict. */
export const TUF_PATIENCE_BESIDES: Patience = {
  attemptMs: 3_000,
  totalMs: 6_000,
  retries: 0,
  backoffMs: 250,
};

/** How old trust may be before it is looked after: TUF repositories sign anew each day. */
export const TUF_REFRESH_MS = 24 * 3_600_000;

/** After a failure nobody waits for the repository again before this time has passed, unless the trust has ended. */
export const TUF_RETRY_MS = 3_600_000;

/** TUF metadata by the limits of its usual clients; Sigstore's have 8 kB. */
export const MAX_TUF_ROOT_BYTES = 512_000;
export const MAX_TUF_TIMESTAMP_BYTES = 16_384;
export const MAX_TUF_SNAPSHOT_BYTES = 2_000_000;
export const MAX_TUF_TARGETS_BYTES = 5_000_000;

/** One of the 256 files of remembered facts: 64 MiB in all. */
export const MAX_FACT_FILE_BYTES = 256 << 10;

/** A Sigstore bundle: 10 kB, most of it certificate and proof. Its artifact has 107 bytes. */
export const MAX_BUNDLE_BYTES = 1 << 20;
export const MAX_ARTIFACT_BYTES = 64 << 10;

/** Log entries in a bundle: one, or for the long run one of each log. */
export const MAX_BUNDLE_ENTRIES = 8;

/** A policy file: an organisation's with a hundred signers has 20 kB. */
export const MAX_POLICY_BYTES = 256 << 10;

/** New commits of one ref that a push is judged by, unless the server says otherwise: some seconds of work. */
export const MAX_NEW_COMMITS = 10_000;

/** Refs in one push: mirrors have some thousands. */
export const MAX_PUSHED_REFS = 10_000;

/** Commits of one ref in which changes of its policy are looked for; the Linux kernel has 80,000 of its first-parent line. */
export const MAX_POLICY_COMMITS = 200_000;

/** A policy as a clone keeps it: with its groups written out in each rule. */
export const MAX_PIN_BYTES = 4 << 20;

/** What one git command may answer: a first-parent line of 200,000 commits has 17 MB. */
export const MAX_GIT_OUTPUT_BYTES = 128 << 20;

/** The list of all notes: 340,000 of them. */
export const MAX_NOTES_LIST_BYTES = 32 << 20;
