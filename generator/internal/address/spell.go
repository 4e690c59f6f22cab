package address

// How addresses are spelled, each once.

import (
	"path"
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// In spells the addresses of one language.
type In plan.Lang

// Home is the language's first page.
func (l In) Home() string { return "/" + string(l) + "/" }

// Plan is the page with the whole plan.
func (l In) Plan() string { return l.Home() + "plan/" }

// Division is the page of a chapter or section by its id: c3, s4.
func (l In) Division(id string) string { return l.Plan() + id + "/" }

// Unit is the permanent address of a sentence.
func (l In) Unit(id plan.ID) string { return l.Home() + "m/" + string(id) + "/" }

// Version is the address of a sentence as it stood from a day on; name is that of the
// version (plan.VersionNames).
func (l In) Version(id plan.ID, name string) string { return l.Unit(id) + name + "/" }

// VersionID is what such an address is about.
func VersionID(id plan.ID, name string) string { return string(id) + "/" + name }

// TimeMap is the file with all versions of a sentence (RFC 7089). These files have a
// folder of their own, because hosts take the type of a file by folder.
func (l In) TimeMap(id plan.ID) string {
	return "/data/timemap/" + string(l) + "/" + string(id) + ".txt"
}

// List is the page of a kind that has one page in a language: Topics, Places,
// Bodies, Updates, Glossary, DataPage, SiteMap, Search, Components.
func (l In) List(k Kind) string { return l.Home() + string(k) + "/" }

// Hub is the page of a topic, place, body, topic in a place or update by its id, which
// TopicID, PlaceID, BodyID, CrossID and UpdateID make.
func (l In) Hub(id string) string { return l.Home() + id + "/" }

// Index is the language's site map for programs.
func (l In) Index() string { return l.Home() + "sitemap.xml" }

// Files for programs that belong to no language.
const (
	SiteIndex  = "/sitemap.xml"
	RobotsFile = "/robots.txt"
	WorkerFile = "/sw.js" // the service worker of a site that browsers keep

	MeasuresFile = "/data/measures.json" // every unit, as open data

	ManifestFile    = "/data/manifest.sha256" // the hash of every other file
	ManifestSM3File = "/data/manifest.sm3"    // the same by SM3, where the operator asks for it
	PublicKeyFile   = "/data/minisign.pub"    // by which the signature of the manifest is checked
	SignatureEnding = ".minisig"              // of the manifest's signature, behind its name
)

// Read is where a unit is read: its section, else its chapter, else the plan.
func (l In) Read(u *plan.Unit) string {
	switch {
	case u.Section > 0:
		return l.Division(SectionID(u.Section))
	case u.Chapter > 0:
		return l.Division(ChapterID(u.Chapter))
	}
	return l.Plan()
}

// SideBySide is the page with both languages beside that of a plan, chapter, section,
// topic or place.
func SideBySide(text string) string { return text + "parallel/" }

// FeedOf is the feed beside a page.
func FeedOf(page string) string { return page + "feed.xml" }

// MarkdownOf is the text of a page as Markdown, beside it.
func MarkdownOf(page string) string { return page + "index.md" }

// EntriesInFeed is how many entries a feed has; older ones are in archives.
const EntriesInFeed = 50

// ArchiveOf is the n-th archive of a feed, from 1, the oldest.
func ArchiveOf(feed string, n int) string {
	return strings.TrimSuffix(feed, "feed.xml") + "archive-" + strconv.Itoa(n) + "/feed.xml"
}

// ChapterID is how a chapter is called in addresses and fragments: c3.
func ChapterID(n int) string { return "c" + strconv.Itoa(n) }

// SectionID is how a section is called in addresses and fragments: s4.
func SectionID(n int) string { return "s" + strconv.Itoa(n) }

// TopicID is the id of a topic's hub: topics/ecology.
func TopicID(id string) string { return string(Topics) + "/" + id }

// PlaceID is the id of a place's hub: places/changting.
func PlaceID(id string) string { return string(Places) + "/" + id }

// BodyID is the id of a body's hub: bodies/fujian.
func BodyID(id string) string { return string(Bodies) + "/" + id }

// CrossID is the id of a topic in a place: topics/ecology/changting.
func CrossID(topic, place string) string { return TopicID(topic) + "/" + place }

// UpdateID is the id of an update by the name of its file.
func UpdateID(name string) string { return string(Updates) + "/" + name }

// TermIDs gives each term its fragment in the glossary, made of its English:
// t-soil-and-water-conservation.
func TermIDs(terms []plan.Term) []string {
	list := make([]string, len(terms))
	seen := map[string]int{}
	for i, t := range terms {
		words := strings.FieldsFunc(strings.ToLower(t.EN), func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9')
		})
		list[i] = "t-" + strings.Join(words, "-")
		if seen[list[i]]++; seen[list[i]] > 1 {
			list[i] += "-" + strconv.Itoa(seen[list[i]])
		}
	}
	return list
}

// File is the slash path of an address's file in a built tree.
func File(address string) string {
	name := strings.TrimPrefix(address, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	return name
}

// pagesDir is the folder whose pages stand at the top of their language.
const pagesDir = "pages"

// Path is where the site shows a file of Markdown, as Hugo does with the permalinks
// of hugo.toml: files of pages/ stand at the top by their last name alone.
func (m Markdown) Path() string {
	dir, base := path.Split(m.Name)
	if base == "_index" || base == "index" {
		dir, base = path.Split(strings.TrimSuffix(dir, "/"))
	}
	if first, _, _ := strings.Cut(m.Name, "/"); first == pagesDir {
		dir = ""
	}
	name := strings.ReplaceAll(strings.ToLower(path.Join(dir, base)), " ", "-")
	if name == "" {
		return In(m.Lang).Home()
	}
	return In(m.Lang).Home() + name + "/"
}
