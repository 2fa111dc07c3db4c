// Makes V8 compile the functions of the hot file as it reads them. Nearly all of them run once per start, and
// skipping over a function first to compile it later costs as much again: 2 to 3 ms of a verification.
import ts from 'typescript';

/**
 * The same program with its top-level function declarations as parenthesised function expressions, which V8
 * takes for functions that are about to be called. They come first, as declarations do by hoisting.
 */
export function compileEagerly(code) {
  const source = ts.createSourceFile('hot.js', code, ts.ScriptTarget.ES2022, true);
  const functions = [];
  let rest = '';
  for (const statement of source.statements) {
    const text = code.slice(statement.getFullStart(), statement.end);
    if (ts.isFunctionDeclaration(statement)) functions.push(toExpression(statement, code));
    else if (!isUseStrict(statement)) rest += /[;}]\s*$/.test(text) ? text : `${text};`;
  }
  const declared = functions.length === 0 ? '' : `var ${functions.join(',')};`;
  return `"use strict";${declared}${rest}`;
}

function toExpression(declaration, code) {
  const { name } = declaration;
  const text = code.slice(declaration.getStart(), declaration.end);
  const at = name.getStart() - declaration.getStart();
  return `${name.text}=(${text.slice(0, at)}${text.slice(at + name.text.length)})`;
}

function isUseStrict(statement) {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}
