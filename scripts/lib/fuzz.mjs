// Starts the fuzzer's processes, shows what they find, and counts.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bundleSource } from './runSource.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now()) },
    target: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
    case: { type: 'string' },
    input: { type: 'string' },
    worst: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

const root = resolve(import.meta.dirname, '../..');
const program = await bundleSource('test/fuzz/main.ts');
const one = values.case !== undefined || values.input !== undefined;
const workers = one ? 1 : Number(values.workers);
const common = ['target', 'case', 'input'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);
const counts = new Map();
let findings = 0;

console.log(`seed ${values.seed}, ${workers} processes`);
if (values.worst && !one) await run([...common, '--worst']);
await Promise.all(
  Array.from({ length: workers }, (_, worker) =>
    run([
      ...common,
      ...['cases', 'seconds', 'seed'].flatMap((name) => [`--${name}`, values[name]]),
      ...['--worker', String(worker), '--workers', String(workers)],
    ]),
  ),
);
for (const [name, count] of counts) console.log(`${String(count).padStart(9)} ${name}`);
console.log(`${[...counts.values()].reduce((sum, count) => sum + count, 0)} cases, ${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;

/** One process, with little memory: what takes more ends it, and that counts as a finding. */
function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--max-old-space-size=300', program, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => show(JSON.parse(line)));
    child.on('close', (code, signal) => {
      if (code !== 0) report(`a process ended with ${code ?? signal}: ${args.join(' ')}`);
      done();
    });
  });
}

function show({ counts: some, done, target, seed, case: number, what, input, bytes }) {
  if (some !== undefined) for (const name in some) counts.set(name, (counts.get(name) ?? 0) + some[name]);
  else if (done !== undefined) counts.set('hand-made', done);
  else if (input === undefined) console.log(`${target}: ${what}`);
  else
    report(
      `${target}: ${what}\n  --seed ${seed} --target ${target} --case ${number}\n  ${bytes} bytes, smallest: ${input}`,
    );
}

function report(text) {
  findings += 1;
  console.log(`FOUND ${text}`);
}
