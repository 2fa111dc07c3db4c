#!/usr/bin/env node
// Start-up only. Written so that any old Node can parse it and say why it stops.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(`git-signet needs Node 20.19 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  const dist = `${__dirname.slice(0, -'bin'.length)}dist`;
  const loader = `${dist}/start.cjs`;
  try {
    // As require() would, but that looks for package.json files and parses them first: half a millisecond.
    const source = require('node:fs').readFileSync(loader, 'utf8');
    const run = require('node:vm').runInThisContext(`(function(require,__dirname){${source}\n})`, loader);
    run(require, dist);
  } catch (error) {
    // Node's own exit code would be 1, which is a verdict.
    process.exitCode = 70;
    process.stderr.write(
      error.code === 'ENOENT' && error.path === loader
        ? 'git-signet is not built: dist/start.cjs is missing. Run `npm run build` or install it again.\n'
        : `git-signet could not start: ${error.stack}\n`,
    );
  }
}
