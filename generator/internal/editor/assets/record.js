// What has changed since an earlier state of the content, in sentences; and recording it.
(function (E) {
  "use strict";
  const { say, pick, make, ask } = E;
  E.recording = async function (main) {
    E.top(say("改动汇总", "What has changed"));
    const which = make("select", { id: "since" });
    const choose = make("p", { hidden: true }, make("label", { for: "since" }, say("和哪一个比？", "Compared with")), which);
    const list = make("section", { "aria-live": "polite" });
    const below = make("div", {});
    main.append(make("h1", {}, say("改动汇总", "What has changed")), choose, list, below);
    which.addEventListener("change", () => load(which.value));
    E.renew = () => load(which.value, true);

    async function load(since, quiet) {
      const r = await ask("record?since=" + encodeURIComponent(since || ""));
      if (!r.ok) { if (!quiet) list.replaceChildren(E.finds(r.findings, true)); return; }
      const d = r.data;
      choose.hidden = !d.earlier.length;
      which.replaceChildren(...d.earlier.map((s) => make("option", { value: s.name, selected: s.name === d.since }, pick(s.title))));
      list.replaceChildren(...(!d.since ? [] : d.changes.length
        ? [make("p", { class: "soft" }, say(d.changes.length + " 处不同", d.changes.length + " differences")), make("ul", { class: "plain changes" }, d.changes.map((c) => make("li", {}, c.to ? make("a", { href: c.to }, pick(c.text)) : pick(c.text))))]
        : [make("p", {}, make("span", { class: "badge good" }, say("没有改动", "Nothing has changed")))]));
      const message = document.getElementById("message");
      if (quiet && message && (message.value !== message.defaultValue || below.contains(document.activeElement))) return; // somebody is writing
      below.replaceChildren(...(!d.git ? journal(d) : d.since === "record" && d.waiting ? [form(d)] : []));
    }

    function form(d) {
      const text = make("textarea", { id: "message", rows: "4", required: true, spellcheck: "true", lang: E.tag(E.lang) });
      text.defaultValue = d.message.trim();
      const note = make("div", { role: "status" });
      const button = make("button", { class: "primary" }, say("记录", "Record"));
      return make("form", { class: "panel", onsubmit: async (e) => {
        e.preventDefault();
        button.disabled = true;
        const r = await ask("record", { message: text.value });
        button.disabled = false;
        if (!r.ok) { note.replaceChildren(E.finds(r.findings)); return; }
        await load("record");
        below.replaceChildren(make("p", { role: "status" }, make("span", { class: "badge good" }, r.data.recorded ? say("已记录 ", "recorded ") + E.time(Date.now()) : say("没有改动可记", "there is nothing to record"))));
      } }, make("h2", {}, say("记录这些改动", "Record these changes")),
      make("p", { class: "soft" }, say("用这台电脑上的 git 记下内容现在的样子，只记在这台电脑上，读者看到的不变。", "The git of this computer records the content as it stands. It stays on this computer, and readers see no difference.")),
      make("label", { for: "message" }, say("说明（程序拟的，可以改）", "Message (proposed; change it as you like)")), text, make("p", {}, button), note);
    }

    // Without git the journal has everything.
    function journal(d) {
      return [make("section", { class: "panel" }, make("h2", {}, say("不用另外记录", "Nothing has to be recorded")),
        make("p", {}, d.installed ? say("这个文件夹没有用 git。", "This folder is not kept with git. ") : say("这台电脑没有 git，也不需要。", "This computer has no git, and needs none. "),
          say("编辑器里每一次保存，时间、名字、改前和改后的文字都记在", "Every save in the editor is kept with its time, its name and the text before and after, in "), make("a", { href: "/edit/history" }, say("改动记录", "What was changed")),
          say("里：可以换回任何一处，也可以回到某一天。", ": any of them can be put back, and so can a day.")),
        d.earlier.length ? "" : make("p", {}, say("从这里发布一次以后，这一页就能逐句说出发布以后改了什么。", "Once something was published from here, this page tells sentence by sentence what has changed since.")))];
    }
    await load("");
  };
})(window.editor);
