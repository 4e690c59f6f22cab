// The termbase, row by row.
(function (E) {
  "use strict";
  const { say, make, ask } = E;
  const columns = { zh: ["中文", "Chinese"], en: ["英文", "English"], forbidden: ["不可用的译法，用 | 隔开", "Renderings that must not be used, | between"], kind: ["种类", "Kind"], note: ["说明", "Note"],
    source: ["出处", "Source"], also: ["别的说法，用 | 隔开", "What people also say, | between"], pinyin: ["拼音", "Pinyin"] };
  E.terms = async function (main) {
    E.top(say("术语", "Terms"));
    const r = await ask("terms");
    if (!r.ok) { main.append(E.finds(r.findings)); return; }
    const t = r.data;
    const find = make("input", { id: "find", type: "search", autocomplete: "off" });
    const list = make("ul", { class: "plain terms" });
    const rows = t.rows.map((row) => {
      const box = make("details", { ontoggle: () => { if (box.open && !box.querySelector(".field")) open(box, row, t.columns); } },
        make("summary", {}, make("b", { lang: "zh-Hans" }, row.cells.zh.text), " ", make("span", { lang: "en" }, row.cells.en.text)));
      const item = make("li", {}, box);
      item.words = Object.values(row.cells).map((c) => c.text).join("\n").toLowerCase();
      return item;
    });
    find.addEventListener("input", () => { const q = find.value.trim().toLowerCase(); rows.forEach((i) => { i.hidden = q && !i.words.includes(q); }); });
    list.append(...rows);
    const zh = make("input", { id: "new-zh", lang: "zh-Hans", required: true, maxlength: "100", autocomplete: "off" });
    const en = make("input", { id: "new-en", lang: "en", required: true, maxlength: "200", autocomplete: "off" });
    const note = make("div", { role: "status" });
    main.append(make("h1", {}, say("术语", "Terms")), E.signature(t.author), t.findings.length ? E.finds(t.findings) : "",
      make("details", { class: "panel" }, make("summary", {}, say("加一条术语", "Add a term")), make("form", { onsubmit: async (e) => {
        e.preventDefault();
        if (t.rows.some((x) => x.cells.zh.text === zh.value.trim())) { note.textContent = say("已经有这一条。", "There is such a term already."); return; }
        const r = await ask("save", { changes: [{ ref: { file: "content/termbase.csv", row: zh.value.trim(), field: "en" }, text: en.value.trim(), base: "" }] });
        if (r.ok && r.data[0].saved) { location.reload(); return; }
        note.replaceChildren(E.finds(r.ok ? r.data[0].findings || [] : r.findings));
      } }, make("label", { for: "new-zh" }, say("中文", "Chinese")), zh, make("label", { for: "new-en" }, say("英文", "English")), en,
      make("p", {}, make("button", { class: "primary" }, say("加上", "Add"))), note)),
      make("label", { for: "find" }, say("找", "Find")), find, list);
  };
  function open(box, row, names) {
    names.filter((c) => c !== "zh").forEach((c) => box.append(E.field({ ref: row.cells[c].ref, version: row.cells[c], label: columns[c] ? say(...columns[c]) : c, lang: c === "note" || c === "kind" || c === "source" || c === "en" || c === "forbidden" ? "en" : "zh", line: true, judged: false }).element));
  }
})(window.editor);
