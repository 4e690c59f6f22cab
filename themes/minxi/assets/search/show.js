// The search page: its field, what is found, filters, keys, and the
// query in the address. Without script the page offers its lists.
(() => {
  const root = document.getElementById("search");
  const form = document.querySelector(".site-search"), field = form.q;
  const words = JSON.parse(root.dataset.words);
  const lang = document.documentElement.lang.slice(0, 2), other = lang === "zh" ? "en" : "zh";
  const tag = { zh: "zh-Hans", en: "en" };
  const status = root.querySelector("[role=status]"), filters = root.querySelector("form"), list = root.querySelector("div");
  // From the search page to the language's home; from a disk files have names.
  const home = "../", index = /index\.html$/.test(form.action) ? "index.html" : "";
  const href = (path) => home + path.replace(/\/(?=#|$)/, "/" + index);
  const say = (key, ...values) => words[key].replace(/%(\d)/g, (_, n) => values[n - 1]);
  const el = (name, set, ...inside) => {
    const e = document.createElement(name);
    for (const k in set) if (set[k] !== undefined) e.setAttribute(k, set[k]);
    e.append(...inside);
    return e;
  };

  const marked = (text, result, l) => {
    const parts = [];
    let to = 0;
    for (const [from, last] of minxiSearch.spots(text, result, l)) {
      const end = last + (text.codePointAt(last) > 0xffff ? 2 : 1);
      if (end <= to) continue;
      const begin = Math.max(from, to);
      const mark = parts.at(-1);
      if (begin === to && mark?.nodeName === "MARK") mark.append(text.slice(begin, end));
      else parts.push(text.slice(to, begin), el("mark", {}, text.slice(begin, end)));
      to = end;
    }
    parts.push(text.slice(to));
    return parts;
  };
  // A name in the page's language, or in Chinese where it has none.
  const name = (item, result) => {
    const l = item[lang] ? lang : other;
    return el("span", l === lang ? {} : { lang: tag[l] }, ...(result ? marked(item[l], result, l) : [item[l]]));
  };
  const heading = (d) => [el("span", {}, d.label[lang === "zh" ? 0 : 1]), name(d)];
  const short = (id) => id.replace(/^s/, "");
  const unit = (item, result) => {
    const seen = { ...result, twins: minxiSearch.twins(result, item) };
    const li = el("li", { "data-unit": item.id });
    [lang, other].forEach((l, n) => {
      if (!item[l]) return;
      const p = el("p", { class: n ? "found-other" : "found-text", lang: tag[l] });
      if (!n) p.append(el("a", { class: "unit-number", href: href(item.path) }, short(item.id)), " ");
      p.append(...marked(item[l], seen, l));
      li.append(p);
    });
    if (!li.querySelector("a")) li.prepend(el("a", { class: "unit-number", href: href(item.path) }, short(item.id)));
    if (item.division) li.append(el("p", { class: "found-in" }, el("a", { href: href(item.division.path) + "#" + item.id }, ...heading(item.division))));
    return li;
  };
  const line = (item, result) => {
    const seen = { ...result, twins: [] };
    const li = el("li", { "data-hub": item.hub ?? (item.kind === "body" ? item.path.slice(0, -1) : undefined), "data-heading": item.kind === "heading" ? item.id : undefined });
    const path = item.path[lang] ?? item.path, a = el("a", { href: href(path) });
    if (item.kind === "heading") a.append(el("span", {}, item.label[lang === "zh" ? 0 : 1]));
    a.append(name(item, seen));
    li.append(a);
    if (item.kind === "term" || item.kind === "heading") li.append(" ", el("span", { lang: tag[other], class: "soft" }, ...marked(item[other] ?? "", seen, other)));
    if (item.text?.[lang]) li.append(el("p", { class: "soft" }, ...marked(item.text[lang], seen, lang)));
    return li;
  };

  // A group shows so many, and the rest on demand: the first at once, the others
  // when the key that was pressed has been answered.
  const soon = 4;
  const group = (title, items, result, kind, page) => {
    const box = el("section", { class: "found" }), ol = el(kind === "unit" ? "ol" : "ul", { class: "plain" });
    if (title) box.append(el("h2", {}, title));
    const each = kind === "unit" ? unit : line;
    let shown = 0, aim = Math.min(page, items.length);
    const more = el("button", { type: "button" });
    const fill = (to) => {
      for (; shown < to; shown++) ol.append(each(items[shown], result));
      more.hidden = shown < aim || shown >= items.length;
      more.textContent = say("more", items.length - shown);
    };
    more.addEventListener("click", () => {
      const first = shown;
      fill(aim = Math.min(shown + page, items.length));
      ol.children[first].querySelector("a").focus();
    });
    fill(Math.min(soon, aim));
    if (shown < aim) setTimeout(() => ol.isConnected && fill(aim));
    box.append(ol, more);
    return box;
  };

  const selects = [...filters.querySelectorAll("select")];
  const option = (value, label) => el("option", { value }, label);
  const fill = () => {
    const { topics, places, divisions } = minxiSearch.all();
    const label = (i) => i[lang] || i[other];
    const of = {
      topic: topics.map((t) => option(t.hub, label(t))),
      place: places.map((p) => option(p.hub, label(p.short))),
      chapter: divisions.filter((d) => d.parent === undefined).map((d) => option(d.id, d.label[lang === "zh" ? 0 : 1] + label(d))),
    };
    for (const s of selects) s.append(...of[s.name]);
  };
  const passes = (item) => {
    const { divisions } = minxiSearch.all();
    const chapter = item.division && (item.division.parent === undefined ? item.division : divisions[item.division.parent]);
    const has = { topic: item.topics.map((t) => t.hub), place: item.places.map((p) => p.hub), chapter: [chapter?.id] };
    return selects.every((s) => !s.value || has[s.name].includes(s.value));
  };

  const groups = ["heading", "topic", "place", "body", "term", "update", "page"];
  const draw = (result) => {
    list.replaceChildren();
    const asked = result.q.trim() !== "";
    filters.hidden = !asked;
    if (!asked) {
      status.textContent = "";
      return;
    }
    const filtered = selects.some((s) => s.value);
    const units = result.items.filter((i) => i.kind === "unit" && (result.large || passes(i)));
    const rest = filtered ? [] : result.items.filter((i) => i.kind !== "unit" && !result.best.includes(i));
    const best = filtered ? [] : result.best;
    const total = units.length + rest.length + best.length;
    let told = total ? say("found", units.length + (result.left ?? 0), rest.length + best.length) : say("nothing", result.q.trim());
    if (total && result.how) told += say("how-" + result.how, result.instead.join(", "));
    if (status.textContent !== told) status.textContent = told;
    if (best.length) list.append(group("", best, result, "best", 20));
    if (units.length) list.append(group(say("unit"), units, result, "unit", result.large ? Infinity : 20));
    if (result.left) {
      const b = el("button", { type: "button" }, say("more", result.left));
      b.addEventListener("click", () => result.more());
      list.append(el("p", { class: "found" }, b));
    }
    for (const kind of groups) {
      const some = rest.filter((i) => i.kind === kind);
      if (some.length) list.append(group(say(kind), some, result, kind, 20));
    }
    if (result.wait) list.setAttribute("aria-busy", "true");
    else list.removeAttribute("aria-busy");
  };

  let answered, asking = 0;
  const answer = (again) => {
    const q = field.value;
    if (!again && q === answered) return;
    answered = q;
    const mine = ++asking;
    const show = (result) => { if (mine === asking) draw(result); };
    if (minxiSearch.ask) minxiSearch.ask(q, show, Object.fromEntries(selects.map((s) => [s.name, s.value])));
    else show(minxiSearch.find(q));
  };

  // The query in the address: replaced while one types, a step of the history when
  // it is submitted. The step before keeps the query that it was made with.
  const address = (q) => location.pathname + (q ? "?q=" + encodeURIComponent(q) : "");
  const keep = (method, q) => {
    try {
      history[method]({ q }, "", address(q));
    } catch {} // a browser that does not allow it for files still answers
  };
  const asked = () => new URLSearchParams(location.search).get("q") ?? "";
  let submitted = asked();
  let composing = false;
  field.value = submitted;
  const typed = () => {
    if (composing) return;
    keep("replaceState", field.value);
    answer();
  };
  field.addEventListener("compositionstart", () => { composing = true; });
  field.addEventListener("compositionend", () => {
    composing = false;
    typed();
  });
  field.addEventListener("input", (e) => { if (!e.isComposing) typed(); });
  // An Enter that confirms a candidate belongs to the input method: some browsers
  // end the composition first and send the key after it, as number 229.
  field.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.isComposing || composing || e.keyCode === 229)) e.preventDefault();
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    if (composing) return;
    if (field.value !== submitted) {
      keep("replaceState", submitted);
      submitted = field.value;
      keep("pushState", submitted);
    }
    answer();
  });
  addEventListener("popstate", () => {
    field.value = submitted = asked();
    answer();
  });
  filters.addEventListener("change", () => answer(true));
  filters.addEventListener("submit", (e) => e.preventDefault());

  document.addEventListener("keydown", (e) => {
    if (e.isComposing || composing || e.ctrlKey || e.metaKey || e.altKey) return;
    const at = document.activeElement, writing = /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
    if (e.key === "/" && !writing) {
      e.preventDefault();
      field.focus();
      field.select();
    } else if (e.key === "Escape" && (at === field || list.contains(at))) {
      if (at === field && !field.value) return;
      e.preventDefault();
      field.value = "";
      field.focus();
      typed();
    } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && (at === field || list.contains(at))) {
      const stops = [field, ...[...list.querySelectorAll("li")].map((li) => li.querySelector("a"))];
      const here = Math.max(0, stops.findLastIndex((s) => s === at || s.closest("li")?.contains(at)));
      const to = stops[here + (e.key === "ArrowDown" ? 1 : -1)];
      if (!to) return;
      e.preventDefault();
      to.focus();
    }
  });

  minxiSearch.ready = () => {
    fill();
    answer(true);
  };
})();
