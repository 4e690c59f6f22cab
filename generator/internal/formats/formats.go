// Package formats writes a plan as open data: the same facts in each format,
// under addresses that stay. A format is a value in [All]; adding one is a file
// and a line.
package formats

import (
	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Format is one data file of the site.
type Format struct {
	Path  string // slash path below the site's root; part of a promise to readers
	Write func(p *plan.Plan, s Site) ([]byte, error)
}

// Site is what data about a plan says of the site that publishes it.
type Site struct {
	BasePath string // path of the site's root on its host: "" or "/a/b"
	Origin   string // scheme and host before it: https://example.org/a/b; "" if unknown
	Book     *address.Book
}

// All lists every format of open data.
var All = []Format{
	{"data/measures.json", measuresJSON},
	{"data/terms.json", termsJSON},
}

// ForPrograms lists what search engines ask for.
var ForPrograms = []Format{
	{address.File(address.SiteIndex), sitemapIndex},
	{address.File(address.In(plan.ZH).Index()), sitemap(plan.ZH)},
	{address.File(address.In(plan.EN).Index()), sitemap(plan.EN)},
	{address.File(address.RobotsFile), robots},
}
