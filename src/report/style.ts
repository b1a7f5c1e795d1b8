/**
 * The style sheet of a report: system fonts, one accent colour, light and dark by the reader's setting, light in print.
 * Class colours have a contrast of at least 3 to 1 with the page and can be told apart with every kind of colour
 * vision.
 */
import { CLASS_COLOURS } from "./charts/scatter.js";

/** A halo around text that lies on dots. */
const HALO = [0, 45, 90, 135, 180, 225, 270, 315]
  .map((degrees) => (degrees * Math.PI) / 180)
  .map((angle) => `${(2 * Math.cos(angle)).toFixed(1)}px ${(2 * Math.sin(angle)).toFixed(1)}px 0 var(--card)`)
  .join();

export const LIGHT = `
--paper:#faf9f6;--card:#fff;--ink:#1e2023;--muted:#5b6066;--line:#e4e1da;--accent:#b8430f;--pca:#4f6272;--other:#a6a39b;
--notice:#fff4d6;--train:#2a62b8;--c0:#2343c8;--c1:#e4570e;--c2:#99224a;--c3:#5b93d6;--c4:#0c0d10;`;
export const DARK = `
--paper:#141619;--card:#1b1e22;--ink:#e9e7e2;--muted:#a2a7ad;--line:#30353b;--accent:#ff9a5a;--pca:#9db3c6;--other:#767a80;
--notice:#3a3115;--train:#7fb0f5;--c0:#e0458f;--c1:#f2e58c;--c2:#5484f2;--c3:#bd9a1c;--c4:#56d4e8;`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
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
.curves .pair{gap:28px 44px}
.curves:has(input[value=log]:checked) .two .chart:first-of-type,.curves:has(input[value=linear]:checked) .two .chart:last-of-type{display:none}
.chart{padding:8px 104px 42px 50px}
.plot{position:relative;height:240px}
.chart.low .plot{height:104px}
.plot svg{position:absolute;inset:0;height:100%;overflow:visible}
.plot svg *{fill:none;vector-effect:non-scaling-stroke}
.plot span{position:absolute;font-size:13px;line-height:16px;white-space:nowrap;color:var(--muted)}
.plot .y{right:100%;margin:-8px 8px 0 0}
.plot .x{top:100%;margin-top:4px;transform:translateX(-50%)}
.plot .name{top:100%;right:0;margin-top:22px}
.plot .end{left:100%;margin:-8px 0 0 7px}
.plot .end b{font-weight:600}
.plot .end.test{color:var(--accent)}
.plot .end.train{color:var(--train)}
.plot .end.reference{color:var(--pca)}
.grid{stroke:var(--line)}
.base{stroke:var(--muted)}
.test{stroke:var(--accent)}
.train{stroke:var(--train)}
.curve{stroke-width:2;stroke-linejoin:round}
.plot svg .band{stroke:none;opacity:.18}
.plot svg .band.test{fill:var(--accent)}
.plot svg .band.train{fill:var(--train)}
.dots{stroke-width:5.5;stroke-linecap:round}
line.reference{stroke:var(--pca);stroke-width:1.5;stroke-dasharray:5 4}
.pixels{display:block;width:100%;image-rendering:pixelated}
.strips{display:grid;gap:22px}
.strip{display:grid;grid-template-columns:110px 1fr;gap:5px 12px;align-items:center}
.strip span{color:var(--muted);font-size:14px}
section .filters .pixels{filter:var(--lift,none);padding:8px;border:1px solid var(--line);border-radius:6px;background:var(--card)}
.scatter{display:grid;grid-template-columns:1fr auto;gap:20px}
.plane{position:relative;border:1px solid var(--line);border-radius:6px;background:var(--card)}
.scatter path{fill:none;stroke:currentColor;stroke-width:4.2;stroke-linecap:round}
.scatter path.cross{stroke-width:1.5;stroke-linecap:butt}
.plane span{position:absolute;transform:translate(-50%,-50%);font-size:19px;font-weight:700;text-shadow:${HALO}}
.legend{display:flex;flex-direction:column;gap:2px;margin:0;padding:0;list-style:none;font-size:15px}
.legend li{display:flex;align-items:center;gap:9px;padding:3px 10px}
.legend svg{width:16px;height:16px}
.legend path{stroke-width:9}
.legend path.cross{stroke-width:2}
${Array.from({ length: CLASS_COLOURS }, (_, i) => `.c${i}{color:var(--c${i})}.plot svg .c${i}{stroke:var(--c${i})}.plot .end.c${i}{color:var(--ink);border-left:4px solid var(--c${i});padding-left:5px}`).join("\n")}
.compared .chart{padding-right:220px}
.stack{display:grid;gap:28px}
.tables{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:28px 44px}
.pairs{margin:0 0 24px;font-size:14px;table-layout:fixed}
.pairs caption{padding:0 0 4px;text-align:left;font-size:15px;font-weight:600}
.pairs .whole{display:inline-block;max-width:100%}
.pairs th{width:40%;color:var(--muted)}
.pairs th,.pairs td{padding:6px 12px 6px 0;overflow-wrap:anywhere}
details{font-size:14px}
summary{cursor:pointer;color:var(--muted);margin:0 0 8px}
.timeline{display:grid;grid-template-columns:minmax(0,max-content) 1fr;gap:0 12px;font-size:13px;line-height:18px}
.timeline .lane{padding:5px 0;color:var(--muted);text-align:right;overflow-wrap:anywhere}
.timeline small{display:block;font-size:12px}
.track{position:relative;min-height:28px;border-bottom:1px solid var(--line)}
.track.pace{min-height:56px}
.track.pace svg{position:absolute;inset:0;height:100%}
.track.pace path{fill:var(--train);opacity:.35}
.track.ticks{border:0}
.track.ticks span{position:absolute;top:4px;transform:translateX(-50%);color:var(--muted);white-space:nowrap}
.track i,.key i{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.track i{position:absolute;min-width:3px}
.track b{position:absolute;top:50%;z-index:1;width:14px;height:14px;margin:-7px 0 0 -7px}
i.unnoticed{top:13px;height:2px;background:var(--ink)}
i.away{top:8px;height:12px;border-radius:2px;background:var(--other)}
i.wait{top:8px;height:12px;border-radius:2px;background:var(--accent)}
.shape{overflow:visible}
.shape path{fill:var(--paper);stroke:var(--ink);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.key{display:flex;flex-wrap:wrap;gap:4px 22px;margin:10px 0 22px;padding:0;list-style:none;font-size:14px;color:var(--muted)}
.key li{display:flex;align-items:center;gap:8px}
.key svg{flex:none;width:14px;height:14px}
.key i{flex:none;width:20px}
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
.chart{padding-left:42px}
.compared .chart{padding-right:150px}
.compared .plot :nth-child(odd of .x){display:none}
.stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacked tr{display:grid;grid-template-columns:1fr 1fr;gap:2px 16px;padding:12px 0;border-bottom:1px solid var(--line)}
.stacked th,.stacked td{padding:0;border:0;text-align:left}
.stacked th{grid-column:1/-1}
.stacked td::before{content:attr(data-label);display:block;color:var(--muted);font-size:13px}
.events li{grid-template-columns:76px 1fr}
}
@media print{
body{background:#fff;font-size:10pt}
main,footer{padding-left:0;padding-right:0}
header{padding-top:16px}
.headline{grid-template-columns:repeat(4,1fr);gap:16px}
.headline b{font-size:20pt}
.pair,.tables{grid-template-columns:1fr 1fr}
.scatter{max-width:75%}
.bar,.track i,.band,.pixels{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.plot{height:170px}
.pairs th,.pairs td{padding-top:3px;padding-bottom:3px}
.strips{max-width:80%}
section{margin-top:22px}
section,tr{break-inside:avoid}
section[aria-labelledby=run]{break-before:page;break-inside:auto}
.toggle,details{display:none}
}`;
