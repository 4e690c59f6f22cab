package main

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"

	"minxi/generator/internal/changes"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/plan"
)

// archive is recording from the editor: what the commands changes and record do.
type archive struct{ dir string }

// Names of earlier states: the one that git has recorded last, what was published from here
// to a target, a tag.
const (
	sinceRecord  = "record"
	sinceRelease = "release/"
	sinceTag     = "tag/"
)

// mostTags is how many tags one can compare with.
const mostTags = 20

// Changed tells in sentences what is different from an earlier state of the content.
func (a archive) Changed(_ context.Context, since string, lang plan.Lang) (editor.Record, error) {
	var r editor.Record
	_, err := git(a.dir, "", "rev-parse", "--git-dir")
	if err != nil && !errors.Is(err, errUnversioned) {
		return r, err
	}
	r.Git = err == nil
	copies := releasedContents(a.dir)
	for _, c := range copies {
		at := c.At.Local()
		r.Earlier = append(r.Earlier, editor.Earlier{Name: sinceRelease + c.Release,
			Title: diag.Text("%[1]s 发布到 %[2]s 的", "what was published to %[2]s on %[3]s", at.Format("2006-01-02 15:04"), c.Target, at.Format("2 January 2006, 15:04"))})
	}
	if r.Git {
		r.Earlier = slices.Insert(r.Earlier, 0, editor.Earlier{Name: sinceRecord, Title: diag.Text("上一次记录的", "what was recorded last")})
		tags, err := git(a.dir, "", "tag", "--sort=-creatordate")
		if err != nil {
			return r, err
		}
		names := strings.Fields(string(tags))
		for _, tag := range names[:min(len(names), mostTags)] {
			r.Earlier = append(r.Earlier, editor.Earlier{Name: sinceTag + tag, Title: diag.Text("版本 %s", "version %s", tag)})
		}
	}
	i := slices.IndexFunc(r.Earlier, func(e editor.Earlier) bool { return e.Name == since })
	if since == "" && len(r.Earlier) > 0 {
		i = 0
	}
	if i < 0 {
		return r, nil // there is nothing to compare with
	}
	r.Since = r.Earlier[i].Name
	if r.Changes, err = a.since(r.Since, copies); err != nil {
		return r, err
	}
	if r.Since != sinceRecord {
		return r, nil
	}
	waiting, _, err := unrecorded(a.dir)
	if err != nil {
		return r, err
	}
	r.Waiting = len(waiting) > 0
	for _, line := range waiting {
		if name := strings.Trim(line[3:], `"`); !strings.HasPrefix(name, "content/") {
			r.Changes = append(r.Changes, changes.Change{File: name, Text: diag.Text("另有改动的文件：%s", "another file: %s", name)})
		}
	}
	r.Message = recordMessage(lang, "", r.Changes)
	return r, nil
}

// since compares with an earlier state, which is git's or one of the copies.
func (a archive) since(name string, copies []releasedContent) ([]changes.Change, error) {
	if tag, is := strings.CutPrefix(name, sinceTag); is {
		return changesSince(a.dir, tag)
	}
	release, is := strings.CutPrefix(name, sinceRelease)
	if !is {
		return changesSince(a.dir, "HEAD")
	}
	i := slices.IndexFunc(copies, func(c releasedContent) bool { return c.Release == release })
	list, _, err := copies[i].changes(a.dir)
	return list, err
}

// Record records the content with git under a message. Where git has not been told who one
// is, it is the name that the editor has asked for.
func (a archive) Record(_ context.Context, message string) (bool, error) {
	var options []string
	for _, key := range []string{"user.name", "user.email"} {
		if told, err := git(a.dir, "", "config", "--default", "", "--get", key); err != nil || strings.TrimSpace(string(told)) == "" {
			value := ""
			if key == "user.name" {
				value, _ = edit.Author()
			}
			options = append(options, "-c", key+"="+value)
		}
	}
	return commit(a.dir, strings.TrimSpace(message)+"\n", options...)
}

// HasGit reports whether this computer has git.
func (a archive) HasGit() bool {
	_, err := exec.LookPath("git")
	return err == nil
}

var _ editor.Recorder = archive{}
