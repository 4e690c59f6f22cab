// What every page of the editor uses: both languages, elements, requests.
window.editor = (function () {
  "use strict";
  const lang = document.body.dataset.language;
  const say = (zh, en) => lang === "zh" ? zh : en;
  // A text that has both languages: the one of the interface, or what there is.
  const pick = (t) => !t ? "" : lang === "zh" ? t.zh || t.en : t.en || t.zh;
  const tag = (l) => l === "zh" ? "zh-Hans" : "en";

  // make("p", {class: "note", onclick: f}, "text", element): nothing is ever parsed as HTML.
  function make(name, props, ...children) {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(props || {})) {
      if (v === null || v === undefined || v === false) continue;
      if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
      else e.setAttribute(k, v === true ? "" : v);
    }
    e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ""));
    return e;
  }

  // ask gives {ok, data, findings} and never throws: a server that is gone is an answer, too.
  async function ask(path, body) {
    const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    try {
      const r = await fetch("/edit/api/" + path, options);
      if (r.status === 403) {
        gone(say("这个程序重新启动过。请用启动时给的地址再进来一次（终端里“编辑：”那一行，或重新双击启动文件），然后回到这里继续：文字都还在。",
          "The program was started again. Come in once more by the address that it gave (the line “edit:” in the terminal, or start it again), then go on here: your text is still there."));
        return { ok: false, findings: [] };
      }
      const data = await r.json();
      if (r.ok) gone("");
      return { ok: r.ok, data, findings: data.findings || [] };
    } catch (e) {
      gone(say("程序没有回答。没有保存的文字留在这个浏览器里；请重新启动程序，再保存。",
        "The program does not answer. Text that was not saved is kept in this browser: start the program again, then save."));
      return { ok: false, findings: [] };
    }
  }
  function gone(text) {
    const box = document.getElementById("notices");
    if (box.textContent !== text) box.textContent = text;
  }

  // sent is a file as a request brings it: its name, and its bytes in base64.
  const sent = (file) => new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done({ name: file.name, data: String(reader.result).replace(/^[^,]*,/, "") });
    reader.readAsDataURL(file);
  });

  // searching lists in hits the sentences that have what is typed, by number or words:
  // each as item makes it. Where nothing is typed there are none, unless all are wanted.
  function searching(input, hits, item, all) {
    let timer = 0;
    async function look() {
      const q = input.value;
      if (!q.trim() && !all) { hits.replaceChildren(); return; }
      const r = await ask("measures?q=" + encodeURIComponent(q));
      if (r.ok && q === input.value) hits.replaceChildren(...r.data.slice(0, all ? undefined : 8).map((u) => make("li", {}, item(u, make("b", {}, u.id), " ", pick(u)))));
    }
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 120); });
    if (all) look();
  }

  const time = (t) => new Date(t).toLocaleTimeString(say("zh-CN", "en-GB"), { hour: "2-digit", minute: "2-digit", hour12: false });

  // finds is a list of findings below what they are about.
  function finds(list, where) {
    return make("ul", { class: "findings" }, list.map((f) => make("li", { class: f.warning ? "warning" : "error" },
      where && f.where ? make("code", {}, make("a", { href: "/edit/?at=" + encodeURIComponent(f.where) }, f.where), " ") : "",
      make("strong", {}, f.warning ? say("请看一看：", "Look at this: ") : say("请改正：", "To mend: ")),
      pick(f.fact), f.hint && pick(f.hint) ? make("span", { class: "hint" }, pick(f.hint)) : "",
      f.guide ? [" ", make("a", { class: "how", target: "_blank", href: "/edit/guide/" + lang + "#" + f.guide }, say("怎么办", "How?"))] : "", f.check === "encoding" && f.where.startsWith("content/") ? converter(f) : "")));
  }
  // converter makes a file UTF-8 that an office program has saved otherwise.
  function converter(f) {
    const note = make("output", {});
    return make("span", { class: "row" }, make("button", { type: "button", onclick: async () => {
      const r = await ask("convert", { file: f.where.split(":")[0] });
      if (r.ok) { note.textContent = say("已转换，正在更新…", "converted; one moment…"); setTimeout(() => location.reload(), 1500); } else note.replaceChildren(finds(r.findings));
    } }, say("转换成 UTF-8", "Convert to UTF-8")), note);
  }

  // badges tell how a part of the content stands.
  function badges(t) {
    const out = [];
    const add = (n, kind, zh, en) => { if (n) out.push(make("span", { class: "badge " + kind }, say(zh, en))); };
    add(t.errors, "error", (t.errors) + " 处要改", t.errors + " to mend");
    add(t.missing, "missing", (t.missing) + " 句未译", t.missing + " untranslated");
    add(t.stale, "stale", (t.stale) + " 句过时", t.stale + " out of date");
    add(t.warnings, "warning", (t.warnings) + " 处请看", t.warnings + " to look at");
    return out;
  }

  // insert types a text where the cursor is, so that undo takes it back.
  function insert(area, text) {
    area.focus();
    if (document.execCommand && document.execCommand("insertText", false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // apart is a text as a paragraph of its own where the cursor is: with the empty lines that
  // it needs before and behind it.
  function apart(area, text) {
    const before = area.value.slice(0, area.selectionStart), behind = area.value.slice(area.selectionEnd);
    const lines = (s, wanted) => !s.trim() ? "" : "\n".repeat(Math.max(0, 2 - wanted));
    return lines(before, /\n*$/.exec(before)[0].length) + text + lines(behind, /^\n*/.exec(behind)[0].length);
  }

  // top is the head of every page: where one is, and the language of the interface.
  function top(here, ...trail) {
    document.title = here + say(" · 编辑", " · Edit");
    document.querySelector(".skip").textContent = say("跳到正文", "Skip to the content");
    const other = make("button", { type: "button", class: "quiet", lang: lang === "zh" ? "en" : "zh-Hans", onclick: () => {
      // A cookie, so that the preview and whatever else the program says follow.
      document.cookie = "minxi-language=" + (lang === "zh" ? "en" : "zh") + "; path=/; max-age=31536000; SameSite=Strict";
      location.reload();
    } }, lang === "zh" ? "English" : "中文");
    document.querySelector("header.top").replaceChildren(make("div", { class: "band" },
      make("nav", { "aria-label": say("位置", "Where you are") }, make("ol", {},
        make("li", {}, make("a", { href: "/edit/" }, say("编辑", "Edit"))),
        trail.map((t) => make("li", {}, t)),
        here && location.pathname !== "/edit/" ? make("li", { "aria-current": "page" }, here) : "")),
      make("div", { class: "tools" }, make("a", { href: "/" + lang + "/" }, say("预览", "Preview")), make("a", { href: "/edit/publish" }, say("发布", "Publish")), make("a", { href: "/edit/guide/" + lang }, say("指南", "Guide")), other)));
  }

  // signature asks for the name that goes with what is saved, once.
  function signature(author) {
    if (author.said) return "";
    const name = make("input", { id: "author", type: "text", value: author.name, autocomplete: "name", maxlength: "60" });
    const box = make("form", { class: "panel signature", onsubmit: async (e) => {
      e.preventDefault();
      const r = await ask("author", { name: name.value });
      box.replaceChildren(r.ok ? make("p", {}, say("谢谢，" + r.data.name + "。", "Thank you, " + r.data.name + ".")) : finds(r.findings));
    } }, make("label", { for: "author" }, say("您的名字（记在每次改动里，只问一次）", "Your name (kept with every change; asked once)")), name,
    make("button", {}, say("记住", "Remember")));
    return box;
  }

  return { lang, say, pick, tag, make, ask, sent, searching, time, finds, badges, insert, apart, top, signature, fields: [] };
})();
