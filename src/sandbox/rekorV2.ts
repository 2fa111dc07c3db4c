import { toHex } from '../core/bytes.ts';
import { leafHash } from '../core/merkle.ts';
import { FOLDERS } from './addresses.ts';
import { type Answer, parseJsonBody, Refusal, type SandboxRequest } from './answer.ts';
import { openHashedRekordRequest, RequestProblem } from './hashedRekordV2.ts';
import { TILE_WIDTH, type TileLog } from './tileLog.ts';

/** Rekor v2's interfaces for writing and for reading (protocols 3.4), in the forms of the recordings. */
export async function answerAsRekorV2(log: TileLog, request: SandboxRequest): Promise<Answer> {
  const path = request.path.slice(`${FOLDERS.rekorV2}/api/v2`.length);
  if (path === '/log/entries') {
    if (request.method !== 'POST') throw refusal(501, 12, 'Method Not Allowed');
    return create(log, request);
  }
  if (request.method === 'GET' && path === '/checkpoint') {
    const size = request.fault === 'staleCheckpoint' ? Math.max(0, log.size - 1) : log.size;
    return answer(200, 'text/plain; charset=utf-8', log.checkpoint(size, request.at, request.fault));
  }
  const bytes = request.method === 'GET' ? readTile(log, path) : undefined;
  if (bytes === undefined) throw refusal(404, 5, 'Not Found');
  return answer(200, 'application/octet-stream', bytes);
}

async function create(log: TileLog, request: SandboxRequest): Promise<Answer> {
  const body = await openRequest(request.body);
  const known = log.indexOf(toHex(leafHash(body)));
  if (known !== undefined) {
    const message = `an equivalent entry already exists in the transparency log with index ${known}`;
    throw refusal(409, 6, message, { 'x-log-index': String(known) });
  }
  if (request.fault === 'noEntry') return json(201, {});
  // A log that says it took something else has that in its tree, proven.
  const logged = request.fault === 'otherBody' ? otherDigest(body) : body;
  const index = log.indexOf(toHex(leafHash(logged))) ?? log.append({ body: logged, integratedTime: 0 });
  return json(201, log.present(index, request.at, request.fault));
}

async function openRequest(body: Uint8Array): Promise<Uint8Array> {
  const fields = parseJsonBody(body, (message) => refusal(400, 3, message));
  try {
    return await openHashedRekordRequest(Buffer.from(body).toString(), fields);
  } catch (error) {
    if (error instanceof RequestProblem) throw refusal(400, 3, error.message);
    throw error;
  }
}

/** `/tile/<level>/<N>[.p/<W>]` or `/tile/entries/<N>[.p/<W>]`, N in groups of three digits (tlog-tiles.md). */
function readTile(log: TileLog, path: string): Uint8Array | undefined {
  const pattern = /^\/tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
  const [, kind = '', digits = '', partial] = pattern.exec(path) ?? [];
  if (kind === '') return undefined;
  const width = Number(partial ?? TILE_WIDTH);
  if (partial !== undefined && width >= TILE_WIDTH) return undefined;
  const number = Number(digits.replace(/[x/]/g, ''));
  return kind === 'entries' ? log.entryBundle(number, width) : log.tile(Number(kind), number, width);
}

/** The entry with the first character of its digest changed. */
function otherDigest(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString();
  return Buffer.from(text.replace(/(?<="digest":")./, (first) => (first === 'A' ? 'B' : 'A')));
}

function refusal(status: number, code: number, message: string, headers = {}): Refusal {
  return new Refusal(json(status, { code, message, details: [] }, headers));
}

function json(status: number, value: unknown, headers = {}): Answer {
  return answer(status, 'application/json', JSON.stringify(value), headers);
}

function answer(status: number, type: string, body: string | Uint8Array, headers = {}): Answer {
  return { status, headers: { 'content-type': type, ...headers }, body: Buffer.from(body) };
}
