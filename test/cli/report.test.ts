/** Pictures of a report, as a reader would take them. */
import { expect, test } from 'vitest';
import { type Kind, type ReportRow, toReport } from '../../src/app/report.ts';
import { renderStrip } from '../../src/cli/report/timeline.ts';

function row(oid: string, kind: Kind, tag?: string): ReportRow {
  const nothing = { why: '', subject: '', identity: undefined, key: undefined, logUrl: undefined };
  return { ...nothing, oid, kind, tag, at: 1, proven: kind === 'good', logIndex: undefined };
}

test('a good tag does not hide another one of the same commit', () => {
  const report = toReport([
    row('c2', 'good'),
    row('c1', 'good'),
    row('t1', 'unsigned', 'a'),
    row('t2', 'good', 'b'),
  ]);
  const dots = (targets: readonly (readonly [string, string])[]) =>
    [
      ...renderStrip(report, new Map(targets)).matchAll(
        /<g class="(\w+)">.*?<title>(.*?)<.*?<text[^>]*>(.*?)</g,
      ),
    ].map(([, kind, title, name]) => [kind, title, name]);
  expect(
    dots([
      ['t1', 'c1'],
      ['t2', 'c1'],
    ]),
  ).toEqual([['unsigned', 'a, b', 'a, b']]);
  expect(
    dots([
      ['t1', 'c1'],
      ['t2', 'c2'],
    ]),
  ).toEqual([
    ['unsigned', 'a', 'a'],
    ['good', 'b', 'b'],
  ]);
});
