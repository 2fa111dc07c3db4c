import { describe, expect, it } from 'vitest';
import { escapeForTerminal } from '../../src/adapters/terminal.ts';

describe('text from strangers on a terminal', () => {
  it.each([
    ['a colour', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a title', '\u001b]0;x\u0007', '\\u{1b}]0;x\\u{7}'],
    ['a C1 control', '\u009b31m', '\\u{9b}31m'],
    ['line ends', 'a\r\n[GNUPG:] GOODSIG', 'a\\u{d}\\u{a}[GNUPG:] GOODSIG'],
    ['separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['NUL, tab and DEL', '\u0000\t\u007f', '\\u{0}\\u{9}\\u{7f}'],
    ['an override of direction', 'moc.elpmaxe@\u202eecila', 'moc.elpmaxe@\\u{202e}ecila'],
    ['isolates and marks', '\u2066\u2069\u200e\u061c', '\\u{2066}\\u{2069}\\u{200e}\\u{61c}'],
    ['zero-width characters', 'al\u200bi\u200dce\ufeff\u2060', 'al\\u{200b}i\\u{200d}ce\\u{feff}\\u{2060}'],
    ['fillers and tags', '\u3164\u{e0041}', '\\u{3164}\\u{e0041}'],
    ['half a pair', 'a\ud800b', 'a\\u{d800}b'],
  ])('shows %s instead of obeying it', (_what, text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
  });

  it('leaves letters of all scripts alone', () => {
    const text = 'Zoë Müller <zoë@例え.テスト> עברית – 👩 ok';
    expect(escapeForTerminal(text)).toBe(text);
  });
});
