// Package readings keeps who has written, checked and released what is published: the
// three readings (三审三校) that many editors must show.
//
// What needs them stands in publish.toml:
//
//	[readings]
//	  updates   = ["written", "checked", "released"]
//	  sentences = ["checked"]
//
// An update bears the names in its Chinese front matter, under the same words. The
// names for sentences are rows of content/readings.csv. A row belongs to the words that
// were read, by a hash of both languages: who changes a sentence afterwards makes it
// unread again. Checking and building ask nothing; [Missing] is what publishing asks.
package readings

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Role is what somebody has done with a text. It is also the name of its column and of
// its line in front matter.
type Role string

// The roles, in their order.
const (
	Written  Role = "written"
	Checked  Role = "checked"
	Released Role = "released"
)

// Roles are all of them.
var Roles = []Role{Written, Checked, Released}

var roleNames = map[Role]plan.Text{
	Written:  {ZH: "撰稿", EN: "who wrote it"},
	Checked:  {ZH: "校对", EN: "who checked it"},
	Released: {ZH: "签发", EN: "who released it"},
}

// Rules say which names are needed.
type Rules struct{ Updates, Sentences []Role }

// File is where the names for sentences stand, in the content folder.
const File = "readings.csv"

const check = "readings"

// ReadRules reads what publish.toml in the project's folder asks for; nothing, if there
// is no such file or no [readings] in it.
func ReadRules(project fs.FS) (Rules, error) {
	const name = "publish.toml"
	data, err := fs.ReadFile(project, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Rules{}, nil
	}
	if err != nil {
		return Rules{}, err
	}
	var raw struct {
		Readings struct {
			Updates   []Role `toml:"updates"`
			Sentences []Role `toml:"sentences"`
		} `toml:"readings"`
	}
	if err := toml.Unmarshal(data, &raw); err != nil {
		return Rules{}, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: check,
			Fact: diag.Text("[readings] 写法不对：%v", "[readings] cannot be read: %v", err),
			Hint: diag.Text(`写成 updates = ["written", "checked", "released"]。`, `Write updates = ["written", "checked", "released"].`)}
	}
	for _, r := range slices.Concat(raw.Readings.Updates, raw.Readings.Sentences) {
		if !slices.Contains(Roles, r) {
			return Rules{}, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: check,
				Fact: diag.Text("[readings] 里没有“%s”这一审", "[readings] knows no “%s”", r),
				Hint: diag.Text("可用的有 written（撰稿）、checked（校对）、released（签发）。", "There are written, checked and released.")}
		}
	}
	return Rules{raw.Readings.Updates, raw.Readings.Sentences}, nil
}

// Any reports whether anything is asked for.
func (r Rules) Any() bool { return len(r.Updates)+len(r.Sentences) > 0 }

// Digest is of the words of a sentence in both languages, without markup.
func Digest(text plan.Text) string {
	sum := sha256.Sum256([]byte(text.ZH + "\n" + text.EN))
	return hex.EncodeToString(sum[:8])
}

var heading = []string{"id", "text", string(Written), string(Checked), string(Released)}

// Table is what content/readings.csv has of each sentence: the words that were read, and
// by whom.
type Table map[plan.ID]row

type row struct {
	words string
	names map[Role]string
}

// Read reads content/readings.csv; nil is a project without one.
func Read(doc *content.Document) (Table, error) {
	t := Table{}
	if doc == nil {
		return t, nil
	}
	if !slices.Equal(doc.Heading(), heading) {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: doc.Name, Line: 1}, Check: check,
			Fact: diag.Text("表头应是 %s", "its heading is %s", strings.Join(heading, ",")),
			Hint: diag.Text("从版本记录里恢复它；名字用 generator reading 记。", "Restore it from the history; names are entered with generator reading.")}
	}
	for _, r := range doc.Rows() {
		one := row{r.Cell("text"), map[Role]string{}}
		for _, role := range Roles {
			one.names[role] = strings.TrimSpace(r.Cell(string(role)))
		}
		t[plan.ID(r.Cell("id"))] = one
	}
	return t, nil
}

// Name is who has done this with a sentence of these words ([Digest]); "" for nobody.
func (t Table) Name(id plan.ID, words string, role Role) string {
	if t[id].words != words {
		return ""
	}
	return t[id].names[role]
}

// mostTold is how many sentences are named that lack a name.
const mostTold = 20

// Missing tells which updates and sentences lack a name that the rules ask for, at their
// places. Drafts are not published and lack none.
func Missing(tree *content.Tree, dir string, rules Rules) (diag.List, error) {
	var found diag.List
	lack := func(pos diag.Pos, what string, roles []Role, hint plan.Text) {
		var zh, en []string
		for _, r := range roles {
			zh, en = append(zh, roleNames[r].ZH), append(en, roleNames[r].EN)
		}
		found = append(found, diag.Diagnostic{Pos: pos, Check: check,
			Fact: diag.Text("%[1]s：还缺%[2]s人的名字", "%[1]s: it is not said %[3]s", what, strings.Join(zh, "、"), strings.Join(en, ", ")), Hint: hint})
	}
	for _, u := range tree.Plan.Updates {
		if u.Draft || len(rules.Updates) == 0 {
			continue
		}
		name := path.Join(dir, "updates", u.Name+".zh.md")
		doc := tree.Document(name)
		var roles []Role
		for _, r := range rules.Updates {
			if doc == nil || strings.TrimSpace(doc.Value(string(r))) == "" {
				roles = append(roles, r)
			}
		}
		if len(roles) > 0 {
			lack(diag.Pos{File: name, Line: 1}, u.Name, roles, diag.Text("在编辑器里打开这条动态的中文，写在“其他”里；或写在文件开头，如 checked: 张三。", "Open its Chinese in the editor and write the names below “More”, or at the top of the file, as in checked: 张三."))
		}
	}
	if len(rules.Sentences) == 0 {
		return found.Sort(), nil
	}
	table, err := Read(tree.Document(path.Join(dir, File)))
	if err != nil {
		return nil, err
	}
	told := 0
	var others int
	for u := range tree.Plan.Units() {
		words := Digest(u.Text)
		var roles []Role
		for _, role := range rules.Sentences {
			if table.Name(u.ID, words, role) == "" {
				roles = append(roles, role)
			}
		}
		switch {
		case len(roles) == 0:
		case told == mostTold:
			others++
		default:
			told++
			pos := tree.UnitPos(u.ID, plan.EN)
			if pos.File == "" {
				pos = tree.UnitPos(u.ID, plan.ZH)
			}
			lack(pos, string(u.ID), roles, diag.Text("读过现在的文字之后，在编辑器里这一句下面写上名字，或运行 generator reading %[1]s %[2]s --name 张三。", "When somebody has read it as it stands, write the name below the sentence in the editor, or run generator reading %[1]s %[2]s --name 张三.", roles[0], u.ID))
		}
	}
	found = found.Sort()
	if others > 0 {
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: path.Join(dir, File)}, Check: check,
			Fact: diag.Text("另有 %d 句也缺名字", "%d more sentences lack names", others),
			Hint: diag.Text("全部读过的话，all 代替编号：generator reading checked all --name 张三。", "If all were read, write all for the ids: generator reading checked all --name 张三.")})
	}
	return found, nil
}

// Enter gives the bytes of a table of readings (nil for none) in which a name is entered
// for sentences, and those of them whose row has changed; words are the sentences as they
// were read ([Digest]). Names that were given to other words of a sentence go: those were
// not these. Of all else every byte stays.
func Enter(table *content.Document, words map[plan.ID]string, role Role, name string) ([]byte, []plan.ID, error) {
	if table == nil {
		table, _ = content.Parse("content", File, []byte(strings.Join(heading, ",")+"\n"))
	}
	rows, err := Read(table)
	if err != nil {
		return nil, nil, err
	}
	known := slices.SortedFunc(maps.Keys(rows), plan.ID.Compare)
	var changes []content.RowChange
	var entered []plan.ID
	for _, id := range slices.SortedFunc(maps.Keys(words), plan.ID.Compare) {
		old, has := rows[id]
		values := map[string]string{"id": string(id), "text": words[id], string(role): name}
		switch {
		case has && old.words == words[id] && old.names[role] == name, !has && name == "":
			continue
		case has && old.words != words[id]:
			for _, other := range Roles {
				if other != role {
					values[string(other)] = ""
				}
			}
		}
		after := heading[0]
		if i, _ := slices.BinarySearchFunc(known, id, plan.ID.Compare); i > 0 {
			after = string(known[i-1])
		}
		changes = append(changes, content.RowChange{Key: string(id), Values: values, After: after})
		entered = append(entered, id)
	}
	if len(changes) == 0 {
		return table.Data, nil, nil
	}
	data, err := table.SetRows(changes...)
	return data, entered, err
}
