/** Where a timeline is marked: at round instants, none twice, however long or short it is. */
import { isoTime } from '../../core/isoTime.ts';

export interface Tick {
  /** Fraction of the way from start to end. */
  readonly at: number;
  readonly text: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 4, 8, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 30, 60, 100, 200, 400, 800, 1600, 3200].map((count) => count * DAY),
];

const MAX_TICKS = 8;

/** A few ticks between two instants in milliseconds; where they are one, that one. UTC. */
export function toTicks(start: number, end: number): readonly Tick[] {
  const span = end - start;
  if (span < SECOND) return [{ at: 0, text: textOf(start, 0, 19) }];
  const step = STEPS.find((one) => span / one < MAX_TICKS) ?? span / MAX_TICKS;
  const first = Math.ceil(start / step) * step;
  const count = Math.floor((end - first) / step) + 1;
  const [from, to] = placesOf(step, span);
  return Array.from({ length: count }, (_, place) => {
    const time = first + place * step;
    return { at: (time - start) / span, text: textOf(time, from, to) };
  });
}

/** Which part of `2026-11-22 17:34:17` tells the ticks apart. */
function placesOf(step: number, span: number): readonly [number, number] {
  if (step >= DAY) return [0, 10];
  if (span >= DAY) return [5, 16];
  return step >= MINUTE ? [11, 16] : [11, 19];
}

function textOf(time: number, from: number, to: number): string {
  return isoTime(new Date(time)).replace('T', ' ').slice(from, to);
}
