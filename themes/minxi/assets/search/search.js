// The search page's engine. It reads through the whole text at every key, so that
// no word is missed whatever an index would have cut it into. The generator sends
// the text with what can be prepared (package search tells what is what):
// minxiSearch(data) is called by the data's own script, so the page works from a
// disk and under a strict Content-Security-Policy. The other file shows what is found.
const minxiSearch = (() => {
  // How well an item answers a word, from best to worst; ranks add up.
  const BODY = 0, FORM = 0.1, PREFIX = 0.3, TRANSLATED = 0.5, PLACE = 1, ALIAS = 2, STEM = 2.2, HEADING = 3, PINYIN = 4, SLIP = 5;

  // Folding: NFKC, lower case, simplified; quotation marks and dashes alike. Of
  // each character what it becomes and whether that is a mark (0), a letter or
  // figure (1), Chinese (2) or an apostrophe (3). The bare form of a text has
  // letters, figures and Chinese only: 长（汀）连（城） contains 连城.
  const simplified = new Map(), memo = new Map();
  const folded = (c) => {
    let list = memo.get(c);
    if (list) return list;
    memo.set(c, (list = []));
    for (let d of (simplified.get(c) ?? c).normalize("NFKC").toLowerCase()) {
      d = simplified.get(d) ?? d;
      if (/[‘’ʼ`´]/.test(d)) d = "'";
      if (/[“”„‟«»「」『』《》〈〉]/.test(d)) d = '"';
      if (/\p{Pd}/u.test(d)) d = "-";
      list.push([d, /\p{Script=Han}/u.test(d) ? 2 : /[\p{L}\p{N}\p{M}]/u.test(d) ? 1 : d === "'" ? 3 : 0]);
    }
    return list;
  };
  const fold = (text) => {
    let s = "";
    for (const c of text) for (const [d] of folded(c)) s += d;
    return s;
  };
  // s is the bare form, w where words begin in it, at (if asked for) where each
  // of it stands in the text.
  const bare = (text, at) => {
    let s = "", gap = true, was = 0, i = 0;
    const w = [];
    for (const c of text) {
      const list = folded(c);
      for (let j = 0; j < list.length; j++) {
        const d = list[j][0], kind = list[j][1];
        if (kind === 0) gap = true;
        if (kind === 0 || kind === 3) continue;
        if (gap || kind === 2 || kind !== was) w[s.length] = 1;
        if (at) for (let n = d.length; n--; ) at.push(i);
        s += d;
        gap = false;
        was = kind;
      }
      i += c.length;
    }
    w[s.length] = 1;
    if (at) at.push(i);
    return { s, w };
  };
  // Where a bare text stands in another from the beginning of a word to the end of
  // one, or into one; -1 if nowhere.
  const seek = (b, needle, into, from = 0) => {
    for (let p = b.s.indexOf(needle, from); p >= 0; p = b.s.indexOf(needle, p + 1)) {
      if (b.w[p] && (into || b.w[p + needle.length])) return p;
    }
    return -1;
  };
  const wordsOf = (b) => {
    const list = [];
    for (let i = 0, from = 0; i <= b.s.length; i++) {
      if (!b.w[i] || i === from) continue;
      list.push(b.s.slice(from, i));
      from = i;
    }
    return list;
  };
  const han = (s) => s.charCodeAt(0) > 0x2e7f && /\p{Script=Han}/u.test(s) || /\p{Script=Han}/u.test(s.slice(1));
  // The words of a query: runs of Chinese, and words of letters.
  const tokens = (q) => (fold(q).match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}\p{M}'])+/gu) ?? []).map((w) => w.replaceAll("'", "")).filter(Boolean);

  // One key for the forms of an English word, British and American. Keys are
  // compared with keys only; package search has the same rules (Key).
  const key = (w) => {
    w = w.replace("isation", "ization").replace(/([iy])s(e[ds]?|ing)$/, "$1z$2").replace("our", "or").replace(/tre(s?)$/, "ter$1")
      .replace(/mme(s?)$/, "m$1").replace("ogue", "og").replace(/nce(s?)$/, "nse$1");
    if (/[^aeiou]ies$/.test(w)) w = w.slice(0, -3) + "y";
    else if (/[^sui]s$/.test(w) && w.length > 3) w = w.slice(0, -1);
    const root = w.replace(/^(.*[aeiouy].*)(?:ing|ed)$/, "$1");
    if (root !== w) w = root.replace(/^([^aeiou]*[aeiouy][^aeiouwxy])$/, "$1e"); // caring is care, not cars
    if (w.length > 4) w = w.replace(/e$/, "");
    return w.replace(/([^aeiou])\1$/, "$1").replace(/y$/, "i");
  };
  // Damerau's distance of two words, or more than most.
  const distance = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return most + 1;
      before = last;
      last = row;
    }
    return last[b.length];
  };
  // The letters of a word as bits: words that differ in many are not compared.
  const lettersOf = (w) => {
    let n = 0;
    for (let i = 0; i < w.length; i++) n |= 1 << w.charCodeAt(i) % 32;
    return n;
  };
  const bits = (n) => {
    let count = 0;
    for (; n; n &= n - 1) count++;
    return count;
  };
  const slipsOf = (w) => (w.length < 4 || /\d/.test(w) ? 0 : w.length < 8 ? 1 : 2);

  // Words that say nothing of what is looked for.
  const idle = new Set(("a an the of in on at to for and or is are be do does how what where who when which i my me we our you your it its there any can with about by from get " +
    "的 了 吗 呢 啊 吧 我 你 我们 什么 怎么 怎样 如何 哪些 哪里 哪个 有 没有 有没有 是 是不是 和 与 及 在 能 能不能 可以 想 要 请问 关于 多少 谁 为什么 怎么办 问题 情况").split(" "));
  const idleRuns = /为什么|怎么办|怎么样|有没有|能不能|是不是|哪些|哪里|哪个|什么|怎么|怎样|如何|请问|关于|多少|[的了吗呢啊吧]/gu;

  // Readings: each syllable with its characters.
  const syllables = new Map(), initials = new Map();
  const starting = (rest) => [...syllables].filter(([s]) => s.startsWith(rest)).map(([, chars]) => chars).join("");
  const letters = (w) => w.normalize("NFD").replace(/u\u0308/g, "v").replace(/\p{M}/gu, "").replace(/[0-9]/g, "");
  // The ways to read words as syllables, as classes of characters; the last one
  // may be cut short.
  const readings = (words, cut) => {
    let list = [[]];
    words.forEach((word, n) => {
      const ways = [];
      const go = (rest, path) => {
        if (ways.length > 8) return;
        if (!rest) return ways.push(path);
        for (let k = Math.min(6, rest.length); k; k--) {
          const chars = syllables.get(rest.slice(0, k));
          if (chars) go(rest.slice(k), [...path, chars]);
        }
        if (cut && n === words.length - 1 && rest.length < 6 && !syllables.has(rest)) {
          const chars = starting(rest);
          if (chars) ways.push([...path, chars]);
        }
      };
      go(letters(word), []);
      list = list.flatMap((l) => ways.map((w) => [...l, ...w])).slice(0, 8);
    });
    return list.filter((l) => l.length);
  };
  const classes = (ways) => new RegExp(ways.map((way) => way.map((chars) => "[" + chars + "]").join("")).join("|"), "gu");

  // What is searched. items are units first, then headings, hubs, terms and pages.
  let items = [], places = [], terms = [], divisions = [], topics = [];
  let vocabulary = new Map(), byKey = new Map(), groups = new Map(), aliases = new Map(), everything = "";

  let large;
  const load = (data) => {
    large = data.large;
    const pairs = [...data.simplified];
    for (let i = 0; i < pairs.length; i += 2) simplified.set(pairs[i], pairs[i + 1]);
    for (const [, s, chars] of data.pinyin.matchAll(/([a-z]+)([^a-z]+)/g)) {
      syllables.set(s, chars);
      initials.set(s[0], (initials.get(s[0]) ?? "") + chars);
    }
    divisions = data.divisions.map(([id, label, zh, en, parent]) => ({ kind: "heading", id, label, zh, en, parent, path: "plan/" + id + "/" }));
    topics = data.topics.map(([id, zh, en, textZH, textEN]) => ({ kind: "topic", id, zh, en, hub: id, path: id + "/", text: { zh: textZH, en: textEN } }));
    places = data.places.map(([id, zh, en, shortZH, shortEN]) => ({ kind: "place", id, zh, en, hub: id, path: id + "/", short: { zh: shortZH, en: shortEN } }));
    // A term's place is made of its page in each glossary and its English.
    const table = (text) => (text ? text.split("\n").map((line) => line.split("\t")) : []);
    const [pagesZH, pagesEN] = data.pages.map((s) => s.split(" "));
    const place = (at, en) => (at > 0 ? `glossary/${at}/#t-${en.toLowerCase().match(/[a-z0-9]+/g).join("-")}` : at);
    terms = table(data.terms).map(([zh, en, words], i) => ({ kind: "term", zh, en, words, path: { zh: place(pagesZH[i], en), en: place(pagesEN[i], en) } }));
    const bodies = data.bodies.map((b) => {
      const [id, zh, en] = b.length ? b : [places[b].id.slice(7), places[b].zh, places[b].en];
      return { kind: "body", zh, en, path: `bodies/${id}/` };
    });
    const units = data.units.map(([id, division, zh, en, t, p]) => ({
      kind: "unit", id, zh, en, path: "m/" + id + "/", division: divisions[division], topics: t.map((i) => topics[i]), places: p.map((i) => places[i]),
    }));
    for (const i of data.context) units[i].context = true;
    const others = data.others.map(([kind, path, zh, en, textZH, textEN]) => ({ kind, path, zh, en, text: { zh: textZH, en: textEN } }));
    items = [...units, ...divisions, ...topics, ...places, ...terms, ...bodies, ...others];
    items.forEach((item, n) => {
      item.n = n;
      const more = item.short ?? item.text ?? {};
      if (item.kind !== "unit") item.names = [item.zh, item.en, item.short?.zh, item.short?.en].filter(Boolean).map((s) => bare(s));
      item.b = [bare(item.zh + (more.zh ? "\n" + more.zh : "")), bare(item.en + (more.en ? "\n" + more.en : ""))];
      everything += item.b[0].s + "\n";
    });
    stems = data.stems;
    // Terms and places are found by their names in the other language too.
    for (const t of [...terms, ...places.map((p) => p.short)]) for (const s of [t.zh, t.en]) alias(s, [t], TRANSLATED);
    const also = (words, targets) => words?.split("|").forEach((word) => alias(word, targets, ALIAS));
    for (const t of terms) also(t.words, [t]);
    for (const [words, ...of] of table(data.also)) also(words, of.map((i) => (i >= 0 ? terms[i] : { zh: i, en: "" })));
  };
  const alias = (word, targets, level) => {
    if (!word) return;
    const b = bare(word), k = aliasKey(wordsOf(b)), a = aliases.get(k) ?? { bare: b.s, targets: [] };
    a.targets.push(...targets.map((t) => [t, level]));
    aliases.set(k, a);
  };
  // The words of letters, with their items; made when the first is looked for.
  let stems;
  const words = () => {
    if (!stems) return vocabulary;
    for (const line of stems) {
      const list = line.split(" ");
      for (const k of list) groups.set(k, list);
    }
    stems = null;
    for (const item of items) for (const b of item.b) for (const w of wordsOf(b)) {
      if (han(w)) continue;
      const of = vocabulary.get(w);
      if (of) of.add(item);
      else vocabulary.set(w, new Set([item]));
    }
    for (const w of vocabulary.keys()) {
      const k = key(w), of = byKey.get(k);
      if (of) of.push(w);
      else byKey.set(k, [w]);
    }
    return vocabulary;
  };
  const aliasKey = (words) => words.map((w) => (han(w) ? w : key(w))).join("");

  // The forms of a word that the text has, each with how close it is.
  const forms = (w, last) => {
    const vocabulary = words(), found = new Map();
    const add = (v, level) => { if (vocabulary.has(v) && !found.has(v)) found.set(v, level); };
    add(w, BODY);
    const k = key(w);
    for (const v of byKey.get(k) ?? []) add(v, FORM);
    for (const v of byKey.get(k) ?? []) if (/(?:ing|ed)$/.test(v) !== /(?:ing|ed)$/.test(w)) found.set(v, v === w ? BODY : STEM);
    for (const g of groups.get(k) ?? []) for (const v of byKey.get(g) ?? []) add(v, STEM);
    if (last && w.length > 1) for (const v of vocabulary.keys()) if (v.startsWith(w)) add(v, PREFIX);
    return found;
  };

  // Evidence for a word: of each item how well it answers, and what to mark.
  const evidence = () => ({ at: new Map(), marks: [], aliases: [], how: "" });
  const put = (e, item, level) => { if (!(e.at.get(item) <= level)) e.at.set(item, level); };
  // What has a heading, a place or a term of an alias has the units under it too.
  const widen = (e) => {
    const headings = new Set(), named = new Set();
    for (const [item, level] of e.at) {
      if (level >= PLACE) continue;
      if (item.kind === "heading" && item.parent !== undefined) headings.add(item);
      if (item.kind === "place") named.add(item);
    }
    for (const item of items) {
      if (item.kind !== "unit") break;
      if (item.places.some((p) => named.has(p))) put(e, item, PLACE);
      if (headings.has(item.division)) put(e, item, HEADING);
    }
    return e;
  };
  const byAlias = (e, found) => {
    if (!found) return;
    for (const [t, level] of found.targets) {
      t.b ??= [bare(t.zh), bare(t.en)];
      if (t.kind) put(e, t, level);
      for (const item of items) {
        if (item.b[0].s.includes(t.b[0].s) || (t.b[1].s && seek(item.b[1], t.b[1].s, true) >= 0)) put(e, item, level);
      }
      e.aliases.push(t);
    }
  };
  const ofChinese = (w) => {
    const e = evidence();
    if (everything.includes(w)) for (const item of items) if (item.b[0].s.includes(w)) put(e, item, BODY);
    if (e.at.size) e.marks.push(new RegExp(w, "gu"));
    widen(e);
    byAlias(e, aliases.get(w));
    return e;
  };
  const ofWord = (w, last) => {
    const e = evidence(), list = forms(w, last);
    for (const [v, level] of list) {
      for (const item of vocabulary.get(v)) put(e, item, level);
      e.marks.push(v);
    }
    widen(e);
    byAlias(e, aliases.get(key(w)));
    return e;
  };
  const ofReading = (ways) => {
    const e = evidence();
    if (!ways.length) return e;
    const re = classes(ways), whole = new RegExp("^(?:" + re.source + ")", "u");
    for (const item of items) {
      re.lastIndex = 0;
      if (re.test(item.b[0].s)) put(e, item, BODY);
    }
    if (e.at.size) e.marks.push(re);
    widen(e);
    for (const [k, found] of aliases) if (whole.test(k)) byAlias(e, found);
    for (const [item, level] of e.at) e.at.set(item, level + PINYIN);
    e.how = "pinyin";
    return e;
  };
  const ofSlip = (w) => {
    const e = evidence(), most = slipsOf(w);
    if (!most) return e;
    let best = most, near = [];
    const mine = lettersOf(w);
    for (const v of [...words().keys(), ...[...aliases.values()].map((a) => a.bare)]) {
      if (Math.abs(v.length - w.length) > best || bits(lettersOf(v) ^ mine) > 2 * best || v.length < 3) continue;
      const d = distance(w, v, best);
      if (d < best) near = [];
      if (d <= best) { best = d; near.push(v); }
    }
    for (const v of near) {
      const other = ofWord(v, false);
      for (const [item, level] of other.at) put(e, item, level + SLIP);
      e.marks.push(...other.marks);
      e.aliases.push(...other.aliases);
      (e.instead ??= []).push(v);
    }
    e.how = "slip";
    return e;
  };

  // The longest pieces of a run of Chinese that the text or an alias has.
  const pieces = (run) => {
    const chars = [...run], known = (s) => everything.includes(s) || aliases.has(s);
    const best = [[0, 0, null]];
    for (let i = 1; i <= chars.length; i++) {
      best[i] = [best[i - 1][0], best[i - 1][1], best[i - 1][2]];
      for (let n = 2; n <= i; n++) {
        const s = chars.slice(i - n, i).join(""), [covered, count, list] = best[i - n];
        if (idle.has(s) || !known(s)) continue;
        if (covered + n > best[i][0] || (covered + n === best[i][0] && count + 1 < best[i][1])) best[i] = [covered + n, count + 1, [list, s]];
      }
    }
    const list = [];
    const [covered, , chain] = best[chars.length];
    for (let c = chain; c; c = c[0]) list.unshift(c[1]);
    return covered * 2 > chars.length ? list : [];
  };

  // The words of a query with their evidence. Spans that are an alias count as one.
  const understand = (q, spelled) => {
    const words = tokens(q), list = [];
    for (let i = 0; i < words.length; ) {
      let n = Math.min(5, words.length - i), e;
      for (; n > 1; n--) {
        const span = words.slice(i, i + n);
        if (!aliases.has(aliasKey(span))) continue;
        e = evidence();
        byAlias(e, aliases.get(aliasKey(span)));
        const each = span.map((w) => (han(w) ? ofChinese(w) : ofWord(w)));
        for (const [item] of each[0].at) if (each.every((f) => f.at.has(item))) put(e, item, FORM);
        e.marks.push(...each.flatMap((f) => f.marks));
        break;
      }
      const w = words[i];
      if (e) {
        list.push({ w: words.slice(i, i + n).join(" "), e });
        i += n;
        continue;
      }
      i++;
      if (!han(w)) {
        e = ofWord(w, i === words.length);
        if (!e.at.size && !spelled) e = ofReading(readings([w], false));
        if (!e.at.size && !spelled) e = ofSlip(w);
        list.push({ w, e, idle: idle.has(w) });
        continue;
      }
      e = ofChinese(w);
      if (e.at.size) {
        list.push({ w, e, idle: idle.has(w) });
        continue;
      }
      const runs = w.split(idleRuns).filter(Boolean), cut = [];
      for (const run of runs) cut.push(...(everything.includes(run) || aliases.has(run) ? [run] : pieces(run)));
      for (const piece of cut) list.push({ w: piece, e: ofChinese(piece), idle: piece.length === 1 && cut.length > 1 });
      if (!cut.length) list.push({ w, e, idle: idle.has(w) || !runs.length });
    }
    const telling = list.filter((x) => !x.idle);
    return telling.length ? telling : list;
  };

  const numeral = (s) => {
    if (/^\d+$/.test(s)) return +s;
    const digit = "零一二三四五六七八九", [tens, ones] = s.includes("十") ? s.split("十") : ["0", s];
    const one = (c, none) => (c === "" ? none : c === "0" ? 0 : digit.indexOf(c));
    return one(tens, 1) * 10 + one(ones, 0);
  };
  // What a query names by its number: units and headings.
  const byNumber = (q) => {
    const s = fold(q).trim().replace(/[.。·]/g, "-");
    let m = s.match(/^(?:措施|第|measure|unit|sentence|no-?)?\s*([spc]?\d*-\d+)\s*(?:条|句)?$/);
    if (m) {
      const id = /^\d/.test(m[1]) ? "s" + m[1] : m[1];
      return items.filter((i) => i.kind === "unit" && i.id === id);
    }
    m = s.match(/^(?:第\s*([\d一二三四五六七八九十]+)\s*([章节])|(chapter|section)\s*(\d+)|([sc])(\d+))$/);
    if (!m) return [];
    const letter = { 章: "c", 节: "s", chapter: "c", section: "s" }[m[2] ?? m[3]] ?? m[5];
    const found = divisions.find((d) => d.id === letter + numeral(m[1] ?? m[4] ?? m[6]));
    return found ? [found, ...items.filter((i) => i.kind === "unit" && (i.division === found || i.division?.parent === divisions.indexOf(found)))] : [];
  };

  // find answers a query: items from best to worst, what to mark, and how it was
  // understood: "" plainly, "any" by some of the words, "pinyin", "slip".
  const find = (q) => {
    const b = bare(q), ranks = new Map(), result = { q, items: [], marks: [], aliases: [], how: "", instead: [] };
    const rank = (item, rung, score = 0) => {
      const r = ranks.get(item);
      if (!r || rung < r[0] || (rung === r[0] && score > r[1])) ranks.set(item, [rung, score]);
    };
    let alone = []; // terms that the whole query is another word for
    const done = () => {
      const order = (i) => (i.kind === "unit" ? 0 : 1);
      result.items = [...ranks].sort(([x, [r, s]], [y, [t, u]]) => order(x) - order(y) || r - t || u - s || x.n - y.n).map(([item]) => item);
      // Named by the query are first what has it for its name, then hubs with it in their names.
      const called = [b.s, ...result.instead, ...alone.map((t) => t.b[0].s)].filter(Boolean);
      const others = result.items.filter((i) => i.kind !== "unit");
      const exact = others.filter((i) => i.names.some((n) => called.includes(n.s)));
      const hubs = others.filter((i) => i.hub && !exact.includes(i) && i.names.some((n) => called.some((a) => a.length > (han(a) ? 1 : 2) && seek(n, a, true) >= 0)
        || (result.how === "pinyin" && result.marks.some((m) => m instanceof RegExp && (m.lastIndex = 0, m.test(n.s))))));
      result.best = [...exact, ...(hubs.length > 3 ? [] : hubs)];
      return result;
    };
    // How much an item is about a text: how often it has it for its length, and
    // whether its heading has it; measures before what is around them.
    const about = (item, texts) => {
      if (item.kind !== "unit") return 0;
      const often = Math.max(...item.b.map((side, i) => {
        let n = 0;
        for (const t of texts) for (let p = side.s.indexOf(t); p >= 0; p = side.s.indexOf(t, p + t.length)) n++;
        return n / (1 + side.s.length / [180, 900][i]);
      }));
      const under = item.division && texts.some((t) => item.division.b.some((h) => h.s.includes(t)));
      return often + (under ? 0.5 : 0) + (item.context ? 0 : 1);
    };
    const numbered = byNumber(q);
    if (numbered.length) {
      numbered.forEach((item, n) => rank(item, 0, -n));
      return done();
    }
    const literal = fold(q).trim();
    if (!literal) return done();
    if (!b.s) { // nothing but marks
      for (const item of items) if (fold(item.zh + "\n" + item.en).includes(literal)) rank(item, 1);
      result.literal = literal;
      return done();
    }
    // The whole phrase.
    for (const item of items) {
      for (const side of item.b) {
        if (seek(side, b.s, false) >= 0) rank(item, 1, about(item, [b.s]) + (item.zh.includes(literal) ? 0.2 : 0));
        else if (b.s.length > 1 && seek(side, b.s, true) >= 0) rank(item, 1.1, about(item, [b.s]));
      }
    }
    if (ranks.size) result.marks.push(b.s);
    if (/[^\p{L}\p{N}\p{M}\s']/u.test(literal)) { // with marks, and perhaps pieces of words
      for (const item of items) if ((item.f ??= fold(item.zh + "\n" + item.en)).includes(literal)) rank(item, 1.1, about(item, [b.s]));
      result.inside = b.s;
    }
    const latin = !han(b.s);
    let asked = understand(q, ranks.size > 0 || latin);
    if (asked.length === 1) alone = asked[0].e.aliases;
    const use = (list, base, all) => {
      const how = list.map((x) => x.e.how).filter(Boolean);
      const texts = list.flatMap(({ w, e }) => [bare(w ?? "").s, ...(e.instead ?? []), ...e.aliases.flatMap((t) => [t.b[0].s, t.b[1].s])]).filter(Boolean);
      for (const item of items) {
        let sum = 0, met = 0;
        for (const { e } of list) {
          if (!e.at.has(item)) continue;
          sum += all ? e.at.get(item) : Math.max(0, 5 - e.at.get(item)) * Math.log(1 + items.length / e.at.size);
          met++;
        }
        if (all ? met === list.length : met && item.kind === "unit") rank(item, base, all ? about(item, texts) - 2 * sum : sum);
      }
      for (const { e } of list) {
        result.marks.push(...e.marks);
        result.aliases.push(...e.aliases);
        result.instead.push(...(e.instead ?? []));
      }
      if (how.length) result.how = how.includes("slip") ? "slip" : "pinyin";
    };
    const sure = asked.filter((x) => x.e.how !== "slip");
    if (asked.length && asked.every((x) => x.e.at.size) && sure.length === asked.length) use(asked, 2, true);
    if (!ranks.size && latin) {
      const list = tokens(q);
      for (const cut of [false, true]) {
        if (ranks.size || b.s.length < 2) continue;
        const e = ofReading(readings(list, cut));
        if (e.at.size) use([{ e }], 3, true);
      }
      if (!ranks.size && b.s.length > 1) { // inside of words
        for (const item of items) if (item.b[1].s.includes(b.s) || item.b[0].s.includes(b.s)) rank(item, 4);
        if (ranks.size) result.inside = b.s;
      }
    }
    if (!ranks.size && latin) asked = understand(q, false);
    if (!ranks.size) use(asked, 5, true);
    if (!ranks.size && asked.length > 1) {
      use(asked.filter((x) => x.e.at.size), 6, false);
      if (ranks.size) result.how = "any";
    }
    if (!ranks.size && latin && /^[a-z]{3,}$/.test(b.s)) {
      const way = [...b.s].map((c) => initials.get(c) ?? "");
      const e = way.every(Boolean) ? ofReading([way]) : evidence();
      if (e.at.size) use([{ e }], 7, true);
    }
    return done();
  };

  // Where a text is marked, as pairs of positions.
  const spots = (text, result, lang) => {
    const at = [], b = bare(text, at), list = [];
    const take = (p, n) => list.push([at[p], at[p + n - 1]]);
    for (const mark of result.marks) {
      if (mark instanceof RegExp) {
        mark.lastIndex = 0;
        for (const m of b.s.matchAll(mark)) take(m.index, m[0].length);
      } else for (let p = seek(b, mark, true); p >= 0; p = seek(b, mark, true, p + 1)) {
        let n = mark.length;
        if (!han(mark)) while (p + n < b.s.length && !b.w[p + n]) n++;
        take(p, n);
      }
    }
    if (result.inside) for (let p = b.s.indexOf(result.inside); p >= 0; p = b.s.indexOf(result.inside, p + 1)) take(p, result.inside.length);
    if (result.literal) {
      const p = text.indexOf(result.literal);
      if (p >= 0) list.push([p, p + result.literal.length - 1]);
    }
    if (!list.length) for (const other of result.twins ?? []) {
      const needle = bare(other[lang]).s;
      if (!needle) continue;
      for (let p = seek(b, needle, true); p >= 0; p = seek(b, needle, true, p + 1)) {
        let n = needle.length;
        while (p + n < b.s.length && !b.w[p + n]) n++;
        take(p, n);
      }
    }
    return list.sort((x, y) => x[0] - y[0]);
  };
  // What stands for the match in the other language: the terms and places that it
  // is in, or that are in it.
  const twins = (result, item) => {
    if (item.kind !== "unit") return result.aliases;
    result.touched ??= [...terms, ...places.map((p) => p.short)].filter((t) => {
      if (!t.zh || !t.en) return false;
      t.b ??= [bare(t.zh), bare(t.en)];
      return result.aliases.some((a) => a.zh.length > 1 && t.b[0].s.includes(a.b[0].s)) || result.marks.some((m) => {
        if (m instanceof RegExp) { m.lastIndex = 0; return m.test(t.b[0].s); }
        return t.b.some((b) => seek(b, m, true) >= 0 || (b.s.length > 1 && m.includes(b.s) && (han(m) || b.s.length > 3)));
      });
    });
    return [...result.aliases, ...result.touched.filter((t) => item.b[0].s.includes(t.b[0].s))];
  };

  const api = (data) => {
    load(data);
    api.ready?.();
    setTimeout(words); // before somebody types
  };
  return Object.assign(api, { find, spots, twins, all: () => ({ topics, places, divisions, terms, items, large }), tools: { bare, fold, tokens, key, distance, slipsOf, readings, han, seek, wordsOf, words: () => [...words().keys()] } });
})();
