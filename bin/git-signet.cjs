#!/usr/bin/env node
// Start-up only. Written so that any old Node can parse it and say why it stops.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(`git-signet needs Node 20.19 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  try {
    require('../dist/main.cjs');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || !/dist[\\/]main\.cjs/.test(error.message)) throw error;
    process.stderr.write(
      'git-signet is not built: dist/main.cjs is missing. Run `npm run build` or reinstall it.\n',
    );
    process.exitCode = 70;
  }
}
