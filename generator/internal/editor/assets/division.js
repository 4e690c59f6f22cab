// A division of the plan: each sentence is a row, Chinese and English side by side.
(function (E) {
  "use strict";
  const { say, pick, make, ask } = E;
  const tags = [["topics", "主题", "Topics"], ["places", "地方", "Places"], ["bodies", "机构", "Bodies"]];
  const roles = { written: ["谁撰稿", "Written by"], checked: ["谁校对", "Checked by"], released: ["谁签发", "Released by"] };
  const states = { missing: ["还没有英文", "no English yet"], stale: ["中文改过，英文是旧的", "the Chinese has changed since"] };

  E.division = async function (main, name) {
    const r = await ask("division/" + encodeURIComponent(name));
    if (!r.ok) { E.top(name); main.append(E.finds(r.findings)); return; }
    const d = r.data;
    const title = E.divisionName({ name: d.name, title: d.title });
    E.top(title);
    const steps = (tag) => make(tag, { class: "steps", "aria-label": tag === "nav" ? say("前后", "Before and after") : null },
      d.previous ? make("a", { href: "/edit/" + d.previous, rel: "prev" }, say("← 前一部分", "← Before")) : make("span"),
      make("a", { href: E.address(d.name) }, say("读者看到的", "As readers see it")),
      d.next ? make("a", { href: "/edit/" + d.next, rel: "next" }, say("后一部分 →", "Next →")) : make("span"));
    main.append(make("h1", {}, make("span", { lang: "zh-Hans" }, d.title.zh || title)), E.signature(d.author), steps("nav"),
      make("details", { class: "why" }, make("summary", {}, say("中文为什么不能改？", "Why can the Chinese not be changed?")),
        make("p", {}, say("方案的中文是正式文本，一个字、一个标点也不能动；这里只改英文和标签。方案有了新版本，就从原文导入：每句的编号不变，改过的句子会标为“中文改过”。",
          "The plan’s Chinese is the official text, to the last comma. Here the English and the tags are edited. When there is a new edition, it is imported from its source: every sentence keeps its number, and those that have changed are marked."),
        " ", make("a", { href: "/edit/import" }, say("看看新版本会改变什么", "See what a new edition changes")))),
      d.findings.length ? E.finds(d.findings) : "");
    if (d.heading.ref && d.heading.ref.field) {
      const f = E.field({ ref: d.heading.ref, version: d.heading, label: say("标题的英文", "The heading in English"), lang: "en", line: true, judged: false });
      main.append(make("div", { class: "unit heading" }, f.element));
      watched.heading = f;
    }
    const list = make("ol", { class: "units" });
    main.append(list);
    d.rows.forEach((u) => list.append(row(u, d)));
    if (!d.rows.length) main.append(make("p", { class: "soft" }, say("这里没有句子，句子在各节里。", "No sentences stand here; they are in the sections.")));
    main.append(steps("div"), make("p", { class: "keys soft" }, say("Ctrl+Enter 保存并到下一句，Ctrl+S 保存并留在这里。", "Ctrl+Enter saves and goes on to the next sentence, Ctrl+S saves and stays.")));

    const at = name.includes("-") && document.getElementById(name);
    if (at) {
      const area = at.querySelector("textarea");
      area.focus();
      at.scrollIntoView({ block: "center" });
    }
    E.renew = async () => {
      const r = await ask("division/" + encodeURIComponent(d.name));
      if (!r.ok) return;
      if (watched.heading) watched.heading.update(r.data.heading);
      r.data.rows.forEach((u) => {
        const w = watched[u.id];
        if (!w) return;
        w.update(u.en);
        if (!w.dirty) w.findings(u.findings);
        w.renew(u);
      });
    };
  };
  const watched = {};

  function row(u, d) {
    const state = make("div", { class: "translation" });
    const accept = make("input", { type: "checkbox", id: "accept-" + u.id, checked: true });
    let now = u;
    const f = E.field({ ref: { id: u.id, field: "en" }, version: u.en, label: say(u.id + " 的英文", "The English of " + u.id), hideLabel: true, lang: "en",
      accept: () => now.state !== "current" && accept.checked,
      saved: () => { if (now.state !== "current" && accept.checked) { now = { ...now, state: "current" }; show(); } if (d.roles.length) E.renew(); } });
    function show() {
      state.replaceChildren();
      if (now.state === "current") return;
      state.append(make("span", { class: "badge " + now.state }, say(...(states[now.state] || [now.state, now.state]))));
      if (now.state === "stale") {
        if (now.before) state.append(make("p", { lang: "zh-Hans", class: "before" }, say("原来：", "before: "), E.differing(now.before, now.zh)));
        state.append(make("button", { type: "button", onclick: async () => {
          const r = await ask("accept", { id: u.id, why: "the English still holds" });
          if (r.ok) { now = { ...now, state: "current" }; show(); } else f.findings(r.findings);
        } }, say("英文仍然对", "The English still holds")));
      }
      state.append(make("label", { for: accept.id, class: "check" }, accept, say("保存时：英文译自现在的中文", "when saved: it is made from the Chinese as it is")));
    }
    show();
    f.findings(u.findings);
    const names = d.roles.map((role) => E.field({ ref: { id: u.id, field: role }, version: u.names[role], label: say(...roles[role]), lang: "zh", line: true, judged: false, words: () => now.words }));
    f.renew = (next) => {
      now = next;
      show();
      tagBox.renew(next);
      d.roles.forEach((role, i) => { if (next.names && next.names[role]) names[i].update(next.names[role]); });
    };
    watched[u.id] = f;
    const chips = u.terms.length ? make("ul", { class: "chips", "aria-label": say("术语，点一下插入", "Terms: press to insert") }, u.terms.map((t) =>
      make("li", {}, make("button", { type: "button", title: say("插入 ", "insert ") + t.en, onmousedown: (e) => e.preventDefault(), onclick: () => E.insert(f.area, t.en) },
        make("span", { lang: "zh-Hans" }, t.zh), " ", make("span", { lang: "en" }, t.en))))) : "";
    const tagBox = tagging(u, d.hubs);
    return make("li", { class: "unit", id: u.id },
      make("div", { class: "zh" }, make("p", { class: "number" }, make("a", { href: E.address(u.id), title: say("读者看到的", "as readers see it") }, u.id), " ",
        make("a", { href: "/edit/history?of=" + u.id, title: say(u.id + " 的改动记录", "what was changed in " + u.id) }, say("改动记录", "History"))),
        make("p", { lang: "zh-Hans" }, u.zh), tagBox.element),
      make("div", { class: "en" }, state, f.element, chips, names.length ? reading(u, names, d.author) : ""));
  }

  // reading is who has written, checked and released the sentence as it stands.
  function reading(u, names, author) {
    return make("fieldset", { class: "names" }, make("legend", { class: "hidden" }, say(u.id + " 的三审三校", "The readings of " + u.id)),
      names.map((f) => {
        if (author.said) f.element.querySelector(".under").append(make("button", { type: "button", class: "quiet me", onclick: () => { f.area.select(); E.insert(f.area, author.name); } }, say("是我（" + author.name + "）", "It was me (" + author.name + ")")));
        return f.element;
      }));
  }

  // tagging shows the tags of a sentence, and boxes to change them.
  function tagging(u, hubs) {
    let current = u.tags;
    const shown = make("summary", {});
    const body = make("div", {});
    const title = (kind, id) => { const h = (hubs[kind] || []).find((h) => h.id === id); return h ? pick(h.title) : id; };
    const ids = (kind) => (current[kind] ? current[kind].text : "").split(/\s+/).filter(Boolean);
    function head() {
      const all = tags.filter(([kind]) => ids(kind).length).map(([kind, zh, en]) => say(zh + "：", en + ": ") + ids(kind).map((id) => title(kind, id)).join(say("、", ", ")));
      shown.replaceChildren(all.length ? say("标签 · ", "Tags · ") + all.join(say("；", "; ")) : say("标签：无", "Tags: none"));
    }
    function fill() {
      body.replaceChildren(...tags.map(([kind, zh, en]) => {
        const note = make("output", { class: "status" });
        const chosen = ids(kind);
        const list = (hubs[kind] || []).map((h) => {
          const box = make("input", { type: "checkbox", id: [u.id, kind, h.id].join("-"), checked: chosen.includes(h.id) });
          box.addEventListener("change", async () => {
            const want = ids(kind).filter((id) => id !== h.id).concat(box.checked ? [h.id] : []);
            const ref = { id: u.id, field: kind };
            const r = await ask("save", { changes: [{ ref, text: want.join(" "), base: current[kind].hash }] });
            const one = r.ok ? r.data[0] : null;
            if (one && one.saved) {
              current = { ...current, [kind]: { ...current[kind], text: one.saved.text, hash: one.saved.hash } };
              note.textContent = say("已保存 ", "saved ") + E.time(one.saved.time);
              head();
              return;
            }
            box.checked = !box.checked;
            note.textContent = one && one.conflict ? say("别人刚改过这些标签，已换成新的", "somebody has just changed these tags; here is what stands now") : pick(((one && one.findings) || r.findings)[0]?.fact);
            if (one && one.conflict) { current = { ...current, [kind]: one.conflict.theirs }; head(); fill(); }
          });
          return make("label", { for: box.id, class: "check" }, box, pick(h.title));
        });
        return make("fieldset", {}, make("legend", {}, say(zh, en)), make("div", { class: "boxes" }, list), note);
      }));
    }
    const element = make("details", { class: "tags", ontoggle: () => { if (element.open && !body.firstChild) fill(); } }, shown, body);
    head();
    return { element, renew: (next) => { if (!element.contains(document.activeElement)) { current = next.tags; head(); if (element.open) fill(); } } };
  }
})(window.editor);
