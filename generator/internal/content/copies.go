package content

// Files that programs leave beside those that people write: the copy that a
// synchronizer keeps when two have changed a file, a copy made by hand, the mark of an
// open Word file. None is content. Each is named, so that nobody's work lies there
// unseen, and none is read.

import (
	"path"
	"regexp"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var (
	// wordMark is what Word and WPS put beside a file that is open in them.
	wordMark = regexp.MustCompile(`^~\$`)
	// A copy has something between the name of the original and its ending, or before
	// it: s3.en.sync-conflict-20240501-093000-ABCDEFG.md (Syncthing), s3.en (conflicted
	// copy 2024-05-01).md (Dropbox, Nextcloud), s3.en-NSConflict-张三.md (坚果云),
	// s3.en-DESKTOP-1A2B3C.md (OneDrive), s3.en - 副本.md (Windows), s3.en (1).md,
	// Copy of s3.en.md.
	copies = []*regexp.Regexp{
		regexp.MustCompile(`^(?P<stem>.+\.(?:zh|en))[^a-zA-Z0-9].*(?P<ext>\.md)$`),
		regexp.MustCompile(`^(?P<stem>termbase|ledger|history|editions)[^a-zA-Z0-9].*(?P<ext>\.csv)$`),
		regexp.MustCompile(`^(?:(?i:copy of)|副本|复件|拷贝)[ -]*(?:\(\d+\)|（\d+）)?[ -]*(?P<stem>.+)(?P<ext>\.(?:md|csv))$`),
	}
)

// original is the name of the file that another is a copy of, by its name; "" if it is
// none.
func original(name string) string {
	for _, re := range copies {
		if m := re.FindStringSubmatch(name); m != nil {
			return m[re.SubexpIndex("stem")] + m[re.SubexpIndex("ext")]
		}
	}
	return ""
}

// leftover tells of a file that is no content, by its path below the content folder.
func (l *loader) leftover(full string) bool {
	base := path.Base(full)
	add := func(severity diag.Severity, fact, hint plan.Text) {
		l.found = append(l.found, diag.Diagnostic{Pos: diag.Pos{File: full}, Check: "copy", Severity: severity, Fact: fact, Hint: hint})
	}
	if wordMark.MatchString(base) {
		add(diag.Warning, diag.Text("这是 Word 或 WPS 打开文件时留下的标记，不是内容", "this is the mark of a file that is open in Word or WPS, and no content"),
			diag.Text("请在 Word 或 WPS 里关闭那个文件；标记还在就删去它。", "Close that file in Word or WPS; if the mark stays, remove it."))
		return true
	}
	of := original(base)
	if of == "" {
		return false
	}
	add(diag.Error, diag.Text("这是 %s 的副本：多半有两个人同时改了它；副本里的文字没有用上", "this is a copy of %s: two people have probably changed it at the same time; what the copy says is not used", of),
		diag.Text("请比较两个文件，把要的文字写进 %[1]s，再删去副本。", "Compare the two, take what is wanted into %[1]s, and remove the copy.", of))
	return true
}
