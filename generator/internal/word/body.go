package word

import (
	"cmp"
	"slices"
	"strings"
)

// reader reads the body. Clauses are of ECMA-376, Part 1.
type reader struct {
	*decoder
	file     *File
	numbered map[string]bool    // styles whose paragraphs Word numbers
	comments map[string]Comment // by their ids
	rows     int
}

func (r *reader) read(src []byte) error {
	return parse(src, func(d *decoder, root element) error {
		r.decoder = d
		if root.word() != "document" {
			return errKind
		}
		return d.each(func(e element) error {
			if e.word() != "body" {
				return d.skip(e)
			}
			return r.blocks(&r.file.Blocks)
		}, nil)
	})
}

// through are elements that only wrap what stands in them: content controls (17.5.2),
// smart tags and custom XML (17.5.1), changes (17.13.5), text of one direction.
var through = map[string]bool{
	"sdtContent": true, "smartTag": true, "customXml": true, "bdo": true, "dir": true,
	"ins": true, "moveTo": true, "hyperlink": true, "fldSimple": true, "mc:AlternateContent": true, "mc:Choice": true, "rubyBase": true, "ruby": true,
}

// wrapped reads what only wraps others by giving them to inside, and nothing of what
// else e may be.
func (r *reader) wrapped(e element, inside func(element) error) error {
	switch name := e.word(); {
	case name == "sdt":
		return r.control(func() error { return r.each(inside, nil) })
	case through[name]:
		return r.each(inside, nil)
	}
	return r.skip(e)
}

// blocks reads paragraphs and tables up to the end of the element around them.
func (r *reader) blocks(to *[]Block) error {
	var inside func(e element) error
	inside = func(e element) error {
		switch e.word() {
		case "p":
			p, err := r.paragraph()
			if err == nil {
				addParagraph(to, p)
			}
			return err
		case "tbl":
			rows, err := r.table()
			if err == nil && len(rows) > 0 {
				*to = append(*to, Block{Rows: rows})
			}
			return err
		}
		return r.wrapped(e, inside)
	}
	return r.each(inside, nil)
}

// addParagraph adds a paragraph, or the rest of the one before, if the break between
// them has been taken out (17.13.5.15).
func addParagraph(to *[]Block, p Paragraph) {
	if n := len(*to) - 1; n >= 0 && len((*to)[n].Rows) == 0 && (*to)[n].continued {
		(*to)[n].Paragraph = join((*to)[n].Paragraph, p)
		return
	}
	*to = append(*to, Block{Paragraph: p})
}

func join(a, b Paragraph) Paragraph {
	a.Text += b.Text
	a.Bookmarks = append(a.Bookmarks, b.Bookmarks...)
	a.Pending = append(a.Pending, b.Pending...)
	a.Comments = append(a.Comments, b.Comments...)
	for _, o := range b.Oddities {
		a.odd(o)
	}
	a.Style, a.continued = cmp.Or(b.Style, a.Style), b.continued
	return a
}

// control reads a content control (17.5.2). One that shows its placeholder is empty.
func (r *reader) control(content func() error) error {
	placeholder := false
	return r.each(func(e element) error {
		switch e.word() {
		case "sdtPr":
			return r.each(func(e element) error {
				placeholder = placeholder || e.word() == "showingPlcHdr" && e.on()
				return r.skip(e)
			}, nil)
		case "sdtContent":
			if !placeholder {
				return content()
			}
		}
		return r.skip(e)
	}, nil)
}

// table reads rows (17.4), also out of what wraps them.
func (r *reader) table() (rows []Row, err error) {
	var inside func(e element) error
	inside = func(e element) error {
		switch e.word() {
		case "tr":
			row, err := r.row()
			rows = append(rows, row)
			return err
		}
		return r.wrapped(e, inside)
	}
	err = r.each(inside, nil)
	return rows, err
}

func (r *reader) row() (row Row, err error) {
	r.rows++
	row.Number = r.rows
	var inside func(e element) error
	inside = func(e element) error {
		switch e.word() {
		case "trPr":
			return r.each(func(e element) error {
				if kind := e.word(); kind == "ins" || kind == "del" {
					row.Pending = append(row.Pending, Change{kind, e.get("author")})
				}
				return r.skip(e)
			}, nil)
		case "tc":
			c, err := r.cell()
			row.Cells = append(row.Cells, c)
			return err
		}
		return r.wrapped(e, inside)
	}
	err = r.each(inside, nil)
	return row, err
}

func (r *reader) cell() (c Cell, err error) {
	var blocks []Block
	var inside func(e element) error
	inside = func(e element) error {
		switch e.word() {
		case "tcPr":
			return r.each(func(e element) error {
				switch e.word() {
				case "gridSpan":
					c.Merged = c.Merged || e.get("val") != "1"
				case "vMerge", "hMerge", "cellMerge":
					c.Merged = true
				}
				return r.skip(e)
			}, nil)
		case "p":
			p, err := r.paragraph()
			if err == nil {
				addParagraph(&blocks, p)
			}
			return err
		case "tbl":
			// Its text is not read as the cell's: it is told that it is there.
			addParagraph(&blocks, Paragraph{Oddities: []Oddity{Nested}})
			return r.skip(e)
		}
		return r.wrapped(e, inside)
	}
	err = r.each(inside, nil)
	for _, b := range blocks {
		c.Paragraphs = append(c.Paragraphs, b.Paragraph)
	}
	return c, err
}

// odd notes an oddity once.
func (p *Paragraph) odd(o Oddity) {
	if !slices.Contains(p.Oddities, o) {
		p.Oddities = append(p.Oddities, o)
	}
}

// paragraph reads w:p (17.3.1.22).
func (r *reader) paragraph() (Paragraph, error) {
	var p Paragraph
	var b strings.Builder
	own, counted := false, false // the paragraph's own word on its number
	var inside func(e element) error
	inside = func(e element) error {
		switch e.word() {
		case "pPr":
			return r.each(func(e element) error {
				switch e.word() {
				case "pStyle":
					p.Style = e.get("val")
				case "numPr":
					own, counted = true, true
					return r.each(func(e element) error {
						if e.word() == "numId" {
							counted = e.get("val") != "0"
						}
						return r.skip(e)
					}, nil)
				case "rPr":
					return r.each(func(e element) error {
						switch kind := e.word(); kind {
						case "del", "moveFrom":
							p.continued = true
							p.Pending = append(p.Pending, Change{"del", e.get("author")})
						case "ins", "moveTo":
							p.Pending = append(p.Pending, Change{"ins", e.get("author")})
						}
						return r.skip(e)
					}, nil)
				}
				return r.skip(e)
			}, nil)
		case "r":
			return r.run(&p, &b)
		case "bookmarkStart":
			p.Bookmarks = append(p.Bookmarks, e.get("name"))
		case "del", "moveFrom": // taken out
			p.Pending = append(p.Pending, Change{"del", e.get("author")})
		case "ins", "moveTo":
			p.Pending = append(p.Pending, Change{"ins", e.get("author")})
		case "m:oMath", "m:oMathPara":
			p.odd(Formula)
		}
		return r.wrapped(e, inside)
	}
	if err := r.each(inside, nil); err != nil {
		return p, err
	}
	p.Text = b.String()
	if strings.TrimSpace(p.Text) != "" && (counted || !own && r.numbered[p.Style]) {
		p.odd(Numbered)
	}
	return p, nil
}

// signs are elements of a run that stand for a character (17.3.3).
var signs = map[string]string{"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}

// odds are elements of a run that its text cannot carry.
var odds = map[string]Oddity{
	"drawing": Picture, "pict": Picture, "object": Picture, "sym": Symbol,
	"footnoteReference": Footnote, "endnoteReference": Footnote,
}

// run reads w:r (17.3.2.25).
func (r *reader) run(p *Paragraph, b *strings.Builder) error {
	formatted, hidden := false, false
	from := b.Len()
	var inside func(e element) error
	inside = func(e element) error {
		name := e.word()
		switch {
		case name == "rPr":
			return r.each(func(e element) error {
				switch e.word() {
				case "b", "i":
					formatted = formatted || e.on()
				case "vanish":
					hidden = hidden || e.on()
				}
				return r.skip(e)
			}, nil)
		case name == "t":
			return r.each(r.skip, func(s string) { b.WriteString(s) })
		case name == "br":
			if kind := e.get("type"); kind == "" || kind == "textWrapping" {
				b.WriteString("\n")
			}
		case signs[name] != "":
			b.WriteString(signs[name])
		case name == "commentReference":
			if c, ok := r.comments[e.get("id")]; ok {
				p.Comments = append(p.Comments, c)
			}
		case odds[name] != "":
			return r.odd(p, odds[name])
		case name == "rubyBase": // 17.3.3.25: the word below a reading, which is no text
			return r.each(func(e element) error {
				if e.word() == "r" {
					return r.run(p, b)
				}
				return r.skip(e)
			}, nil)
		case through[name]:
			return r.each(inside, nil)
		}
		return r.skip(e)
	}
	if err := r.each(inside, nil); err != nil {
		return err
	}
	if strings.TrimSpace(b.String()[from:]) != "" {
		if formatted {
			p.odd(Formatted)
		}
		if hidden {
			p.odd(Hidden)
		}
	}
	return nil
}

// odd reads a picture and the like, and notes whether there is a text box in it.
func (r *reader) odd(p *Paragraph, o Oddity) error {
	var look func(e element) error
	look = func(e element) error {
		if e.word() == "txbxContent" {
			o = TextBox
		}
		return r.each(look, nil)
	}
	err := r.each(look, nil)
	p.odd(o)
	return err
}

// readStyles finds the styles whose paragraphs Word numbers, by themselves or by the
// style that they are based on (17.7.4.3).
func readStyles(src []byte) (map[string]bool, error) {
	if src == nil {
		return nil, nil
	}
	numbered, based := map[string]bool{}, map[string]string{}
	err := parse(src, func(d *decoder, _ element) error {
		return d.each(func(e element) error {
			if e.word() != "style" {
				return d.skip(e)
			}
			id := e.get("styleId")
			return d.each(func(e element) error {
				switch e.word() {
				case "basedOn":
					based[id] = e.get("val")
				case "pPr":
					return d.each(func(e element) error {
						if e.word() != "numPr" {
							return d.skip(e)
						}
						numbered[id] = false
						return d.each(func(e element) error {
							if e.word() == "numId" {
								numbered[id] = e.get("val") != "0"
							}
							return d.skip(e)
						}, nil)
					}, nil)
				}
				return d.skip(e)
			}, nil)
		}, nil)
	})
	all := map[string]bool{}
	for id := range based {
		at := id
		for range maxDepth { // a circle of styles ends
			if n, known := numbered[at]; known {
				all[id] = n
				break
			}
			if at = based[at]; at == "" {
				break
			}
		}
	}
	for id, n := range numbered {
		all[id] = n
	}
	return all, err
}

// readComments reads what people wrote beside the text (17.13.4).
func readComments(src []byte) (map[string]Comment, error) {
	if src == nil {
		return nil, nil
	}
	comments := map[string]Comment{}
	err := parse(src, func(d *decoder, _ element) error {
		return d.each(func(e element) error {
			if e.word() != "comment" {
				return d.skip(e)
			}
			var b strings.Builder
			var words func(element) error
			words = func(e element) error {
				if e.word() == "t" {
					return d.each(d.skip, func(s string) { b.WriteString(s) })
				}
				return d.each(words, nil)
			}
			id, author := e.get("id"), e.get("author")
			err := d.each(words, nil)
			comments[id] = Comment{author, b.String()}
			return err
		}, nil)
	})
	return comments, err
}
