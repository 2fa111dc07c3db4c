/** Every service × everything that can come instead of an answer: what is said, how often it asks, how long it takes. */
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Patience } from '../../src/core/limits.ts';
import { isSignetError, type SignetError } from '../../src/errors.ts';
import { errorOf, RAW_TOKEN } from '../services/clients.ts';
import { answerBytes, type Recorded, recordedExchanges } from '../services/recordings.ts';
import { closedPort, serve, serveRaw, type TestServer } from '../services/server.ts';
import { type AskedService, LOGIN, SERVICES, TUF } from './services.ts';
import { BODIES, FAULTS, type Fault, isAnswerOf } from './table.ts';

/** Nobody waits for what answers at once, however busy the machine is; what is late costs all of the other. */
const AT_ONCE: Patience = { attemptMs: 5_000, totalMs: 20_000, retries: 3, backoffMs: 1 };
const LATE: Patience = { attemptMs: 200, totalMs: 800, retries: 3, backoffMs: 1 };

function start({ http, raw }: Pick<Fault, 'http' | 'raw'>): Promise<TestServer> {
  if (http !== undefined) return serve(http);
  if (raw !== undefined) return serveRaw(raw);
  throw new Error('a fault needs a server');
}

/** What a person is told, without what differs from run to run. */
function sentence({ message, hint }: SignetError, port: number): string {
  return `${message} ${hint}`
    .replaceAll(`:${port}`, ':PORT')
    .replace(/in \d+(\.\d+)? s\./, 'in … s.')
    .replace(/within \d+(\.\d+)? s/, 'within … s')
    .replace(/after \d attempts/, 'after … attempts');
}

async function expectRefusal(service: AskedService, fault: Fault): Promise<void> {
  const server = await start(fault);
  const patience = fault.tries === 'late' ? LATE : AT_ONCE;
  const startedAt = performance.now();
  const error = await errorOf(service.ask(server.url, patience));
  const tookMs = performance.now() - startedAt;
  if (!isSignetError(error)) throw error;
  expect(sentence(error, server.port)).toMatchSnapshot();
  expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code: fault.code, exitCode: 5 });
  if (fault.tries === 'late') {
    expect(server.hits()).toBeGreaterThan(1);
    expect(server.hits()).toBeLessThan(6);
    // Others may keep the machine from noticing the time for a while.
    expect(tookMs).toBeLessThan(LATE.totalMs + 3_000);
  } else expect(server.hits()).toBe(oddHits(service, fault) ? 2 : fault.tries === 'once' ? 1 : 4);
  const everything = inspect(error, { depth: 9, showHidden: true });
  expect(everything).not.toContain(RAW_TOKEN.slice(0, 40));
  expect(error.message + error.hint).toMatch(/^[ -~]+$/);
  if (fault.secret !== undefined) expect(everything).not.toContain(fault.secret);
}

/** After a newest root, which is a 404 as a rule, the repository is asked for its timestamp. */
const oddHits = (service: AskedService, { what }: Fault) => service === TUF && /^(403|404) /.test(what);

describe.each([...SERVICES, TUF])('$name', (service) => {
  const refusals = FAULTS.filter((fault) => !isAnswerOf(service.name, fault));
  test.each(refusals)('$what', (fault) => expectRefusal(service, fault));

  test.each(BODIES)('a good status with %s', async (_, body) => {
    const answer: Fault = {
      what: '',
      http: (request, response) => {
        request.resume();
        response.writeHead(service.status, { 'Content-Type': service.type, 'Content-Length': body.length });
        response.end(body);
      },
      code: 'service-answer',
      tries: 'once',
    };
    await expectRefusal(service, answer);
  });

  test('nobody listens', async () => {
    const port = await closedPort();
    const error = await errorOf(service.ask(`http://127.0.0.1:${port}`, AT_ONCE));
    if (!isSignetError(error)) throw error;
    expect(sentence(error, port)).toMatchSnapshot();
    expect(error).toMatchObject({ code: 'service-unreachable', exitCode: 5 });
  });
});

/** All at once, since its patience cannot be made shorter; a server of its own for each. */
describe('Login service', () => {
  const rows = FAULTS.filter(({ what }) => !/^(408|422|415|504|501|403)|drip/.test(what));
  const results = new Map<string, Promise<{ error: unknown; hits: number; port: number; tookMs: number }>>();

  beforeAll(async () => {
    for (const fault of rows) {
      const server = await start(fault);
      const startedAt = performance.now();
      const result = errorOf(LOGIN.ask(server.url, AT_ONCE)).then((error) => ({
        error,
        hits: server.hits(),
        port: server.port,
        tookMs: performance.now() - startedAt,
      }));
      results.set(fault.what, result);
    }
    await Promise.allSettled(results.values());
  }, 60_000);

  test.each(rows)('$what', async ({ what, code, tries, secret }) => {
    const result = await results.get(what);
    if (result === undefined || !isSignetError(result.error)) throw result?.error;
    const { error, hits, port, tookMs } = result;
    expect(sentence(error, port)).toMatchSnapshot();
    expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code, exitCode: 5 });
    if (tries !== 'late') expect(hits).toBe(tries === 'once' ? 1 : 4);
    expect(tookMs).toBeLessThan(7_000 + 10_000);
    if (secret !== undefined) expect(inspect(error, { depth: 9 })).not.toContain(secret);
  });
});

/** What real services said, of which each refusal is final or passes as the table says. */
describe.each([
  ['Fulcio', 'fulcio.json', /signingCert/],
  ['Rekor', 'rekor-v1.json', /log\/entries$/],
  ['Rekor v2', 'rekor-v2.json', /log\/entries$/],
  ['TSA', 'tsa.json', /timestamp$/],
] as const)('%s as recorded', (name, file, path) => {
  const refusals = recordedExchanges(file).filter(
    ({ request, response }) =>
      request?.method === 'POST' && path.test(request.path) && response.status >= 400,
  );
  test.runIf(refusals.length > 0)('says no in words that can be shown', async () => {
    const service = SERVICES.find((each) => each.name === name);
    if (service === undefined) throw new Error('no such service');
    for (const exchange of refusals) await expectRecorded(service, exchange);
  });
});

async function expectRecorded(service: AskedService, exchange: Recorded): Promise<void> {
  const { status, headers } = exchange.response;
  const server = await serve((request, response) => {
    request.resume();
    response.writeHead(status, headers);
    response.end(answerBytes(exchange));
  });
  const error = await errorOf(service.ask(server.url, AT_ONCE));
  if (!isSignetError(error)) throw error;
  expect(error.exitCode).toBe(5);
  expect(error.message).toMatch(/^[ -~]+$/);
  const again = [408, 429].includes(status) || (status >= 500 && status !== 501);
  // An entry that the log has already is fetched, which is a request more.
  if (status !== 409) expect(server.hits()).toBe(again ? 4 : 1);
}
