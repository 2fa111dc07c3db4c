/** How the report looks: light and dark by the reader's own setting, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #ffffff; --ink: #1b1f24; --dim: #5b6570; --line: #d9dee4; --soft: #f4f6f8;
  --good: #1a7f4b; --exempt: #37805a; --untrusted: #96610f; --unproven: #3d6fb4; --bad: #c62f3a; --foreign: #8a63b8; --unsigned: #6b7580; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171b; --ink: #e6e9ec; --dim: #9aa4ae; --line: #30363d; --soft: #1d2127;
  --good: #4cc38a; --exempt: #7fb59a; --untrusted: #e2b04a; --unproven: #79a8e8; --bad: #ff7b7b; --foreign: #b99be0; --unsigned: #8a949e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { margin: .25rem 0 .75rem; } .dim, caption { color: var(--dim); }
.sandbox { background: var(--untrusted); color: var(--bg); padding: .1rem .5rem; border-radius: .3rem; font-size: .8rem; vertical-align: middle; } .sandbox, .whole { white-space: nowrap; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0 .75rem; }
.tile { background: var(--soft); border: 1px solid var(--line); border-left: .3rem solid var(--kind); border-radius: .4rem; padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; } .tile span { font-size: .85rem; color: var(--dim); }
.good { --kind: var(--good); } .exempt { --kind: var(--exempt); } .untrusted { --kind: var(--untrusted); } .unproven { --kind: var(--unproven); }
.bad { --kind: var(--bad); } .foreign { --kind: var(--foreign); } .unsigned { --kind: var(--unsigned); }
svg { display: block; width: 100%; height: auto; } .wide svg { min-width: 46rem; } svg text { fill: var(--ink); font-size: 12px; } svg .axis { fill: var(--dim); font-size: 11px; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .mark { fill: var(--kind); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding: .25rem 0; } th { text-align: left; color: var(--dim); font-weight: 600; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; padding-right: 1.5rem; font-variant-numeric: tabular-nums; white-space: nowrap; } td code { white-space: nowrap; } td.t { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.by { min-width: 12rem; overflow-wrap: anywhere; } td.says { min-width: 16rem; overflow-wrap: anywhere; }
code { font: .85em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.word { color: var(--kind); font-weight: 600; white-space: nowrap; } a { color: inherit; }
footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; border-top: 1px solid var(--line); padding-top: .75rem; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } h2 { break-after: avoid; } tr, .tile, svg { break-inside: avoid; }
  .scroll { overflow: visible; } .wide svg { min-width: 0; } a { text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
