package site

import (
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/cards"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// What pages show of themselves where they are shared: the card of a page, and the long
// picture of a topic or place. They are made of what their page shows, and drawn when
// somebody asks for them (package cards).

// HasTypeface reports whether a project has a typeface that pictures can be drawn with.
func HasTypeface(project fs.FS) bool {
	name, _ := typeface(project)
	return name != ""
}

// typeface finds it: the one that the project or its theme has for headings.
func typeface(project fs.FS) (name string, data []byte) {
	for _, dir := range []string{"assets/fonts", "themes/*/assets/fonts"} {
		files, _ := fs.Glob(project, path.Join(dir, "*.woff2"))
		for _, file := range files {
			if data, err := fs.ReadFile(project, file); err == nil && cards.Is(data) {
				return file, data
			}
		}
	}
	return "", nil
}

// openTypeface reads it; of one that is broken it tells.
func openTypeface(project fs.FS) (*cards.Face, error) {
	name, data := typeface(project)
	face, err := cards.Open(data)
	if err != nil {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "theme",
			Fact: diag.Text("这个字体文件坏了：%v", "this font file is broken: %v", err), Hint: restore}
	}
	return face, nil
}

// Picture is a card or a long picture.
type Picture struct {
	address.Address
	Entry string // its name in a cache: all that decides its bytes
	Draw  func() ([]byte, error)
}

// Pictures yields every picture of the site, as far as its address book has them.
func (s *Site) Pictures() iter.Seq[Picture] {
	return func(yield func(Picture) bool) {
		for a := range s.deriver.book.All() {
			if p, ok := s.Picture(a); ok && !yield(p) {
				return
			}
		}
	}
}

// Picture is the picture at an address, if one is there.
func (s *Site) Picture(a address.Address) (Picture, bool) {
	face := s.face
	if face == nil || a.Kind != address.Card && a.Kind != address.Picture {
		return Picture{}, false
	}
	defer s.deriver.own.opened()()
	l := pageIn{s.deriver, a.Lang}
	if a.Kind == address.Card {
		c := l.card(a.Of)
		return Picture{a, cache.Entry("picture", face.Sum[:], c.Key()), func() ([]byte, error) { return face.Card(c) }}, true
	}
	sheet := l.sheet(l.hubs[a.Of])
	return Picture{a, cache.Entry("picture", face.Sum[:], sheet.Key()), func() ([]byte, error) { return face.Sheet(sheet) }}, true
}

// pictureFacts are the long picture that a page offers.
type pictureFacts struct {
	Href string `json:"href"`
	KB   int    `json:"kb"`
}

// picture is the long picture of a page; nil if it has none.
func (l pageIn) picture(p *page) *pictureFacts {
	if kb := l.pictureKB(p.Path); kb > 0 {
		return &pictureFacts{address.PictureOf(address.FirstPart(p.Path)), kb}
	}
	return nil
}

// pictureKB is the size of the long picture of a page; 0 if it has none.
func (d *deriver) pictureKB(path string) int {
	a, has := d.book.Find(address.PictureOf(address.FirstPart(path)))
	if !has || d.sizeOf == nil {
		return 0
	}
	return (d.sizeOf(a) + 1023) / 1024
}

// cardOf is the card of a page: its own, or that of the home page; "" where there are
// none.
func (l pageIn) cardOf(path string) string {
	for _, page := range []string{address.FirstPart(path), l.at().Home()} {
		if a, has := l.book.Find(address.CardOf(page)); has {
			return a.Path
		}
	}
	return ""
}

// source says who issued the plan, and under which number.
func (l pageIn) source() string {
	issuer, _ := l.document.Issuer.Or(l.Lang)
	if short := l.document.Abbreviation; l.Lang == plan.EN && short != "" {
		issuer = short
	}
	number, _ := l.document.Number.Or(l.Lang)
	return strings.Trim(issuer+" · "+number, " ·")
}

// card is the card of the page that is about something: s3-2, c3, topics/ecology; of
// the home page where it is "".
func (l pageIn) card(of string) cards.Card {
	name, _ := l.in.Plan.SiteName().Or(l.Lang)
	c := cards.Card{English: l.Lang == plan.EN, Site: name, Source: l.source()}
	if c.English {
		c.Note = l.words.say(l.Lang, "cardNote")
	}
	if u := l.units[plan.ID(of)]; u != nil {
		var in plan.Lang
		c.Text, in = u.Text.Or(l.Lang)
		if c.English = in == plan.EN; !c.English {
			c.Note = ""
		}
		c.Label = l.numbered(u.ID)
		var where []string
		if u.in != nil {
			where = append(where, l.label(chapterOf(u.in)))
		}
		if topics, _ := l.tags(u.Unit); len(topics) > 0 {
			where = append(where, l.ref(topics[0]).Title.in(l.Lang))
		}
		c.Where = strings.Join(where, " · ")
		return c
	}
	if v := l.divisions[of]; v != nil {
		c.Label = l.label(v)
		if v.parent != nil {
			c.Label = l.label(v.parent) + " " + c.Label
		}
		c.Text, _ = called(v.title, v.units).Or(l.Lang)
		c.About = l.counted("measureCount", len(ofKind(allOf(v), plan.Measure)))
		return c
	}
	h := l.hubs[of]
	if h == nil { // the home page, whose name is the plan's
		c.Site, _ = l.document.Issuer.Or(l.Lang)
		c.Source, _ = l.document.Number.Or(l.Lang)
		c.Text, c.About = name, l.texts[textKey{"_index", l.Lang}].Description
		return c
	}
	c.Text = l.ref(h).Title.in(l.Lang)
	c.Label, c.About = l.hubWords(h)
	return c
}

// hubWords say what kind of hub it is, and what is to be found there.
func (l pageIn) hubWords(h *hub) (label, about string) {
	switch {
	case h.topic != nil:
		return l.words.say(l.Lang, "pictureTopic"), h.topic.Summary.In(l.Lang)
	case h.body != nil:
		return l.words.say(l.Lang, "bodies"), l.counted("measureCount", h.measures)
	case h.measures > 0:
		return l.words.say(l.Lang, "picturePlace"), l.counted("measuresHere", h.measures)
	case len(h.units) > 0:
		return l.words.say(l.Lang, "picturePlace"), l.words.say(l.Lang, "placeNotInMeasures")
	}
	return l.words.say(l.Lang, "picturePlace"), l.words.say(l.Lang, "placeNotNamed")
}

// counted is an interface text with a number; "" for none.
func (l pageIn) counted(key string, n int) string {
	if n == 0 {
		return ""
	}
	return l.words.say(l.Lang, key, n)
}

// label is how a chapter or section is numbered: 第三章.
func (l pageIn) label(v *plannedDivision) string {
	key := "chapterLabel"
	if v.parent != nil {
		key = "sectionLabel"
	}
	return l.words.fill(l.Lang, key, map[string]any{"Numeral": plan.Numeral(v.label), "Number": v.number})
}

// chapterOf is the chapter of a division.
func chapterOf(v *plannedDivision) *plannedDivision {
	if v.parent != nil {
		return v.parent
	}
	return v
}

// mostOnPicture is how many measures a long picture has: phones and messengers refuse
// pictures that are longer than some ten thousand pixels, or make them unreadable.
const mostOnPicture = 40

// sheet is the long picture of a topic or place: its measures, or as many of them as a
// picture has room for, and how many are left.
func (l pageIn) sheet(h *hub) cards.Sheet {
	name, _ := l.in.Plan.SiteName().Or(l.Lang)
	s := cards.Sheet{English: l.Lang == plan.EN, Site: name, Title: l.ref(h).Title.in(l.Lang), Source: l.source(),
		Address: l.in.Origin + l.at().Hub(h.id), Invites: l.words.say(l.Lang, "pictureScan")}
	s.Label, s.About = l.hubWords(h)
	s.Note = l.words.say(l.Lang, "sourceNote")
	if s.English {
		s.Note = l.words.say(l.Lang, "translationNote")
	}
	s.RestTitle = l.words.say(l.Lang, "pictureRest")
	room := mostOnPicture
	// add lists measures, and says of those that there is no room for how many they are.
	add := func(title string, list []*plan.Unit) {
		if len(list) == 0 {
			return
		}
		if room == 0 {
			s.Rest = append(s.Rest, title)
			return
		}
		if n := len(list) - room; n > 0 {
			s.Rest = append(s.Rest, l.words.fill(l.Lang, "pictureLeft", map[string]any{"Title": title, "Count": n}))
			list = list[:room]
		}
		room -= len(list)
		g := cards.Group{Title: title}
		for _, u := range list {
			text, _ := u.Text.Or(l.Lang)
			g.Items = append(g.Items, cards.Item{Label: l.numbered(u.ID), Text: text})
		}
		s.Groups = append(s.Groups, g)
	}
	measures := ofKind(h.units, plan.Measure)
	if h.topic != nil {
		var own, further []*plan.Unit
		for _, u := range measures {
			if topics, _ := l.tags(u); topics[0] == h {
				own = append(own, u)
			} else {
				further = append(further, u)
			}
		}
		add(l.counted("ownMeasures", len(own)), own)
		add(l.counted("otherMeasures", len(further)), further)
		return s
	}
	naming := func(name string, n int) string {
		return l.words.fill(l.Lang, "naming", map[string]any{"Name": name, "Count": n})
	}
	add(naming(l.only(h.place.Name).in(l.Lang), len(measures)), measures)
	if city := l.hubs[address.PlaceID(h.place.Parent)]; city != nil {
		var more []*plan.Unit
		for _, u := range ofKind(city.units, plan.Measure) {
			if !slices.Contains(measures, u) {
				more = append(more, u)
			}
		}
		add(naming(l.only(city.place.Title).in(l.Lang), len(more)), more)
	}
	if n := len(l.deriver.unplaced); n > 0 {
		s.Rest = append(s.Rest, l.words.say(l.Lang, "unplaced", n))
	}
	return s
}
