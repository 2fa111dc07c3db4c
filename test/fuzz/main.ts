/** One process of scripts/fuzz: its share of the cases, or one case, or one input. Speaks JSON lines. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Finding, fault, runCase } from './run.ts';
import { TARGETS } from './targets.ts';
import { worstCases } from './worst.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    cases: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '0' },
    worker: { type: 'string', default: '0' },
    workers: { type: 'string', default: '1' },
    case: { type: 'string' },
    input: { type: 'string' },
    worst: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0)
  throw new Error(`no target of this name; there are: ${TARGETS.map((t) => t.name).join(', ')}`);
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (finding: Finding) =>
  say({ ...finding, input: finding.input.subarray(0, 6000).toString('base64'), bytes: finding.input.length });

if (values.input !== undefined) await runInput(readFileSync(values.input));
else if (values.worst) await runWorst();
else await runCases();
process.exit();

async function runInput(input: Buffer): Promise<void> {
  for (const target of targets)
    say({ target: target.name, what: (await fault(target, input)) ?? 'nothing wrong' });
}

async function runWorst(): Promise<void> {
  let count = 0;
  for (const { target, name, input } of worstCases(targets)) {
    count += 1;
    if (values.verbose) process.stderr.write(`${target.name}: ${name}\n`);
    const what = await fault(target, input);
    if (what !== undefined)
      tell({ target: target.name, seed: 'worst', case: count, what: `${name}: ${what}`, input });
  }
  say({ done: count });
}

async function runCases(): Promise<void> {
  const [worker, workers] = [Number(values.worker), Number(values.workers)];
  const endsAt = Number(values.seconds) > 0 ? performance.now() + Number(values.seconds) * 1000 : Infinity;
  const shares = targets.map(({ share = 1 }) => share);
  const each = Number(values.cases) / shares.reduce((sum, share) => sum + share, 0);
  const counts: Record<string, number> = {};
  for (const [place, target] of targets.entries()) {
    const numbers = values.case === undefined ? undefined : [Number(values.case)];
    const last = Math.ceil(each * (shares[place] ?? 1));
    // What is left of the time, shared among the targets that are left.
    const until = performance.now() + (endsAt - performance.now()) / (targets.length - place);
    let findings = 0;
    let done = 0;
    for (const number of numbers ?? range(worker, last, workers)) {
      if (performance.now() > until || findings >= 3) break;
      const finding = await runCase(target, values.seed, number);
      done += 1;
      if (finding === undefined) continue;
      findings += 1;
      tell(finding);
    }
    counts[target.name] = done;
  }
  say({ counts });
}

function* range(from: number, to: number, step: number): Generator<number> {
  for (let at = from; at < to; at += step) yield at;
}
