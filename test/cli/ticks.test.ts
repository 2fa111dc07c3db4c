import { expect, test } from 'vitest';
import { toTicks } from '../../src/cli/report/ticks.ts';

const START = Date.parse('2026-11-22T23:59:58Z');
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

const texts = (span: number) => toTicks(START, START + span).map(({ text }) => text);

test.each([
  ['one instant', 0, ['2026-11-22 23:59:58']],
  ['a second', SECOND, ['23:59:58', '23:59:59']],
  ['two seconds', 2 * SECOND, ['23:59:58', '23:59:59', '00:00:00']],
  ['a minute', 60 * SECOND, ['00:00:00', '00:00:10', '00:00:20', '00:00:30', '00:00:40', '00:00:50']],
  [
    'a quarter of an hour',
    900 * SECOND,
    ['00:00', '00:02', '00:04', '00:06', '00:08', '00:10', '00:12', '00:14'],
  ],
  [
    'two days',
    2 * DAY,
    ['11-23 00:00', '11-23 08:00', '11-23 16:00', '11-24 00:00', '11-24 08:00', '11-24 16:00'],
  ],
  ['ten days', 10 * DAY, ['2026-11-23', '2026-11-25', '2026-11-27', '2026-11-29', '2026-12-01']],
])('over %s', (_, span, expected) => {
  expect(texts(span)).toEqual(expected);
});

test('of any span are few, rising, between the ends, and none twice', () => {
  for (let span = SECOND; span < 60 * 365 * DAY; span = Math.ceil((span * 1.3) / SECOND) * SECOND) {
    const ticks = toTicks(START, START + span);
    const places = ticks.map(({ at }) => at);
    expect([ticks.length > 0 && ticks.length <= 9, span]).toEqual([true, span]);
    expect(new Set(ticks.map(({ text }) => text)).size, `${span}`).toBe(ticks.length);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
    expect([...places, 0].every((at) => at >= 0 && at <= 1)).toBe(true);
  }
});
