// A field is a <textarea> for one piece of the content. What is typed belongs to the
// person: the text of a field that has the focus or was changed is never replaced, and
// until it is saved it is kept in this browser, with the hash of what it was made from.
(function (E) {
  "use strict";
  const { say, make, ask, finds } = E;
  const grows = window.CSS && CSS.supports("field-sizing", "content");
  const pause = 250; // milliseconds without a key until the text is judged
  let count = 0;

  const name = (ref) => [ref.id || ref.file, ref.row, ref.field].filter(Boolean).join("/");
  const key = (ref) => "minxi-text:" + name(ref);
  let unkept = false; // the browser keeps nothing
  function keep(ref, base, text) {
    try { localStorage.setItem(key(ref), JSON.stringify({ base, text, at: location.pathname + location.search, time: Date.now() })); } catch { unkept = true; }
  }
  function forget(ref) { try { localStorage.removeItem(key(ref)); } catch { /* nothing was kept */ } }
  function kept(ref) { try { return JSON.parse(localStorage.getItem(key(ref))); } catch { return null; } }
  // called is how people speak of a piece by its name: s3-2 的英文.
  E.called = (name) => {
    const [, id, field] = /^((?:p|[cs]\d+)-\d+)\/(\w+)$/.exec(name) || [];
    const fields = { en: ["英文", "English"], written: ["撰稿人", "who wrote it"], checked: ["校对人", "who checked it"], released: ["签发人", "who released it"] };
    return id && fields[field] ? say(id + " 的" + fields[field][0], id + ", " + fields[field][1]) : name.replace(/^content\//, "");
  };
  // drafts lists what was typed here and not saved.
  E.drafts = () => {
    const all = [];
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const k = localStorage.key(i);
        if (k.startsWith("minxi-text:")) all.push({ name: k.slice(11), ...JSON.parse(localStorage.getItem(k)) });
      }
    } catch { /* there are none */ }
    return all.sort((a, b) => b.time - a.time);
  };

  // differing marks where two texts differ, between what they begin and end with alike.
  function differing(text, other) {
    let a = 0;
    while (a < text.length && a < other.length && text[a] === other[a]) a++;
    let b = 0;
    while (b < text.length - a && b < other.length - a && text[text.length - 1 - b] === other[other.length - 1 - b]) b++;
    // Whole words, where words are written apart.
    const letter = (c) => c !== undefined && /[\w’'-]/.test(c);
    while (a > 0 && letter(text[a - 1]) && (letter(text[a]) || letter(other[a]))) a--;
    while (b > 0 && letter(text[text.length - b]) && (letter(text[text.length - b - 1]) || letter(other[other.length - b - 1]))) b--;
    return [text.slice(0, a), text.length - b > a ? make("mark", {}, text.slice(a, text.length - b)) : "", text.slice(text.length - b)];
  }
  E.differing = differing;

  // field(o): o.ref, o.version {text, hash}, o.label, o.lang; o.line for a text of one
  // line; o.accept(), whether the English counts as made from the Chinese as it is;
  // o.words(), what was read, of the name of who has; o.saved(), told after a save; o.typed(), after each change; o.judged for findings.
  E.field = function (o) {
    const id = "field-" + ++count;
    const area = make("textarea", { id, rows: o.line ? "1" : "2", lang: E.tag(o.lang || E.lang), spellcheck: "true", autocomplete: "off", placeholder: o.line ? " " : null, "aria-describedby": id + "-status" });
    const status = make("output", { class: "status", id: id + "-status", for: id });
    const below = make("div", { class: "below" });
    const clash = make("div", {});
    const save = make("button", { type: "button", class: "save", hidden: true, title: "Ctrl+S", onclick: () => f.save() }, say("保存", "Save"));
    let base = o.version.hash, saved = o.version.text, busy = false, composing = false, timer = 0, asked = 0;
    area.value = saved;

    const f = { area,
      get dirty() { return area.value !== saved; },
      element: make("div", { class: "field" + (o.line ? " line" : "") }, make("label", { for: id, class: o.hideLabel ? "hidden" : "" }, o.label), area, make("div", { class: "under" }, status, save), clash, below) };

    function tell(text, kind) { status.textContent = text; status.className = "status " + (kind || ""); }
    function grow() {
      if (grows) return;
      area.style.height = "auto";
      area.style.height = area.scrollHeight + 2 + "px";
    }
    f.grow = grow;
    function changed() {
      grow();
      save.hidden = !f.dirty;
      f.element.classList.toggle("dirty", f.dirty);
      if (f.dirty) {
        keep(o.ref, base, area.value);
        tell(say("还没有保存", "not saved yet"), "unsaved");
      } else {
        forget(o.ref);
        tell("");
      }
      if (o.typed) o.typed(f);
      clearTimeout(timer);
      if (!composing && o.judged !== false) timer = setTimeout(judge, pause);
    }
    async function judge() {
      const n = ++asked;
      const text = area.value;
      const r = await ask("judge", { ref: o.ref, text });
      if (n !== asked || text !== area.value || !r.ok) return; // somebody has typed on
      f.findings(r.data);
    }
    f.findings = (list) => below.replaceChildren(...(list.length ? [finds(list)] : []));
    area.addEventListener("compositionstart", () => { composing = true; });
    area.addEventListener("compositionend", () => { composing = false; changed(); });
    area.addEventListener("input", changed);
    area.addEventListener("keydown", (e) => {
      if (e.isComposing || e.keyCode === 229) return; // the key is the input method's
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
        e.preventDefault();
        f.save().then((done) => { if (done) E.next(f); });
      } else if (e.key === "Enter" && o.line) {
        e.preventDefault();
      }
    });

    // What is pasted loses what nobody sees; a piece of a document becomes Markdown where
    // the field has Markdown. Marks are suggested, and changed only by a press.
    const hints = make("div", {});
    area.after(hints);
    area.addEventListener("paste", async (e) => {
      const text = e.clipboardData.getData("text/plain"), html = o.line || o.ref.id ? "" : e.clipboardData.getData("text/html");
      if (!text && !html) return;
      e.preventDefault();
      const start = area.selectionStart, end = area.selectionEnd, was = area.value;
      const r = await ask("paste", { text, html, lang: o.lang || E.lang, line: !!(o.line || o.ref.id) });
      const typed = r.ok ? r.data.text : text;
      if (area.value === was) area.setSelectionRange(start, end); // else where the cursor is by now
      // Headings, tables, lists and paragraphs do not begin in the middle of a line.
      E.insert(area, html && /\n\n|^(#|\||- |\d+\. )/.test(typed) ? E.apart(area, typed) : typed);
      hints.replaceChildren();
      if (!r.ok) return;
      const { suggested, why, notes } = r.data;
      notes.forEach((n) => hints.append(make("p", { class: "soft" }, E.pick(n))));
      if (suggested !== typed) {
        hints.append(make("div", { class: "suggestion" }, make("p", {}, why.map(E.pick).join(say("；", "; "))), make("p", { lang: area.lang }, E.differing(suggested, typed)),
          make("div", { class: "row" }, make("button", { type: "button", onclick: () => {
            const i = area.value.indexOf(typed);
            hints.replaceChildren();
            if (i < 0) return; // it was changed since
            area.setSelectionRange(i, i + typed.length);
            E.insert(area, suggested);
          } }, say("改成这样", "Change it so")), make("button", { type: "button", onclick: () => hints.replaceChildren() }, say("不改", "Leave it")))));
      }
    });

    // save writes the piece, and says whether it stands.
    f.save = async function () {
      if (busy) return false;
      if (!f.dirty) {
        tell(say("没有改动", "nothing to save"));
        return true;
      }
      busy = true;
      const text = area.value;
      tell(say("正在保存…", "saving…"));
      const r = await ask("save", { changes: [{ ref: o.ref, text, base, accept: o.accept ? o.accept() : false, words: o.words ? o.words() : "" }] });
      busy = false;
      const one = r.ok ? r.data[0] : null;
      if (one && one.saved) {
        base = one.saved.hash;
        saved = text;
        clash.replaceChildren();
        if (f.dirty) keep(o.ref, base, area.value); else forget(o.ref);
        save.hidden = !f.dirty;
        f.element.classList.toggle("dirty", f.dirty);
        tell(say("已保存 ", "saved ") + E.time(one.saved.time), "saved");
        if (o.saved) o.saved(f, one.saved);
        return true;
      }
      tell(say("没有保存", "not saved"), "failed");
      if (one && one.conflict) conflict(one.conflict);
      else below.replaceChildren(finds(one ? one.findings || [] : r.findings));
      return false;
    };

    function conflict(c) {
      const who = c.who ? c.who : say("别人", "somebody else");
      const version = (title, text, other) => make("div", {}, make("h4", {}, title), make("p", { lang: area.lang }, text ? differing(text, other) : say("（空）", "(empty)")));
      const take = (text) => { base = c.theirs.hash; saved = c.theirs.text; if (text !== null) area.value = text; clash.replaceChildren(); changed(); area.focus(); };
      clash.replaceChildren(make("section", { class: "conflict", "aria-label": say("有两个版本", "Two versions") },
        make("h3", {}, say("您动笔以后，" + who + "也改了这一处。什么也没有丢，请决定：", who + " has changed this since you began. Nothing is lost; decide:")),
        make("div", { class: "versions" },
          version(say("原来的", "Before both"), c.known ? c.base : say("（不知道了）", "(not known any more)"), c.known ? c.base : ""),
          version(say("现在保存着的", "What is saved now") + (c.when && !c.when.startsWith("0001") ? say("（" + E.time(c.when) + "）", " (" + E.time(c.when) + ")") : ""), c.theirs.text, c.known ? c.base : c.mine),
          version(say("您的", "Yours"), area.value, c.known ? c.base : c.theirs.text)),
        make("div", { class: "row" },
          make("button", { type: "button", onclick: async () => { take(null); await f.save(); } }, say("用我的", "Keep mine")),
          make("button", { type: "button", onclick: () => take(c.theirs.text) }, say("用保存着的", "Take what is saved")),
          make("button", { type: "button", onclick: () => take(null) }, say("我来合并", "I will put them together")))));
      clash.querySelector("button").focus({ preventScroll: true });
      clash.firstChild.scrollIntoView({ block: "center" });
    }

    // update takes what stands on the disk, unless a person is at work here.
    let waiting = null; // what stands on the disk while somebody is here
    area.addEventListener("blur", () => { if (waiting) f.update(waiting); });
    f.update = function (v) {
      waiting = null;
      if (v.hash === base) return;
      if (f.dirty || document.activeElement === area) {
        waiting = v;
        if (f.dirty) tell(say("这一处在别处改过；保存时会让您比较", "this was changed elsewhere; saving will let you compare"), "unsaved");
        return; // the old base stays, so that saving tells the conflict
      }
      base = v.hash;
      saved = area.value = v.text;
      grow();
    };

    // What was typed here before and not saved.
    const before = kept(o.ref);
    if (before && before.text !== saved) {
      area.value = before.text;
      if (before.base !== base) {
        const now = { text: saved, hash: base };
        saved = "\u0000"; // neither text is taken for saved
        base = before.base;
        queueMicrotask(() => {
          f.element.classList.add("dirty");
          conflict({ known: false, mine: before.text, theirs: now });
          tell(say("找回了没有保存的文字；这一处后来改过", "text that was not saved is back; this was changed since"), "unsaved");
        });
      } else {
        queueMicrotask(() => { changed(); tell(say("找回了没有保存的文字", "text that was not saved is back"), "unsaved"); });
      }
    } else if (before) {
      forget(o.ref);
    }
    E.fields.push(f);
    queueMicrotask(grow);
    return f;
  };

  // next is the field after one, for Ctrl+Enter.
  E.next = function (f) {
    const i = E.fields.indexOf(f);
    const to = E.fields.slice(i + 1).find((x) => x.area.isConnected && x.area.offsetParent !== null);
    if (!to) return;
    to.area.focus();
    to.area.closest(".unit, .field").scrollIntoView({ block: "center" });
  };
  // saveAll saves what was changed on the page.
  E.saveAll = async function () {
    let good = true;
    for (const f of E.fields) if (f.dirty) good = await f.save() && good;
    return good;
  };
  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key.toLowerCase() === "s" && (e.ctrlKey || e.metaKey) && !e.altKey) {
      e.preventDefault();
      const f = E.fields.find((x) => x.area === document.activeElement);
      if (f) f.save(); else E.saveAll();
    }
  });
  addEventListener("resize", () => E.fields.forEach((f) => f.grow()));
  // Where the browser keeps nothing, it asks before text is lost.
  addEventListener("beforeunload", (e) => { if (unkept && E.fields.some((f) => f.dirty)) e.preventDefault(); });
})(window.editor);
