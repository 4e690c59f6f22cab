package content

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	unicode16 "golang.org/x/text/encoding/unicode"

	"minxi/generator/internal/diag"
)

// unreadable says why a file cannot be read at all, if so. What else could be
// said of it would follow from that, and is not said.
func (l *loader) unreadable(d *Document) bool {
	for _, look := range []func(*loader, *Document) bool{(*loader).emptied, (*loader).encoding, (*loader).conflict} {
		if look(l, d) {
			d.unread = true
			return true
		}
	}
	return false
}

var restore = diag.Text("从版本记录里恢复它。", "Restore it from the history.")

func (l *loader) emptied(d *Document) bool {
	if len(bytes.TrimSpace(d.Data)) > 0 {
		return false
	}
	l.add(diag.Pos{File: d.Name}, "structure", diag.Text("文件是空的", "the file is empty"), restore)
	return true
}

// encoding finds bytes that are not UTF-8, and NUL, which is UTF-8 and stands in
// no text. What they come from decides what to do.
func (l *loader) encoding(d *Document) bool {
	offset := notText(d.Data)
	if offset < 0 {
		return false
	}
	fact := diag.Text("此处有不是 UTF-8 的字节（0x%X）", "there is a byte here that is not UTF-8 (0x%X)", d.Data[offset])
	hint := diag.Text("从版本记录里恢复这一行，或重新输入这几个字。", "Restore the line from the history, or type the characters again.")
	save := diag.Text("转换它：go run ./generator convert %[1]s；以后请在编辑器里另存为 UTF-8。", "Convert it: go run ./generator convert %[1]s; from now on, save it as UTF-8 in your editor.", d.Name)
	if !d.IsMarkdown() {
		save = diag.Text("转换它：go run ./generator convert %[1]s；以后请用表格软件另存为“CSV UTF-8”。", "Convert it: go run ./generator convert %[1]s; from now on, save it as “CSV UTF-8” in your spreadsheet program.", d.Name)
	}
	switch {
	case isUTF16(d.Data):
		fact, hint = diag.Text("文件编码是 UTF-16，不是 UTF-8", "the file was saved as UTF-16, not as UTF-8"), save
	case d.Data[offset] == 0:
		fact = diag.Text("此处有空字符（NUL），文本中不应出现", "there is a NUL character here, which no text contains")
	case isGBK(d.Data):
		fact, hint = diag.Text("文件编码是 GBK（GB 18030），不是 UTF-8", "the file was saved as GBK (GB 18030), not as UTF-8"), save
	}
	l.add(d.At(offset), "encoding", fact, hint)
	return true
}

// notText is the offset of the first byte that is not UTF-8, or of the first NUL; or -1.
func notText(src []byte) int {
	nul := bytes.IndexByte(src, 0)
	if utf8.Valid(src) {
		return nul
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 || i == nul {
			return i
		}
		i += n
	}
}

// isUTF16 knows it by its byte order mark, or by every second byte of what is
// ASCII in every file: line breaks and the front matter's names.
func isUTF16(src []byte) bool {
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return true
	}
	var nul [2]int
	for i, b := range src {
		if b == 0 {
			nul[i%2]++
		}
	}
	few, many := min(nul[0], nul[1]), max(nul[0], nul[1])
	if many > 8 && many > 8*few && many*16 > len(src) {
		return true
	}
	begin := []byte("-\x00-\x00-\x00") // a page that is almost all Chinese
	return bytes.HasPrefix(src, begin) || bytes.HasPrefix(src, append([]byte{0}, begin[:5]...))
}

// Decode gives a text that was saved as UTF-16 or GBK as UTF-8, without a byte order
// mark, and the name of its encoding. It is not ok where the text is UTF-8 already, or
// in neither, or where a byte of it would be lost.
func Decode(src []byte) (text []byte, name string, ok bool) {
	if notText(src) < 0 {
		return nil, "", false
	}
	var e encoding.Encoding
	switch {
	case isUTF16(src):
		order, mark := unicode16.LittleEndian, unicode16.UseBOM
		if !bytes.HasPrefix(src, []byte{0xff, 0xfe}) && !bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
			mark = unicode16.IgnoreBOM
			if bytes.IndexByte(src, 0)%2 == 0 {
				order = unicode16.BigEndian
			}
		}
		e, name = unicode16.UTF16(order, mark), "UTF-16"
	case isGBK(src):
		e, name = simplifiedchinese.GB18030, "GBK (GB 18030)"
	default:
		return nil, "", false
	}
	text, err := e.NewDecoder().Bytes(src)
	odd := func(r rune) bool {
		return r == utf8.RuneError || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cf, unicode.Cc)
	}
	if err != nil || notText(text) >= 0 || bytes.ContainsFunc(text, odd) {
		return nil, name, false
	}
	if back, err := e.NewEncoder().Bytes(text); err != nil || name == "UTF-16" && len(back) != len(src) || name != "UTF-16" && !bytes.Equal(back, src) {
		return nil, name, false
	}
	return text, name, true
}

// isGBK reports whether src becomes Chinese when it is read as GB 18030. A UTF-8
// file with some broken bytes has sound characters of three bytes, as Chinese is; in
// GBK those of two bytes come about by chance, and those of three hardly ever.
func isGBK(src []byte) bool {
	sound, broken := 0, 0
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			broken++
		case n > 2:
			sound++
		}
		i += n
	}
	if sound*2 > broken {
		return false
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(src)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return false
	}
	chinese := 0
	for _, r := range string(text) {
		if unicode.Is(unicode.Han, r) || r >= utf8.RuneSelf && unicode.IsPunct(r) {
			chinese++
		}
	}
	return chinese*3 >= broken // two bytes make a character
}

// A merge that was not finished leaves the lines <<<<<<<, =======, >>>>>>> (and
// ||||||| in some settings), each at the start of a line, seven signs long.
var (
	conflictStart = regexp.MustCompile(`(?m)^(?:<<<<<<<|\|\|\|\|\|\|\|)(?: .*)?\r?$`)
	conflictEnd   = regexp.MustCompile(`(?m)^>>>>>>> (\S+)(?: \(.*\))?\r?$`)
	conflictHalf  = regexp.MustCompile(`(?m)^=======\r?$`)
	// branch is what Git writes after >>>>>>> where a quotation of depth seven has words.
	branch = regexp.MustCompile(`^(?:[0-9a-f]{7,40}|HEAD|FETCH_HEAD|main|master|theirs|.*[/@~^].*)$`)
)

// conflict finds the marks of a merge. Where one begins there is no doubt; the
// other two can be Markdown: a quotation, and the line under a heading.
func (l *loader) conflict(d *Document) bool {
	if !bytes.Contains(d.Data, []byte("<<<<<<<")) && !bytes.Contains(d.Data, []byte("=======")) &&
		!bytes.Contains(d.Data, []byte(">>>>>>>")) && !bytes.Contains(d.Data, []byte("|||||||")) {
		return false
	}
	var places []int
	for _, m := range conflictStart.FindAllIndex(d.Data, -1) {
		if d.Data[m[0]] == '<' || len(places) == 0 {
			places = append(places, m[0])
		}
	}
	if len(places) == 0 {
		for _, m := range conflictHalf.FindAllIndex(d.Data, -1) {
			if m[0] < d.Body || d.inPlan || !d.isUnderlineOrCode(m[0]) {
				places = append(places, m[0])
			}
		}
		for _, m := range conflictEnd.FindAllSubmatchIndex(d.Data, -1) {
			if branch.Match(d.Data[m[2]:m[3]]) {
				places = append(places, m[0])
			}
		}
		slices.Sort(places)
		places = places[:min(len(places), 1)]
	}
	for _, at := range places {
		line := strings.TrimRight(string(firstLine(d.Data[at:])), "\r")
		l.add(d.At(at), "conflict", diag.Text("此处有未处理完的合并冲突：%s", "an unfinished merge was left here: %s", clip(line, 40)),
			diag.Text("留下 <<<<<<<、=======、>>>>>>> 之间要的文字，删去这三行。", "Keep the wanted text between <<<<<<<, ======= and >>>>>>>, and remove these three lines."))
	}
	return len(places) > 0
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// isUnderlineOrCode reports whether the line at an offset makes a heading of the
// line above it, or stands in code.
func (d *Document) isUnderlineOrCode(offset int) bool {
	p := d.parsed()
	at, is := offset-d.Body, false
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || is || n.Type() == ast.TypeInline {
			return ast.WalkSkipChildren, nil
		}
		from, upTo := blockSpan(n)
		switch n.(type) {
		case *ast.Heading:
			// The underline is the next line after the heading's last.
			if upTo > 0 && upTo <= at {
				is = len(bytes.TrimSpace(bytes.TrimRight(p.body[upTo:at], "\r\n"))) == 0 && bytes.Count(p.body[upTo:at], []byte("\n")) == 1
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			is = from <= at && at < upTo
		}
		return ast.WalkContinue, nil
	})
	return is
}

// asPages are the files that Hugo would make pages of and that nobody checks.
var asPages = regexp.MustCompile(`(?i)\.(?:html?|org|rst|adoc|asciidoc|ad|pandoc|pdc|markdown|mdown|mmark)$|(?:^|/)_content\.gotmpl$|\.(?:MD|Md|mD)$`)

// stranger tells of a file that Hugo would make a page of although it is not
// Markdown by the rules of the portal.
func (l *loader) stranger(full string) {
	if asPages.MatchString(full) && !strings.HasSuffix(full, ".md") {
		l.add(diag.Pos{File: full}, "structure", diag.Text("这种文件不能作为网页", "a page cannot be a file of this kind"),
			diag.Text("网页写成 Markdown，文件名以 .zh.md 或 .en.md 结尾；供下载的文件放在 static 文件夹里。",
				"Write pages in Markdown, in files that end in .zh.md or .en.md; files to be downloaded belong in the folder static."))
	}
}
