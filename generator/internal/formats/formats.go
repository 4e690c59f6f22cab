// Package formats writes a plan as open data: the same facts in each format,
// under addresses that stay. A format is a value in [All]; adding one is a file
// and a line. The address book, the page about the data, the checks and the build
// have it from there.
//
// cite.go and bibliography.go say how a sentence is quoted and cited, on pages and
// in the files of reference managers alike.
package formats

import (
	"iter"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/epub"
	"minxi/generator/internal/plan"
)

// Format is one kind of data file of the site.
type Format struct {
	// Path is the slash path below the site's root; part of a promise to readers.
	// An asterisk in it stands for “plan” and for the id of each section: the
	// number of files grows with the sections, and not with the sentences.
	Path string
	Type string // media type
	// Binary says that its files are no text: they are of no encoding.
	Binary bool
	// Langs are the languages of an edition that people read; nil of what programs read.
	Langs []plan.Lang
	Group plan.Text // under which the page about the data has it; those of a group stand together
	Title plan.Text // what it is called
	About plan.Text // who it is for, in a sentence
	Write func(p *plan.Plan, s Site) ([]byte, error)
	// Each takes the place of Write in a format with an asterisk: it writes the file
	// of a section's id or of “plan”.
	Each func(p *plan.Plan, s Site) func(of string) ([]byte, error)
}

// Site is what data about a plan says of the site that publishes it.
type Site struct {
	BasePath string // path of the site's root on its host: "" or "/a/b"
	Origin   string // scheme and host before it: https://example.org/a/b; "" if unknown
	Book     *address.Book
	Document plan.Document
	License  string    // address of the licence of what is the site's own: the translation, numbers and tags; "" if none is stated
	Books    epub.Kept // what earlier books were compressed to; nil for nothing

	all []Format // that the site has, for those that list them
}

// The groups of formats.
var (
	ofReading   = plan.Text{ZH: "离线阅读", EN: "To read offline"}
	ofSentences = plan.Text{ZH: "句子", EN: "Sentences"}
	ofText      = plan.Text{ZH: "全文", EN: "The whole text"}
	ofTerms     = plan.Text{ZH: "术语", EN: "Terms"}
	ofCitations = plan.Text{ZH: "引文", EN: "Citations"}
	ofAll       = plan.Text{ZH: "整个网站", EN: "The whole site"}
)

// All lists every format of open data, in the order in which readers see them.
var All = []Format{
	bookChinese,
	bookEnglish,
	bookBilingual,
	measures,
	measuresLines,
	measuresCSV,
	measuresCSVW,
	memory,
	measuresSchema,
	akomaNtoso(plan.ZH),
	akomaNtoso(plan.EN),
	terms,
	termsCSV,
	termbase,
	termsSchema,
	bibTeX,
	ris,
	cslJSON,
	dataPackage,
	crate,
	llms,
}

// ForPrograms lists what search engines ask for.
var ForPrograms = []Format{
	{Path: address.File(address.SiteIndex), Write: sitemapIndex},
	{Path: address.File(address.In(plan.ZH).Index()), Write: sitemap(plan.ZH)},
	{Path: address.File(address.In(plan.EN).Index()), Write: sitemap(plan.EN)},
	{Path: address.File(address.RobotsFile), Write: robots},
}

// Paths are the slash paths of a format's files.
func (f Format) Paths(p *plan.Plan) []string {
	list := []string{f.Main()}
	if f.Each == nil {
		return list
	}
	for s := range p.Sections() {
		list = append(list, f.at(address.SectionID(s.Number)))
	}
	return list
}

// Main is the path of a format's file about the whole plan.
func (f Format) Main() string { return f.at(wholePlan) }

// Whole is that file's content.
func (f Format) Whole(p *plan.Plan, s Site) ([]byte, error) {
	s.all = All
	if f.Each == nil {
		return f.Write(p, s)
	}
	return f.Each(p, s)(wholePlan)
}

func (f Format) at(of string) string { return strings.Replace(f.Path, "*", of, 1) }

// Files yields a format's files, each with what writes it.
func (f Format) Files(p *plan.Plan, s Site) iter.Seq2[string, func() ([]byte, error)] {
	return func(yield func(string, func() ([]byte, error)) bool) {
		s.all = All
		if f.Each == nil {
			yield(f.Path, func() ([]byte, error) { return f.Write(p, s) })
			return
		}
		each := f.Each(p, s)
		before, after, _ := strings.Cut(f.Path, "*")
		for _, path := range f.Paths(p) {
			of := strings.TrimSuffix(strings.TrimPrefix(path, before), after)
			if !yield(path, func() ([]byte, error) { return each(of) }) {
				return
			}
		}
	}
}

// Addresses are the root-relative addresses of every data file of a plan.
func Addresses(p *plan.Plan) (list []string) {
	for _, f := range All {
		for _, path := range f.Paths(p) {
			list = append(list, "/"+path)
		}
	}
	return list
}
