package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/readings"
)

func (a *app) newCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: a.say("新建动态、主题、地方、机构或页面，中英文两个文件一起", "a new update, topic, place, body or page, in both languages"),
		Long: a.say(`新建一对文件，中文和英文各一个；开头的每一项都有说明，空着的由人来写，check 会指出还缺什么。

动态和页面是草稿，写好后删去 draft: true 再发布。已有的文件绝不改动。`,
			`Begin a pair of files, one in Chinese and one in English. Comments explain each line at their top; what is empty is for people to write, and check says what is missing.

Updates and pages are drafts until draft: true is removed. A file that exists is never changed.`),
		Example: `  go run ./generator new update water --measures s3-2,s3-4
  go run ./generator new topic digital --tone teal
  go run ./generator new place shunchang --kind outside
  go run ./generator new body ndrc --kind central
  go run ./generator new page how-to-cite`,
		Args: a.args(1, 1), // a subcommand
		RunE: func(_ *cobra.Command, args []string) error {
			return usageError{errors.New(a.say("new 后面是 update、topic、place、body 或 page，没有“%s”", "new is followed by update, topic, place, body or page, not “%s”", args[0]))}
		},
	}
	cmd.AddCommand(a.newUpdate(), a.newTopic(), a.newPlace(), a.newBody(), a.newPage())
	return cmd
}

// begin is a command that begins one kind of page.
func (a *app) begin(use string, short string, b *content.Beginning, prepare func() error) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: use, Short: short,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			b.Name = args[0]
			if err := prepare(); err != nil {
				return err
			}
			return a.beginPage(*b, dryRun)
		},
	}
	b.Kind, _, _ = strings.Cut(use, " ")
	f := cmd.Flags()
	f.StringVar(&b.Title.ZH, "title-zh", "", a.say("中文标题", "title in Chinese"))
	f.StringVar(&b.Title.EN, "title-en", "", a.say("英文标题", "title in English"))
	f.BoolVar(&dryRun, "dry-run", false, a.say("只显示会写什么", "only show what would be written"))
	if b.Kind != "place" && b.Kind != "body" {
		f.StringVar(&b.Description.ZH, "description-zh", "", a.say("中文简介", "description in Chinese"))
		f.StringVar(&b.Description.EN, "description-en", "", a.say("英文简介", "description in English"))
	}
	return cmd
}

func nothing() error { return nil }

var dated = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}-`)

func (a *app) newUpdate() *cobra.Command {
	var b content.Beginning
	var day string
	var measures []string
	cmd := a.begin("update NAME", a.say("新建一条动态", "a new update"), &b, func() error {
		if len(measures) == 0 {
			return usageError{errors.New(a.say("动态要写明涉及哪些句子：--measures s3-2,s3-4", "an update names the sentences it is about: --measures s3-2,s3-4"))}
		}
		for _, id := range measures {
			b.Measures = append(b.Measures, plan.ID(strings.TrimSpace(id)))
		}
		// The name of the file begins with the date.
		if prefix := dated.FindString(b.Name); prefix != "" && day == "" {
			day, b.Name = strings.TrimSuffix(prefix, "-"), strings.TrimPrefix(b.Name, prefix)
		}
		if day == "" {
			day = time.Now().In(time.FixedZone("UTC+8", 8*60*60)).Format(time.DateOnly) // as dates in the content are meant
		}
		var err error
		if b.Date, err = time.Parse(time.DateOnly, day); err != nil {
			return usageError{errors.New(a.say("日期写成 2024-05-01，不是“%s”", "a date is written 2024-05-01, not “%s”", day))}
		}
		b.Name = day + "-" + b.Name
		b.Readings, err = a.updateReadings()
		return err
	})
	f := cmd.Flags()
	f.StringSliceVar(&measures, "measures", nil, a.say("涉及的句子，如 s3-2,s3-4", "the sentences it is about, such as s3-2,s3-4"))
	f.StringVar(&day, "date", "", a.say("公布的日期，如 2024-05-01（默认今天）", "date of publication, such as 2024-05-01 (default: today)"))
	f.StringVar(&b.Source, "source", "", a.say("谁的说法，例如发布单位", "whose statement it is"))
	return cmd
}

// updateReadings are the names that publish.toml asks of an update.
func (a *app) updateReadings() (names []string, err error) {
	dir, err := a.project()
	if err != nil {
		return nil, err
	}
	rules, err := readings.ReadRules(os.DirFS(dir))
	for _, r := range rules.Updates {
		names = append(names, string(r))
	}
	return names, err
}

func (a *app) newTopic() *cobra.Command {
	var b content.Beginning
	cmd := a.begin("topic ID", a.say("新建一个主题", "a new topic"), &b, nothing)
	cmd.Flags().StringVar(&b.Tone, "tone", "", a.say("颜色：%s", "colour: %s", strings.Join(plan.Tones, " ")))
	cmd.Flags().StringVar(&b.Sign, "sign", "", a.say("代表主题的一个汉字，如 绿", "one Chinese character that stands for it"))
	return cmd
}

func (a *app) newPlace() *cobra.Command {
	var b content.Beginning
	var kind, tile string
	cmd := a.begin("place ID", a.say("新建一个地方", "a new place"), &b, func() error {
		b.Place = plan.PlaceKind(kind)
		if b.Place != plan.City && b.Place != plan.County && b.Place != plan.Outside {
			return usageError{errors.New(a.say("--kind 是 city、county 或 outside，不是“%s”", "--kind is city, county or outside, not “%s”", kind))}
		}
		if tile == "" {
			return nil
		}
		column, row, _ := strings.Cut(tile, ",")
		x, err1 := strconv.Atoi(column)
		y, err2 := strconv.Atoi(row)
		if err1 != nil || err2 != nil || x < 0 || x > 99 || y < 0 || y > 99 {
			return usageError{errors.New(a.say("--tile 写成 列,行（0 至 99），不是“%s”", "--tile is COLUMN,ROW (0 to 99), not “%s”", tile))}
		}
		b.Tile = &plan.Tile{Column: x, Row: y}
		return nil
	})
	f := cmd.Flags()
	f.StringVar(&kind, "kind", string(plan.Outside), a.say("city（设区市）、county（县、市、区）或 outside（区外）", "city, county or outside (of the zone)"))
	f.StringVar(&b.Parent, "parent", "", a.say("县区所属的市", "the city of a county"))
	f.StringVar(&tile, "tile", "", a.say("县区在示意图上的 列,行，都从 0 数起", "COLUMN,ROW of a county on the schematic map, counted from 0"))
	f.StringVar(&b.Short.ZH, "name-zh", "", a.say("方案里的写法，如 长汀", "how the plan writes it in Chinese"))
	f.StringVar(&b.Short.EN, "name-en", "", a.say("英文短名，如 Changting", "short name in English"))
	return cmd
}

func (a *app) newBody() *cobra.Command {
	var b content.Beginning
	var kind string
	cmd := a.begin("body ID", a.say("新建一个要做事的机构、单位或人群", "a new body: who acts"), &b, func() error {
		if b.Body = plan.BodyKind(kind); !slices.Contains(plan.BodyKinds, b.Body) {
			return usageError{errors.New(a.say("--kind 是 central、government、institution、enterprise 或 people，不是“%s”", "--kind is central, government, institution, enterprise or people, not “%s”", kind))}
		}
		return nil
	})
	f := cmd.Flags()
	f.StringVar(&kind, "kind", string(plan.Central), a.say("central（中央）、government（地方政府）、institution（院校等）、enterprise（企业）或 people（人群）", "central, government, institution, enterprise or people"))
	f.StringVar(&b.Parent, "place", "", a.say("它是哪个地方的政府", "the place that it is the government of"))
	f.StringSliceVar(&b.Names, "names", nil, a.say("方案里的其他写法", "other Chinese names that the plan uses"))
	return cmd
}

func (a *app) newPage() *cobra.Command {
	var b content.Beginning
	return a.begin("page NAME", a.say("新建一个普通页面", "a new page"), &b, nothing)
}

// beginPage writes the two files, or says what they would be.
func (a *app) beginPage(b content.Beginning, dryRun bool) error {
	dir, err := a.project()
	if err != nil {
		return err
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	files, refused := tree.New(b)
	if len(refused) > 0 {
		if found.HasErrors() { // a measure may be missing because its file cannot be read
			return append(found, refused...)
		}
		return refused
	}
	var there diag.List
	for _, f := range files {
		name := filepath.Join(dir, "content", filepath.FromSlash(f.Name))
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, exists(f.Name))
		}
	}
	if len(there) > 0 {
		return there
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = path.Join("content", f.Name)
		if dryRun {
			continue
		}
		if err := createFile(filepath.Join(dir, "content", filepath.FromSlash(f.Name)), f); err != nil {
			for _, made := range names[:i] { // both languages or none
				_ = os.Remove(filepath.Join(dir, filepath.FromSlash(made)))
			}
			return err
		}
	}
	if a.asJSON {
		a.print(map[string]any{"ok": true, "written": !dryRun, "files": names})
		return nil
	}
	if a.quiet {
		return nil
	}
	for i, f := range files {
		if dryRun {
			fmt.Fprintf(a.out, "%s\n%s\n", a.say("会写 %s：", "would write %s:", names[i]), f.Data)
		} else {
			fmt.Fprintln(a.out, a.say("写了 %s", "wrote %s", names[i]))
		}
	}
	if !dryRun {
		fmt.Fprintln(a.out, a.say("写好两个文件，再运行 go run ./generator check 看还缺什么", "write both, then run go run ./generator check to see what is missing"))
	}
	return nil
}

func exists(name string) diag.Diagnostic {
	return diag.Diagnostic{Pos: diag.Pos{File: path.Join("content", name)}, Check: "new",
		Fact: diag.Text("已经有这个文件", "this file exists already"),
		Hint: diag.Text("请直接编辑它，或者换一个名称；什么也没有写。", "Edit it, or choose another name; nothing was written.")}
}

// createFile writes a file that must not exist.
func createFile(name string, f content.File) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return exists(f.Name)
	}
	if err != nil {
		return err
	}
	_, err = out.Write(f.Data)
	if err := errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
