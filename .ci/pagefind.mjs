// Pagefind on the same pages, asked what the judged queries ask: docs/performance.md
// has the figures. A measurement to run by hand, no check:
//
//	go run ./generator build --out /tmp/site
//	npm install --no-save --prefix .ci pagefind@1.6.0
//	node .ci/pagefind.mjs /tmp/site
//
// It indexes the pages of sentences and hubs, runs its client in Chromium, and
// prints index bytes, bytes of a first query (ten results, scripts as brotli),
// recall and mean reciprocal rank by group.
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";

const here = import.meta.dirname, site = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "pagefind-")), "site");
fs.cpSync(process.argv[2], site, { recursive: true });
const began = Date.now();
execFileSync(path.join(here, "node_modules/.bin/pagefind"), ["--site", site, "--glob", "{zh,en}/{m,topics,places}/*/index.html"]);
console.log("indexed in", Date.now() - began, "ms");
const size = (dir) => fs.readdirSync(dir, { recursive: true, withFileTypes: true }).reduce((n, f) => n + (f.isFile() ? fs.statSync(path.join(f.parentPath, f.name)).size : 0), 0);
console.log("index", size(path.join(site, "pagefind")), "bytes");

// Rows of the CSV file; no cell has a line break.
const cells = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2]);
const judged = fs.readFileSync(path.join(here, "../generator/internal/search/testdata/judged.csv"), "utf8").trim().split("\n").slice(1).map(cells)
  .map(([group, query, lang, wanted]) => ({ group, query, lang, wanted: wanted.split(" ").filter(Boolean) }));

const page = (lang, queries, most) => `<!DOCTYPE html><meta charset="utf-8"><html lang="${lang === "zh" ? "zh-hans" : "en"}"><script type="module">
const found = {}, pagefind = await import("/pagefind/pagefind.js");
await pagefind.init();
for (const q of ${JSON.stringify(queries)}) found[q] = (await Promise.all((await pagefind.search(q)).results.slice(0, ${most}).map((r) => r.data()))).map((d) => d.url);
await fetch("/found", { method: "POST", body: JSON.stringify(found) });
</script>`;
let bytes, html, done;
const server = http.createServer((q, s) => {
  if (q.url === "/found") {
    let body = "";
    q.on("data", (d) => (body += d)).on("end", () => { s.end(); done(JSON.parse(body)); });
    return;
  }
  if (q.url === "/") return s.setHeader("content-type", "text/html; charset=utf-8").end(html);
  const file = path.join(site, decodeURIComponent(q.url.split("?")[0]));
  if (!fs.existsSync(file)) return s.writeHead(404).end();
  let data = fs.readFileSync(file);
  if (/\.(js|json)$/.test(file)) {
    data = zlib.brotliCompressSync(data);
    s.setHeader("content-encoding", "br").setHeader("content-type", file.endsWith(".js") ? "text/javascript" : "application/json");
  }
  bytes += data.length;
  s.end(data);
}).listen(0, "127.0.0.1");
await new Promise((ok) => server.once("listening", ok));
const ask = async (...what) => {
  bytes = 0;
  html = page(...what);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "chromium-"));
  const answer = new Promise((ok) => (done = ok));
  const browser = execFile("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
    "--user-data-dir=" + profile, `http://127.0.0.1:${server.address().port}/`], () => {});
  const found = await answer;
  browser.kill();
  return found;
};
for (const [lang, q] of [["zh", "水土流失"], ["en", "healthcare"]]) {
  await ask(lang, [q], 10);
  console.log("first query", lang, q, bytes, "bytes");
}
const found = {};
for (const lang of ["zh", "en"]) found[lang] = await ask(lang, judged.filter((j) => j.lang === lang).map((j) => j.query), 500);
const groups = new Map([["all", { n: 0, recall: 0, rank: 0 }]]);
for (const { group, query, lang, wanted } of judged) {
  const got = found[lang][query].map((u) => u.match(/\/(?:m\/([^/]+)|((?:topics|places)\/[^/]+))\//)).map((m) => m && (m[1] ?? m[2]));
  const first = got.findIndex((id) => wanted.includes(id));
  const nothing = !wanted.length && !got.length ? 1 : 0;
  if (!groups.has(group)) groups.set(group, { n: 0, recall: 0, rank: 0 });
  for (const s of [groups.get(group), groups.get("all")]) {
    s.n++;
    s.recall += wanted.length ? wanted.filter((id) => got.includes(id)).length / wanted.length : nothing;
    s.rank += wanted.length ? (first < 0 ? 0 : 1 / (first + 1)) : nothing;
  }
}
for (const [name, s] of groups) console.log(name.padEnd(14), String(s.n).padStart(3), "recall", (s.recall / s.n).toFixed(3), "MRR", (s.rank / s.n).toFixed(3));
process.exit();
