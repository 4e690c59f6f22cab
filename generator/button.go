package main

import (
	"context"
	"html"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/optimize"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosts"
)

// button is publishing from the editor: what the commands build, publish, verify and
// rollback do, one after the other.
type button struct {
	*app
	dir string
}

const builtDir = "public"

// Targets lists the targets of publish.toml, those first that this machine can publish
// to.
func (b button) Targets() ([]editor.Target, error) {
	config, err := hosts.ReadConfig(b.dir)
	if err != nil {
		return nil, err
	}
	var list []editor.Target
	for _, name := range slices.Sorted(maps.Keys(config.Targets)) {
		t := config.Targets[name]
		one := editor.Target{Name: name, Kind: t.Kind.Name, Site: t.Site}
		if _, err := t.Fill(os.Getenv); err != nil {
			lacks := diag.From(err)[0]
			why := diag.Text("这台机器没有发布的密钥，请到有密钥的那台上发布。（%[1]s）", "This machine does not have what is needed to publish: use the one that has. (%[2]s)", lacks.Fact.ZH, lacks.Fact.EN)
			one.Why = &why
		}
		list = append(list, one)
	}
	slices.SortStableFunc(list, func(a, b editor.Target) int {
		switch {
		case a.Why == nil && b.Why != nil:
			return -1
		case a.Why != nil && b.Why == nil:
			return 1
		}
		return 0
	})
	return list, nil
}

// commands are those about a target, which say nothing but to tell.
func (b button) commands(tell func(editor.Step)) *publishing {
	p := &publishing{app: &app{lang: b.lang, quiet: true, out: io.Discard, err: io.Discard}, from: builtDir, yes: true}
	p.options.Progress = func(phase string, done, total int) {
		tell(editor.Step{Name: publishPhases[phase], Done: done, Total: total})
	}
	return p
}

// Prepare checks, builds and compares.
func (b button) Prepare(ctx context.Context, target string, tell func(editor.Step)) (c editor.Comparison, err error) {
	config, err := hosts.ReadConfig(b.dir)
	if err != nil {
		return c, err
	}
	t, err := config.Target(target)
	if err != nil {
		return c, err
	}
	if err := unread(b.dir); err != nil { // names that three readings ask for
		return c, err
	}
	if copyContent(b.dir, target) != nil { // without it the next comparison tells less
		_ = os.Remove(nextCopy(b.dir, target)) // half of it is none
	}
	if err := b.build(ctx, t, tell); err != nil {
		return c, err
	}
	built, err := os.OpenRoot(filepath.Join(b.dir, builtDir))
	if err != nil {
		return c, err
	}
	defer built.Close()
	tell(editor.Step{Name: diag.Text("和读者看到的比较", "comparing with what readers have")})
	p := b.commands(tell)
	p.options.DryRun = true
	p.options.Differs = func(name string, what publish.Difference) {
		if path.Ext(name) != ".html" {
			c.Other++
			return
		}
		c.Pages = append(c.Pages, headline(built.FS(), name, what))
	}
	err = p.onTarget(target, func(ctx context.Context, h publish.Host, t hosts.Target, rules publish.Rules) error {
		r, err := publish.Publish(ctx, h, publish.Tree{FS: built.FS(), Extra: t.Files(rules, h.Traits()), Rules: rules, Secrets: t.Secrets}, p.options)
		if err != nil {
			return err
		}
		c.Release, c.Bytes, c.Foreign = r.Release, r.Bytes, r.Foreign
		c.Same = r.Added+r.Changed+r.Deleted+r.Unsure == 0
		return nil
	})
	slices.SortStableFunc(c.Pages, func(x, y editor.Headline) int { return strings.Compare(x.Path, y.Path) })
	if err == nil {
		err = b.apart(target, &c)
	}
	return c, err
}

// apart tells the pages of what was changed in the content from those that only show it or
// link to it. It needs the content of the release that readers have; without it, and where
// no page is of what was changed, all pages stand side by side.
func (b button) apart(target string, c *editor.Comparison) error {
	all := releasedContents(b.dir)
	i := slices.IndexFunc(all, func(r releasedContent) bool { return r.Target == target && r.Release == c.Release })
	if i < 0 {
		return nil
	}
	list, paths, err := all[i].changes(b.dir)
	if err != nil {
		return err
	}
	own := map[string]bool{}
	terms := false
	for _, change := range list {
		for _, l := range plan.Langs {
			own[address.In(l).Unit(change.ID)] = true
		}
		own[paths[change.File]] = true
		terms = terms || change.File == "content/termbase.csv"
	}
	isOwn := func(h editor.Headline) bool {
		inGlossary := func(l plan.Lang) bool { return strings.HasPrefix(h.Path, address.In(l).List(address.Glossary)) }
		return h.What != string(publish.Changed) || own[h.Path] || terms && slices.ContainsFunc(plan.Langs, inGlossary)
	}
	if !slices.ContainsFunc(c.Pages, isOwn) {
		return nil
	}
	for i, h := range c.Pages {
		c.Pages[i].With = !isOwn(h)
	}
	slices.SortStableFunc(c.Pages, func(x, y editor.Headline) int {
		switch {
		case x.With == y.With:
			return 0
		case y.With:
			return -1
		}
		return 1
	})
	return nil
}

// build makes the site for a target, as the command does.
func (b button) build(ctx context.Context, t hosts.Target, tell func(editor.Step)) error {
	out := filepath.Join(b.dir, builtDir)
	o := pipeline.Options{Dir: b.dir}
	var err error
	if o.Base, err = pipeline.ParseBase(t.Site); err != nil {
		return err
	}
	store := cache.Store{Dir: cacheDir()}
	if o.Version = version(); o.Version != "" {
		o.Cache = store
	}
	if t.Coding != "" {
		o.Twins = &optimize.Compressor{Cache: store}
	}
	if o.Key, err = b.signingKey(b.dir, os.Getenv(signKeyVar)); err != nil {
		return err
	}
	if err := pipeline.CheckTarget(b.dir, out); err != nil {
		return err
	}
	name := diag.Text("检查和生成", "checking and building")
	tell(editor.Step{Name: name})
	o.Progress = func(files, expected int) { tell(editor.Step{Name: name, Done: files, Total: expected}) }
	folder, err := pipeline.NewFolder(out)
	if err != nil {
		return err
	}
	_, err = pipeline.Renew(ctx, o, folder)
	return err
}

var pageTitle = regexp.MustCompile(`(?is)<title>(.*?)</title>`)

// headline is a page of the built tree by its title.
func headline(built fs.FS, name string, what publish.Difference) editor.Headline {
	h := editor.Headline{What: string(what), Path: "/" + strings.TrimSuffix(name, "index.html")}
	if what == publish.Gone {
		return h
	}
	file, err := built.Open(name)
	if err != nil {
		return h
	}
	defer file.Close()
	head, _ := io.ReadAll(io.LimitReader(file, 16<<10)) // what was read has the title or not
	if m := pageTitle.FindSubmatch(head); m != nil {
		h.Title = html.UnescapeString(strings.TrimSpace(string(m[1])))
	}
	return h
}

// Publish sends what was built, and verifies it.
func (b button) Publish(ctx context.Context, target string, tell func(editor.Step)) (editor.Done, error) {
	p := b.commands(tell)
	d, err := b.finish(p, target, tell, func(ctx context.Context, h publish.Host, t hosts.Target, rules publish.Rules) (*publish.Report, error) {
		if err := unread(b.dir); err != nil {
			return nil, err
		}
		dir, err := p.tree()
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		return publish.Publish(ctx, h, publish.Tree{FS: dir.FS(), Extra: t.Files(rules, h.Traits()), Rules: rules, Secrets: t.Secrets}, p.options)
	})
	if d.Release != "" {
		// It is live. That the next comparison tells less is no reason to alarm anybody.
		_ = keepReleased(b.dir, target, d.Release)
	}
	return d, err
}

// Rollback goes back one release, and verifies it.
func (b button) Rollback(ctx context.Context, target string, tell func(editor.Step)) (editor.Done, error) {
	p := b.commands(tell)
	d, err := b.finish(p, target, tell, func(ctx context.Context, h publish.Host, _ hosts.Target, _ publish.Rules) (*publish.Report, error) {
		return publish.Rollback(ctx, h, "", p.options)
	})
	if d.Release != "" {
		_ = keepReleased(b.dir, target, "") // as in Publish
	}
	return d, err
}

// finish does something with a target, then verifies what readers have.
func (b button) finish(p *publishing, target string, tell func(editor.Step), do func(context.Context, publish.Host, hosts.Target, publish.Rules) (*publish.Report, error)) (d editor.Done, err error) {
	err = p.onTarget(target, func(ctx context.Context, h publish.Host, t hosts.Target, rules publish.Rules) error {
		r, err := do(ctx, h, t, rules)
		if err != nil {
			return err
		}
		d.Release, d.Nothing = r.Release, r.Nothing
		tell(editor.Step{Name: diag.Text("取回核对", "fetching and comparing")})
		c, err := publish.Verify(ctx, h, t.Site, p.options)
		if err != nil {
			return unverified(d.Release, diag.From(err))
		}
		d.Verified, d.Readers = c.Right, c.Readers
		if c.Found.HasErrors() {
			return unverified(d.Release, c.Found)
		}
		return nil
	})
	return d, err
}

// unverified tells that a release is live, but not as it should be.
func unverified(release string, found diag.List) error {
	return append(diag.List{{Check: "publish",
		Fact: diag.Text("版本 %s 已经在线，但核对没有通过", "release %s is live, but is not right everywhere", release),
		Hint: diag.Text("读者看到的可能不全；过几分钟再发布一次，或退回上一版。", "Readers may not get all of it. Publish again in some minutes, or go back one release.")}}, found...)
}

var _ editor.Publisher = button{}
