/**
 * The style sheet of a report: system type, one accent, light and dark by the reader's own setting, print in light. Class
 * colours are the ten of Petroff 2021 (Accessible color sequences for data visualization, arXiv:2107.02270), the three
 * darkest lifted where the page is dark.
 */
const LIGHT = `
--paper:#faf9f6;--card:#fff;--ink:#1e2023;--muted:#5b6066;--line:#e4e1da;--accent:#b8430f;--pca:#4f6272;--other:#a6a39b;
--notice:#fff4d6;--c4:#832db6;--c2:#bd1f01;--c8:#717581;`;
const DARK = `
--paper:#141619;--card:#1b1e22;--ink:#e9e7e2;--muted:#a2a7ad;--line:#30353b;--accent:#ff9a5a;--pca:#9db3c6;--other:#767a80;
--notice:#3a3115;--c4:#b26be0;--c2:#e8503a;--c8:#8d92a0;`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}
--c0:#3f90da;--c1:#ffa90e;--c3:#94a4a2;--c5:#a96b59;--c6:#e76300;--c7:#b9ac70;--c9:#92dadd}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}.filters .pixels{--lift:brightness(1.5)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
body::before{content:"";display:block;height:4px;background:linear-gradient(90deg,#2b3a67,#8c4a7f,#d9695f,#f2a65a,#f7d08a)}
main,footer{max-width:1040px;margin:0 auto;padding:0 24px}
header{padding:44px 0 12px}
.brand{margin:0;color:var(--muted);font-size:13px;letter-spacing:.08em}
h1{margin:.1em 0 .2em;font-size:clamp(28px,5vw,42px);line-height:1.15;font-weight:650;letter-spacing:-.02em;overflow-wrap:anywhere}
.lead{margin:0;color:var(--muted);font-size:18px;overflow-wrap:anywhere}
.notice{margin:20px 0 0;padding:10px 14px;border-left:4px solid #e0a100;border-radius:4px;background:var(--notice)}
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:28px;margin:32px 0 0;padding:24px 0 0;border-top:1px solid var(--line)}
.headline dt{color:var(--muted);font-size:14px}
.headline dd{margin:0}
.headline b{display:block;font-size:34px;line-height:1.2;font-weight:600;letter-spacing:-.02em}
.headline .run b{color:var(--accent)}
.headline span{color:var(--muted);font-size:14px;overflow-wrap:anywhere}
section{margin:44px 0 0}
h2{margin:0;font-size:21px;font-weight:650;letter-spacing:-.01em}
.remark{margin:2px 0 16px;max-width:68ch;color:var(--muted);font-size:15px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{padding:9px 14px 9px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
.number{text-align:right;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-size:13px;border-bottom-color:var(--muted)}
.comparison tbody th,.comparison td{vertical-align:middle}
.comparison small{display:block;font-weight:400;color:var(--muted);font-size:13px;overflow-wrap:anywhere}
.comparison .wide{width:34%}
.comparison .run th,.strong{font-weight:600}
.bar{height:14px;min-width:2px;border-radius:2px;background:var(--other);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.run .bar{background:var(--accent)}
.pca .bar{background:var(--pca)}
figure{margin:0}
figcaption{font-size:15px;font-weight:600;margin:0 0 4px}
.toggle{display:flex;gap:18px;margin:0 0 12px;font-size:14px;color:var(--muted)}
.toggle input{accent-color:var(--accent);margin:0 6px 0 0;vertical-align:-1px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:28px}
svg{display:block;width:100%;height:auto}
svg text{font:13px system-ui,sans-serif;fill:var(--muted)}
.curves:has(input[value=log]:checked) .chart:first-of-type,.curves:has(input[value=linear]:checked) .chart:last-of-type{display:none}
.grid{stroke:var(--line)}
.base{stroke:var(--muted)}
.curve{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.band{fill:var(--accent);opacity:.18}
.dot{fill:var(--accent)}
line.reference{stroke:var(--pca);stroke-width:1.5;stroke-dasharray:5 4}
text.reference{fill:var(--pca)}
.pixels{display:block;width:100%;image-rendering:pixelated}
.strips{display:grid;gap:22px}
.strip{display:grid;grid-template-columns:110px 1fr;gap:5px 12px;align-items:center}
.strip span{color:var(--muted);font-size:14px}
section .filters .pixels{filter:var(--lift,none);padding:8px;border:1px solid var(--line);border-radius:6px;background:var(--card)}
.scatter{display:grid;grid-template-columns:1fr auto;gap:20px}
.scatter svg{border:1px solid var(--line);border-radius:6px;background:var(--card)}
.scatter path{fill:none;stroke:currentColor;stroke-width:4.2;stroke-linecap:round;opacity:.62}
.scatter svg text{font-size:21px;font-weight:700;fill:var(--ink);stroke:var(--card);stroke-width:5;stroke-linejoin:round;paint-order:stroke}
.legend{display:flex;flex-direction:column;gap:2px;margin:0;padding:0;list-style:none;font-size:15px}
.legend li{padding:3px 10px;border-radius:4px;cursor:default}
.legend li::before{content:"";display:inline-block;width:12px;height:12px;margin-right:9px;border-radius:50%;background:currentColor;vertical-align:-1px}
.legend li::first-line{color:var(--ink)}
${Array.from({ length: 10 }, (_, i) => `.c${i}{color:var(--c${i})}.scatter:has(li.c${i}:is(:hover,:focus)) path:not(.c${i}){opacity:.07}`).join("\n")}
.tables{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:28px 44px}
.pairs{margin:0 0 24px;font-size:14px;table-layout:fixed}
.pairs caption{padding:0 0 4px;text-align:left;font-size:15px;font-weight:600}
.pairs th{width:34%;color:var(--muted)}
.pairs th,.pairs td{padding:6px 12px 6px 0;overflow-wrap:anywhere}
details{font-size:14px}
summary{cursor:pointer;color:var(--muted);margin:0 0 8px}
.timeline{min-width:640px;margin:0 0 4px}
.timeline .lane,.timeline .grid{stroke:var(--line)}
.timeline .wait{stroke:var(--accent);stroke-width:1.5}
.timeline .recovery{fill:var(--accent)}
.timeline .fault{fill:var(--ink);stroke:var(--paper)}
.key{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0 0 20px;padding:0;list-style:none;font-size:14px;color:var(--muted)}
.key li::before{content:"";display:inline-block;margin-right:8px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.key .fault::before{border:5px solid transparent;border-top:9px solid var(--ink);border-bottom:0}
.key .recovery::before{width:18px;height:10px;border-radius:1.5px;background:var(--accent)}
.failures small{display:block;color:var(--muted);font-size:13px}
.events{margin:0;padding:0;list-style:none}
.events li{display:grid;grid-template-columns:110px 1fr;gap:12px;padding:6px 0;border-bottom:1px solid var(--line)}
.events time{color:var(--muted)}
footer{padding-top:28px;padding-bottom:40px;color:var(--muted);font-size:13px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:640px){
main,footer{padding-left:16px;padding-right:16px}
header{padding-top:28px}
.headline{grid-template-columns:1fr 1fr;gap:20px}
.headline b{font-size:27px}
.comparison .wide{display:none}
.strip{grid-template-columns:1fr;gap:3px}
.strip span{margin-top:5px}
.scatter{grid-template-columns:1fr}
.legend{flex-direction:row;flex-wrap:wrap}
.scatter svg text{font-size:26px}
svg text{font-size:15px}
}
@media print{
body{background:#fff;font-size:10pt}
main,footer{padding-left:0;padding-right:0}
header{padding-top:16px}
.headline{grid-template-columns:repeat(4,1fr);gap:16px}
.headline b{font-size:20pt}
.pair,.tables{grid-template-columns:1fr 1fr}
.scatter{max-width:75%}
.strips{max-width:80%}
section{margin-top:22px}
section,tr{break-inside:avoid}
section[aria-labelledby=run]{break-before:page;break-inside:auto}
.toggle,details{display:none}
}`;
