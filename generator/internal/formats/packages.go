package formats

import (
	"cmp"
	"path"
	"strings"

	"minxi/generator/internal/plan"
)

// What describes the data as a whole: a Data Package (frictionlessdata.io, version 1)
// of what lies below /data/, and an RO-Crate (version 1.2) of the site. Both list every
// format by themselves.

const (
	packagePath = "data/datapackage.json"
	cratePath   = "ro-crate-metadata.json"
)

var dataPackage = Format{Path: packagePath, Type: "application/json", Write: packageJSON,
	Group: ofAll, Title: plan.Text{ZH: "数据包说明（Data Package）", EN: "Data Package"},
	About: plan.Text{ZH: "全部数据文件的清单，供 Frictionless 等工具一次载入。", EN: "The list of all data files, to be loaded at once by Frictionless and other tools."}}

var crate = Format{Path: cratePath, Type: "application/ld+json", Write: crateJSON,
	Group: ofAll, Title: plan.Text{ZH: "研究对象说明（RO-Crate）", EN: "RO-Crate"},
	About: plan.Text{ZH: "供科研数据仓库登记：是什么、谁印发、有哪些文件。", EN: "For repositories of research data: what this is, who issued it, and which files there are."}}

// ours says what the licence is about, where one is stated.
var ours = plan.Text{
	ZH: "许可只涉及英文译文、编号和标签；中文是公开发布的官方文件，不在许可之内。",
	EN: "The licence is about the English translation, the numbers, and the tags; the Chinese text is a published official document, in which it claims nothing.",
}

// title is the plan's title in both languages.
func title(p *plan.Plan) string {
	if p.Title.EN == "" {
		return p.Title.ZH
	}
	return p.Title.ZH + " · " + p.Title.EN
}

func inBoth(t plan.Text) string { return t.ZH + " " + t.EN }

func packageJSON(p *plan.Plan, s Site) ([]byte, error) {
	tables := map[string]object{
		measuresCSV.Path: tableSchema(measureColumns),
		termsCSV.Path:    tableSchema(termColumns),
	}
	var resources []object
	for _, f := range s.all {
		file, below := strings.CutPrefix(f.Main(), "data/")
		if !below || f.Path == packagePath {
			continue
		}
		name := strings.ReplaceAll(strings.ReplaceAll(file, "/", "-"), ".", "-")
		r := object{"name": name, "path": file, "title": inBoth(f.Title), "description": inBoth(f.About),
			"mediatype": f.Type, "format": strings.TrimPrefix(path.Ext(file), ".")}
		if !f.Binary {
			r["encoding"] = "utf-8"
		}
		if table, is := tables[f.Path]; is {
			r["profile"], r["schema"] = "tabular-data-resource", table
		}
		resources = append(resources, r)
	}
	pack := object{"profile": "data-package", "name": cmp.Or(slug(s.Document.Number.EN), "plan"), "title": cmp.Or(title(p), "plan"), "resources": resources}
	if s.Origin != "" {
		pack["homepage"] = s.Origin + "/"
	}
	if s.License != "" {
		pack["licenses"] = []object{{"path": s.License, "title": inBoth(ours)}}
	}
	if s.Document.Published != "" {
		pack["version"] = s.Document.Published
	}
	return indented(pack)
}

// tableSchema describes a table: Table Schema of frictionlessdata.io, version 1.
func tableSchema[T any](columns []column[T]) object {
	var fields []object
	schema := object{"missingValues": []string{""}}
	for _, c := range columns {
		f := object{"name": c.name, "title": c.about.ZH, "description": c.about.EN, "type": "string"}
		limits := object{"required": !c.more.empty}
		if c.kind == "integer" {
			f["type"] = "integer"
		}
		if c.more.enum != nil {
			limits["enum"] = c.more.enum
		}
		if c.more.match != "" {
			limits["pattern"] = c.more.match
		}
		if c.more.key {
			schema["primaryKey"], limits["unique"] = c.name, true
		}
		f["constraints"] = limits
		fields = append(fields, f)
	}
	schema["fields"] = fields
	return schema
}

func crateJSON(p *plan.Plan, s Site) ([]byte, error) {
	root := object{"@id": "./", "@type": "Dataset", "name": cmp.Or(title(p), "plan"), "inLanguage": []string{plan.ZH.Tag(), plan.EN.Tag()},
		"description": "方案全文逐句的中文原文、英文译文（非官方）、术语和引文。 Every sentence of the plan in Chinese and in unofficial English, with terms and citations."}
	graph := []object{
		{"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": object{"@id": "./"}, "conformsTo": object{"@id": "https://w3id.org/ro/crate/1.2"}},
		root,
	}
	if s.Document.Published != "" {
		root["datePublished"] = s.Document.Published
	}
	if s.Origin != "" {
		root["url"] = s.Origin + "/"
	}
	if s.License == "" {
		root["license"] = "未注明许可。 No licence is stated."
	} else {
		root["license"] = object{"@id": s.License}
		graph = append(graph, object{"@id": s.License, "@type": "CreativeWork", "name": s.License, "description": inBoth(ours)})
	}
	if i := s.Document.Issuer; i.ZH != "" {
		id := "#issuer"
		root["author"] = object{"@id": id}
		graph = append(graph, object{"@id": id, "@type": "GovernmentOrganization", "name": strings.TrimSpace(i.ZH + " " + i.EN)})
	}
	var parts []object
	for _, f := range s.all {
		if f.Path == cratePath {
			continue
		}
		file := f.Main()
		parts = append(parts, object{"@id": file})
		graph = append(graph, object{"@id": file, "@type": "File", "name": inBoth(f.Title), "description": inBoth(f.About), "encodingFormat": f.Type})
	}
	root["hasPart"] = parts
	return indented(object{"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph})
}
