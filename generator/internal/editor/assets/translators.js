// Sentences to translators and back, as a Word file or one of their tools’.
(function (E) {
  "use strict";
  const { say, make, ask } = E;
  E.translators = async function (main) {
    E.top(say("交给译者", "For translators"));
    const open = make("input", { type: "checkbox", id: "open" });
    const links = make("p", { class: "row" });
    const kinds = [["review.docx", "Word"], ["sentences.xlf", "XLIFF"], ["sentences.po", "PO"], ["sentences.tmx", "TMX"], ["terms.tbx", say("术语 TBX", "Terms, TBX")]];
    const show = () => links.replaceChildren(...kinds.map(([name, text], i) => make("a", { class: i ? "" : "button", download: "", href: "/edit/api/export?name=" + name + (open.checked ? "&open=1" : "") }, text)));
    open.addEventListener("change", show);
    show();
    const file = make("input", { id: "back", type: "file", accept: ".docx,.xlf,.xliff,.po,.tmx", required: true });
    const accept = make("input", { type: "checkbox", id: "accept" });
    const out = make("div", { role: "status" });
    main.append(make("h1", {}, say("交给译者，再收回来", "To translators, and back")),
      make("section", { class: "panel" }, make("h2", {}, say("写出文件", "Write a file")),
        make("p", {}, say("Word 文件是两栏：中文锁定，英文可改，可以用修订。", "The Word file has two columns: the Chinese is locked, the English can be changed, with tracked changes if one likes.")),
        make("label", { for: "open", class: "check" }, open, say("只要还没有译和已经过时的", "Only what is missing or out of date")), links),
      make("form", { class: "panel", onsubmit: (e) => { e.preventDefault(); send(false); } }, make("h2", {}, say("收回文件", "Take a file back")),
        make("label", { for: "back" }, say("译者交回的文件", "The file that came back")), file,
        make("label", { for: "accept", class: "check" }, accept, say("还没有决定的修订，都当作接受", "Take tracked changes that nobody has decided on as accepted")),
        make("p", {}, make("button", { class: "primary" }, say("看看会改什么", "See what would change")))), out);
    async function send(really) {
      out.replaceChildren(say("请稍候…", "One moment…"));
      const r = await ask("translated", { ...await E.sent(file.files[0]), accept: accept.checked, really });
      if (!r.ok) { out.replaceChildren(E.finds(r.findings, true)); return; }
      const d = r.data;
      out.replaceChildren(
        make("h2", {}, d.written ? say("收下了 " + d.taken.length + " 句", d.taken.length + " sentences were taken") : say("可以收下 " + d.taken.length + " 句", d.taken.length + " sentences can be taken")),
        d.refused.length ? make("h3", {}, say("没有收下的，和要看一看的", "What is not taken, and what to look at")) : "",
        E.finds(d.refused),
        make("ul", { class: "plain" }, d.taken.map((u) => make("li", { class: "unit" },
          make("div", {}, make("p", { class: "number" }, make("a", { href: "/edit/" + u.id + "/en" }, u.id)), make("p", { lang: "zh-Hans" }, u.zh)),
          make("div", { lang: "en" }, u.before && u.before !== u.after ? make("p", { class: "soft" }, E.differing(u.before, u.after)) : "", make("p", {}, u.before ? E.differing(u.after, u.before) : u.after))))),
        !d.written && d.taken.length ? make("p", {}, make("button", { type: "button", class: "primary", onclick: () => send(true) }, say("收下这 " + d.taken.length + " 句", "Take these " + d.taken.length))) : "");
    }
  };
})(window.editor);
