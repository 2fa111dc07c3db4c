#!/usr/bin/env node
// Start-up only. Written so that any old Node can parse it and say why it stops.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(`git-signet needs Node 20.19 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  try {
    require('../dist/start.cjs');
  } catch (error) {
    // Node's own exit code would be 1, which is a verdict.
    process.exitCode = 70;
    const notBuilt = error.code === 'MODULE_NOT_FOUND' && error.requireStack[0] === __filename;
    process.stderr.write(
      notBuilt
        ? 'git-signet is not built: dist/start.cjs is missing. Run `npm run build` or install it again.\n'
        : `git-signet could not start: ${error.stack}\n`,
    );
  }
}
