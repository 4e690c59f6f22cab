package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"minxi/generator/internal/plan"
)

// ISO 30042:2019 (TermBase eXchange), dialect TBX-Basic in the style DCA: the
// data categories are values of type, as in <descrip type="subjectField">. One
// concept a row of the termbase, the English that must not be used beside the
// one that must:
//
//	<conceptEntry id="t0123456789abcdef">
//	  <descrip type="subjectField">place</descrip>
//	  <langSec xml:lang="zh-Hans"><termSec><term>…</term></termSec></langSec>
//	  <langSec xml:lang="en">
//	    <termSec><term>…</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termSec>
//	  </langSec>
//	</conceptEntry>
const tbxNS = "urn:iso:std:iso:30042:ed-2"

// Values of administrativeStatus (TBX-Basic, module Min).
const (
	preferred  = "preferredTerm-admn-sts"
	deprecated = "deprecatedTerm-admn-sts"
)

func writeTBX(b *bytes.Buffer, d Document) {
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	tag(b, "tbx", "style", "dca", "type", "TBX-Basic", "xml:lang", plan.ZH.Tag(), "xmlns", tbxNS)
	b.WriteString("\n<tbxHeader>\n<fileDesc>\n")
	if title := titleLine(d.Title); title != "" {
		b.WriteString("<titleStmt>\n")
		line(b, "", "title", title)
		b.WriteString("</titleStmt>\n")
	}
	b.WriteString("<sourceDesc>\n<p>content/termbase.csv</p>\n</sourceDesc>\n</fileDesc>\n</tbxHeader>\n<text>\n<body>\n")
	ids := map[string]bool{}
	for _, t := range d.Terms {
		if t.ZH == "" && t.EN == "" && len(t.Forbidden) == 0 {
			continue // a concept has a term
		}
		tag(b, "conceptEntry", "id", conceptID(t, ids))
		b.WriteByte('\n')
		line(b, "  ", "descrip", t.Kind, "type", "subjectField")
		line(b, "  ", "admin", t.Source, "type", "source")
		line(b, "  ", "note", t.Note)
		if t.ZH != "" {
			langSec(b, plan.ZH, termSec{t.ZH, ""})
		}
		var english []termSec
		if t.EN != "" {
			english = append(english, termSec{t.EN, preferred})
		}
		for _, f := range t.Forbidden {
			english = append(english, termSec{f, deprecated})
		}
		langSec(b, plan.EN, english...)
		b.WriteString("</conceptEntry>\n")
	}
	b.WriteString("</body>\n</text>\n</tbx>\n")
}

type termSec struct{ term, status string }

func langSec(b *bytes.Buffer, l plan.Lang, terms ...termSec) {
	if len(terms) == 0 {
		return
	}
	b.WriteString("  ")
	tag(b, "langSec", "xml:lang", l.Tag())
	b.WriteByte('\n')
	for _, t := range terms {
		b.WriteString("    <termSec>\n")
		line(b, "      ", "term", t.term)
		line(b, "      ", "termNote", t.status, "type", "administrativeStatus")
		b.WriteString("    </termSec>\n")
	}
	b.WriteString("  </langSec>\n")
}

// conceptID names a concept by its two preferred terms, so that a row keeps its
// id when rows come and go above it. A row that repeats another gets a number.
func conceptID(t plan.Term, used map[string]bool) string {
	sum := sha256.Sum256([]byte(t.ZH + "\x00" + t.EN))
	id := "t" + hex.EncodeToString(sum[:8])
	for n := 2; used[id]; n++ {
		id = "t" + hex.EncodeToString(sum[:8]) + "-" + strconv.Itoa(n)
	}
	used[id] = true
	return id
}
