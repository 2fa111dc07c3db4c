import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { compileEagerly } from '../../scripts/lib/eager.mjs';

const PROGRAM = `"use strict";
const start = twice(20);
function twice(n) { return n + add(n); }
class Box { constructor() { this.value = start; } }
async function later() { return [1]; }
function* three() { yield* [1, 2, 3]; }
function add(n) { return n === 0 ? 0 : 1 + add(n - 1); }
globalThis.result = [new Box().value, [...three()].length, typeof later, add.name, (() => this === undefined)()]`;

it('means the same with its functions compiled as they are read', () => {
  const values = [PROGRAM, compileEagerly(PROGRAM)].map((code) => {
    const world: { result?: unknown } = {};
    runInNewContext(`(function(){${code}\n})()`, world);
    return JSON.stringify(world.result);
  });
  expect(values[0]).toBe('[40,3,"function","add",true]');
  expect(values[1]).toBe(values[0]);
});
