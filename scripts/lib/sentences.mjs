// Takes the sentences of refusals out of the hot file: git starts it for every commit of a log, and nearly all
// of them are never said. The source stays readable; only the built file asks `dist/sentences.json` for them.
import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import ts from 'typescript';

/** Shorter ones cost more than their number. */
const MIN_LENGTH = 20;

/** An esbuild plugin that collects sentences into the array `sentences` and leaves their numbers behind. */
export function sentencesApart(srcDir, sentences) {
  return {
    name: 'sentences-apart',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(srcDir + sep)) return undefined;
        return { contents: replaceSentences(await readFile(path, 'utf8'), sentences), loader: 'ts' };
      });
    },
  };
}

/** The source text with `__sentence(N, …)` in the place of each sentence of a refusal. */
export function replaceSentences(text, sentences) {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.ES2022, true);
  return rewrite(source, false);

  /** The text of a node, rewritten. */
  function rewrite(node, refusing) {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return text.slice(node.getFullStart(), node.end);
    const lead = text.slice(node.getFullStart(), node.getStart());
    if (refusing && ts.isStringLiteralLike(node) && isSentence(node.text))
      return lead + callOf(node.text, []);
    if (refusing && ts.isTemplateExpression(node)) return lead + rewriteTemplate(node);
    const inside = !ts.isFunctionLike(node) && (refusing || isRefusal(node));
    let result = '';
    let at = node.getFullStart();
    ts.forEachChild(node, (child) => {
      result += text.slice(at, child.getFullStart()) + rewrite(child, inside);
      at = child.end;
    });
    return result + text.slice(at, node.end);
  }

  /** `entry ${n} of ${log}` becomes the sentence `entry {} of {}` with its values. */
  function rewriteTemplate(node) {
    const sentence = node.templateSpans.reduce(
      (all, { literal }) => `${all}{}${literal.text}`,
      node.head.text,
    );
    return callOf(
      sentence,
      node.templateSpans.map(({ expression }) => rewrite(expression, true)),
    );
  }

  function callOf(sentence, values) {
    const known = sentences.indexOf(sentence);
    const number = known < 0 ? sentences.push(sentence) - 1 : known;
    return `__sentence(${[number, ...values].join(', ')})`;
  }
}

function isSentence(text) {
  return text.length >= MIN_LENGTH && text.includes(' ');
}

/** Where a sentence is made only because something is refused: it is thrown, or handed to what throws it. */
function isRefusal(node) {
  if (ts.isThrowStatement(node)) return true;
  if (ts.isReturnStatement(node)) return /Problem$/.test(nameOfFunctionAround(node));
  if (ts.isBinaryExpression(node)) return node.left.getText() === 'obstacle';
  if (ts.isNewExpression(node)) return node.expression.getText() === 'SignetError';
  return (
    ts.isCallExpression(node) &&
    /^(?:[\w.]+\.)?(refuse|unreadable|bad[A-Z]?\w*|wrong\w*|usage)$/.test(node.expression.getText())
  );
}

/** Functions called `…Problem` give the sentence of a refusal, or nothing. */
function nameOfFunctionAround(node) {
  let around = node.parent;
  while (around !== undefined && !ts.isFunctionDeclaration(around)) around = around.parent;
  return around?.name?.getText() ?? '';
}
