// A page, update or hub: its front matter and its text, beside what readers will see.
(function (E) {
  "use strict";
  const { say, pick, make, ask, insert } = E;
  const fieldNames = {
    title: ["标题", "Title"], description: ["简介，用在列表和搜索结果里", "In brief, for lists and search engines"], date: ["日期，如 2026-11-28", "Date, as in 2026-11-28"],
    measures: ["涉及的句子，一行一个编号", "The sentences that it is about, a number a line"], source: ["谁的说法", "Whose statement it is"],
    weight: ["次序", "Order"], name: ["短名", "Short name"], short: ["短名", "Short name"], names: ["方案里的其他写法", "Other names in the plan"],
    words: ["读者会找的词", "Words that its readers look for"], headings: ["章节标题里的词", "Words of the headings"], homographs: ["碰巧含有这个名字的词", "Expressions in which the name stands by accident"],
    tone: ["颜色", "Tone"], sign: ["印章上的一个字", "The character of its seal"], parent: ["所属的市", "Its city"], place: ["种类", "Kind"], tile: ["示意图上的格子", "Square on the map"], body: ["种类", "Kind"],
    written: ["谁撰稿", "Written by"], checked: ["谁校对", "Checked by"], released: ["谁签发", "Released by"],
    abbreviations: ["简称", "Abbreviations"], main: ["主要主题", "A main topic"], support: ["谁支持、怎样落实", "Who supports it, and how"], supports: ["这里的措施支持别的主题", "Its measures support other topics"],
  };
  const lists = ["measures", "names", "words", "headings", "homographs", "abbreviations", "support", "keywords", "phrases", "tile"]; // an item a line
  const often = ["title", "description", "date", "measures", "source", "draft"];

  E.page = async function (main, name, lang) {
    const r = await ask("page?name=" + encodeURIComponent(name));
    if (!r.ok) { E.top(name); main.append(E.finds(r.findings)); return; }
    const p = r.data;
    if (!p.files[lang]) lang = lang === "zh" ? "en" : "zh";
    const file = p.files[lang], page = file.page;
    const title = (page.values.title && page.values.title.text) || name;
    E.top(title);
    const view = make("div", { class: "shown", lang: E.tag(lang), tabindex: "0", role: "region", "aria-label": say("读者看到的", "As readers will see it") });
    const form = make("div", { class: "form" });
    // What is wrong in the language that one does not see stands beside its name.
    const marks = { zh: make("span", {}), en: make("span", {}) };
    const count = (all) => Object.keys(marks).forEach((l) => marks[l].replaceChildren(...(l === lang ? [] : E.badges({ errors: (all[l] || []).filter((f) => !f.warning).length, warnings: (all[l] || []).filter((f) => f.warning).length }))));
    count(p.findings);
    const mark = make("span", { class: "badge draft", hidden: !file.draft }, say("草稿，不发布", "draft, not published"));
    const fields = {};
    const add = (key, to) => {
      const label = fieldNames[key] ? say(...fieldNames[key]) : key;
      const f = E.field({ ref: { file: page.file, field: key }, version: page.values[key], label, lang, line: !lists.includes(key), typed: show });
      fields[key] = f;
      to.append(f.element);
    };
    page.fields.filter((k) => often.includes(k) && k !== "draft").forEach((k) => add(k, form));
    if (page.fields.includes("draft")) form.append(drafting(p, mark));
    const rare = page.fields.filter((k) => !often.includes(k));
    if (rare.length) {
      const more = make("details", { class: "rare" }, make("summary", {}, say("其他", "More")));
      rare.forEach((k) => add(k, more));
      form.append(more);
    }
    const body = E.field({ ref: { file: page.file, field: "body" }, version: page.body, label: say("正文", "Text"), lang, typed: show });
    const tools = make("div", { class: "row tools", role: "toolbar", "aria-label": say("插入", "Insert") },
      [[say("链接到一句", "Link to a sentence"), () => pickMeasure(body.area, lang)], [say("列表", "List"), () => listing(body.area)],
        [say("加粗", "Bold"), () => around(body.area, "**", "**")], [say("图片", "Picture"), () => pickImage(body.area)]].map(([text, act]) =>
        make("button", { type: "button", onmousedown: (e) => e.preventDefault(), onclick: act }, text)));
    body.element.insertBefore(tools, body.area);
    form.append(body.element, make("p", {}, make("button", { type: "button", class: "primary", onclick: () => E.saveAll() }, say("保存全部", "Save all"))));
    body.findings(p.findings[lang] || []);

    main.append(make("h1", { lang: E.tag(lang) }, title), E.signature(p.author),
      make("nav", { class: "row", "aria-label": say("语言", "Language") }, ["zh", "en"].map((l) => p.files[l]
        ? make("span", {}, make("a", { href: "?lang=" + l, lang: E.tag(l), "aria-current": l === lang ? "page" : null }, l === "zh" ? "中文" : "English"), marks[l])
        : make("span", { class: "badge missing" }, l === "zh" ? say("没有中文", "no Chinese") : say("没有英文", "no English"))),
      make("a", { href: file.url }, say("看整页", "The whole page")), make("a", { href: "/edit/history?of=" + encodeURIComponent(name) }, say("改动记录", "History")),
      mark),
      make("div", { class: "beside" }, form, make("div", { class: "view" }, make("h2", {}, say("读者看到的", "As readers will see it")), view)));

    let timer = 0, asked = 0;
    function show() {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const n = ++asked;
        const r = await ask("show", { file: page.file, lang, text: body.area.value });
        if (!r.ok || n !== asked) return;
        const heading = make("h1", {}, fields.title ? fields.title.area.value : title);
        // The one text that is parsed: Go made it of Markdown and leaves HTML out. Scripts
        // and styles in it would be stopped by the policy of this page, too.
        const parsed = new DOMParser().parseFromString(r.data.html, "text/html");
        parsed.querySelectorAll("a[href]").forEach((a) => a.setAttribute("target", "_blank"));
        parsed.querySelectorAll("img").forEach(awaited);
        view.replaceChildren(heading, ...parsed.body.childNodes);
      }, 200);
    }
    show();
    E.renew = async () => {
      const r = await ask("page?name=" + encodeURIComponent(name));
      if (!r.ok || !r.data.files[lang]) return;
      const next = r.data.files[lang].page;
      Object.entries(fields).forEach(([k, f]) => { if (next.values[k]) f.update(next.values[k]); });
      body.update(next.body);
      mark.hidden = !r.data.files[lang].draft;
      count(r.data.findings);
      if (!body.dirty) { body.findings(r.data.findings[lang] || []); show(); }
    };
  };

  // awaited asks again for a picture that was inserted just now: it is there once the
  // preview has been made anew.
  function awaited(img) {
    const src = img.getAttribute("src");
    let tries = 0;
    img.addEventListener("error", () => { if (++tries <= 20) setTimeout(() => { img.src = src + "?" + tries; }, 500); });
  }

  // drafting is a box for both languages: a draft is not published.
  function drafting(p, mark) {
    const files = Object.values(p.files).filter((f) => f.page.values.draft);
    const note = make("output", { class: "status" });
    // emptiness says which language would have nothing but a title for readers.
    async function emptiness() {
      const r = await ask("page?name=" + encodeURIComponent(p.name));
      const bare = !r.ok ? [] : ["zh", "en"].filter((l) => r.data.files[l]).filter((l) => {
        const page = r.data.files[l].page;
        return !page.body.text.trim() && !(page.values.description && page.values.description.text.trim());
      });
      return bare.length ? say("。注意：" + bare.map((l) => l === "zh" ? "中文" : "英文").join("和") + "没有正文也没有简介，读者只会看到标题", ". Mind that readers would see nothing but a title in " + bare.map((l) => l === "zh" ? "Chinese" : "English").join(" and in ") + ": there is no text and no description") : "";
    }
    const box = make("input", { type: "checkbox", id: "draft", checked: files.some((f) => f.draft), onchange: async () => {
      const r = await ask("save", { changes: files.map((f) => ({ ref: { file: f.page.file, field: "draft" }, text: box.checked ? "true" : "", base: f.page.values.draft.hash })) });
      const bad = r.ok ? r.data.find((o) => !o.saved) : { findings: r.findings };
      if (!bad) {
        r.data.forEach((o, i) => { files[i].page.values.draft = { ...files[i].page.values.draft, hash: o.saved.hash }; });
        note.textContent = say("已保存 ", "saved ") + E.time(r.data[0].saved.time);
        mark.hidden = !box.checked;
        if (!box.checked) note.textContent += await emptiness();
        return;
      }
      box.checked = !box.checked;
      note.textContent = bad.conflict ? say("别人刚改过；请重新载入这一页", "somebody has just changed this; load the page again") : pick((bad.findings || [])[0]?.fact);
    } });
    return make("div", { class: "field" }, make("label", { for: "draft", class: "check" }, box, say("草稿，两种语言都不发布", "A draft: neither language is published")), note);
  }

  function around(area, before, after) {
    const text = area.value.slice(area.selectionStart, area.selectionEnd);
    const start = area.selectionStart;
    insert(area, before + text + after);
    if (!text) area.setSelectionRange(start + before.length, start + before.length);
  }
  // listing makes list items of the lines that are selected.
  function listing(area) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    let end = area.value.indexOf("\n", area.selectionEnd);
    if (end < 0) end = area.value.length;
    const text = area.value.slice(start, end).split("\n").map((l) => l.trim() ? "- " + l : l).join("\n");
    area.setSelectionRange(start, end);
    insert(area, text || "- ");
  }
  function dialog(title, ...children) {
    const d = make("dialog", { "aria-label": title }, make("h2", {}, title), ...children,
      make("p", {}, make("button", { type: "button", onclick: () => d.close() }, say("取消", "Cancel"))));
    d.addEventListener("close", () => d.remove());
    document.body.append(d);
    d.showModal();
    return d;
  }
  function pickMeasure(area, lang) {
    const at = [area.selectionStart, area.selectionEnd];
    const input = make("input", { id: "pick", type: "search", autocomplete: "off" });
    const list = make("ul", { class: "plain hits" });
    const link = (u) => {
      d.close();
      area.setSelectionRange(at[0], at[1]);
      const brief = (lang === "zh" ? u.zh : u.en || u.zh).split(/[，,；;]/)[0].replace(/[[\]]/g, "").slice(0, lang === "zh" ? 24 : 60);
      area.focus();
      insert(area, "[" + (area.value.slice(at[0], at[1]) || brief) + "](" + u.id + ")");
    };
    const d = dialog(say("链接到哪一句？", "Link to which sentence?"), make("label", { for: "pick" }, say("编号或文字", "Number or words")), input, list);
    input.focus();
    E.searching(input, list, (u, ...text) => make("button", { type: "button", onclick: () => link(u) }, ...text), true);
  }
  function pickImage(area) {
    const at = [area.selectionStart, area.selectionEnd];
    const file = make("input", { id: "image", type: "file", accept: "image/jpeg,image/png,image/gif,image/webp", required: true });
    const alt = make("textarea", { id: "alt", rows: "2", required: true, maxlength: "300" });
    const note = make("div", {});
    const form = make("form", { onsubmit: async (e) => {
      e.preventDefault();
      note.replaceChildren(say("正在处理…", "One moment…"));
      const r = await ask("image", { ...await E.sent(file.files[0]), alt: alt.value });
      if (!r.ok) { note.replaceChildren(E.finds(r.findings)); return; }
      d.close();
      area.setSelectionRange(at[0], at[1]);
      area.focus();
      insert(area, E.apart(area, r.data.markdown));
    } }, make("label", { for: "image" }, say("图片", "Picture")), file,
    make("label", { for: "alt" }, say("替代文字：看不见图的人听到什么？（必填）", "Text in its place: what does somebody hear who cannot see it? (required)")), alt,
    make("p", {}, make("button", { class: "primary" }, say("插入", "Insert"))), note);
    const d = dialog(say("插入图片", "Insert a picture"), form);
  }
})(window.editor);
