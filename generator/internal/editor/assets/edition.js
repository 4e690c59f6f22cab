// What another edition of the plan would change. Nothing is written here.
(function (E) {
  "use strict";
  const { say, make, ask } = E;
  E.importing = async function (main) {
    E.top(say("新版本", "A new edition"));
    const file = make("input", { id: "edition", type: "file", accept: ".txt,text/plain", required: true });
    const out = make("div", { role: "status" });
    main.append(make("h1", {}, say("新版本会改变什么？", "What does a new edition change?")),
      make("p", {}, say("选一个文本文件（从 PDF 里取出的也可以）。这里只比较，什么也不写。", "Choose a text file; one that was taken out of a PDF will do. It is compared here, and nothing is written.")),
      make("form", { class: "panel", onsubmit: async (e) => {
        e.preventDefault();
        out.replaceChildren(say("正在比较…", "Comparing…"));
        const r = await ask("edition", await E.sent(file.files[0]));
        if (!r.ok) { out.replaceChildren(E.finds(r.findings)); return; }
        show(r.data);
      } }, make("label", { for: "edition" }, say("方案的文本", "The text of the plan")), file, make("p", {}, make("button", { class: "primary" }, say("比较", "Compare")))), out);

    function show(d) {
      const count = (what) => d.changes.filter((c) => c.what === what).length;
      const titles = { changed: say("改过的", "Changed"), added: say("新增的", "Added"), gone: say("没有了的", "Gone") };
      out.replaceChildren(
        make("p", {}, say(d.same + " 处没有变，" + count("changed") + " 处改过，" + count("added") + " 处新增，" + count("gone") + " 处没有了。",
          d.same + " as before, " + count("changed") + " changed, " + count("added") + " added, " + count("gone") + " gone.")),
        d.notes.length ? E.finds(d.notes) : "",
        ...["changed", "added", "gone"].flatMap((what) => count(what) ? [make("h2", {}, titles[what]), make("ul", { class: "plain" }, d.changes.filter((c) => c.what === what).map((c) =>
          make("li", { class: "unit" }, make("div", {}, make("p", { class: "number" }, c.id), make("p", { lang: "zh-Hans" }, c.before ? E.differing(c.before, c.after) : say("（没有）", "(none)"))),
            make("div", {}, make("p", { class: "number" }, say("新版本", "The new edition")), make("p", { lang: "zh-Hans" }, c.after ? E.differing(c.after, c.before) : say("（没有）", "(none)"))))))] : []),
        d.changes.length ? make("p", {}, say("要采用它：把文件放进 seeds 文件夹，请维护的人运行 ", "To take it over: put the file into the folder seeds, and have whoever maintains the program run "), make("code", {}, d.command),
          say("。每句的编号、英文和标签都会保留；改过的句子，英文标为“过时”，在这里逐句更新。", ". Numbers, English and tags stay; the English of sentences that have changed is marked as out of date, and is brought up to date here.")) : "");
    }
  };
})(window.editor);
