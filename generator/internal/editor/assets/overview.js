// The overview: what there is, how it stands, and what is to be done.
(function (E) {
  "use strict";
  const { say, pick, make, ask, badges } = E;
  const kinds = [
    ["updates", "动态", "Updates", "update"], ["pages", "页面", "Pages", "page"], ["topics", "主题", "Topics", "topic"],
    ["places", "地方", "Places", "place"], ["bodies", "机构", "Bodies", "body"], ["", "首页和各列表的引言", "The home page, and what introduces lists"]];
  const numerals = "零一二三四五六七八九十";
  const numeral = (n) => n <= 10 ? numerals[n] : n < 20 ? "十" + (n % 10 ? numerals[n % 10] : "") : numerals[Math.floor(n / 10)] + "十" + (n % 10 ? numerals[n % 10] : "");

  function divisionName(d) {
    if (d.name === "p") return say("序言", "Preamble");
    const n = Number(d.name.slice(1));
    if (d.name[0] === "c") return say(numeral(n) + "、" + pick(d.title), n + " " + pick(d.title));
    return say("（" + numeral(n) + "）" + pick(d.title), "(" + n + ") " + pick(d.title));
  }
  E.divisionName = divisionName;

  E.overview = async function (main) {
    E.top(say("编辑", "Edit"));
    const r = await ask("overview");
    if (!r.ok) { main.append(E.finds(r.findings)); return; }
    const o = r.data;
    const sum = (k) => o.divisions.concat(o.pages, [o.terms]).reduce((n, d) => n + (d[k] || 0), 0);
    const all = { errors: sum("errors") + o.other.filter((f) => !f.warning).length, warnings: sum("warnings") + o.other.filter((f) => f.warning).length, missing: sum("missing"), stale: sum("stale") };
    const state = badges(all);
    const link = (to, text, d) => make("li", {}, make("a", { href: to }, text), " ", badges(d));

    const drafts = E.drafts();
    const chapters = [];
    o.divisions.forEach((d) => {
      if (d.name[0] !== "s") chapters.push([d, []]);
      else chapters[chapters.length - 1][1].push(d);
    });
    const find = make("input", { id: "find", type: "search", autocomplete: "off" });
    const hits = make("ul", { class: "hits plain" });
    E.searching(find, hits, (u, ...text) => make("a", { href: "/edit/" + u.id + "/en" }, ...text));

    E.renew = async () => {
      if (document.activeElement === document.body || document.activeElement === main) await E.overview(main); // nobody is at work here
    };
    main.replaceChildren(
      make("h1", {}, pick(o.title)),
      E.signature(o.author),
      make("section", { class: "panel" },
        make("h2", { class: "hidden" }, say("现状", "How it stands")),
        make("p", { class: "state" }, state.length ? state : make("span", { class: "badge good" }, say("没有要改的，每句都有英文", "Nothing to mend, and every sentence has its English"))),
        o.other.length ? E.finds(o.other.slice(0, 20), true) : "",
        drafts.length ? make("div", {}, make("h3", {}, say("这个浏览器里还没有保存的文字", "Text in this browser that was not saved")),
          make("ul", {}, drafts.map((d) => make("li", {}, make("a", { href: d.at }, E.called(d.name)), " ", make("small", {}, d.text.slice(0, 60)))))) : "",
        make("label", { for: "find" }, say("找一句话（编号或文字）", "Find a sentence (number or words)")), find, hits),
      make("div", { class: "columns" },
        make("section", {}, make("h2", {}, say("方案", "The plan")),
          make("ul", { class: "plan plain" }, chapters.map(([c, sections]) => make("li", {},
            c.units || c.name === "p" ? make("a", { href: "/edit/" + c.name }, divisionName(c)) : make("a", { href: "/edit/" + c.name, class: "chapter" }, divisionName(c)), " ", badges(c),
            sections.length ? make("ul", { class: "plain" }, sections.map((s) => link("/edit/" + s.name, divisionName(s), s))) : "")))),
        make("section", {}, kinds.map(([kind, zh, en, one]) => {
          const list = o.pages.filter((p) => p.kind === kind);
          if (!list.length && kind !== "updates") return "";
          return [make("h2", {}, say(zh, en), one ? make("a", { href: "/edit/new?kind=" + one, class: "add" }, say("＋ 新建", "+ New")) : ""), list.length ? make("ul", { class: "plain" }, list.map((p) => make("li", {},
            make("a", { href: "/edit/page/" + p.name + "?lang=" + E.lang }, pick(p.title) || p.name), " ", badges(p),
            p.draft ? make("span", { class: "badge draft" }, say("草稿", "draft")) : "",
            p.future ? make("span", { class: "badge draft" }, say(p.future + "，日期未到", p.future + ", a day to come")) : "",
            p.lacks ? make("span", { class: "badge missing" }, p.lacks === "en" ? say("没有英文", "no English") : say("没有中文", "no Chinese")) : "")))
            : make("p", { class: "soft" }, say("还没有。", "There are none yet."))];
        }).flat(),
        make("h2", {}, say("术语", "Terms")),
        make("p", {}, make("a", { href: "/edit/terms" }, say(o.terms.count + " 条术语", o.terms.count + " terms")), " ", badges(o.terms)),
        make("h2", {}, say("译者", "Translators")),
        make("p", {}, make("a", { href: "/edit/translators" }, say("用 Word 等文件交给译者，再收回来", "Give sentences to translators in Word and other files, and take them back"))),
        make("h2", {}, say("改动记录", "What was changed")),
        make("p", {}, make("a", { href: "/edit/history" }, say("看谁改了什么，换回以前的", "See who has changed what, and put things back"))),
        make("p", {}, make("a", { href: "/edit/record" }, say("逐句看改了什么，记录下来", "See sentence by sentence what has changed, and record it"))),
        make("h2", {}, say("新版本", "A new edition")),
        make("p", {}, make("a", { href: "/edit/import" }, say("看看方案的新版本会改变什么", "See what a new edition of the plan changes"))))));
  };
})(window.editor);
