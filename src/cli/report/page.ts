/** A report as one page of HTML that needs nothing else: no scripts, no fonts, no network. */
import { toAllowEntry } from '../../adapters/allow.ts';
import { KINDS, type Kind, type Report, type ReportRow, type Stretch } from '../../app/report.ts';
import { counted } from '../../core/counted.ts';
import { isoTime } from '../../core/isoTime.ts';
import { toKeyName } from '../renderVerdicts.ts';
import { escapeHtml } from './escapeHtml.ts';
import { STYLE } from './style.ts';
import { renderStrip, renderTimeline } from './timeline.ts';

/** What the page says about itself. */
export interface ReportContext {
  readonly repository: string;
  /** What was judged, as the person named it. */
  readonly range: string;
  readonly madeAt: Date;
  readonly trustDigest: string;
  readonly sandbox: boolean;
  /** One sentence on who may sign. */
  readonly policy: string;
  /** Where the history is cut off. */
  readonly gaps: readonly string[];
  readonly lightweight: readonly string[];
  /** From the id of a tag to that of the commit it names. */
  readonly targets: ReadonlyMap<string, string>;
  readonly version: string;
}

const MEANING: Readonly<Record<Kind, string>> = {
  good: 'signed and proven',
  exempt: 'let in by name, whatever its signature',
  untrusted: 'sound, but not by somebody who may',
  unproven: 'signed, but nothing proves when',
  bad: 'forged, changed or unreadable',
  foreign: 'signed by other means (PGP, SSH, S/MIME)',
  unsigned: 'not signed',
};

const MAX_ROWS = 2_000;
const MAX_STRETCHES = 25;

export function renderPage(report: Report, context: ReportContext): string {
  const title = `Signatures of ${context.repository}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>${[header(title, report, context), ...sections(report, context), footer(context)].join('\n')}</body></html>
`;
}

/** In percent. Only all is 100, and only none is 0: the one commit that is missing is what people look for. */
export function shareOf(count: number, all: number): string {
  if (count === 0 || count === all) return count === 0 ? '0' : '100';
  const share = Math.min(Math.max((100 * count) / all, 0.1), 99.9);
  return share.toFixed(share < 10 || share > 99 ? 1 : 0);
}

function header(title: string, report: Report, { range, sandbox, policy, gaps }: ReportContext): string {
  const mark = sandbox ? ' <span class="sandbox">sandbox: a toy</span>' : '';
  const tiles = KINDS.filter((kind) => report.counts[kind] > 0 || kind === 'good').map((kind) => {
    const share = shareOf(report.counts[kind], report.commits.length);
    return `<div class="tile ${kind}"><b>${report.counts[kind]}</b>${kind} · ${share} %<br><span>${MEANING[kind]}</span></div>`;
  });
  const cut =
    gaps.length === 0
      ? ''
      : `<p class="word bad">Incomplete: ${escapeHtml(gaps[0] ?? '')}${gaps.length > 1 ? ` and ${gaps.length - 1} more` : ''}.</p>`;
  return `<h1>${escapeHtml(title)}${mark}</h1>
<p class="dim">${escapeHtml(range)}: ${counted(report.commits.length, 'commit')}, ${counted(report.tags.length, 'signed or annotated tag')}. ${escapeHtml(policy)}</p>${cut}
<div class="tiles">${tiles.join('')}</div>`;
}

function sections(report: Report, { targets, lightweight }: ReportContext): readonly string[] {
  if (report.commits.length + report.tags.length === 0) return ['<p>There is nothing in there.</p>'];
  const refused = [...report.tags, ...report.commits.toReversed()].filter(({ kind }) =>
    ['bad', 'untrusted', 'unproven'].includes(kind),
  );
  const light =
    lightweight.length === 0
      ? ''
      : `<p class="dim">${lightweight.length} more ${lightweight.length === 1 ? 'tag is a mere ref' : 'tags are mere refs'}; nothing is signed there: ${escapeHtml(
          lightweight
            .slice(0, 20)
            .map((ref) => ref.replace('refs/tags/', ''))
            .join(', '),
        )}${lightweight.length > 20 ? ' …' : ''}</p>`;
  return [
    section(
      'Who signed when',
      `<p class="dim">By the log's or a timestamp authority's clock; below, by their own claims, commits for which nobody's clock vouches. Darker is more.${escapeHtml(whenOf(report))}</p>${renderTimeline(report)}`,
    ),
    section(
      'The history',
      report.commits.length === 0
        ? ''
        : `<p class="dim">Each commit once, the oldest on the left, by verdict; dots are tags.</p>${renderStrip(report, targets)}${stretchTable(report.stretches)}`,
    ),
    section('Signers', signerTable(report)),
    section(
      'Tags',
      report.tags.length === 0 ? '<p>No tag is annotated or signed.</p>' : rowTable(report.tags),
    ) + light,
    section(
      'What is refused or unproven, and why',
      (refused.length === 0 ? '<p>Nothing.</p>' : rowTable(refused, true)) + notSignedHere(report),
    ),
    section('All commits', rowTable(report.commits.toReversed())),
  ];
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<section><h2>${title}</h2>${content}</section>`;
}

/** What a reader would look for among the refused ones: nobody signed it, so there is nothing to refuse. */
function notSignedHere({ counts }: Report): string {
  const parts = (['unsigned', 'foreign'] as const).filter((kind) => counts[kind] > 0);
  if (parts.length === 0) return '';
  const said = parts.map((kind) => `${counted(counts[kind], 'commit')} ${MEANING[kind]}`);
  return `<p class="dim">Not listed here: ${said.join(', ')}.</p>`;
}

/** The ticks below the pictures say only what tells them apart. */
function whenOf({ start, end }: Report): string {
  const [from, to] = [start, end].map((at) => isoTime(new Date(at)).replace('T', ' ').replace('Z', ''));
  if (start <= 0) return '';
  return from === to ? ` All of it at ${from} UTC.` : ` From ${from} to ${to} UTC.`;
}

function between(from: string, to: string): string {
  return from === to ? from : `${from} – ${to}`;
}

/** The longest runs of commits that nobody can vouch for. */
function stretchTable(stretches: readonly Stretch[]): string {
  const open = stretches.filter(({ kind }) => kind !== 'good');
  if (open.length === 0) return '<p>Every commit is good.</p>';
  const longest = [...open].sort((a, b) => b.count - a.count).slice(0, MAX_STRETCHES);
  const rows = longest.map(
    ({ kind, count, from, to }) =>
      `<tr><td>${word(kind)}</td><td class="n">${count}</td><td>${between(`<code>${from.oid.slice(0, 12)}</code>`, `<code>${to.oid.slice(0, 12)}</code>`)}</td><td class="t">${between(day(from.at), day(to.at))}</td></tr>`,
  );
  return table(
    `Longest stretches that are not good (${open.length} in all)`,
    ['verdict', '#commits', 'from – to', 'dates'],
    rows,
  );
}

function signerTable({ signers }: Report): string {
  if (signers.length === 0) return '<p>Nobody.</p>';
  const rows = signers.map(
    ({ identity, commits, tags, first, last }) =>
      `<tr><td class="by">${escapeHtml(identity.subject.value)}</td><td class="by">${escapeHtml(identity.issuer)}</td><td class="n">${commits}</td><td class="n">${tags}</td><td class="t">${day(first)}</td><td class="t">${day(last)}</td></tr>`,
  );
  return table('', ['who', 'vouched for by', '#commits', '#tags', 'first', 'last'], rows);
}

function rowTable(all: readonly ReportRow[], withWhy = false): string {
  const rows = all.slice(0, MAX_ROWS).map((row) => {
    const own = row.identity === undefined ? '' : toAllowEntry(row.identity);
    const who = row.key === undefined ? own : toKeyName(row.key);
    const name = row.tag === undefined ? '' : `<b>${escapeHtml(row.tag)}</b> `;
    const why = withWhy || row.kind === 'bad' ? escapeHtml(row.why) : '';
    const subject = escapeHtml(row.subject.slice(0, 120));
    return `<tr><td>${name}<code title="${row.oid}">${row.oid.slice(0, 12)}</code></td><td>${word(row.kind)}</td><td class="t">${row.proven ? time(row.at) : `<span class="dim">${day(row.at)}</span>`}</td><td class="by">${escapeHtml(who)}</td><td class="n">${logLink(row)}</td><td class="says">${[why, subject].filter((part) => part !== '').join('<br>')}</td></tr>`;
  });
  const more =
    all.length > MAX_ROWS
      ? `The first ${MAX_ROWS} of ${all.length}: git-signet verify --format json has all.`
      : '';
  return table(
    more,
    ['object', 'verdict', 'signed (UTC)', 'by', '#log index', withWhy ? 'reason and subject' : 'subject'],
    rows,
  );
}

/** A link only into the public log's own search page, and of what is there. */
function logLink({ logIndex, logUrl, proven }: ReportRow): string {
  if (logIndex === undefined) return '';
  if (!proven) return `<span class="dim">${logIndex}</span>`;
  return logUrl === 'https://rekor.sigstore.dev'
    ? `<a href="https://search.sigstore.dev/?logIndex=${logIndex}" rel="noreferrer">${logIndex}</a>`
    : `<span title="${escapeHtml(logUrl ?? '')}">${logIndex}</span>`;
}

function table(caption: string, heading: readonly string[], rows: readonly string[]): string {
  const cells = heading.map((name) =>
    name.startsWith('#') ? `<th class="n">${name.slice(1)}</th>` : `<th>${name}</th>`,
  );
  const above = caption === '' ? '' : `<caption>${caption}</caption>`;
  return `<div class="scroll"><table>${above}<thead><tr>${cells.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function word(kind: Kind): string {
  return `<span class="word ${kind}">${kind}</span>`;
}

function time(at: number): string {
  return isoTime(new Date(at)).slice(0, 16).replace('T', ' ');
}

function day(at: number): string {
  return at > 0 ? new Date(at).toISOString().slice(0, 10) : '–';
}

function footer({ madeAt, trustDigest, version }: ReportContext): string {
  return `<footer>Made by git-signet ${escapeHtml(version)} at ${isoTime(madeAt).replace('T', ' ').replace('Z', ' UTC')} under the trusted root with SHA-256 <code>${trustDigest}</code>. Times and log indexes in grey are claimed by the object and prove nothing. A picture is no proof: <code class="whole">git-signet verify</code> judges again.</footer>`;
}
