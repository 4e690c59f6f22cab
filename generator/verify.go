package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/proof"
)

func (a *app) verifyCopyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify-copy DIR|ZIP|URL|PAGE",
		Short: a.say("核对一份副本是否就是所发布的", "whether a copy is what was published"),
		Long: a.say(`把副本（文件夹、zip、网址或一个保存下来的网页）与发布清单逐个文件核对，列出不同的、缺少的和多出来的文件。

清单默认取自副本自己的 data/manifest.sha256：那只说明副本前后一致。要证明它就是所发布的，请用 --key 验证清单的签名，或用 --manifest 给出原网站的清单。`,
			`Hold a copy (a folder, a zip, an address or one saved page) against the manifest of the release, file by file, and list what differs, is missing or was added.

The manifest is the copy's own data/manifest.sha256 unless another is given: that shows only that the copy agrees with itself. To prove that it is what was published, check the manifest's signature with --key, or give the original site's with --manifest.`),
		Example: `  go run ./generator verify-copy public
  go run ./generator verify-copy https://mirror.example.org/minxi/ --key minisign.pub
  go run ./generator verify-copy saved.html --manifest https://example.org/data/manifest.sha256`,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return a.verifyCopy(ctx, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", a.say("发布者的 minisign 公钥：文件，或 RW… 开头的一行", "the publisher's public key of minisign: a file, or the line that begins with RW"))
	f.StringVar(&o.manifest, "manifest", "", a.say("发布清单：文件或网址（签名在旁边，名字加 .minisig）", "the manifest of the release: a file or an address (its signature beside it, with .minisig)"))
	return cmd
}

type verifyOptions struct{ key, manifest string }

// refusal is an error of verify-copy, in the form of findings.
func refusal(of string, fact, hint plan.Text) error {
	return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(of)}, Check: "copy", Fact: fact, Hint: hint}
}

// unreadable tells why a copy or a manifest cannot be looked at.
func unreadable(of string, err error) error {
	switch {
	case errors.Is(err, proof.ErrScheme):
		return refusal(of, diag.Text("只核对 https 网址，或本机的", "only https is asked, or this machine"),
			diag.Text("经 http 传来的，途中谁都可能改过；请换成 https://。", "What comes by http may have been changed on the way: use https://."))
	case errors.Is(err, fs.ErrNotExist):
		return refusal(of, diag.Text("找不到它，或里面没有发布清单 %s", "it is not there, or has no manifest %s", address.File(address.ManifestFile)),
			diag.Text("请检查名称；用 --manifest 指定原网站的清单。", "Check its name, or give the original site's manifest with --manifest."))
	}
	return refusal(of, diag.Text("读不了：%v", "it cannot be read: %v", err), diag.Text("请检查名称和网络。", "Check its name, and the network."))
}

// verifyCopy holds a copy against a manifest and tells how they differ.
func (a *app) verifyCopy(ctx context.Context, where string, o verifyOptions) error {
	own := address.File(address.ManifestFile)
	if data, err := os.ReadFile(o.key); err == nil {
		o.key = string(data)
	}
	if _, _, err := proof.Verify(o.key, nil, nil); o.key != "" && err != nil {
		return usageError{errors.New(a.say("--key 不是 minisign 公钥，也不是有公钥的文件", "--key is neither a public key of minisign nor a file with one"))}
	}
	page, err := a.savedPage(where)
	if err != nil {
		return err
	}
	var copied fs.FS
	asked := ""
	if page == "" {
		var done func() error
		if copied, asked, done, err = proof.Open(ctx, where, own); err != nil {
			return unreadable(where, err)
		}
		defer done()
	}
	m, signed, err := a.manifestOf(ctx, copied, own, o)
	if err != nil {
		return err
	}
	if page != "" {
		return a.savedSummary(where, page, m, signed)
	}
	if asked != "" { // a page of a site, not all of it
		sum, listed := m[asked]
		if !listed {
			return refusal(where, diag.Text("清单里没有 %s", "the manifest has no %s", asked), diag.Text("请检查网址；整个网站请给它的首页。", "Check the address; of a whole site, give the home page."))
		}
		m = proof.Manifest{asked: sum}
	}
	r, err := proof.Check(ctx, copied, m, own, own+address.SignatureEnding)
	if err != nil {
		return unreadable(where, err)
	}
	a.copySummary(where, r, signed)
	if !r.OK() {
		return errFailed
	}
	return nil
}

// savedPage is the SHA-256 of a single file that is no zip; "" of everything else.
func (a *app) savedPage(where string) (string, error) {
	info, err := os.Stat(where)
	if err != nil || info.IsDir() {
		return "", nil
	}
	data, err := os.ReadFile(where)
	if err != nil {
		return "", unreadable(where, err)
	}
	if strings.HasPrefix(string(data), "PK") || strings.EqualFold(path.Ext(where), ".zip") {
		return "", nil
	}
	return fmt.Sprintf("%x", sha256.Sum256(data)), nil
}

// manifestOf reads the manifest that a copy is held against, and proves its signature
// where a key is given. signed says what is known of it.
func (a *app) manifestOf(ctx context.Context, copied fs.FS, own string, o verifyOptions) (m proof.Manifest, signed string, err error) {
	name, from := own, copied
	switch {
	case o.manifest != "" && strings.Contains(o.manifest, "://"):
		i := strings.LastIndexByte(o.manifest, '/') + 1
		name = o.manifest[i:]
		var done func() error
		if from, _, done, err = proof.Open(ctx, o.manifest[:i], name); err != nil {
			return nil, "", unreadable(o.manifest, err)
		}
		defer done()
	case o.manifest != "":
		name, from = filepath.Base(o.manifest), os.DirFS(filepath.Dir(o.manifest))
	case copied == nil: // a saved page, held against the site that was built here
		dir, err := a.project()
		if err != nil {
			return nil, "", refusal("", diag.Text("一个网页里没有清单", "a single page has no manifest"),
				diag.Text("用 --manifest 给出原网站的清单，如 https://example.org/data/manifest.sha256。", "Give the original site's with --manifest, such as https://example.org/data/manifest.sha256."))
		}
		from = os.DirFS(filepath.Join(dir, "public"))
	}
	text, err := proof.ReadFile(from, name)
	if err != nil {
		return nil, "", unreadable(name, err)
	}
	if m, err = proof.Parse(text); err != nil {
		return nil, "", refusal(name, diag.Text("这不是发布清单：%v", "this is no manifest: %v", err), diag.Text("请从原网站重新取一份。", "Fetch it from the original site again."))
	}
	signature, err := proof.ReadFile(from, name+address.SignatureEnding)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, "", unreadable(name+address.SignatureEnding, err)
	case o.key == "" && err != nil:
		return m, "unsigned", nil
	case o.key == "":
		return m, "unchecked", nil
	case err != nil:
		return nil, "", refusal(name, diag.Text("清单没有签名", "the manifest has no signature"), diag.Text("没有签名就证明不了出处；请向发布者索取 %s。", "Without one nothing says who made it: ask the publisher for %s.", name+address.SignatureEnding))
	}
	if _, good, err := proof.Verify(o.key, text, signature); err != nil || !good {
		return nil, "", refusal(name, diag.Text("签名不是这把钥匙的，或清单改过", "the signature is not by this key, or the manifest was changed"),
			diag.Text("这份副本不能当作所发布的；请核对公钥。", "The copy cannot be taken for what was published; check the public key."))
	}
	return m, "good", nil
}

// signatures says in words what is known of a manifest's signature.
var signatures = map[string]plan.Text{
	"good":      {ZH: "清单的签名有效", EN: "the manifest's signature is good"},
	"unchecked": {ZH: "清单有签名，没有核对（用 --key 给出公钥）", EN: "the manifest is signed, which was not checked (give the public key with --key)"},
	"unsigned":  {ZH: "清单没有签名", EN: "the manifest is not signed"},
}

func (a *app) copySummary(where string, r *proof.Report, signed string) {
	if a.asJSON {
		a.print(struct {
			OK        bool   `json:"ok"`
			Copy      string `json:"copy"`
			Signature string `json:"signature"`
			*proof.Report
		}{r.OK(), where, signed, r})
		return
	}
	for _, group := range []struct {
		what  plan.Text
		names []string
	}{
		{diag.Text("不同", "differs"), r.Differing}, {diag.Text("缺少", "missing"), r.Missing}, {diag.Text("多出", "extra"), r.Extra},
	} {
		for _, name := range group.names {
			fmt.Fprintf(a.err, "%s\t%s\n", group.what.In(a.lang), name)
		}
	}
	if a.quiet {
		return
	}
	s := signatures[signed]
	fmt.Fprintln(a.out, s.In(a.lang))
	if !r.Listed {
		fmt.Fprintln(a.out, a.say("网站不能列目录，多出来的文件看不到", "a website cannot be listed: files that were added would not be seen"))
	}
	if r.OK() {
		fmt.Fprintln(a.out, a.say("%d 个文件都与所发布的相同", "all %d files are as they were published", r.Files))
		return
	}
	fmt.Fprintln(a.out, a.say("%d 个文件里 %d 个相同、%d 个不同、%d 个缺少；多出 %d 个", "of %d files %d are equal, %d differ, %d are missing; %d were added",
		r.Files, r.Equal, len(r.Differing), len(r.Missing), len(r.Extra)))
}

// savedSummary tells which page of a release a single file is.
func (a *app) savedSummary(where, sum string, m proof.Manifest, signed string) error {
	names := []string{}
	for name, s := range m {
		if s == sum {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	ok := len(names) > 0
	if a.asJSON {
		a.print(map[string]any{"ok": ok, "copy": where, "signature": signed, "sha256": sum, "is": names})
	} else {
		if !ok {
			fmt.Fprintf(a.err, "%s\t%s\n", a.say("不同", "differs"), where)
			fmt.Fprintln(a.err, a.say("    清单里没有这样内容的文件（SHA-256 %s）；保存时请选“仅 HTML”。", "    no file of the release has this content (SHA-256 %s); save pages as HTML only.", sum))
		} else if !a.quiet {
			s := signatures[signed]
			fmt.Fprintln(a.out, s.In(a.lang))
			fmt.Fprintln(a.out, a.say("就是所发布的 %s", "it is %s as it was published", strings.Join(names, ", ")))
		}
	}
	if !ok {
		return errFailed
	}
	return nil
}
