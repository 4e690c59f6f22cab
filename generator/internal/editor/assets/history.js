// What was changed, by whom and when; each change can be taken back, which is a change too.
(function (E) {
  "use strict";
  const { say, make, ask } = E;
  // history(main, of): of a sentence or a page; of everything with "".
  E.history = async function (main, of) {
    const title = say("改动记录", "What was changed");
    if (of) E.top(of, E.make("a", { href: "/edit/history" }, title)); else E.top(title);
    const back = /^(p|[cs]\d+)-\d+$/.test(of) ? "/edit/" + of + "/en" : "/edit/page/" + of + "?lang=" + E.lang;
    const list = make("ul", { class: "plain" });
    const more = make("button", { type: "button", hidden: true, onclick: () => load() }, say("更早的", "Earlier"));
    main.append(make("h1", {}, title + (of ? say("：", ": ") + of : "")),
      of ? make("p", { class: "row" }, make("a", { href: back }, say("回去编辑", "Back to editing")), make("a", { href: "/edit/history" }, say("全部改动", "All changes"))) : "",
      restoring(of), list, make("p", {}, more));
    let n = 0;
    async function load() {
      const r = await ask("history?from=" + n + "&of=" + encodeURIComponent(of));
      if (!r.ok) { main.append(E.finds(r.findings)); return; }
      n += r.data.entries.length;
      more.hidden = !r.data.more;
      list.append(...r.data.entries.map(item));
      if (!n) list.append(make("li", { class: "soft" }, say("还没有改动。", "Nothing was changed yet.")));
    }
    function change(e) {
      return make("div", {}, make("p", { class: "before" }, e.before ? E.differing(e.before, e.after) : say("（空）", "(empty)")),
        make("p", {}, e.after ? E.differing(e.after, e.before) : say("（空）", "(empty)")));
    }
    function item(e) {
      const note = make("div", { role: "status" });
      const day = new Date(e.time).toLocaleDateString(say("zh-CN", "en-GB"), { year: "numeric", month: "long", day: "numeric" });
      return make("li", { class: "unit" },
        make("div", {}, make("p", {}, make("a", { href: e.to }, E.pick(e.what))), make("p", { class: "soft" }, day + " " + E.time(e.time) + say("，", ", ") + e.who),
          make("button", { type: "button", onclick: async () => {
            const r = await ask("undo", { entry: e.entry });
            const bad = r.ok ? r.data.find((o) => !o.saved) : null;
            if (r.ok && !bad) note.textContent = say("已换回 ", "put back ") + E.time(Date.now());
            else if (bad && bad.conflict) note.textContent = say("后来又改过，没有换回；请打开这一处，自己改。", "It was changed since, so nothing was put back: open it and change it there.");
            else note.replaceChildren(E.finds(bad ? bad.findings || [] : r.findings));
          } }, say("换回改动前的", "Put back what was there")), note),
        change(e));
    }

    // restoring goes back to a day: first it shows what would be put back.
    function restoring(of) {
      const day = make("input", { id: "day", type: "date", required: true, max: new Date(Date.now() - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 10) });
      const out = make("div", { role: "status" });
      async function go(really) {
        const r = await ask("restore", { of, day: day.value, really });
        if (!r.ok) { out.replaceChildren(E.finds(r.findings)); return; }
        if (really) {
          const bad = r.data.done.filter((o) => !o.saved), good = r.data.done.length - bad.length;
          out.replaceChildren(make("p", {}, make("span", { class: "badge good" }, say("换回了 " + good + " 处 ", good + " put back ") + E.time(Date.now()))),
            bad.length ? make("p", {}, say(bad.length + " 处刚有人改过，没有换回。", bad.length + " were changed just now and stay as they are.")) : "");
          n = 0;
          list.replaceChildren();
          await load();
          return;
        }
        const all = r.data.entries;
        out.replaceChildren(make("p", {}, all.length ? say("会换回 " + all.length + " 处：左边是现在的，右边是那天的。", all.length + " would be put back; at the left what stands now, at the right what stood then.") : say("和那天一样，没有要换回的。", "It is as it was on that day; there is nothing to put back.")),
          make("ul", { class: "plain" }, all.map((e) => make("li", { class: "unit three" }, make("p", {}, make("a", { href: e.to }, E.pick(e.what))), ...change(e).childNodes))),
          all.length ? make("p", {}, make("button", { type: "button", class: "primary", onclick: () => go(true) }, say("换回这 " + all.length + " 处", "Put these " + all.length + " back"))) : "");
      }
      return make("details", { class: "panel" }, make("summary", {}, say("回到某一天的样子…", "Go back to a day…")),
        make("form", { onsubmit: (e) => { e.preventDefault(); go(false); } }, make("label", { for: "day" }, say("回到哪一天结束时？这也是一次改动，也能再换回。", "To the end of which day? This is a change, too, and can be put back.")),
          make("div", { class: "row" }, day, make("button", {}, say("看看会换回什么", "See what would be put back")))), out);
    }
    await load();
  };
})(window.editor);
