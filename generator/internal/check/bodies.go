package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// suspiciousBody asks: who acts is a person's judgement. It knows two ways in which
// a sentence names somebody who is to act. A body that is nothing else (国家发展改革委,
// 中央企业) acts wherever its name stands, but for the expressions that its hub lists.
// The name of a city or county is mostly a place; it acts after 支持, 鼓励, 推动, 指导
// or 与 and before a verb, and before 要.
var suspiciousBody = Check{
	ID: "suspicious-body",
	Doc: plan.Text{
		ZH: "句子让谁去做事（谁要做、支持谁做、与谁合作），就有谁的 bodies 标签；有标签的，句中都写出了名称",
		EN: "whoever a sentence makes act (who should, who is supported in it, with whom it is done) is a tag in bodies, and the sentence names everybody whom it is tagged with",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		named := newBodyNames(p)
		for u := range p.Units() {
			pos := in.Tree.TagPos(u.ID)
			if p.Bodies != nil {
				for _, b := range named.acting(u.Text.ZH) {
					if !slices.Contains(u.Bodies, b.ID) {
						report(pos, diag.Text("%[1]s 像是点名由%[3]s来做，但没有 bodies 标签 %[2]s", "%[1]s seems to name %[4]s as acting but is not tagged with %[2]s", u.ID, b.ID, b.Title.ZH, b.Title.EN),
							diag.Text(`句子让它去做事，就在 bodies="…" 中加上 %[1]s；只是提到，就在 content/bodies/%[1]s 的 homographs 里写上这个说法。`,
								`Is it to act? Then add %[1]s to bodies="…". If it is only mentioned, put the expression into homographs of content/bodies/%[1]s.`, b.ID))
					}
				}
			}
			for _, id := range u.Bodies {
				if calls, known := named.calls[id]; known && firstOf(calls, u.Text.ZH) == "" {
					report(pos, diag.Text("%s 加了 bodies 标签 %s，句中却没有它的名称", "%s is tagged with the body %s but does not name it", u.ID, id),
						diag.Text(`从 bodies="…" 中删去 %[1]s；方案另有写法的，写进 content/bodies/%[1]s 的 names。`,
							`Take %[1]s out of bodies="…"; where the plan has another name for it, put that into names of content/bodies/%[1]s.`, id))
				}
			}
		}
	},
}

// bodyNames finds bodies in Chinese text.
type bodyNames struct {
	calls   map[string][]string // by id: what may name the body
	always  nameTable
	governs nameTable      // of places
	asked   *regexp.Regexp // those where they are made to act
}

// called is a name and whose it is; nil of an expression that names nobody.
type called struct {
	name string
	body *plan.Body
}

// nameTable has names by their first character, the longest first.
type nameTable map[rune][]called

func byFirst(list []called) nameTable {
	slices.SortStableFunc(list, func(a, b called) int { return len(b.name) - len(a.name) })
	n := nameTable{}
	for _, c := range list {
		if c.name == "" {
			continue
		}
		first, _ := utf8.DecodeRuneInString(c.name)
		n[first] = append(n[first], c)
	}
	return n
}

// Words of a sentence that makes a city or county act.
const (
	urging  = `支持|鼓励|引导|推动|指导|与|同|和`
	doingTo = `与|同|和|要|应|建设|设立|创建|打造|开展|参与|探索|发展|培育|研究|推进|加强|加快|完善|健全|申报|合作|对口|协同|共同|建立|组织|落实|制定|编制|实施`
)

func newBodyNames(p *plan.Plan) *bodyNames {
	n := &bodyNames{calls: map[string][]string{}}
	places := map[string]*plan.Place{}
	for _, pl := range p.Places {
		places[pl.ID] = pl
	}
	var list []string
	var always, governs []called
	for _, b := range p.Bodies {
		place := places[b.Place]
		if b.Place != "" && place == nil {
			continue // its folder is gone or misspelt, which is told
		}
		calls := b.Calls(place)
		if place != nil {
			calls = append(calls, bracketed(place.Name.ZH))
		}
		calls = slices.DeleteFunc(calls, func(s string) bool { return s == "" })
		n.calls[b.ID] = calls
		for _, s := range b.Homographs {
			if s != "" {
				always = append(always, called{s, nil})
			}
		}
		for _, s := range calls {
			if b.Place == "" {
				always = append(always, called{s, b})
			} else {
				governs = append(governs, called{s, b})
				list = append(list, regexp.QuoteMeta(s))
			}
		}
	}
	// Terms that name something else hide the names in them: 地方政府 in a kind of bond.
	for _, t := range p.Terms {
		if ownNames[t.Kind] {
			always = append(always, called{t.ZH, nil})
		}
	}
	n.always, n.governs = byFirst(always), byFirst(governs)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	if len(list) > 0 {
		one := `(?:` + strings.Join(list, "|") + `)`
		many := one + `(?:(?:、|和|与)` + one + `)*(?:等(?:省际交界地区|城市|县市|地))?`
		n.asked = regexp.MustCompile(`(?:` + urging + `)(` + many + `)(?:的?(?:` + doingTo + `)|在[^，。；]*(?:` + doingTo + `))|(?:^|[，。；])(` + many + `)(?:要|应)`)
	}
	return n
}

// acting are the bodies that a sentence seems to make act.
func (n *bodyNames) acting(s string) (list []*plan.Body) {
	add := func(b *plan.Body) {
		if b != nil && !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	walk(s, titles.FindAllStringIndex(s, -1), n.always, add)
	if n.asked == nil {
		return list
	}
	for at := 0; at < len(s); {
		m := n.asked.FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		from, to := m[2], m[3]
		if from < 0 {
			from, to = m[4], m[5]
		}
		walk(s[at+from:at+to], nil, n.governs, add)
		at += to // what follows may be the next one: 支持龙岩与广州市
	}
	return list
}

// titles are names in their marks: what stands in them is part of a name.
var titles = regexp.MustCompile(`《[^》]*》|“[^”]*”`)

// walk goes through a text and gives whose names stand in it, at each place that of
// the longest.
func walk(s string, skip [][]int, of nameTable, add func(*plan.Body)) {
	for i := 0; i < len(s); {
		if n := slices.IndexFunc(skip, func(t []int) bool { return t[0] <= i && i < t[1] }); n >= 0 {
			i = skip[n][1]
			continue
		}
		first, size := utf8.DecodeRuneInString(s[i:])
		if n := slices.IndexFunc(of[first], func(c called) bool { return strings.HasPrefix(s[i:], c.name) }); n >= 0 {
			add(of[first][n].body)
			size = len(of[first][n].name)
		}
		i += size
	}
}
