/** Attacks on logs, times and timestamps. */
import { COMMIT } from '../../core/toySigstore.ts';
import { ToyAuthority } from '../../core/toyTimestamps.ts';
import { type Attack, broken, changed, stamp, underTrust } from './attack.ts';
import { commit, forged, signCommit } from './pieces.ts';

export const WITNESS_ATTACKS: readonly Attack[] = [
  {
    name: 'log_entry_of_another_signature',
    attacks: [12],
    why: 'A whole, right log entry – of another commit’s signature (CVE-2024-51746, CVE-2026-22703).',
    make: changed('M95 whole entry of the donor'),
  },
  {
    name: 'log_entry_of_another_digest',
    attacks: [12],
    why: 'The log holds an entry with this signature and certificate over other bytes.',
    make: broken('X25 digest of other bytes'),
  },
  {
    name: 'promise_of_another_entry',
    attacks: [12],
    why: 'The log’s promise was given for another index.',
    make: broken('X34 promise over another index'),
  },
  {
    name: 'unknown_log',
    attacks: [13],
    why: 'Everything is signed right by a log that is not in the trusted root (CVE-2023-47122).',
    make: broken('X19 unknown log'),
  },
  {
    name: 'ct_log_as_log',
    attacks: [13],
    why: 'A key that is trusted for another purpose.',
    make: broken('X19 the CT log as log'),
  },
  {
    name: 'log_of_another_time',
    attacks: [13],
    why: 'The log’s key had been retired before the entry’s time; whoever has it now may say what they like.',
    make: underTrust('X22 log until a second ago'),
  },
  {
    name: 'logged_after_the_end',
    attacks: [14],
    why: 'Logged one second after the certificate’s end: by then its key may be anybody’s.',
    make: broken('X01 logged one second after'),
  },
  {
    name: 'logged_before_the_start',
    attacks: [14],
    why: 'Logged one second before the certificate began.',
    make: broken('X02 logged one second before'),
  },
  {
    name: 'time_that_nobody_promised',
    attacks: [14],
    why: 'The time of the entry was changed: only the promise vouches for it.',
    make: broken('X34 promise over another time'),
  },
  {
    name: 'no_log_entry',
    attacks: [14],
    why: 'Nothing proves when it was signed. Not good, and not bad either: unproven.',
    make: () => ({ object: forged('no entry'), control: commit, outcome: 'unproven' }),
  },
  {
    name: 'timestamp_of_another_signature',
    attacks: [12, 14],
    why: 'A right timestamp token – over another signature.',
    make: stamp({ log: 'v1', stamped: () => Buffer.from('another signature') }),
  },
  {
    name: 'timestamp_of_an_unknown_authority',
    attacks: [13, 14],
    why: 'A timestamp authority that is not in the trusted root stamps whatever time it likes.',
    make: stamp({ log: 'v2', by: new ToyAuthority() }),
  },
  {
    name: 'timestamp_after_the_end',
    attacks: [14],
    why: 'Stamped after the certificate’s end, with a log that gives no time of its own.',
    make: stamp({ log: 'v2', time: '20260601121001Z' }),
  },
  {
    name: 'two_witnesses_that_disagree',
    attacks: [14],
    why: 'The log’s time lies within the certificate’s, the timestamp’s before it: every time that is there must hold.',
    make: stamp({ log: 'v1', time: '20260601115959Z' }),
  },
  {
    name: 'rekor_v2_without_timestamp',
    attacks: [14],
    why: 'A Rekor v2 log says that a signature is public, and not since when: unproven.',
    make: () => ({ ...stamp({ log: 'v2', withoutToken: true })(), outcome: 'unproven' }),
  },
  {
    name: 'authority_of_another_time',
    attacks: [14],
    why: 'The authority was not trusted any more when the signature was made.',
    make: underTrust('X16 authority until a second ago'),
  },
  {
    name: 'no_sct',
    attacks: [15],
    why: 'A certificate that was never published in a CT log: its authority can issue in secret.',
    make: () => ({ object: signCommit(COMMIT, { scts: () => [] }), control: commit }),
  },
  {
    name: 'sct_of_another_time',
    attacks: [15],
    why: 'The CT log signed another time than the SCT says.',
    make: broken('X06 SCT signature of another time'),
  },
  {
    name: 'ct_log_until_a_second_ago',
    attacks: [15],
    why: 'The CT log was not trusted any more at the SCT’s time.',
    make: underTrust('X05 CT log until a second ago'),
  },
];
