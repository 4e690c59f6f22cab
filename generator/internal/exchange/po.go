package exchange

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// GNU gettext manual, chapter 3, "The Format of PO Files". One entry a sentence:
//
//	#. where it stands
//	#: zh/m/s3-2/
//	#, fuzzy
//	#| msgid "the Chinese before"
//	msgctxt "s3-2"
//	msgid "Chinese"
//	msgstr "English"
//
// The id is the context, so that two sentences with the same words stay two.

// poHeader is the entry with the empty msgid. msgfmt -c wants every field that
// a project usually has; the empty ones would hold a date or a person.
const poHeader = `msgid ""
msgstr ""
"Project-Id-Version: minxi\n"
"PO-Revision-Date: \n"
"Last-Translator: \n"
"Language-Team: \n"
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"X-Source-Language: zh-Hans\n"
`

func writePO(b *bytes.Buffer, d Document) {
	poComment(b, "#", titleLine(d.Title))
	poComment(b, "#", "msgctxt 是句子的编号，请勿改动；译文写在 msgstr。msgctxt is the sentence's id: leave it alone and translate in msgstr.")
	b.WriteString(poHeader)
	for _, s := range d.Segments {
		b.WriteByte('\n')
		poComment(b, "#.", s.Note)
		poComment(b, "#:", address(s.ID))
		if s.State == Stale && s.Target != "" {
			b.WriteString("#, fuzzy\n")
			if s.Before != "" {
				poString(b, "#| ", "msgid", s.Before)
			}
		}
		poString(b, "", "msgctxt", string(s.ID))
		poString(b, "", "msgid", s.Source)
		poString(b, "", "msgstr", s.Target)
	}
}

func poComment(b *bytes.Buffer, mark, s string) {
	if s == "" {
		return
	}
	for l := range strings.Lines(s) {
		b.WriteString(mark + " " + strings.TrimRight(l, "\r\n") + "\n")
	}
}

var poEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`)

// poString writes a keyword and its string: on one line, or, if the string has
// line breaks, one line each after an empty first one, as gettext does.
func poString(b *bytes.Buffer, mark, keyword, s string) {
	b.WriteString(mark + keyword + " ")
	if strings.Contains(strings.TrimSuffix(s, "\n"), "\n") {
		b.WriteString("\"\"\n")
		for l := range strings.Lines(s) {
			b.WriteString(mark + `"` + poEscape.Replace(l) + "\"\n")
		}
		return
	}
	b.WriteString(`"` + poEscape.Replace(s) + "\"\n")
}

// entry is a PO entry while it is read.
type entry struct {
	values map[string]*strings.Builder // by keyword
	pos    diag.Pos                    // of msgctxt, or of msgid
	msgstr diag.Pos
	fuzzy  bool
}

// poKeywords lists the keywords in the order in which an entry has them.
var poKeywords = map[string]int{"msgctxt": 1, "msgid": 2, "msgid_plural": 3, "msgstr": 4}

type poReader struct {
	*text
	file    *File
	entry   entry
	into    *strings.Builder // the string that a line of quotes alone continues
	stage   int              // of poKeywords, of the last keyword
	headers int
}

func readPO(t *text) (File, error) {
	var f File
	r := &poReader{text: t, file: &f}
	for offset := 0; offset < len(t.data); {
		end := bytes.IndexByte(t.data[offset:], '\n')
		if end < 0 {
			end = len(t.data) - offset
		}
		if err := r.line(offset, string(t.data[offset:offset+end])); err != nil {
			return f, err
		}
		offset += end + 1
	}
	if err := r.finish(len(t.data)); err != nil {
		return f, err
	}
	if r.headers == 0 {
		return f, t.refuse(t.at(0), "malformed", diag.Text("缺少 PO 文件头", "the PO header is missing"),
			diag.Text("文件开头应当有 msgid \"\" 和语言、编码；请重新导出。", "A PO file starts with msgid \"\" and its language and encoding: export it again."))
	}
	return f, nil
}

func (r *poReader) bad(offset int, zh, en string, args ...any) error {
	return r.refuse(r.at(offset), "malformed",
		diag.Text("PO 有错："+zh, "this is not a PO file that can be read: "+en, args...),
		diag.Text("每个字符串都写在一对双引号里，里面的引号写作 \\\"；请用 Poedit 之类的工具修改。", "Each string stands in double quotes, with \\\" for quotes inside; edit it with a tool such as Poedit."))
}

// line reads the line s, which starts at offset.
func (r *poReader) line(offset int, s string) error {
	trimmed := strings.TrimLeft(s, " \t")
	offset += len(s) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " \t\r")
	switch {
	case trimmed == "":
		return nil
	case trimmed[0] == '#':
		return r.comment(offset, trimmed)
	case trimmed[0] == '"':
		if r.into == nil {
			return r.bad(offset, "这一行的字符串不属于任何条目", "this string belongs to no entry")
		}
		return r.quoted(offset, trimmed)
	}
	i := strings.IndexAny(trimmed, " \t\"")
	if i < 0 {
		i = len(trimmed)
	}
	keyword, rest := trimmed[:i], strings.TrimLeft(trimmed[i:], " \t")
	name, form, plural := strings.Cut(keyword, "[")
	stage := poKeywords[name]
	if stage == 0 || plural && (name != "msgstr" || !strings.HasSuffix(form, "]")) {
		return r.bad(offset, "不认识的“%[1]s”", "“%[1]s” means nothing here", clip(trimmed))
	}
	if stage <= 2 && r.stage >= 4 {
		if err := r.finish(offset); err != nil {
			return err
		}
	}
	if stage < r.stage || stage == r.stage && !plural || stage > 2 && r.stage < 2 {
		return r.bad(offset, "%[1]s 不该在这里", "%[1]s does not belong here", clip(keyword))
	}
	if r.stage == 0 {
		r.entry.values = map[string]*strings.Builder{}
		r.entry.pos = r.at(offset)
	}
	if stage == 4 && r.stage < 4 {
		r.entry.msgstr = r.at(offset)
	}
	r.stage = stage
	if r.entry.values[keyword] != nil {
		return r.bad(offset, "%[1]s 不该在这里", "%[1]s does not belong here", clip(keyword))
	}
	r.into = &strings.Builder{}
	r.entry.values[keyword] = r.into
	return r.quoted(offset+len(trimmed)-len(rest), rest)
}

// comment reads a line that starts with #. Only flags mean something; an
// obsolete entry (#~) is a comment, too.
func (r *poReader) comment(offset int, s string) error {
	if r.stage >= 4 {
		if err := r.finish(offset); err != nil {
			return err
		}
	} else if r.stage > 0 {
		return r.bad(offset, "条目没有写完，中间有注释", "there is a comment inside an entry")
	}
	if flags, ok := strings.CutPrefix(s, "#,"); ok {
		for flag := range strings.SplitSeq(flags, ",") {
			r.entry.fuzzy = r.entry.fuzzy || strings.TrimSpace(flag) == "fuzzy"
		}
	}
	return nil
}

// poEscapes lists the escapes of one letter.
var poEscapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v', '\\': '\\', '"': '"', '\'': '\'', '?': '?'}

// quoted reads one string in double quotes to the end of its line.
func (r *poReader) quoted(offset int, s string) error {
	if s == "" || s[0] != '"' {
		return r.bad(offset, "这里应当是双引号", "a double quote is expected here")
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			if i+1 < len(s) {
				return r.bad(offset+i+1, "收尾的双引号后面还有字（里面的引号要写作 \\\"）", "there is text after the closing quote (write quotes inside as \\\")")
			}
			return nil
		case '\\':
			i++
			if i == len(s) {
				return r.bad(offset+i, "双引号没有收尾", "the closing double quote is missing")
			}
			if e, ok := poEscapes[s[i]]; ok {
				r.into.WriteByte(e)
				continue
			}
			n, used := numeric(s[i:])
			if used == 0 {
				return r.bad(offset+i-1, "不认识的转义“\\%[1]s”", "“\\%[1]s” means nothing here", clip(string([]rune(s[i:])[:1])))
			}
			r.into.WriteByte(n)
			i += used - 1
		default:
			r.into.WriteByte(c)
		}
	}
	return r.bad(offset+len(s), "双引号没有收尾", "the closing double quote is missing")
}

// numeric reads an octal (\101) or hexadecimal (\x41) escape without its
// backslash. It stands for a byte, so a Chinese character takes three of them,
// as in what msgcat --escape writes.
func numeric(s string) (b byte, used int) {
	digits, base, start := "01234567", 8, 0
	if s[0] == 'x' {
		digits, base, start = "0123456789abcdefABCDEF", 16, 1
	}
	end := start
	for end < len(s) && end < 3 && strings.IndexByte(digits, s[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseUint(s[start:end], base, 8)
	if err != nil {
		return 0, 0
	}
	return byte(n), end
}

// finish takes the entry that ends before offset.
func (r *poReader) finish(offset int) error {
	e := r.entry
	if r.stage == 0 {
		return nil
	}
	if r.stage < 4 {
		return r.bad(offset, "条目没有 msgstr，文件可能断了", "an entry has no msgstr; the file may be cut off")
	}
	r.entry, r.into, r.stage = entry{}, nil, 0
	for _, b := range e.values {
		if !utf8.ValidString(b.String()) { // possible by escapes only
			return r.refuse(e.pos, "encoding", diag.Text("转义的字节不是 UTF-8", "the escaped bytes are not UTF-8"), resave)
		}
	}
	get := func(keyword string) string {
		if b := e.values[keyword]; b != nil {
			return b.String()
		}
		return ""
	}
	if e.values["msgctxt"] == nil && get("msgid") == "" {
		r.headers++
		return r.header(get("msgstr"), e.msgstr)
	}
	u := Unit{ID: plan.ID(get("msgctxt")), Source: get("msgid"), Target: get("msgstr"), Pos: e.pos, TargetPos: e.msgstr, State: Current}
	switch {
	case u.Target == "":
		u.State = Missing
	case e.fuzzy:
		u.State, u.Unfinished = Stale, true
	}
	if e.values["msgid_plural"] != nil || e.values["msgstr"] == nil {
		u.Faults = diag.List{{Pos: e.pos, Check: "malformed",
			Fact: diag.Text("%s：条目有单复数两种形式", "%s: the entry has plural forms", u.ID),
			Hint: diag.Text("句子没有单复数之分；请恢复成一个 msgid 和一个 msgstr。", "A sentence has none: restore one msgid and one msgstr.")}}
	}
	r.file.Units = append(r.file.Units, u)
	return nil
}

// header looks at what the first entry says of the file.
func (r *poReader) header(s string, pos diag.Pos) error {
	if r.headers > 1 {
		return r.refuse(pos, "malformed", diag.Text("有两个 PO 文件头", "there are two PO headers"),
			diag.Text("不要把两个文件接在一起，请分别交回。", "Do not join two files; send them one by one."))
	}
	for l := range strings.Lines(s) {
		name, value, _ := strings.Cut(l, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "language":
			if value != "" && !isLang(value, plan.EN) {
				return r.wrongLanguage(pos, "Language", value, plan.EN)
			}
		case "x-source-language":
			if value != "" && !isLang(value, plan.ZH) {
				return r.wrongLanguage(pos, "X-Source-Language", value, plan.ZH)
			}
		case "content-type":
			_, charset, found := strings.Cut(strings.ToLower(value), "charset=")
			if found && charset != "utf-8" && charset != "utf8" {
				return r.refuse(pos, "encoding", diag.Text("文件头说编码是 %s", "the header says that the encoding is %s", clip(charset)), resave)
			}
		}
	}
	return nil
}
