// Keeps a release of the site for reading without a network: as a whole or not at all.
//
// A release is one file, named after its content (offline/pack.go says how it is made).
// Installing fetches it, compares its hash and keeps it; if anything fails, nothing is
// kept, and the worker before goes on with the release before. It goes on, too, while any
// page of the site is open: what a reader has before them stays of one release.
//
// Pages come from the network while there is one. Without it, or where it does not
// answer in time, they come from the release that is kept, and say so; never some files
// from here and some from there, since a page names its style sheets and scripts by their
// content.
const release = RELEASE;
const patience = 5000; // ms
const root = registration.scope;
const own = "minxi " + root + " ";
const pack = new URL(release.pack, root).href;

addEventListener("install", (event) => event.waitUntil((async () => {
  const answer = await fetch(pack);
  const data = answer.ok && await answer.arrayBuffer();
  const hash = data && [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))].map((b) => b.toString(16).padStart(2, "0")).join("");
  if (!hash || !pack.includes("." + hash.slice(0, 12) + ".")) throw new Error("the release is not whole");
  await (await caches.open(own + release.pack)).put(pack, new Response(data));
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith(own) && name !== own + release.pack) await caches.delete(name);
})()));

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(root)) return;
  if (request.mode === "navigate") event.respondWith(page(event.request, url));
  else if (url.pathname.includes("/assets/") || url.pathname.endsWith("/icon.svg")) event.respondWith(part(request, url));
});

// page is a page: of the network, else of the release, else what stands nearest to it there.
async function page(request, url) {
  const kept = load().catch(() => null);
  const late = new Promise((done) => setTimeout(done, patience, "late"));
  const live = fetch(request).catch(() => "late");
  const first = await Promise.race([live, late]);
  if (first !== "late") return first;
  const files = await kept;
  if (!files) return live.then((r) => r === "late" ? Response.error() : r);
  const path = url.href.slice(root.length).replace(/[?#].*/, "").replace(/index\.html$/, "");
  const lang = path.startsWith("en/") ? "en" : "zh";
  const name = path === "" || path.endsWith("/") ? path + "index.html" : path;
  if (files.has(name)) {
    const text = new TextDecoder().decode(files.get(name));
    return html(text.replace(/<main[^>]*>/, (main) => main + note(release.kept[lang])));
  }
  // A sentence, chapter or section stands in the whole plan; parts of a list, both
  // languages side by side, a topic in a place and pages of terms stand below another page.
  const index = url.pathname.endsWith("index.html") ? "index.html" : "";
  for (const [pattern, to] of [
    [/^(..)\/(?:m|plan)\/([cps]\d*(?:-\d+)?)\/.*$/, "$1/plan/#$2"], [/(?:parallel|part-\d+)\/$/, ""],
    [/^(..\/topics\/[^/]+\/)[^/]+\/$/, "$1"], [/^(..\/glossary\/)\d+\/$/, "$1"],
  ]) {
    const [at, fragment] = path.replace(pattern, to).split("#");
    if (at !== path && at && files.has(at + "index.html")) return Response.redirect(root + at + index + (fragment ? "#" + fragment : ""));
  }
  return html(`<!DOCTYPE html><html lang="${lang === "zh" ? "zh-Hans" : "en"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${release.lost[lang]}</title><p>${release.lost[lang]}</p><p><a href="${root}${lang}/${index}">${root}${lang}/</a></p></html>`, 503);
}

// part is a style sheet, a script or the like: they never change under their names.
async function part(request, url) {
  const files = await load().catch(() => null), name = url.href.slice(root.length).replace(/[?#].*/, "");
  if (!files?.has(name)) return fetch(request);
  return new Response(files.get(name), { headers: { "Content-Type": types[name.slice(name.lastIndexOf("."))] ?? "application/octet-stream" } });
}

const types = { ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml" };
const note = (text) => `<p class="notice" role="status">${text}</p>`;
const html = (text, status = 200) => new Response(text, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });

// load is the release that this worker has kept, file by file. It is unpacked once while
// the worker lives.
let loaded;
function load() {
  return loaded ??= unpack().catch((err) => { loaded = undefined; throw err; });
}

async function unpack() {
  const kept = await (await caches.open(own + release.pack)).match(pack);
  if (!kept) throw new Error("nothing is kept");
  const data = new Uint8Array(await new Response(kept.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  const start = 4 + new DataView(data.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, start)));
  let at = start;
  const [fresh, ...numbers] = head.streams.map((n) => data.subarray(at, at += n));
  const [before, length, distance] = numbers.map((s) => {
    let i = 0;
    return () => {
      let v = 0, by = 1, b;
      do { b = s[i++]; v += (b & 127) * by; by *= 128; } while (b > 127);
      return v;
    };
  });
  const out = new Uint8Array(head.files.reduce((n, [, size]) => n + size, 0));
  let to = 0, from = 0, back = 0;
  for (;;) {
    const n = before();
    out.set(fresh.subarray(from, from + n), to);
    from += n;
    if ((to += n) >= out.length) break;
    const l = length() + head.min, d = distance();
    back += d % 2 ? -(d + 1) / 2 : d / 2;
    if (back >= l) out.copyWithin(to, to - back, to - back + l);
    else for (let i = 0; i < l; i++) out[to + i] = out[to - back + i];
    to += l;
    if (to >= out.length) break;
  }
  let end = 0;
  return new Map(head.files.map(([name, size]) => [name, out.subarray(end, end += size)]));
}
