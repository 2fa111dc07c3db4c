/** Verdicts as they come, in the form that was asked for. Nothing is kept but counts: a history may be long. */
import { writeAll } from '../adapters/writeBytes.ts';
import type { ExitCode } from '../errors.ts';
import { contextRecord, objectRecord, SCHEMA, summaryRecord, toJson } from './renderJson.ts';
import {
  renderHeading,
  renderLine,
  renderOne,
  renderSummary,
  type Showing,
  type Shown,
  type Summary,
} from './renderVerdicts.ts';

export interface Printer {
  object(shown: Shown): void;
  end(summary: Summary, exitCode: ExitCode): void;
}

export interface PrinterOptions {
  readonly format: 'text' | 'json' | 'jsonl';
  /** One object was named: it is shown in full. */
  readonly single: boolean;
  /** SHA-256 of the trusted root. */
  readonly trustDigest: string;
}

export function openPrinter({ format, single, trustDigest }: PrinterOptions, showing: Showing): Printer {
  const out = openOutput();
  switch (format) {
    case 'text':
      return single ? inFull(out, showing) : inLines(out, showing);
    case 'json':
      return asDocument(out, contextRecord(showing.deciding, trustDigest));
    case 'jsonl':
      return asRecords(out, contextRecord(showing.deciding, trustDigest));
  }
}

interface Output {
  write(text: string): void;
  flush(): void;
}

const CHUNK_CHARACTERS = 16 << 10;
const FLUSH_MS = 200;

/** A system call for each of 100,000 lines would cost more than what the lines say. */
function openOutput(): Output {
  let pending: string[] = [];
  let length = 0;
  let flushedAt = performance.now();
  const flush = (): void => {
    if (length > 0) writeAll(1, pending.join(''));
    pending = [];
    length = 0;
    flushedAt = performance.now();
  };
  return {
    write: (text) => {
      pending.push(text);
      length += text.length;
      if (length > CHUNK_CHARACTERS || performance.now() - flushedAt > FLUSH_MS) flush();
    },
    flush,
  };
}

function inFull(out: Output, showing: Showing): Printer {
  return {
    object: (shown) => out.write(toText(renderOne(shown, showing))),
    end: () => out.flush(),
  };
}

function inLines(out: Output, showing: Showing): Printer {
  out.write(toText(renderHeading(showing)));
  return {
    object: (shown) => out.write(`${renderLine(shown, showing)}\n`),
    end: (summary) => {
      out.write(toText(renderSummary(summary, showing)));
      out.flush();
    },
  };
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** One document, written as it grows: what breaks off half-way is no JSON, and cannot be taken for a whole answer. */
function asDocument(out: Output, context: ReturnType<typeof contextRecord>): Printer {
  out.write(`{"schema":${toJson(SCHEMA)},"context":${toJson(context)},"objects":[`);
  let separator = '\n';
  return {
    object: (shown) => {
      out.write(`${separator}${toJson(objectRecord(shown))}`);
      separator = ',\n';
    },
    end: (summary, exitCode) => {
      out.write(`],\n"summary":${toJson(summaryRecord(summary, exitCode))}}\n`);
      out.flush();
    },
  };
}

/** A record a line; the last one is the summary, without which the answer is not whole. */
function asRecords(out: Output, context: ReturnType<typeof contextRecord>): Printer {
  const write = (record: 'object' | 'summary', value: object): void =>
    out.write(`${toJson({ schema: SCHEMA, record, ...value })}\n`);
  return {
    object: (shown) => write('object', objectRecord(shown)),
    end: (summary, exitCode) => {
      write('summary', { context, ...summaryRecord(summary, exitCode) });
      out.flush();
    },
  };
}
