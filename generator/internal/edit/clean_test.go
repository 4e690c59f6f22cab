package edit

import (
	"testing"

	"minxi/generator/internal/plan"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		lang           plan.Lang
		in, out, would string
	}{
		{plan.ZH, "\ufeff推\u200b广\u2060龙岩\u00ad长汀\u202e。", "推广龙岩长汀。", "推广龙岩长汀。"},
		{plan.ZH, "一\u2028二\r\n三\r四\v五", "一\n二\n三\n四\n五", "一\n二\n三\n四\n五"},
		{plan.ZH, "长汀\u00a05\u2009公里", "长汀 5 公里", "长汀 5 公里"},
		{plan.ZH, "丢了\ufffd字", "丢了\ufffd字", "丢了\ufffd字"},
		{plan.ZH, `推广"长汀经验",支持'宁化'.`, `推广"长汀经验",支持'宁化'.`, `推广“长汀经验”，支持‘宁化’。`},
		{plan.ZH, `"一"和"二"`, `"一"和"二"`, `“一”和“二”`},
		{plan.ZH, "长汀(龙岩)、连城 (Liancheng, Fujian)", "长汀(龙岩)、连城 (Liancheng, Fujian)", "长汀（龙岩）、连城 (Liancheng, Fujian)"},
		{plan.ZH, "好吗? 好!", "好吗? 好!", "好吗？好！"},
		{plan.ZH, "到10:30,共1,000人,占3.5%...", "到10:30,共1,000人,占3.5%...", "到10:30，共1,000人，占3.5%..."},
		{plan.ZH, "等等...--再说", "等等...--再说", "等等……--再说"},
		{plan.ZH, "他说--是的", "他说--是的", "他说——是的"},
		{plan.ZH, "　　段首", "　　段首", "段首"},
		{plan.ZH, "２０２５年ＧＤＰ", "２０２５年ＧＤＰ", "2025年GDP"},
		{plan.ZH, "1.推广\n2.支持", "1.推广\n2.支持", "1.推广\n2.支持"},
		{plan.ZH, "见[网页](https://example.org/a,b?c)和`a,b`,https://例.org/长,汀 完", "见[网页](https://example.org/a,b?c)和`a,b`,https://例.org/长,汀 完", "见[网页](https://example.org/a,b?c)和`a,b`,https://例.org/长,汀 完"},
		{plan.ZH, "![图](a.png)说明:见 **图**!", "![图](a.png)说明:见 **图**!", "![图](a.png)说明：见 **图**!"},
		{plan.ZH, "McDonald's 和 it's", "McDonald's 和 it's", "McDonald's 和 it's"},
		{plan.ZH, "## 标题 {#a,b}", "## 标题 {#a,b}", "## 标题 {#a,b}"},
		{plan.EN, `The "Four Good" roads, Longyan's 'old' area.`, `The "Four Good" roads, Longyan's 'old' area.`, "The “Four Good” roads, Longyan’s ‘old’ area."},
		{plan.EN, `("a") and the counties' plans`, `("a") and the counties' plans`, "(“a”) and the counties’ plans"},
		{plan.EN, "Changting，Ninghua（Fujian）and 《Plan》。", "Changting，Ninghua（Fujian）and 《Plan》。", "Changting, Ninghua (Fujian) and “Plan”."},
		{plan.EN, "２０２５：ＧＤＰ", "２０２５：ＧＤＰ", "2025: GDP"},
		{plan.EN, "a -- b\n\n---\n\n| a | b |\n|---|:--|", "a -- b\n\n---\n\n| a | b |\n|---|:--|", "a — b\n\n---\n\n| a | b |\n|---|:--|"},
		{plan.EN, "see [\"x\"](/en/a \"t\") `\"`", "see [\"x\"](/en/a \"t\") `\"`", "see [“x”](/en/a \"t\") `\"`"},
		{"", "\u200ba \"b\"", "a \"b\"", "a \"b\""},
	} {
		out, list := Clean(c.in, c.lang)
		if out != c.out {
			t.Errorf("%q became %q, not %q", c.in, out, c.out)
			continue
		}
		if got := Apply(out, list); got != c.would {
			t.Errorf("%q would become %q, not %q", c.in, got, c.would)
		}
	}
	_, list := Clean("𠮷,汀", plan.ZH)
	if a, b := list[0].UTF16("𠮷,汀"); a != 2 || b != 3 {
		t.Errorf("a browser counts %d, %d", a, b)
	}
}

// TestCleanContent has nothing to say of the portal's own sentences.
func TestCleanContent(t *testing.T) {
	root := "../../.."
	d := desk(t, root, "")
	n := 0
	for _, id := range []plan.ID{"s3-1", "s3-2", "s8-3", "s14-2", "s20-1", "p-1", "c1-2"} {
		u, err := d.Unit(id)
		if err != nil {
			t.Fatal(err)
		}
		for lang, v := range map[plan.Lang]Version{plan.ZH: u.Chinese, plan.EN: u.English} {
			n++
			if text, list := Clean(v.Text, lang); text != v.Text || len(list) > 0 {
				t.Errorf("%s %s would become %q", id, lang, Apply(text, list))
			}
		}
	}
	for _, name := range []string{"about", "open-data"} {
		for _, lang := range plan.Langs {
			p, err := d.Page("content/pages/" + name + "." + string(lang) + ".md")
			if err != nil {
				continue
			}
			n++
			if text, list := Clean(p.Body.Text, lang); text != p.Body.Text || len(list) > 0 {
				for _, s := range list {
					t.Errorf("%s: %q would become %q", p.File, text[max(0, s.Start-20):min(len(text), s.End+20)], s.To)
				}
			}
		}
	}
	if n < 16 {
		t.Errorf("only %d texts", n)
	}
}

// FuzzClean keeps what people see.
func FuzzClean(f *testing.F) {
	f.Add("推广\"长汀\",\u200b(a)…", true)
	f.Add("**\"a\"** -- '[b](c)'", false)
	f.Fuzz(func(t *testing.T, text string, zh bool) {
		lang := plan.EN
		if zh {
			lang = plan.ZH
		}
		if len(text) > 2<<10 {
			return
		}
		out, list := Clean(text, lang)
		if again, _ := Clean(out, lang); again != out {
			t.Fatalf("%q, cleaned again, is %q", out, again)
		}
		end := 0
		for _, s := range list {
			if s.Start < end || s.End <= s.Start || s.End > len(out) || out[s.Start:s.End] == s.To {
				t.Fatalf("%q: %+v", out, list)
			}
			end = s.End
		}
		Apply(out, list)
	})
}
