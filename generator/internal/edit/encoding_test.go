package edit

import (
	"bytes"
	"context"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestConvert(t *testing.T) {
	root := project(t)
	gbk, _ := simplifiedchinese.GB18030.NewEncoder().Bytes(file(t, root, "content/plan/c3/s3.zh.md"))
	utf16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(file(t, root, "content/termbase.csv"))
	zh, terms, about := file(t, root, "content/plan/c3/s3.zh.md"), file(t, root, "content/termbase.csv"), file(t, root, "content/pages/about.zh.md")
	broken := bytes.Replace(about, []byte("供公众"), []byte("供\xb9\xab众"), 1)
	put(t, root, "content/plan/c3/s3.zh.md", gbk)
	put(t, root, "content/termbase.csv", utf16)
	put(t, root, "content/pages/about.zh.md", broken)
	d := desk(t, root, "张三")
	if _, err := d.Unit("s3-2"); err == nil {
		t.Error("a GBK file was read as UTF-8")
	}
	done, found, err := d.ConvertAll(context.Background())
	if err != nil || len(done) != 2 || done[0].From != "GBK (GB 18030)" || done[1].From != "UTF-16" {
		t.Error(done, err)
	}
	if len(found) != 1 || found[0].File != "content/pages/about.zh.md" {
		t.Error(found)
	}
	if !bytes.Equal(zh, file(t, root, "content/plan/c3/s3.zh.md")) || !bytes.Equal(terms, file(t, root, "content/termbase.csv")) {
		t.Error("not what it was")
	}
	if !bytes.Equal(broken, file(t, root, "content/pages/about.zh.md")) {
		t.Error("a file that was not converted has changed")
	}
	tales, _ := d.History(Ref{File: "content/termbase.csv"})
	if len(tales) != 1 || !bytes.Equal(tales[0].Bytes, utf16) {
		t.Error("the journal does not have the bytes")
	}
	if c, err := d.Convert(context.Background(), "content/termbase.csv"); err != nil || c.From != "" {
		t.Error(c, err)
	}
	if out, err := d.Undo(context.Background(), tales[0].ID); err != nil || out[0].Changed {
		t.Error(out, err)
	}
}
