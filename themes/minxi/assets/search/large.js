// The search of a large plan: names are looked for in the table as in a small one,
// sentences in lists that are asked for when a query needs them (package search,
// shards.go), and compared with their texts before they are shown.
(() => {
  const { bare, tokens, key, distance, slipsOf, seek, han } = minxiSearch.tools;
  const base = "../../data/search/", digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
  const lists = new Map(), vocabulary = new Map(), texts = new Map(), asked = new Map();
  let ids, divisionOf, solo;
  const value = new Map([...digits].map((c, i) => [c, i]));

  minxiSearch.lists = (some) => { for (const gram in some) lists.set(gram, some[gram]); };
  minxiSearch.words = ([letter, list]) => vocabulary.set(letter, list ? list.split(" ") : []);
  minxiSearch.unit = ([id, zh, en]) => texts.set(id, { zh, en });
  // A script is asked for once; what cannot be had is as if it were empty.
  const ask = (path) => {
    if (!asked.has(path)) {
      asked.set(path, new Promise((done) => {
        const s = document.createElement("script");
        s.onload = s.onerror = () => done(s.remove());
        s.src = base + path + ".js";
        document.head.append(s);
      }));
    }
    return asked.get(path);
  };
  const start = () => {
    if (ids) return;
    const { large, divisions } = minxiSearch.all();
    ids = [];
    divisionOf = [];
    solo = new Map(large.solo.map((g, i) => [g, i]));
    for (const [at, n] of large.ids) {
      const letter = at < 0 ? "p" : divisions[at].id;
      for (const k of typeof n === "number" ? Array.from({ length: n }, (_, i) => i + 1) : n) {
        ids.push(letter + "-" + k);
        divisionOf.push(divisions[at]);
      }
    }
  };

  // Lists of units as bytes, one for each unit.
  const decode = (s) => {
    const all = new Uint8Array(ids.length);
    if (s === undefined) return all;
    if (s[0] === "~") {
      for (let i = 1; i < s.length; i++) for (let b = value.get(s[i]), n = (i - 1) * 6; b; b >>= 1, n++) if (b & 1) all[n] = 1;
      return all;
    }
    for (let i = 0, next = 0, d = 0; i < s.length; i++) {
      const v = value.get(s[i]);
      d = d * 32 + (v & 31);
      if (v & 32) continue;
      all[next + d] = 1;
      next += d + 1;
      d = 0;
    }
    return all;
  };
  const hash = (s) => {
    let h = 0x811c9dc5;
    for (const b of new TextEncoder().encode(s)) h = Math.imul(h ^ b, 0x01000193) >>> 0;
    return h % 2048;
  };
  const fileOf = (gram) => (solo.has(gram) ? "g/" + solo.get(gram) : "s/" + hash(gram));
  const listOf = async (gram) => {
    await ask(fileOf(gram));
    return decode(lists.get(gram));
  };
  const both = (a, b) => a.map((v, i) => v & b[i]);
  const some = (a) => a.includes(1);
  // The units that have all of some grams: by the rarest three, of those that
  // many units have by two.
  const all = async (grams) => {
    const rare = grams.filter((g) => !solo.has(g)), common = grams.filter((g) => solo.has(g)).sort((a, b) => solo.get(a) - solo.get(b));
    const chosen = rare.length ? rare.slice(0, 3) : common.slice(0, 2);
    const found = await Promise.all(chosen.map(listOf));
    return found.length ? found.reduce(both) : new Uint8Array(ids.length);
  };

  const pairs = (run) => {
    const c = [...run], list = [];
    for (let i = 0; i + 1 < c.length; i++) list.push(c[i] + c[i + 1]);
    return list.length ? [...new Set(list)] : c;
  };
  const wordsFrom = async (letter) => {
    if (!/[a-z]/.test(letter)) return [];
    await ask("v/" + letter);
    return vocabulary.get(letter) ?? [];
  };
  // What a word may stand for: {grams, test, mark} for each way.
  const wayOf = (w) => (han(w)
    ? { grams: pairs(w), test: (t) => t.b[0].s.includes(w), mark: w }
    : { grams: [key(w)], test: (t) => t.b.some((b) => minxiSearch.tools.wordsOf(b).some((v) => key(v) === key(w))), mark: w });
  const waysOf = async (w, last) => {
    const way = wayOf(w);
    let found = await all(way.grams);
    if (some(found) || han(w)) return { ways: [way], found, how: "" };
    const near = (await wordsFrom(w[0]));
    let list = last ? near.filter((v) => v.startsWith(w)) : [], how = "";
    if (!list.length && slipsOf(w)) {
      const most = slipsOf(w);
      list = near.map((v) => [distance(w, v, most), v]).filter(([d]) => d <= most).sort(([a], [b]) => a - b).map(([, v]) => v);
      how = list.length ? "slip" : "";
    }
    list = [...new Map(list.map((v) => [key(v), v])).values()].slice(0, 4);
    const ways = list.map(wayOf);
    for (const one of ways) {
      const more = await all(one.grams);
      found = found.map((v, i) => v | more[i]);
    }
    return { ways, found, how, instead: how ? list : [] };
  };

  const page = 10;
  // ask answers a query: names at once, then the first sentences that have it, and
  // a function for more.
  minxiSearch.ask = async (q, show, filters) => {
    start();
    const result = minxiSearch.find(q);
    result.large = true;
    if (!q.trim()) return show(result);
    show({ ...result, wait: true });
    const whole = bare(q).s;
    const asking = async (words) => {
      const each = await Promise.all(words.map((w, i) => waysOf(w, i === words.length - 1)));
      return { each, words };
    };
    let { each } = await asking(tokens(q));
    let how = each.map((e) => e.how).find(Boolean) ?? "";
    const telling = each.filter((e) => some(e.found));
    let found = telling.length === each.length && each.length ? telling.map((e) => e.found).reduce(both) : new Uint8Array(ids.length);
    // A run that no text has: other words for it, readings, its pieces.
    if (!some(found) && result.how === "pinyin" || !telling.length) {
      const others = [...result.aliases, ...result.items.filter((i) => i.kind !== "unit")].map((t) => t.short?.zh ?? t.zh).filter(Boolean).slice(0, 3);
      each = others.length ? [{ ways: others.map((w) => wayOf(bare(w).s)), instead: [] }] : [];
      for (const way of each[0]?.ways ?? []) {
        const more = await all(way.grams);
        found = found.map((v, i) => v | more[i]);
      }
      how = result.how;
    }
    let test = (t) => each.every((e) => e.ways.some((way) => way.test(t)));
    if (!some(found) && telling.length) {
      each = telling;
      how = "any";
      found = telling.map((e) => e.found).reduce((a, b) => a.map((v, i) => v | b[i]));
      test = (t) => each.some((e) => e.ways.some((way) => way.test(t)));
    }
    for (const name of ["topic", "place"]) if (filters[name]) found = both(found, await listOf("#" + filters[name]));
    if (filters.chapter) {
      const { divisions } = minxiSearch.all();
      found = found.map((v, i) => v & ((divisionOf[i]?.parent === undefined ? divisionOf[i] : divisions[divisionOf[i].parent])?.id === filters.chapter));
    }
    const candidates = [];
    const id = minxiSearch.tools.fold(q).trim().match(/^(?:措施)?s?(\d+-\d+)$|^([cp]\d*-\d+)$/);
    const numbered = id ? ids.indexOf(id[2] ?? "s" + id[1]) : -1;
    if (numbered >= 0) {
      found = new Uint8Array(ids.length);
      found[numbered] = 1;
      test = () => true;
    }
    found.forEach((v, i) => { if (v) candidates.push(i); });
    const marks = [whole, ...each.flatMap((e) => e.ways.map((w) => w.mark))];
    const shown = [];
    let next = 0;
    const more = async (n = page) => {
      const aim = shown.length + n;
      while (shown.length < aim && next < candidates.length) {
        const batch = candidates.slice(next, next + Math.min(n, aim - shown.length));
        next += batch.length;
        await Promise.all(batch.map((i) => ask("u/" + ids[i])));
        for (const i of batch) {
          const t = texts.get(ids[i]);
          if (!t) continue;
          const item = { kind: "unit", id: ids[i], path: "m/" + ids[i] + "/", ...t, division: divisionOf[i], b: [bare(t.zh), bare(t.en)], topics: [], places: [] };
          if (test(item)) shown.push(item);
        }
      }
      // Those with the whole phrase before the others that were compared.
      const phrase = (item) => (item.b.some((b) => seek(b, whole, true) >= 0) ? 0 : 1);
      const units = [...shown].sort((a, b) => phrase(a) - phrase(b));
      show({ ...result, marks: [...result.marks, ...marks], how, instead: each.flatMap((e) => e.instead ?? []),
        items: [...units, ...result.items.filter((i) => i.kind !== "unit")], left: candidates.length - next, more, candidates: () => candidates.map((i) => ids[i]) });
      return shown;
    };
    return more();
  };
})();
