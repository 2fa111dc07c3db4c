/** One request as the services see it: read whole, time and misbehaviour already decided. */
export interface SandboxRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** What the services take for now; a clockSkew fault has been added to it. */
  readonly at: Date;
  /** The misbehaviour that was asked for and concerns the content of this answer. */
  readonly fault: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a service throws to refuse; the server turns it into its answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** Go's handlers answer so; both Fulcio and Rekor add `Vary: Origin` to everything. */
export function jsonAnswer(status: number, value: unknown, end: '' | '\n', headers = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', vary: 'Origin', ...headers },
    body: Buffer.from(JSON.stringify(value) + end),
  };
}

export function textAnswer(status: number, contentType: string, text: string): Answer {
  return { status, headers: { 'content-type': contentType, vary: 'Origin' }, body: Buffer.from(text) };
}

/** The 404 of a log that does not have the entry: no body and no type. */
export const EMPTY_404: Answer = { status: 404, headers: { vary: 'Origin' }, body: new Uint8Array() };

/**
 * A JSON object out of a request's body. What is none is refused by `refuse` with the words that Go's
 * encoding/json has for it, since the real services hand those on.
 */
export function parseJsonBody(
  body: Uint8Array,
  refuse: (message: string) => Refusal,
): Readonly<Record<string, unknown>> {
  const text = Buffer.from(body).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(goJsonMessage(text, error));
  }
  if (!isRecord(value)) throw refuse('json: cannot unmarshal value into an object');
  return value;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function goJsonMessage(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) {
    const first = /Unexpected token '?(.)/u.exec(message)?.[1];
    return first === undefined ? 'unexpected end of JSON input' : whereGoLooks(first, 'value');
  }
  const character = text.charAt(Number(position));
  if (character === '') return 'unexpected end of JSON input';
  return whereGoLooks(character, message.includes('property name') ? 'object key string' : 'value');
}

function whereGoLooks(character: string, what: string): string {
  return `invalid character '${character}' looking for beginning of ${what}`;
}
