package site

import (
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bep/logg"
	"github.com/gohugoio/hugo/common/herrors"
	"github.com/gohugoio/hugo/common/loggers"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// logCapture keeps what Hugo logs, since errorf in a template goes there only.
type logCapture struct {
	mu    sync.Mutex
	lines []logLine
}

type logLine struct {
	level logg.Level
	text  string
}

func (c *logCapture) Write(p []byte) (int, error) { return len(p), nil }

func (c *logCapture) logger() loggers.Logger {
	return loggers.New(loggers.Options{
		Level: logg.LevelWarn, DistinctLevel: logg.LevelWarn, StdOut: c, StdErr: c,
		HandlerPost: func(e *logg.Entry) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.lines = append(c.lines, logLine{e.Level, e.Message})
			return nil
		},
	})
}

// position finds "file:line:col" inside a message of Hugo's.
var position = regexp.MustCompile(`([^\s":]+\.(?:html|xml|txt|json|md|toml|ya?ml|css|js|svg)):(\d+)(?::(\d+))?`)

// findings turns what Hugo said while it rendered these pages into diagnostics.
func (s *Site) findings(pages []Page, err error, log *logCapture) diag.List {
	var list diag.List
	defer func() {
		for i := range list {
			list[i].Pos = inText(pages, list[i].Pos)
		}
	}()
	for _, e := range flatten(err) {
		if d, ok := s.fromError(e); ok {
			list = append(list, d)
		}
	}
	texts := s.words.texts
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, l := range log.lines {
		d := diag.Diagnostic{Check: "render", Severity: diag.Error}
		if l.level < logg.LevelError {
			d.Severity = diag.Warning
		}
		if m := missingText.FindStringSubmatch(l.text); m != nil {
			lang := plan.Lang(m[1][:2])
			if !texts[lang][m[2]] { // an empty text is meant to be empty
				list = append(list, missingWord(s.theme.wordFile(lang), m[2], diag.Pos{}))
			}
			continue
		}
		d.Pos, l.text = s.cutPosition(l.text)
		d.Fact = diag.Text("%s", "%s", l.text)
		if d.Severity == diag.Error {
			d.Hint = hint(l.text, d.File)
		}
		list = append(list, d)
	}
	return list
}

// missingText is what Hugo logs of an interface text that it does not find.
var missingText = regexp.MustCompile(`^i18n\|MISSING_TRANSLATION\|([a-z]{2})[^|]*\|(.+)$`)

// flatten lists the errors joined in err, without Hugo's final "logged 2
// error(s)", which only counts them.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	if countOnly.MatchString(err.Error()) {
		return nil
	}
	return []error{err}
}

var countOnly = regexp.MustCompile(`^logged \d+ error\(s\)$`)

// fromError describes one error at the innermost place that it names.
func (s *Site) fromError(err error) (diag.Diagnostic, bool) {
	d := diag.Diagnostic{Check: "render"}
	message := ""
	for _, f := range herrors.UnwrapFileErrors(err) {
		p := f.Position()
		if p.Filename == "" || p.LineNumber < 1 {
			continue
		}
		file := relative(p.Filename)
		if strings.HasPrefix(file, memoryDir) {
			continue
		}
		d.Pos = diag.Pos{File: file, Line: p.LineNumber, Col: max(1, p.ColumnNumber)}
		message = f.Error()
	}
	if message == "" {
		d.Pos, message = s.cutPosition(err.Error())
	}
	message = clean(message)
	d.Fact, d.Hint = diag.Text("%s", "%s", message), hint(message, d.File)
	if m := inTemplate.FindStringSubmatch(message); m != nil {
		// The template in which it is, not the one that calls it.
		for _, name := range s.theme.names() {
			if short, is := below(name, "layouts"); is && short == m[1] {
				d.Pos = diag.Pos{File: name, Line: max(1, number(m[2])), Col: 1}
				d.Fact, d.Hint = diag.Text("%s", "%s", m[3]), hint(m[3], name)
				break
			}
		}
	}
	var config *configError
	if d.File == "" && errors.As(err, &config) {
		d.Pos = s.settingOf(message)
		d.Hint = hint(message, d.File)
	}
	return d, true
}

// configError is what is wrong with hugo.toml.
type configError struct{ error }

func (e *configError) Unwrap() error { return e.error }

// settingOf is the line of hugo.toml with a value that Hugo's message quotes, as far
// as one can be found.
func (s *Site) settingOf(message string) diag.Pos {
	pos := diag.Pos{File: "hugo.toml"}
	data := s.theme[pos.File]
	for _, m := range quotedValue.FindAllStringSubmatch(message, -1) {
		value := `"` + m[1] + m[2] + `"`
		if i := strings.Index(string(data), value); i >= 0 && len(value) > len(`"zh"`) {
			pos.Line = strings.Count(string(data[:i]), "\n") + 1
		}
	}
	return pos
}

var quotedValue = regexp.MustCompile(`"([^"]+)"|'([^']+)'`)

// cutPosition takes the last position in text that is a file of the project.
func (s *Site) cutPosition(text string) (diag.Pos, string) {
	all := position.FindAllStringSubmatchIndex(text, -1)
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		file := relative(text[m[2]:m[3]])
		if !s.isProject(file) {
			continue
		}
		line, _ := strconv.Atoi(text[m[4]:m[5]])
		pos := diag.Pos{File: file, Line: line, Col: 1}
		if m[6] >= 0 {
			pos.Col, _ = strconv.Atoi(text[m[6]:m[7]])
			pos.Col = max(1, pos.Col)
		}
		return pos, clean(text)
	}
	return diag.Pos{}, clean(text)
}

// inText turns a place in a derived page into that in the file of the project that
// has the page's text, which stands on the same lines.
func inText(pages []Page, pos diag.Pos) diag.Pos {
	for _, p := range pages {
		if p.source == pos.File {
			if p.text == "" {
				return diag.Pos{}
			}
			pos.File = p.text
			return pos
		}
	}
	return pos
}

// isProject reports whether a person can find this file in the project.
func (s *Site) isProject(file string) bool {
	_, has := s.theme[file]
	return has || strings.HasPrefix(file, "content/")
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// relative gives a file of the project as a slash path from its folder.
func relative(file string) string {
	file = strings.Trim(file, `"`)
	if rel, err := filepath.Rel(root, file); err == nil && filepath.IsAbs(file) && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

var noise = regexp.MustCompile(`^(?:render: |failed to render pages: |process: |assemble: |readAndProcessContent: |configuration: |error building site: |create template store: )*`)

// leadingPosition is a place that the finding has already.
var leadingPosition = regexp.MustCompile(`^"[^"\s]+:\d+:\d+": `)

// clean removes what tells about Hugo's insides and the machine's folders.
func clean(s string) string {
	s = strings.ReplaceAll(s, root+string(filepath.Separator), "")
	s = leadingPosition.ReplaceAllString(noise.ReplaceAllString(s, ""), "")
	// The innermost cause stands last, behind the chain of calls.
	if i := strings.LastIndex(s, ">: "); i >= 0 && i+3 < len(s) {
		s = s[i+3:]
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\n", " "))
	// What follows is a dump of Hugo's own data, for its programmers.
	for _, dump := range []string{"map[", "&{", "[]interface", "; the current security configuration"} {
		if i := strings.Index(s, dump); i > 0 {
			s = strings.TrimRight(s[:i], " :=([{\"'") + " …"
		}
	}
	if r := []rune(s); len(r) > mostWords {
		s = string(r[:mostWords]) + "…"
	}
	return s
}

// mostWords is how much of Hugo's words is shown, in characters.
const mostWords = 300

// hints by a word of Hugo's message; the first that fits.
var hints = []struct {
	word string
	zh   string
	en   string
}{
	{"module does not exist", "theme 写的主题在 themes/ 里没有，请核对名字，或恢复那个文件夹。", "themes/ has no such theme: check the name after theme, or restore the folder."},
	{"decoding", "hugo.toml 里这一项的值类型不对：数字不加引号，文字加引号，列表用方括号。", "A value in hugo.toml is of the wrong kind: numbers stand without quotes, texts with them, lists in square brackets."},
	{"unknown output format", "outputs 里只能用 html 和 atom；请核对拼写。", "outputs takes html and atom: check the spelling."},
	{"media type", "mediaType 要与 [mediaTypes] 里写的一致。", "mediaType must be one of those in [mediaTypes]."},
	{"time zone", "timeZone 要写时区名，如 Asia/Shanghai。", "timeZone is the name of a time zone, such as Asia/Shanghai."},
	{"not found in languages", "defaultContentLanguage 要写 zh。", "defaultContentLanguage is zh."},
	{"can't iterate over", "模板要列出的内容没有了；先看 content/ 里少了什么，再看模板。", "What the template lists is not there: see first what content/ lacks, then the template."},
	{"<nil>", "模板要用的内容没有了；先看 content/ 里少了什么，再看模板。", "What the template uses is not there: see first what content/ lacks, then the template."},
	{"not defined", "模板用了不存在的函数或名称，请检查拼写。", "The template uses a function or name that does not exist: check its spelling."},
	{"can't evaluate field", "模板用了页面没有的字段，请检查拼写和大小写。", "The template asks for a field that the page does not have: check spelling and case."},
	{"nil pointer", "模板在没有值的东西上取字段，请先用 with 判断。", "The template reads a field of something that is missing: guard it with “with”."},
	{"unexpected", "多半是少了或多了一个花括号、引号或 end。", "A brace, a quote or an end is probably missing or too many."},
	{"unclosed", "多半是少了一个花括号、引号或 end。", "A brace, a quote or an end is probably missing."},
	{"unterminated", "多半是少了一个引号。", "A quote is probably missing."},
	{"partial", "请检查 partial 的文件名。", "Check the partial's file name."},
	{"shortcode", "请检查短代码的名字和括号。", "Check the shortcode's name and brackets."},
	{"toml", "请检查这个文件：字符串要加引号，一个名称只写一次，表名用方括号。", "Check this file: strings need quotes, each name stands once, table names have square brackets."},
	{"yaml", "请检查文件开头的说明：冒号后要空一格。", "Check the front matter: a space follows each colon."},
}

func hint(message, file string) (t struct{ ZH, EN string }) {
	for _, h := range hints {
		if strings.Contains(message, h.word) {
			t.ZH, t.EN = h.zh, h.en
			return t
		}
	}
	if file == "" {
		t.ZH, t.EN = "请检查 hugo.toml 和最近改过的文件；改好后再运行一次。", "Look at hugo.toml and at what was changed last; mend it and run again."
		return t
	}
	t.ZH, t.EN = "请检查这一行；改好后再运行一次。", "Look at this line; mend it and run again."
	return t
}

// withTemplateMistakes adds what is wrong in every template, and takes away what
// Hugo said of the same mistake, for which it may blame the base template.
func (s *Site) withTemplateMistakes(list diag.List) diag.List {
	mistakes := s.theme.mistakes()
	same := func(d diag.Diagnostic) bool {
		m := parseFailure.FindStringSubmatch(d.Fact.EN)
		if slices.ContainsFunc(mistakes, func(k diag.Diagnostic) bool { return k.File == d.File && k.Line == d.Line }) {
			return true
		}
		return m != nil && slices.ContainsFunc(mistakes, func(k diag.Diagnostic) bool {
			return path.Base(k.File) == path.Base(m[1]) && strconv.Itoa(k.Line) == m[2]
		})
	}
	return append(slices.DeleteFunc(list, same), mistakes...)
}

// inTemplate is a message of Go's about a template by its name, at the end of a
// chain.
var inTemplate = regexp.MustCompile(`(?:^|: )(?:html/)?template: ?([^: ]+?)(?::(\d+))?(?::\d+)?: ((?:[^:]|:[^ ])*(?:: .*)?)$`)

var parseFailure = regexp.MustCompile(`template: ([^:]+):(\d+):`)
