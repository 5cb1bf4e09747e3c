/** The page's style: one column that widens, light and dark by the reader's setting, black on white in print. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fdfdfb; --ink: #1c2126; --soft: #59626b; --line: #dcdfdf; --panel: #f4f5f2;
  --first: #1f6a9c; --second: #b4531b;
}
@media (prefers-color-scheme: dark) {
  :root { --page: #14171a; --ink: #e6e8e6; --soft: #a2abb2; --line: #343a40; --panel: #1c2024; --first: #6cb4e4; --second: #f0a06b; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 74rem; padding: 2.5rem clamp(1rem, 4vw, 2.5rem) 4rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; overflow-wrap: anywhere; }
h1 { margin: 0 0 .35rem; font-size: clamp(1.6rem, 4vw, 2.2rem); letter-spacing: -.015em; }
h2 { margin: 3.25rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.4rem; letter-spacing: -.01em; }
h3 { margin: 0 0 .5rem; font-size: 1rem; }
p { max-width: 44rem; margin: .5rem 0 1rem; }
.lead { color: var(--soft); margin: 0 0 1.75rem; }
.soft, figcaption, caption { color: var(--soft); font-size: .875rem; line-height: 1.45; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.5rem 0 0; font-size: .9375rem; }
a { color: var(--first); text-underline-offset: .2em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--first); outline-offset: 3px; }

.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.headlines li { padding: 1.1rem 1.25rem 1.2rem; background: var(--panel); border-radius: .5rem; }
.headlines .label { font-size: .9375rem; font-weight: 600; }
.headlines .value { display: block; margin: .2rem 0 .35rem; font-size: 2rem; line-height: 1.15; font-weight: 650; letter-spacing: -.02em; }
.headlines .value small { display: inline-block; white-space: nowrap; font-size: .95rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.headlines .beside { display: block; margin: -.15rem 0 .4rem; font-size: .875rem; }

.headlines dl { margin: .5rem 0 .75rem; }
.headlines dt { overflow-wrap: anywhere; }
.headlines dd { margin: 0 0 .35rem; font-size: 1.25rem; line-height: 1.2; font-weight: 650; }
.headlines dd small { display: inline-block; white-space: nowrap; font-size: .875rem; font-weight: 400; color: var(--soft); }
.verdict { padding: .6rem .9rem; border-left: 3px solid var(--first); background: var(--panel); }

.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 2rem 2.5rem; margin: 1.25rem 0; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
figcaption { margin-top: .35rem; }
.canvas { position: relative; }

.points label { position: absolute; width: .9rem; height: .9rem; margin: -.45rem 0 0 -.45rem; cursor: pointer; }
.points input { appearance: none; display: block; width: 100%; height: 100%; margin: 0; border-radius: 50%; cursor: inherit; }
.points label:hover input, .points input:checked { outline: 2px solid var(--ink); outline-offset: 0; }
.points .tip { display: none; position: absolute; z-index: 2; width: 7.5rem; padding: .4rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--page); box-shadow: 0 2px 8px #0004; font-size: .75rem; line-height: 1.25; overflow-wrap: anywhere; pointer-events: none; }
.points label:hover .tip, .points input:checked + .tip, .points input:focus-visible + .tip { display: block; }
.points label:hover .tip { z-index: 3; }
.points .en .tip, .points .es .tip { left: 130%; }
.points .wn .tip, .points .ws .tip { right: 130%; }
.points .es .tip, .points .ws .tip { top: 0; }
.points .en .tip, .points .wn .tip { bottom: 0; }
.thumb { display: block; width: 100%; aspect-ratio: 1; margin-bottom: .3rem; border-radius: 2px; }

.runs { display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; margin: .75rem 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
.sign { display: inline-block; width: 1.75rem; height: .5rem; vertical-align: middle; }
.warning { padding: .6rem .9rem; border-left: 3px solid var(--second); background: var(--panel); }
.plans td { text-align: left; white-space: normal; overflow-wrap: anywhere; max-width: 20rem; }

.pairs { display: grid; gap: .7rem; margin: 0; padding: 0; list-style: none; }
.pairs li { display: flex; gap: .9rem; align-items: center; min-width: 0; overflow-wrap: anywhere; font-size: .9375rem; line-height: 1.35; }
.pairs .faces { display: flex; flex: none; gap: .4rem; align-items: center; }
.pairs img { width: 2.6rem; height: 2.6rem; object-fit: contain; background: #fff; border-radius: 2px; }

.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: baseline; white-space: nowrap; }
th { font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
.figures { width: 100%; }
.figures td:last-child, .figures th:last-child { width: 60%; text-align: left; white-space: normal; color: var(--soft); font-size: .875rem; padding-right: 0; }
.figures th[scope=row] { white-space: normal; font-weight: 400; }
.facts th { font-weight: 400; color: var(--soft); }
.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }

.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 29rem), 1fr)); gap: 1.25rem 2.5rem; margin: 1rem 0 1.5rem; padding: 0; list-style: none; }
.gallery > li { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 5fr); gap: .35rem .9rem; align-items: end; }
.gallery .soft { overflow-wrap: anywhere; }
.gallery .name { grid-column: 1 / -1; font-size: .8125rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.gallery ol { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .4rem; margin: 0; padding: 0; list-style: none; }
.gallery .found { grid-column: 2; min-width: 0; }
.gallery .found .name { display: block; margin-bottom: .3rem; }
.gallery .query:has(~ .found) { grid-row: 2 / span 2; align-self: start; }
.gallery img { display: block; width: 100%; height: auto; border-radius: 2px; background: #fff; }
.gallery img.exact { image-rendering: pixelated; }
.gallery .query img { outline: 2px solid var(--ink); outline-offset: 2px; }
.gallery li li img { outline: 2px solid var(--first); outline-offset: 1px; }
.gallery li li.wrong img { outline: 2px dashed var(--second); }
.gallery .mark { display: block; margin-top: .3rem; font-size: .75rem; line-height: 1.3; text-align: center; white-space: nowrap; }
.gallery .label { display: block; white-space: normal; overflow-wrap: anywhere; }
.gallery .query .mark { text-align: left; }
.gallery .wrong .mark { font-weight: 700; }

code { overflow-wrap: anywhere; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow: auto; max-height: 34rem; padding: 1rem; background: var(--panel); border-radius: .5rem; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.notes { padding-left: 1.1rem; max-width: 44rem; }

@media (max-width: 40rem) {
  .figures, .figures tbody, .figures tr { display: block; }
  .figures thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .figures tr { padding: .5rem 0; border-bottom: 1px solid var(--line); display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; }
  .figures th[scope=row], .figures td { border: 0; padding: 0; width: auto; }
  .figures td:last-child { grid-column: 1 / -1; width: auto; }
}
@media print {
  :root { --page: #fff; --ink: #000; --soft: #444; --line: #bbb; --panel: #f3f3f3; --first: #1f6a9c; --second: #b4531b; color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .points { display: none; }
  h2 { break-after: avoid; }
  figure, tr, .headlines li, .gallery > li { break-inside: avoid; }
  .plots { grid-template-columns: 1fr 1fr; }
  details::details-content { content-visibility: visible; }
  pre { max-height: none; overflow: visible; white-space: pre-wrap; overflow-wrap: anywhere; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding-right: .5rem; white-space: normal; }
  th, td:first-child { min-width: 4.5em; overflow-wrap: anywhere; }
  .gallery .name { overflow: visible; white-space: normal; overflow-wrap: anywhere; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
