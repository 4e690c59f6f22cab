// Publishing by button: check and build, see what readers will see changed, confirm,
// send, fetch it as readers do. It goes on when the page is left.
(function (E) {
  "use strict";
  const { say, pick, make, ask } = E;
  E.publishing = async function (main) {
    E.top(say("发布", "Publish"));
    main.append(make("h1", {}, say("发布", "Publish")));
    const r = await ask("targets");
    if (!r.ok) {
      main.append(r.findings.length ? E.finds(r.findings) : make("p", {}, say("这里不能发布。", "Nothing can be published from here.")));
      return;
    }
    const { targets } = r.data;
    if (!targets.length) {
      main.append(make("p", {}, say("publish.toml 里还没有写发布到哪里。", "publish.toml does not say yet where to publish to.")));
      return;
    }
    const first = targets.find((t) => !t.why) || targets[0];
    const out = make("div", { class: "publishing" });
    const buttons = [];
    const list = make("fieldset", { class: "panel" }, make("legend", {}, say("发布到", "Where to")), targets.map((t, i) => {
      const box = make("input", { type: "radio", name: "target", id: "target-" + i, value: t.name, checked: t === first, disabled: !!t.why });
      return make("div", {}, make("label", { for: box.id, class: "check" }, box, make("span", {}, make("b", {}, t.name), t.site ? " " + t.site : "", " ", make("small", {}, t.kind))),
        t.why ? make("p", { class: "hint soft" }, pick(t.why)) : "");
    }));
    const target = () => list.querySelector("input:checked")?.value;
    const button = (text, what, primary) => { const b = make("button", { type: "button", class: primary ? "primary" : "", onclick: () => begin(what) }, text); buttons.push(b); return b; };
    main.append(list, make("p", { class: "row" }, button(say("检查并比较", "Check and compare"), "prepare", true), button(say("退回上一版…", "Go back one release…"), "ask-rollback")), out);
    if (!targets.some((t) => !t.why)) buttons.forEach((b) => { b.disabled = true; });
    list.addEventListener("change", () => out.replaceChildren());

    async function begin(what) {
      if (what === "ask-rollback") {
        out.replaceChildren(make("section", { class: "panel" }, make("p", {}, say("读者会重新看到上一次发布的内容；这里的内容不变。确定吗？", "Readers will have what was published before; the content here stays. Are you sure?")),
          make("p", {}, make("button", { type: "button", class: "primary", onclick: () => begin("rollback") }, say("退回上一版", "Go back one release")))));
        out.querySelector("button").focus();
        return;
      }
      const r = await ask("publish", { target: target(), what });
      if (!r.ok) { out.replaceChildren(E.finds(r.findings)); return; }
      follow();
    }
    const words = { prepare: say("检查并比较", "Checking and comparing"), publish: say("发布", "Publishing"), rollback: say("退回", "Going back") };
    async function follow() {
      const bar = make("progress", { "aria-label": say("进度", "Progress") });
      const line = make("p", { role: "status" });
      const time = make("p", { class: "soft" });
      out.replaceChildren(make("section", { class: "panel" }, line, bar, time));
      buttons.forEach((b) => { b.disabled = true; });
      for (;;) {
        const r = await ask("publish");
        if (r.ok && !r.data.running) {
          buttons.forEach((b) => { b.disabled = false; });
          ended(r.data);
          return;
        }
        if (r.ok) {
          const j = r.data;
          const text = words[j.what] + (pick(j.step) ? say("：", ": ") + pick(j.step) : "…");
          if (line.textContent !== text) line.textContent = text;
          if (j.total) { bar.max = j.total; bar.value = j.done; } else bar.removeAttribute("value");
          time.textContent = (j.total ? j.done + " / " + j.total + say("，", ", ") : "") + say(j.seconds + " 秒", j.seconds + " s");
        }
        await new Promise((go) => setTimeout(go, 400));
      }
    }
    function ended(j) {
      if (j.findings.length) {
        out.replaceChildren(make("h2", {}, say("没有做成；读者看到的没有变，除非下面说了别的", "It was not done; what readers see has not changed, unless it says so below")), E.finds(j.findings, true));
      } else if (j.comparison) {
        summary(j.comparison);
      } else if (j.result) {
        const d = j.result;
        out.replaceChildren(make("section", { class: "panel" }, make("h2", {}, d.nothing ? say("没有要改的", "There was nothing to do") : j.what === "rollback" ? say("已退回", "Readers have the earlier release again") : say("已发布", "Published")),
          make("p", {}, say("版本 " + d.release + "，", "Release " + d.release + ", ") + (d.readers ? say("按读者看到的取回核对了 " + d.verified + " 个文件，都对。", d.verified + " files were fetched as readers get them, and are right.")
            : say("在主机上核对了 " + d.verified + " 个文件，都对。", d.verified + " files were looked at on the host, and are right.")))));
      }
      const heading = out.querySelector("h2");
      if (heading) { heading.tabIndex = -1; heading.focus(); }
    }
    const count = (n) => n + (n === 1 ? " page" : " pages");
    function headlines(pages, title, open) {
      return make("details", { open }, make("summary", {}, title),
        make("ul", { class: "plain headlines" }, pages.map((p) => make("li", { lang: p.path.startsWith("/en/") ? "en" : "zh-Hans" }, p.what === "gone" ? p.title || p.path : make("a", { href: p.path, target: "_blank" }, p.title || p.path)))));
    }
    function summary(c) {
      if (c.same) {
        out.replaceChildren(make("section", { class: "panel" }, make("h2", {}, say("没有变化：读者看到的就是这里的内容", "Nothing has changed: readers have what stands here")),
          c.release ? make("p", {}, say("版本 ", "Release ") + c.release) : ""));
        return;
      }
      const titles = { new: say("新的", "New"), changed: say("改过的", "Changed"), gone: say("没有了的", "Gone") };
      const around = c.pages.filter((p) => p.with);
      const size = c.bytes > 1e6 ? (c.bytes / 1e6).toFixed(1) + " MB" : Math.ceil(c.bytes / 1e3) + " KB";
      out.replaceChildren(make("section", {}, make("h2", {}, say("读者会看到这些改变", "What readers will see changed")),
        c.release ? "" : make("p", {}, say("这里还没有发布过：全部页面都是新的。", "Nothing was published here yet: every page is new.")),
        ["new", "changed", "gone"].map((what) => {
          const pages = c.pages.filter((p) => p.what === what && !p.with);
          return pages.length ? headlines(pages, titles[what] + say("：" + pages.length + " 页", ": " + count(pages.length)), pages.length <= 60) : "";
        }),
        around.length ? headlines(around, say("另有 " + around.length + " 页列出或链接到它们，跟着变", "And " + count(around.length) + " that show them or link to them"), false) : "",
        c.more ? make("p", {}, say("还有 " + c.more + " 页", c.more + " more")) : "",
        c.other ? make("p", { class: "soft" }, say("另有 " + c.other + " 个文件（数据、样式、图片）", c.other + " other files (data, styles, pictures)")) : "",
        c.foreign.length ? make("p", { class: "findings" }, say("主机上有不是发布上去的文件会被替换（先留存）：", "Files that no publish has put there would be replaced (and kept): ") + c.foreign.join(", ")) : "",
        make("p", {}, button(say("发布（送出 " + size + "）", "Publish (send " + size + ")"), "publish", true))));
    }
    if (r.data.job.running) follow();
    else if (r.data.job.number) ended(r.data.job);
  };
})(window.editor);
