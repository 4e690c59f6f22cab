// What was changed, by whom and when; each change can be taken back, which is a change too.
(function (E) {
  "use strict";
  const { say, make, ask } = E;
  E.history = async function (main) {
    E.top(say("改动记录", "What was changed"));
    const list = make("ul", { class: "plain" });
    const more = make("button", { type: "button", hidden: true, onclick: () => load() }, say("更早的", "Earlier"));
    main.append(make("h1", {}, say("改动记录", "What was changed")), list, make("p", {}, more));
    let n = 0;
    async function load() {
      const r = await ask("history?from=" + n);
      if (!r.ok) { main.append(E.finds(r.findings)); return; }
      n += r.data.entries.length;
      more.hidden = !r.data.more;
      list.append(...r.data.entries.map(item));
      if (!n) list.append(make("li", { class: "soft" }, say("还没有改动。", "Nothing was changed yet.")));
    }
    function item(e) {
      const note = make("div", { role: "status" });
      const day = new Date(e.time).toLocaleDateString(say("zh-CN", "en-GB"), { year: "numeric", month: "long", day: "numeric" });
      return make("li", { class: "unit" },
        make("div", {}, make("p", {}, make("a", { href: e.to }, e.what)), make("p", { class: "soft" }, day + " " + E.time(e.time) + say("，", ", ") + e.who),
          make("button", { type: "button", onclick: async () => {
            const r = await ask("undo", { entry: e.entry });
            const bad = r.ok ? r.data.find((o) => !o.saved) : null;
            if (r.ok && !bad) note.textContent = say("已换回 ", "put back ") + E.time(Date.now());
            else if (bad && bad.conflict) note.textContent = say("后来又改过，没有换回；请打开这一处，自己改。", "It was changed since, so nothing was put back: open it and change it there.");
            else note.replaceChildren(E.finds(bad ? bad.findings || [] : r.findings));
          } }, say("换回改动前的", "Put back what was there")), note),
        make("div", {}, make("p", { class: "before" }, e.before ? E.differing(e.before, e.after) : say("（空）", "(empty)")),
          make("p", {}, e.after ? E.differing(e.after, e.before) : say("（空）", "(empty)"))));
    }
    await load();
  };
})(window.editor);
