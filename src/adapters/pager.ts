/** A pager between a long answer and a person's terminal, as git has one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from './childEnvironment.ts';
import { writeAll } from './writeBytes.ts';

export interface Output {
  /** False once nobody reads any more. */
  write(text: string): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Through `GIT_PAGER`, `PAGER` or less where standard output is a terminal, straight there otherwise. `core.pager` is
 * not asked: it may come from the repository, and names a command line.
 */
export function openPager(env: NodeJS.ProcessEnv): Output {
  const pager = env['GIT_PAGER'] ?? env['PAGER'] ?? 'less';
  const dumb = process.stdout.isTTY !== true || pager === '' || pager === 'cat' || env['TERM'] === 'dumb';
  return dumb ? straight() : throughPager(pager, env);
}

function straight(): Output {
  return {
    write: async (text) => {
      try {
        writeAll(1, text);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false;
        throw error;
      }
    },
    end: async () => {},
  };
}

/** git's own defaults for less (pager.c): leave a short answer on the screen, keep colours, do not wrap. */
function throughPager(pager: string, env: NodeJS.ProcessEnv): Output {
  const child = spawn(pager, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...childEnvironment(env) },
  });
  const gone = once(child, 'close').catch(() => {});
  let open = true;
  void gone.then(() => {
    open = false;
  });
  child.stdin.on('error', () => {
    open = false; // the person has seen enough
  });
  return {
    write: async (text) => {
      if (open && !child.stdin.write(text)) await Promise.race([once(child.stdin, 'drain'), gone]);
      return open;
    },
    end: async () => {
      child.stdin.end();
      await gone;
    },
  };
}
