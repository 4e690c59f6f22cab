package hosts

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// ConfigFile is where targets, headers and redirects stand, in the project's folder.
const ConfigFile = "publish.toml"

// A Config is what publish.toml says.
type Config struct {
	Rules   publish.Rules
	Targets map[string]Target
}

// A Target is a place that the site is published to: a kind of host with its
// options, and how to publish to it.
type Target struct {
	Name        string
	Kind        Kind
	Site        string // the address at which readers find it; "" if not given
	Keep        int    // earlier releases kept for rollback
	Coding      string // content coding that files are kept in
	Concurrency int
	Htaccess    bool // write a .htaccess, too
	Values      Values
	Secrets     []string // every secret that was filled in; never to be printed
}

var aCount = pattern(`^\d{1,9}$`, "应是整数，例如 10", "is a whole number, 10 for example")

// common are the options of every kind.
var common = []Option{
	{Name: "address", Doc: diag.Text("读者访问网站的网址，verify 从这里取文件", "the address at which readers find the site; verify fetches from there")},
	{Name: "keep", Default: "10", Form: aCount, Doc: diag.Text("留几个旧版本供 rollback 用", "how many earlier releases rollback can return to")},
	{Name: "encoding", Choices: []string{"br", "gzip"}, Doc: diag.Text("按哪种压缩保存（仅限能带 Content-Encoding 的主机；构建时用 --precompress）", "the compression to keep files in, on hosts that keep Content-Encoding; build with --precompress")},
	{Name: "htaccess", Default: "false", Choices: yesNo, Doc: diag.Text("另写一个 .htaccess，供 Apache 服务器使用", "also write a .htaccess, for Apache")},
	{Name: "concurrency", Form: aCount, Doc: diag.Text("同时进行的操作数，默认随主机", "operations at once; by default as suits the host")},
}

// ReadConfig reads publish.toml in the project's folder. Everything that is wrong
// with it is in the error, a diag.List; secrets are not looked up.
func ReadConfig(dir string) (*Config, error) {
	data, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem(diag.Pos{}, diag.Text("没有 publish.toml", "there is no publish.toml"),
			diag.Text("它写着网站发布到哪里；docs/publish.md 里有例子。", "It says where the site is published to; docs/publish.md has examples."))
	}
	if err != nil {
		return nil, err
	}
	return parseConfig(dir, data)
}

func problem(pos diag.Pos, fact, hint plan.Text) diag.Diagnostic {
	pos.File = ConfigFile
	return diag.Diagnostic{Pos: pos, Check: "publish", Fact: fact, Hint: hint}
}

func parseConfig(dir string, data []byte) (*Config, error) {
	var raw struct {
		publish.Rules
		Targets  map[string]map[string]any `toml:"targets"`
		Readings any                       `toml:"readings"` // see package readings
	}
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return nil, tomlProblems(err)
	}
	rules, found := raw.Rules.Located(ConfigFile, data)
	places := publish.Places(data)
	c := &Config{Rules: rules, Targets: map[string]Target{}}
	for _, name := range slices.Sorted(maps.Keys(raw.Targets)) {
		t, problems := target(dir, name, raw.Targets[name], places)
		found = append(found, problems...)
		c.Targets[name] = t
	}
	return c, found.Sort().Err()
}

// tomlProblems tells what the TOML reader did not understand.
func tomlProblems(err error) error {
	var found diag.List
	add := func(e *toml.DecodeError, fact plan.Text) {
		row, col := e.Position()
		found = append(found, problem(diag.Pos{Line: row, Col: col}, fact, diag.Text("docs/publish.md 里有例子。", "docs/publish.md has examples.")))
	}
	var strict *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case errors.As(err, &strict):
		for _, e := range strict.Errors {
			add(&e, diag.Text("不认识“%s”", "“%s” is not known here", strings.Join(e.Key(), ".")))
		}
	case errors.As(err, &bad):
		add(bad, diag.Text("写法不对：%s", "it is not written right: %s", strings.TrimPrefix(bad.Error(), "toml: ")))
	default:
		return err
	}
	return found
}

// target checks one target.
func target(dir, name string, raw map[string]any, places map[string]diag.Pos) (Target, diag.List) {
	t := Target{Name: name, Values: Values{Dir: dir, Options: map[string]string{}}}
	var found diag.List
	add := func(key string, fact, hint plan.Text) {
		pos, ok := places["targets."+name+"."+key]
		if !ok {
			pos = places["targets."+name]
		}
		found = append(found, problem(pos, diag.Text("目标 %[1]s：%[2]s", "target %[1]s: %[3]s", name, fact.ZH, fact.EN), hint))
	}
	kind, _ := raw["kind"].(string)
	var ok bool
	if t.Kind, ok = byName(kind); !ok {
		var names []string
		for _, k := range All {
			names = append(names, k.Name)
		}
		add("kind", diag.Text("没有“%s”这种主机", "there is no kind of host called “%s”", kind),
			diag.Text("kind 可以是：%s。", "kind is one of: %s.", strings.Join(names, ", ")))
		return t, found
	}
	known := map[string]Option{}
	for _, o := range slices.Concat(common, t.Kind.Options) {
		known[o.Name] = o
		t.Values.Options[o.Name] = o.Default
		if _, has := raw[o.Name]; o.Required && !has {
			add("kind", diag.Text("缺少“%s”", "“%s” is missing", o.Name), diag.Text("%[1]s：%[2]s。", "%[1]s: %[3]s.", o.Name, o.Doc.ZH, o.Doc.EN))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		o, ok := known[key]
		switch value, fact, hint := o.read(raw[key]); {
		case key == "kind":
		case !ok:
			add(key, diag.Text("%s 这种主机没有“%s”这一项", "hosts of the kind %s have no “%s”", kind, key),
				diag.Text("可以写：%s。", "There is: %s.", strings.Join(slices.Sorted(maps.Keys(known)), ", ")))
		case fact.EN != "":
			add(key, diag.Text("%[1]s %[2]s", "%[1]s %[3]s", key, fact.ZH, fact.EN), hint)
		default:
			t.Values.Options[key] = value
		}
	}
	t.Keep, t.Concurrency = t.Values.number("keep"), t.Values.number("concurrency")
	t.Site, t.Coding, t.Htaccess = t.Values.text("address"), t.Values.text("encoding"), t.Values.yes("htaccess")
	for _, o := range common {
		delete(t.Values.Options, o.Name)
	}
	return t, found
}

// A secret in Values before it is filled in, by where it comes from.
const (
	fromEnv  = "\x00env:"
	fromFile = "\x00file:"
)

// read takes a value as TOML has it. If it is wrong, fact says in what way.
func (o Option) read(raw any) (value string, fact, hint plan.Text) {
	if o.Secret {
		from, _ := raw.(map[string]any)
		for key, mark := range map[string]string{"env": fromEnv, "file": fromFile} {
			if name, ok := from[key].(string); ok && len(from) == 1 {
				return mark + name, fact, hint
			}
		}
		return "", diag.Text("是秘密，不能写在这里", "is a secret and must not stand here"),
			diag.Text("写成 %s = { env = \"变量名\" } 或 { file = \"项目之外的文件\" }；已经写进来的请尽快换掉。",
				"Write %s = { env = \"NAME\" } or { file = \"a file outside the project\" }; change one that has stood here.", o.Name)
	}
	switch raw.(type) {
	case string, bool, int64:
		value = fmt.Sprint(raw)
	default:
		return "", diag.Text("的写法不对", "is not written right"), diag.Text("%s = \"…\"", "%s = \"…\"", o.Name)
	}
	if o.Choices != nil && value != "" && !slices.Contains(o.Choices, value) {
		return "", diag.Text("不能是“%s”", "cannot be “%s”", value),
			diag.Text("可以是：%s。", "It is one of: %s.", strings.Join(o.Choices, ", "))
	}
	if o.Form != nil && value != "" {
		if _, err := o.Form(value); err != nil {
			return "", publish.Detail(err), plan.Text{ZH: o.Doc.ZH + "。", EN: "It is " + o.Doc.EN + "."}
		}
	}
	return value, fact, hint
}

// Target finds a target by its name.
func (c *Config) Target(name string) (Target, error) {
	t, ok := c.Targets[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(c.Targets)), ", ")
		return t, problem(diag.Pos{}, diag.Text("没有叫“%s”的目标", "there is no target called “%s”", name),
			diag.Text("有：%s。", "There is: %s.", cmp.Or(names, "—")))
	}
	return t, nil
}

// Fill looks up the secrets of a target. The error names every one that is not
// there, and none of them.
func (t Target) Fill(getenv func(string) string) (Target, error) {
	var found diag.List
	t.Values.Options = maps.Clone(t.Values.Options)
	for _, key := range slices.Sorted(maps.Keys(t.Values.Options)) {
		from := t.Values.Options[key]
		if !strings.HasPrefix(from, "\x00") {
			continue
		}
		value, fact, hint := t.secret(key, from, getenv)
		if fact.EN != "" {
			found = append(found, problem(diag.Pos{}, diag.Text("目标 %[1]s：%[2]s", "target %[1]s: %[3]s", t.Name, fact.ZH, fact.EN), hint))
			continue
		}
		t.Values.Options[key] = value
		if value != "" {
			t.Secrets = append(t.Secrets, value)
		}
	}
	return t, found.Err()
}

// secret looks one up. If it is not there, fact says so.
func (t Target) secret(key, from string, getenv func(string) string) (value string, fact, hint plan.Text) {
	if name, ok := strings.CutPrefix(from, fromEnv); ok {
		if value = getenv(name); value == "" {
			fact = diag.Text("环境变量 %s 是空的（%s）", "the environment variable %s is empty (%s)", name, key)
		}
		return value, fact, diag.Text("先设好这个变量再发布。", "Set it, then publish.")
	}
	file := onDisk(t.Values.Dir, strings.TrimPrefix(from, fromFile))
	if inside(t.Values.Dir, file) {
		return "", diag.Text("%s 的文件在项目文件夹里", "the file of %s is inside the project", key),
			diag.Text("请放到项目之外，免得随内容一起公开。", "Keep it outside, so that it is never made public with the content.")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", diag.Text("读不到 %s 的文件：%v", "the file of %s cannot be read: %v", key, err), diag.Text("请检查路径和权限。", "Look at the path and its permissions.")
	}
	return strings.TrimRight(string(data), "\r\n"), fact, hint
}

// onDisk is where a path leads that is from a folder, unless it is whole or from home.
func onDisk(dir, name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// inside reports whether file is below dir, symbolic links followed.
func inside(dir, file string) bool {
	for _, p := range []*string{&dir, &file} {
		if real, err := filepath.EvalSymlinks(*p); err == nil {
			*p = real
		}
	}
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}

// Files gives the configuration files that the target's host obeys, made from the
// rules.
func (t Target) Files(r publish.Rules, traits publish.Traits) map[string][]byte {
	conventions := traits.Conventions
	if t.Htaccess && !slices.Contains(conventions, ".htaccess") {
		conventions = append(slices.Clone(conventions), ".htaccess")
	}
	return r.Files(conventions)
}

// Open opens the target's host.
func (t Target) Open(ctx context.Context) (publish.Host, error) {
	return Open(ctx, t.Kind.Name, t.Values)
}
