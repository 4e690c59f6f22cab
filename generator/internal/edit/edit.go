// Package edit is the only way in which the program changes what people have written:
// it saves one piece of the content folder and touches nothing else.
//
// # Pieces
//
// A [Ref] names a piece, the smallest thing that two people can change at the same
// time without disturbing each other:
//
//	{ID: "s3-2", Field: "en"}                                   the English of a sentence
//	{ID: "s3-2", Field: "topics"}                               its tags: topics, places, bodies
//	{ID: "s3-2", Field: "checked"}                              who has read it as it stands (reading.go)
//	{File: "content/topics/ecology/_index.zh.md", Field: "title"}   a value of front matter
//	{File: "content/pages/about.en.md", Field: "body"}          the text of a page, hub or update
//	{File: "content/termbase.csv", Row: "长汀", Field: "en"}      a cell of the termbase
//	{File: "content/updates/2024-05-01-water.zh.md", Field: "file"} a whole file, also a new one
//
// The plan's Chinese, {ID: "s3-2", Field: "zh"}, can be read and is never written: one
// changed comma makes it false. It is revised through import.
//
// # Saving
//
// [Desk.Read] gives a piece with its hash. Whoever changes it hands both back to
// [Desk.Save]: the new text and the hash of what they saw. Where another text stands by
// then, the answer is a [Conflict] with the three versions, and nothing is written.
// Everything else that has changed in the same file meanwhile stays: pieces merge by
// their names, not by lines.
//
// Under a lock that other programs and other machines on a shared folder respect
// (lock.go), the file is read, changed by package content, which proves that nothing
// else differs, entered in the journal (journal.go), and replaced in one step by a
// file written beside it (disk.go). Killed at any moment, the old file or the new one
// is there, whole, and every text that was ever replaced is in the journal.
//
// # Reading order
//
// The desk in this file; what each kind of piece is in piece.go; disk.go, lock.go and
// journal.go below it; going back in undo.go; acceptance.go for the ledger, reading.go for
// the three readings and history.go for the history of sentences; presence.go for who else is there, author.go for who one
// is; clean.go and paste.go for what people paste; encoding.go for files in other
// encodings.
package edit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Ref names a piece; see the package comment.
type Ref struct {
	ID    plan.ID `json:"id,omitempty"`   // of a sentence
	File  string  `json:"file,omitempty"` // project-relative slash path, of everything else
	Row   string  `json:"row,omitempty"`  // of a table: what stands in its first column
	Field string  `json:"field"`
}

// Fields that are no names of front matter, tags or columns.
const (
	Chinese = "zh"   // of a sentence, read only
	English = "en"   // of a sentence: inline Markdown
	Body    = "body" // of a page, hub or update: Markdown
	Whole   = "file" // the whole text of a file
	Row     = "row"  // of a table: all of it; saving "" takes it out
)

// String is how a Ref is written on the command line and in messages: s3-2/en,
// content/pages/about.en.md#title, content/termbase.csv#长汀/en.
func (r Ref) String() string {
	switch {
	case r.ID != "":
		return string(r.ID) + "/" + r.Field
	case r.Row != "":
		return r.File + "#" + r.Row + "/" + r.Field
	}
	return r.File + "#" + r.Field
}

// ParseRef reads what [Ref.String] writes. An id alone is its English, a file alone the
// whole file.
func ParseRef(s string) (Ref, error) {
	head, field, cut := strings.Cut(s, "/")
	if _, _, _, err := plan.ID(head).Parse(); err == nil {
		if !cut {
			field = English
		}
		return Ref{ID: plan.ID(head), Field: field}, nil
	}
	file, rest, cut := strings.Cut(s, "#")
	if !cut {
		rest = Whole
	}
	r := Ref{File: file, Field: rest}
	if i := strings.LastIndex(rest, "/"); i >= 0 && strings.HasSuffix(file, ".csv") {
		r.Row, r.Field = rest[:i], rest[i+1:]
	}
	if file == "" || r.Field == "" {
		return Ref{}, diag.Diagnostic{Check: "edit", Fact: diag.Text("“%s”不指什么", "“%s” names nothing that could be changed", s),
			Hint: diag.Text("写编号如 s3-2，或文件如 content/pages/about.en.md。", "Write an id such as s3-2, or a file such as content/pages/about.en.md.")}
	}
	return r, nil
}

// Version is a piece as it stands.
type Version struct {
	Ref  Ref      `json:"ref"`
	Text string   `json:"text"` // with \n for line breaks; "" where there is none
	Hash string   `json:"hash"` // of Text; "" of ""
	Pos  diag.Pos `json:"pos"`  // where it stands, as far as it does
}

// Change is one thing that a person saves.
type Change struct {
	Ref  Ref
	Text string
	Base string // the Hash of what the person saw before changing it
	Why  string // goes into the journal, and into the ledger where it is accepted

	// Accept enters the English of a sentence in the ledger as made from the Chinese as
	// it is. Without it, an English that was stale stays so, and a new one counts as stale.
	Accept bool

	// Words is what was read, as readings.Digest has it, where the change is the name of
	// who has read a sentence; "" is the sentence as it stands.
	Words string

	back bool // what stood there once, which also the ledger takes
}

// Saved is what a change has become.
type Saved struct {
	Version
	Time    time.Time `json:"time"`
	Entry   string    `json:"entry,omitempty"` // its id in the journal; "" where nothing had to be written
	Changed bool      `json:"changed"`         // false: it was there already
}

// Outcome is what has become of one of several changes.
type Outcome struct {
	Saved
	Err error `json:"-"` // why it was not saved: a *Conflict or a finding
}

// Conflict is the answer to a change of a piece that somebody else has changed
// meanwhile. Nothing was written. Whoever has decided between the versions saves again
// with the hash of Theirs as Base.
type Conflict struct {
	Ref    Ref      `json:"ref"`
	Pos    diag.Pos `json:"pos"`
	Base   string   `json:"base"`   // what both began from; "" where it is not known
	Known  bool     `json:"known"`  // whether Base is known
	Mine   string   `json:"mine"`   // what was to be saved
	Theirs Version  `json:"theirs"` // what stands there now

	// Merged has the lines of both, where a text of several lines was changed in
	// different places; "" otherwise. It is an offer, which somebody has to read.
	Merged string `json:"merged,omitempty"`

	Who  string    `json:"who,omitempty"` // who saved Theirs, and when, as far as the journal knows
	When time.Time `json:"when,omitzero"`
}

// Diagnostic tells of the conflict.
func (c *Conflict) Diagnostic() diag.Diagnostic {
	who := plan.Text{ZH: "别人", EN: "somebody else"}
	if c.Who != "" {
		who = plan.Text{ZH: c.Who, EN: c.Who}
	}
	return diag.Diagnostic{Pos: c.Pos, Check: "conflict",
		Fact: diag.Text("%[1]s：您动笔以后，%[2]s也改了这一处", "%[1]s: %[3]s has changed this since you began", c.Ref, who.ZH, who.EN),
		Hint: diag.Text("什么也没有写。请比较两个版本，决定用哪一个，再保存。", "Nothing was written. Compare the two versions, decide, and save again.")}
}

func (c *Conflict) Error() string { return c.Diagnostic().Error() }

// As lets package diag print a conflict as a finding.
func (c *Conflict) As(target any) bool {
	d, ok := target.(*diag.Diagnostic)
	if ok {
		*d = c.Diagnostic()
	}
	return ok
}

// Desk is where people work on one project folder. It may be used by any number of
// goroutines, and any number of desks, programs and machines may work on one folder.
type Desk struct {
	disk  disk
	who   string
	now   func() time.Time
	lock  *folderLock
	mu    sync.Mutex // one save at a time
	seen  memory
	plan  planFiles
	tales *journal
	there presences
}

// Options are what a desk may be told.
type Options struct {
	Who string           // the name that goes into the journal; "" is that of [Author]
	Now func() time.Time // for tests; nil is time.Now
}

// dir is the content folder of a project.
const dir = "content"

// Open prepares to work on the project folder root. It changes nothing.
func Open(root string, o Options) (*Desk, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Desk{disk: folder{r}, who: o.Who, now: o.Now}
	d.lock = newLock(root, d.disk, o.Who)
	d.tales = &journal{disk: d.disk, now: o.Now}
	return d, nil
}

// Close lets go of the folder.
func (d *Desk) Close() error { return d.disk.Close() }

// Read gives a piece as it stands.
func (d *Desk) Read(ref Ref) (Version, error) {
	p, err := d.piece(ref)
	if err != nil {
		return Version{}, err
	}
	doc, err := d.document(p.file)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && p.mayBegin) {
		return Version{}, err
	}
	return d.version(p, doc), nil
}

// version is a piece as it stands in a document; nil is a file that is not there.
func (d *Desk) version(p piece, doc *content.Document) Version {
	v := Version{Ref: p.ref, Pos: diag.Pos{File: p.file}}
	if doc != nil {
		v.Text, v.Pos = p.kind.read(doc, p)
		v.Pos.File = p.file
	}
	v.Hash = plan.Hash(v.Text)
	d.seen.keep(v.Hash, v.Text)
	return v
}

// Unit is a sentence with everything that staff see of it.
type Unit struct {
	ID      plan.ID            `json:"id"`
	Chinese Version            `json:"zh"`
	English Version            `json:"en"`
	Tags    map[string]Version `json:"tags"` // topics, places, bodies
}

// Unit gives a sentence as it stands.
func (d *Desk) Unit(id plan.ID) (Unit, error) {
	u := Unit{ID: id, Tags: map[string]Version{}}
	var err error
	get := func(field string) (v Version) {
		if err == nil {
			v, err = d.Read(Ref{ID: id, Field: field})
		}
		return v
	}
	u.Chinese = get(Chinese)
	if err == nil && u.Chinese.Text == "" {
		return Unit{}, noUnit(id)
	}
	u.English = get(English)
	for _, tag := range content.Tags {
		u.Tags[tag] = get(tag)
	}
	return u, err
}

func noUnit(id plan.ID) error {
	return diag.Diagnostic{Check: "edit", Fact: diag.Text("方案里没有 %s", "the plan has no %s", id), Hint: diag.Text("请检查编号。", "Check the id.")}
}

// Page is a Markdown file with everything that staff change in it.
type Page struct {
	File   string             `json:"file"`
	Fields []string           `json:"fields"` // in the order in which they are explained
	Values map[string]Version `json:"values"`
	Body   Version            `json:"body"` // of a file of the plan: read only and empty
}

// Page gives a page, hub, update or division as it stands: its front matter, and its
// body where that is not made of sentences.
func (d *Desk) Page(file string) (Page, error) {
	p, err := d.piece(Ref{File: file, Field: Whole})
	if err != nil {
		return Page{}, err
	}
	doc, err := d.document(p.file)
	if err != nil {
		return Page{}, err
	}
	page := Page{File: p.file, Fields: doc.Fields(), Values: map[string]Version{}}
	for _, name := range page.Fields {
		page.Values[name] = d.version(piece{ref: Ref{File: file, Field: name}, file: file, kind: fieldPiece}, doc)
	}
	if !doc.InPlan() {
		page.Body = d.version(piece{ref: Ref{File: file, Field: Body}, file: file, kind: bodyPiece}, doc)
	}
	return page, nil
}

// Save writes one change. The error is a *[Conflict], a finding that says why it cannot
// be, or one of the system's; nothing was written then.
func (d *Desk) Save(ctx context.Context, c Change) (Saved, error) {
	all, err := d.SaveAll(ctx, "", c)
	if err != nil {
		return Saved{}, err
	}
	return all[0].Saved, all[0].Err
}

// SaveAll writes several changes that belong together, by the name who ("" is the
// desk's): what a form has, or a translator's file. Each has an outcome of its own, so
// that one conflict does not hold up the others. The error is one that kept all or the
// rest of them from being written: what then stands on the disk is told by reading it.
func (d *Desk) SaveAll(ctx context.Context, who string, changes ...Change) ([]Outcome, error) {
	end, err := d.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return d.save(d.name(who), slices.Clone(changes), true)
}

// alone waits until nobody else writes here; end lets them again.
func (d *Desk) alone(ctx context.Context) (end func(), err error) {
	d.mu.Lock()
	unlock, err := d.lock.take(ctx)
	if err != nil {
		d.mu.Unlock()
		return nil, err
	}
	return func() {
		unlock()
		d.mu.Unlock()
	}, nil
}

// name is the name that goes into the journal.
func (d *Desk) name(who string) string {
	if who = cmp.Or(who, d.who); who == "" {
		who, _ = Author()
	}
	return who
}

// Try tells what [Desk.SaveAll] would do, and writes nothing.
func (d *Desk) Try(changes ...Change) ([]Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.save(d.who, slices.Clone(changes), false)
}

// write is a file that is to be replaced.
type write struct {
	doc   *content.Document // as the changes so far have made it; nil for one that is not there
	data  []byte            // as it will be
	tales []Entry
}

// save does it, under the lock, or does everything but writing.
func (d *Desk) save(who string, changes []Change, really bool) ([]Outcome, error) {
	out := make([]Outcome, len(changes))
	writes := map[string]*write{}
	var order []string // of files
	at := d.now()
	set := newID(at)
	var accept []acceptance
	for i, c := range changes {
		p, err := d.piece(c.Ref)
		if err == nil && c.back && (p.file == ledgerFile || p.file == readingsFile) {
			p.kind = cellPiece
		}
		if err == nil && p.kind.write == nil {
			err = readOnly(p)
		}
		if err == nil && c.Words != "" && c.Words != p.words {
			err = otherWords(p)
		}
		if err != nil {
			out[i].Err = err
			continue
		}
		w := writes[p.file]
		if w == nil {
			doc, err := d.document(p.file)
			if err != nil && !(errors.Is(err, fs.ErrNotExist) && p.mayBegin) {
				out[i].Err = d.missing(p, err)
				continue
			}
			w = &write{doc: doc}
			writes[p.file] = w
			order = append(order, p.file)
		}
		now := w.doc
		have := d.version(p, now)
		text := normal(c.Text)
		if plan.Hash(text) != have.Hash && c.Base != have.Hash {
			out[i].Err = d.conflict(c, text, have)
			continue
		}
		data, err := p.kind.write(d, now, p, text)
		if err != nil {
			out[i].Err = err
			continue
		}
		if now == nil || string(data) != string(now.Data) {
			next, err := parse(p.file, data)
			if err != nil { // the change would make the file unreadable
				out[i].Err = err
				continue
			}
			w.doc, w.data = next, data
			out[i].Changed = true
			out[i].Entry = fmt.Sprintf("%s-%d", set, i)
			if row := c.Ref.Row; row != "" && have.Text == row && text != "" { // the term itself: it has another name now
				c.Ref.Row, p.ref.Row, changes[i].Ref.Row = text, text, text
			}
			v := d.version(p, next)
			w.tales = append(w.tales, Entry{ID: out[i].Entry, Set: set, Time: at, Who: who, Ref: c.Ref, File: p.file,
				Before: have.Text, After: v.Text, Why: c.Why, New: now == nil})
		}
		out[i].Saved.Version = Version{Ref: c.Ref, Text: text, Hash: plan.Hash(text), Pos: have.Pos}
		out[i].Time = at
		if c.Accept && c.Ref.Field == English && c.Ref.ID != "" && text != "" {
			accept = append(accept, acceptance{id: c.Ref.ID, why: c.Why})
		}
	}
	if !really {
		return out, nil
	}
	if err := d.commit(order, writes); err != nil {
		return out, err
	}
	for i, c := range changes {
		if out[i].Err == nil {
			if v, err := d.Read(c.Ref); err == nil {
				out[i].Saved.Version = v
			}
		}
	}
	if len(accept) > 0 {
		if _, err := d.accept(who, set, at, accept); err != nil {
			return out, err
		}
	}
	return out, nil
}

// commit enters what is to be written in the journal, then writes it.
func (d *Desk) commit(order []string, writes map[string]*write) error {
	var tales []Entry
	for _, file := range order {
		tales = append(tales, writes[file].tales...)
	}
	if len(tales) == 0 {
		return nil
	}
	if err := d.tales.add(tales); err != nil {
		return err
	}
	for _, file := range order {
		w := writes[file]
		if len(w.tales) == 0 {
			continue
		}
		if err := d.put(file, w.data); err != nil {
			return err
		}
	}
	return nil
}

// put puts data in the place of a file, if the lock is still ours.
func (d *Desk) put(file string, data []byte) error {
	if err := d.lock.held(); err != nil {
		return err
	}
	return replace(d.disk, file, data)
}

func (d *Desk) conflict(c Change, mine string, theirs Version) error {
	e := &Conflict{Ref: c.Ref, Pos: theirs.Pos, Mine: mine, Theirs: theirs, Known: c.Base == ""}
	if text, known := d.seen.text(c.Base); known {
		e.Base, e.Known = text, true
	}
	tales, _ := d.tales.all()
	for _, t := range slices.Backward(tales) {
		if t.Ref != c.Ref {
			continue
		}
		if e.When.IsZero() && plan.Hash(t.After) == theirs.Hash {
			e.Who, e.When = t.Who, t.Time
		}
		if !e.Known && plan.Hash(t.Before) == c.Base {
			e.Base, e.Known = t.Before, true
		}
		if !e.Known && plan.Hash(t.After) == c.Base {
			e.Base, e.Known = t.After, true
		}
	}
	if e.Known && strings.Contains(e.Base, "\n") {
		if both, ok := content.MergeLines(e.Base, e.Mine, theirs.Text); ok {
			e.Merged = both
		}
	}
	return e
}

// document reads a file of the content folder.
func (d *Desk) document(file string) (*content.Document, error) {
	data, err := read(d.disk, file)
	if err != nil {
		return nil, err
	}
	return parse(file, data)
}

// parse reads bytes as those of a file of the content folder.
func parse(file string, data []byte) (*content.Document, error) {
	doc, found := content.Parse(dir, strings.TrimPrefix(file, dir+"/"), data)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return doc, nil
}

// normal is a text as it is kept: with \n for line breaks, nothing around it.
func normal(s string) string {
	return strings.Trim(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
}

// memory keeps texts that people have been shown, by hash, so that a conflict can show
// what both began from.
type memory struct {
	mu    sync.Mutex
	texts map[string]string
	order []string
}

const remembered = 4096

func (m *memory) keep(hash, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, has := m.texts[hash]; has || hash == "" {
		return
	}
	if m.texts == nil {
		m.texts = map[string]string{}
	}
	m.texts[hash] = text
	if m.order = append(m.order, hash); len(m.order) > remembered {
		delete(m.texts, m.order[0])
		m.order = m.order[1:]
	}
}

func (m *memory) text(hash string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, has := m.texts[hash]
	return s, has
}

// planFiles finds the file of a division of the plan. Chapters and sections stay where
// they are while people edit, so it looks once.
type planFiles struct {
	mu    sync.Mutex
	files map[string]string // by the name of the division: s3
}

func (d *Desk) division(id plan.ID, lang plan.Lang) (string, error) {
	in, of, _, err := id.Parse()
	if err != nil {
		return "", noUnit(id)
	}
	end := "." + string(lang) + ".md"
	name, _, _ := strings.Cut(string(id), "-")
	switch in {
	case plan.InPreamble:
		return dir + "/plan/_index" + end, nil
	case plan.InChapter:
		return fmt.Sprintf("%s/plan/c%d/_index%s", dir, of, end), nil
	}
	d.plan.mu.Lock()
	defer d.plan.mu.Unlock()
	if stem, has := d.plan.files[name]; has {
		if _, err := d.disk.Lstat(stem + ".zh.md"); err == nil {
			return stem + end, nil
		}
	}
	d.plan.files = map[string]string{}
	chapters, err := d.disk.ReadDir(dir + "/plan")
	if err != nil {
		return "", err
	}
	for _, c := range chapters {
		if !c.IsDir() {
			continue
		}
		files, err := d.disk.ReadDir(path.Join(dir, "plan", c.Name()))
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if s, is := strings.CutSuffix(f.Name(), ".zh.md"); is {
				d.plan.files[s] = path.Join(dir, "plan", c.Name(), s)
			}
		}
	}
	if stem, has := d.plan.files[name]; has {
		return stem + end, nil
	}
	return "", noUnit(id)
}
