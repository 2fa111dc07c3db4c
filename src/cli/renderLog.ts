/** A commit of a history in one line for people: verdict, time, signer, subject. */
import { toAllowEntry } from '../adapters/allow.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { type Outcome, wordOf } from '../app/outcome.ts';
import type { RuledObject } from '../app/ruled.ts';
import { isoTime } from '../core/isoTime.ts';
import { colour, showsUnicode } from './print.ts';
import { meaningOfGood, type Showing, toKeyName } from './renderVerdicts.ts';
import { wrapText } from './wrap.ts';

export interface LogRow {
  /** The graph that git draws before it. */
  readonly graph: string;
  readonly refs: string;
  readonly subject: string;
  readonly judged: RuledObject;
  readonly outcome: Outcome;
}

/** Every word that a row begins with, its sign and colour, and what it means. */
export const WORDS = {
  good: ['✓', 'green', 'signed, and proven'],
  untrusted: ['!', 'yellow', 'sound, but by nobody who may sign here'],
  unproven: ['?', 'yellow', 'nothing proves when it was signed'],
  bad: ['✗', 'red', 'forged or changed'],
  unreadable: ['✗', 'red', 'cannot be read'],
  foreign: ['·', 'gray', 'signed by other means'],
  unsigned: ['·', 'gray', 'not signed'],
  exempt: ['·', 'green', 'let in by its name, whatever its signature'],
} as const;

export type Word = keyof typeof WORDS;

/** Signs for where the locale knows ASCII only. */
const PLAIN_SIGNS: Readonly<Record<string, string>> = { '✓': '+', '✗': 'X', '·': '-' };

function signOf(word: Word): string {
  const [sign] = WORDS[word];
  return showsUnicode() ? sign : (PLAIN_SIGNS[sign] ?? sign);
}

/** Where there is little room: the day alone, and less of the signer. */
const NARROW_COLUMNS = 110;

/** One line that fits `columns`; what is cut ends in `…`, or in dots. */
export function renderRow({ graph, refs, subject, judged, outcome }: LogRow, columns: number): string {
  const { verdict, object, ruled } = judged;
  const word = wordOf(outcome);
  const [sign, style] = [signOf(word), WORDS[word][1]];
  const own = 'signer' in verdict && verdict.signer ? toAllowEntry(verdict.signer.identity) : '';
  const signer = ruled?.key === undefined ? own : toKeyName(ruled.key);
  const why = outcome.text === '' || word === 'unsigned' || word === 'exempt' ? '' : `${outcome.text}. `;
  const oid = object.oid.slice(0, 10);
  const [timeColumns, signerColumns] =
    columns < NARROW_COLUMNS ? [10, Math.min(Math.max(columns - 60, 8), 20)] : [16, 34];
  const time = 'signedAt' in verdict ? isoTime(verdict.signedAt).slice(0, timeColumns).replace('T', ' ') : '';
  const left = `${graph}${oid}  ${sign} ${word.padEnd(10)} ${time.padEnd(timeColumns)}  ${fill(cut(escapeForTerminal(signer), signerColumns), signerColumns)}  `;
  const names = refs === '' ? '' : `(${escapeForTerminal(refs)}) `;
  const rest = cut(`${names}${escapeForTerminal(why)}${escapeForTerminal(subject)}`, columns - width(left));
  const marked = left.replace(`${sign} ${word.padEnd(10)}`, (text) => colour(style, text));
  const tail =
    rest.startsWith(names) && names !== '' ? colour('cyan', names) + rest.slice(names.length) : rest;
  const line = marked.replace(oid, (text) => colour('yellow', text)) + tail;
  return `${line.trimEnd()}\n`;
}

/** What the words mean, how many of each there were, and whether a toy vouches for them. */
export function renderTotals(
  counts: ReadonlyMap<Word, number>,
  { sandbox, deciding }: Pick<Showing, 'sandbox' | 'deciding'>,
): string {
  const words = (Object.keys(WORDS) as Word[]).filter((word) => counts.has(word));
  if (words.length === 0) return 'No commit is in there.\n';
  const lines = words.map((word) => {
    const [, style, meaning] = WORDS[word];
    const toy = sandbox && word !== 'unsigned' && word !== 'foreign' ? ' [sandbox]' : '';
    return `${String(counts.get(word)).padStart(7)} ${colour(style, `${signOf(word)} ${word.padEnd(10)}`)} ${meaning}${toy}\n`;
  });
  const note = meaningOfGood(counts.get('good'), deciding).map((line) => `${wrapText(line, 0)}\n`);
  return `\n${[...lines, ...note].join('')}`;
}

/** At most so many columns, and never fewer than a few. */
function cut(text: string, columns: number): string {
  const wanted = Math.max(columns, 8);
  if (width(text) <= wanted) return text;
  const end = showsUnicode() ? '…' : '...';
  let kept = '';
  for (const character of text) {
    if (width(kept + character) + width(end) > wanted) break;
    kept += character;
  }
  return kept + end;
}

function fill(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - width(text), 0));
}

/** Terminals draw these twice as wide (Unicode Standard Annex 11, roughly), and marks on the letter before them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;
const ZERO = /\p{M}/gu;

function width(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  const characters = [...text].length;
  return characters + (text.match(WIDE)?.length ?? 0) - (text.match(ZERO)?.length ?? 0);
}
