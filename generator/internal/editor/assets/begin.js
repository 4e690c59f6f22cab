// A new update, page, topic, place or body: both languages at once.
(function (E) {
  "use strict";
  const { say, pick, make, ask } = E;
  const kinds = { update: ["动态", "update"], page: ["页面", "page"], topic: ["主题", "topic"], place: ["地方", "place"], body: ["机构", "body"] };
  E.beginning = async function (main, kind) {
    if (!kinds[kind]) kind = "update";
    const title = say("新建" + kinds[kind][0], "A new " + kinds[kind][1]);
    E.top(title);
    const inputs = {};
    const line = (key, label, props) => {
      inputs[key] = make("input", { id: "new-" + key, type: "text", autocomplete: "off", ...props });
      return make("div", {}, make("label", { for: "new-" + key }, label), inputs[key]);
    };
    const choice = (key, label, options) => {
      inputs[key] = make("select", { id: "new-" + key }, options.map(([v, text]) => make("option", { value: v }, text)));
      return make("div", {}, make("label", { for: "new-" + key }, label), inputs[key]);
    };
    const chosen = [];
    const list = make("ul", { class: "plain" });
    function measures() {
      const input = make("input", { id: "new-measure", type: "search", autocomplete: "off" });
      const hits = make("ul", { class: "plain hits" });
      const show = () => list.replaceChildren(...chosen.map((u) => make("li", { class: "row" }, make("b", {}, u.id), make("span", {}, pick(u)),
        make("button", { type: "button", onclick: () => { chosen.splice(chosen.indexOf(u), 1); show(); } }, say("去掉", "Remove")))));
      E.searching(input, hits, (u, ...text) => make("button", { type: "button", onclick: () => {
        if (!chosen.some((c) => c.id === u.id)) chosen.push(u);
        input.value = "";
        hits.replaceChildren();
        show();
        input.focus();
      } }, ...text));
      return make("div", {}, make("label", { for: "new-measure" }, say("涉及哪些句子？（编号或文字，点一下选上）", "Which sentences is it about? (number or words; press to choose)")), input, hits, list);
    }
    const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10); // days in the content are China's
    const note = make("div", { role: "status" });
    main.append(make("h1", {}, title),
      make("nav", { class: "row", "aria-label": say("种类", "Kind") }, Object.entries(kinds).map(([k, n]) => make("a", { href: "?kind=" + k, "aria-current": k === kind ? "page" : null }, say(n[0], n[1])))),
      make("form", { class: "panel", onsubmit: async (e) => {
        e.preventDefault();
        const v = (k) => inputs[k] ? inputs[k].value.trim() : "";
        const r = await ask("new", { kind, name: v("name"), title: { zh: v("zh"), en: v("en") }, brief: { zh: v("brief-zh"), en: v("brief-en") },
          date: v("date"), source: v("source"), measures: chosen.map((u) => u.id), sign: v("sign"), place: v("place"), parent: v("parent"), body: v("body") });
        if (r.ok) location.href = r.data.to; else note.replaceChildren(E.finds(r.findings));
      } },
      line("zh", kind === "place" || kind === "body" ? say("全称，中文", "Full name in Chinese") : say("中文标题", "Title in Chinese"), { lang: "zh-Hans", required: true }),
      line("en", kind === "place" || kind === "body" ? say("全称，英文", "Full name in English") : say("英文标题", "Title in English"), { lang: "en", required: kind !== "update" && kind !== "page" }),
      line("name", say("网址里的名称：小写字母、数字和连字符，如 water-2026", "Name in the address: lower-case letters, digits and hyphens, as in water-2026"), { lang: "en", required: true, pattern: "[a-z0-9]+(-[a-z0-9]+)*", maxlength: "48" }),
      kind === "update" ? [line("date", say("公布的日期", "Date of publication"), { type: "date", value: today, required: true }), line("source", say("谁的说法，例如发布单位", "Whose statement it is")), measures()] : "",
      kind === "topic" ? line("sign", say("印章上的一个字", "One Chinese character for its seal"), { maxlength: "1" }) : "",
      kind === "place" ? [choice("place", say("种类", "Kind"), [["outside", say("区外", "outside the zone")], ["county", say("县、市、区", "county")], ["city", say("设区市", "city")]]), choice("parent", say("所属的市", "Its city"), [])] : "",
      kind === "body" ? choice("body", say("种类", "Kind"), [["central", say("中央", "central")], ["government", say("地方政府及部门", "government")], ["institution", say("院校、医院、科研单位", "institution")], ["enterprise", say("企业、金融机构", "enterprise")], ["people", say("人群", "people")]]) : "",
      make("p", {}, make("button", { class: "primary" }, say("建立，然后写正文", "Make it, then write the text"))), note,
      kind === "update" || kind === "page" ? make("p", { class: "soft" }, say("新建的是草稿，写好以后去掉“草稿”才会发布。", "It begins as a draft: take the mark off when it is written, and it will be published.")) : ""));
    inputs.zh.focus();
    if (kind === "place") { // a county belongs to a city
      const r = await ask("cities");
      const fit = () => {
        const county = inputs.place.value === "county";
        inputs.parent.parentElement.hidden = !county;
        inputs.parent.replaceChildren(...(county && r.ok ? r.data.map((c) => make("option", { value: c.id }, pick(c.title))) : []));
      };
      inputs.place.addEventListener("change", fit);
      fit();
    }
  };
})(window.editor);
