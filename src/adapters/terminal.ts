import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * The person's own terminal device, never stdout or stderr: git captures both, and stdout carries the signature.
 * What is written here comes from us or went through `escapeForTerminal`.
 */
export interface Terminal {
  readonly isColour: boolean;
  write(text: string): void;
  writeLine(text: string): void;
  /** The lines the person types, until the signal aborts or the terminal goes away. Opens the device anew. */
  lines(signal: AbortSignal): AsyncIterable<string>;
  close(): void;
}

const DEVICES =
  process.platform === 'win32'
    ? { input: '\\\\.\\CONIN$', output: '\\\\.\\CONOUT$' }
    : { input: '/dev/tty', output: '/dev/tty' };

/** The terminal of this session, or undefined where there is none (CI, a graphical client, setsid). */
export function openTerminal(env: NodeJS.ProcessEnv = process.env): Terminal | undefined {
  let output = openDevice(DEVICES.output, 'r+');
  if (output === undefined) return undefined;
  const write = (text: string): void => {
    if (output !== undefined) writeWhole(output, text);
  };
  return {
    isColour: !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    write,
    writeLine: (text) => write(`${text}\n`),
    lines: typedLines,
    close: () => {
      if (output !== undefined) closeSync(output);
      output = undefined;
    },
  };
}

/**
 * Makes text from strangers harmless and visible: controls (C0, DEL, C1, ESC among them), line and paragraph
 * separators, bidirectional controls and everything that shows as nothing (zero-width, fillers, tags) become
 * `\u{..}`. Letters of all scripts stay.
 */
export function escapeForTerminal(text: string): string {
  // Nearly all text is plain; the first use of the pattern below costs a third of a millisecond.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function openDevice(path: string, flags: string): number | undefined {
  try {
    return openSync(path, flags);
  } catch {
    return undefined;
  }
}

/** A terminal that is gone or stopped by its owner is no reason to fail what the person asked for. */
function writeWhole(output: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(output, bytes, at);
  } catch {
    // the rest of the text is lost with the terminal
  }
}

/** A stream of its own that can be taken down at any time; a blocking read would hold the process for ever. */
async function* typedLines(signal: AbortSignal): AsyncGenerator<string> {
  const { ReadStream } = await import('node:tty');
  const { createInterface } = await import('node:readline');
  const device = openDevice(DEVICES.input, 'r');
  if (device === undefined) return;
  const input = new ReadStream(device);
  const reader = createInterface({ input, terminal: false, signal });
  input.on('error', () => reader.close());
  try {
    yield* reader;
  } finally {
    reader.close();
    input.destroy();
  }
}
