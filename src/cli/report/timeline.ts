/** Pictures of a history as SVG: who signed when, and where it was not signed. */
import { toAllowEntry } from '../../adapters/allow.ts';
import type { Kind, Report, ReportRow } from '../../app/report.ts';
import { escapeHtml } from './escapeHtml.ts';
import { toTicks } from './ticks.ts';

const WIDTH = 1080;
const LABEL = 250;
const COUNT = 60;
const PLOT = WIDTH - LABEL - COUNT;
const ROW = 22;
const BINS = 140;
const MAX_SIGNERS = 30;
/** Width of a digit on the axis, generously. */
const AXIS_CHARACTER = 7;

/** One row for each signer, and one for each kind of commit that nobody vouches for; darker where there is more. */
export function renderTimeline({ signers, commits, start, end }: Report): string {
  const shown = signers.slice(0, MAX_SIGNERS);
  const rest = signers.slice(MAX_SIGNERS).flatMap(({ times }) => times);
  const rows: Row[] = shown.map(({ identity, times }) => ({
    label: toAllowEntry(identity),
    kind: 'good',
    times,
  }));
  if (rest.length > 0)
    rows.push({ label: `${signers.length - MAX_SIGNERS} others`, kind: 'good', times: rest });
  const byKeys = commits.filter(({ kind, key, at }) => kind === 'good' && key !== undefined && at > 0);
  if (byKeys.length > 0)
    rows.push({
      label: 'keys of the policy (claimed time)',
      kind: 'good',
      times: byKeys.map(({ at }) => at),
    });
  for (const kind of ['exempt', 'unproven', 'bad', 'foreign', 'unsigned'] as const) {
    const times = commits.filter((row) => row.kind === kind && row.at > 0).map(({ at }) => at);
    if (times.length > 0) rows.push({ label: NAMES[kind], kind, times });
  }
  const height = rows.length * ROW + 26;
  const ticks = toTicks(start, end);
  const grid = ticks.map(({ at, text }) => {
    const x = Math.round(LABEL + PLOT * at);
    // The caption above has both ends in full.
    const label = x + AXIS_CHARACTER * text.length > WIDTH ? '' : text;
    return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - 20}"/><text class="axis" x="${x + 3}" y="${height - 6}">${label}</text>`;
  });
  const body = rows.map((row, place) => renderRow(row, place * ROW, start, end));
  return `<div class="scroll wide">${svg(height, 'Signatures over time, one row for each signer', [...grid, ...body])}</div>`;
}

const NAMES = {
  exempt: 'exempt (claimed time)',
  unproven: 'unproven (claimed time)',
  bad: 'bad (claimed time)',
  foreign: 'other formats (claimed time)',
  unsigned: 'unsigned (claimed time)',
};

interface Row {
  readonly label: string;
  readonly kind: Kind;
  readonly times: readonly number[];
}

function renderRow({ label, kind, times }: Row, y: number, start: number, end: number): string {
  const bins = new Array<number>(BINS).fill(0);
  for (const at of times) {
    const bin = end === start ? 0 : Math.floor(((at - start) / (end - start)) * BINS);
    const place = Math.min(Math.max(bin, 0), BINS - 1);
    bins[place] = (bins[place] ?? 0) + 1;
  }
  const most = Math.max(...bins);
  const marks = bins.map((count, bin) => {
    if (count === 0) return '';
    const opacity = (0.35 + 0.65 * (Math.log1p(count) / Math.log1p(most))).toFixed(2);
    const x = (LABEL + (PLOT * bin) / BINS).toFixed(1);
    return `<rect class="mark" x="${x}" y="${y + 4}" width="${(PLOT / BINS - 1).toFixed(1)}" height="14" rx="1.5" opacity="${opacity}"/>`;
  });
  const short = label.length > 36 ? `${label.slice(0, 35)}…` : label;
  return `<g class="${kind}"><title>${escapeHtml(label)}: ${times.length}</title><text x="0" y="${y + 15}">${escapeHtml(short)}</text>${marks.join('')}<text x="${WIDTH}" y="${y + 15}" text-anchor="end">${times.length}</text></g>`;
}

/** The history from its first commit to its last, in the order that git walks, with the tags above it. */
export function renderStrip(
  { stretches, commits, tags }: Report,
  targets: ReadonlyMap<string, string>,
): string {
  const total = commits.length;
  const top = tags.length > 0 ? 30 : 0;
  let from = 0;
  const runs = stretches.map(({ kind, count }) => {
    const x = (WIDTH * from) / total;
    from += count;
    const width = Math.max((WIDTH * count) / total, 0.6);
    return `<rect class="mark ${kind}" x="${x.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="34"><title>${count} ${kind}</title></rect>`;
  });
  const places = new Map(commits.map(({ oid }, place) => [oid, place]));
  const tagged = new Map<number, ReportRow[]>();
  for (const tag of tags) {
    const place = places.get(targets.get(tag.oid) ?? '');
    if (place !== undefined) tagged.set(place, [...(tagged.get(place) ?? []), tag]);
  }
  const marks = [...tagged].map(([place, here]) => renderTags(here, (WIDTH * (place + 0.5)) / total));
  return svg(top + 40, 'The history, oldest commit on the left', [...runs, ...thinned(marks)]);
}

/** Of several tags on one commit the worst gives the colour: a good one would hide it. */
const WORST_FIRST: readonly Kind[] = [
  'bad',
  'untrusted',
  'unproven',
  'unsigned',
  'foreign',
  'exempt',
  'good',
];

function renderTags(tags: readonly ReportRow[], x: number) {
  const kind = WORST_FIRST.find((one) => tags.some((tag) => tag.kind === one));
  const names = tags.map(({ tag = '' }) => tag).join(', ');
  const text = names.length > 14 ? `${names.slice(0, 13)}…` : names;
  const anchor = x > WIDTH - 90 ? 'end' : 'start';
  return {
    x,
    mark: `<g class="${kind}"><line class="grid" x1="${x}" x2="${x}" y1="16" y2="30"/><circle class="mark" cx="${x}" cy="26" r="4"><title>${escapeHtml(names)}</title></circle>`,
    name: `<text class="axis" x="${x + (anchor === 'start' ? 6 : -6)}" y="14" text-anchor="${anchor}">${escapeHtml(text)}</text>`,
  };
}

/** Names that would be written over each other are left out; their dots stay, and the table below has them all. */
function thinned(
  marks: readonly { readonly x: number; readonly mark: string; readonly name: string }[],
): readonly string[] {
  let free = 0;
  return [...marks]
    .sort((a, b) => a.x - b.x)
    .map(({ x, mark, name }) => {
      if (x < free) return `${mark}</g>`;
      free = x + 100;
      return `${mark}${name}</g>`;
    });
}

function svg(height: number, title: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">${parts.join('')}</svg>`;
}
