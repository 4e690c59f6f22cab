package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

const configFile = "hugo.toml"

// operator is what the operator of a site may fill in. Under a name with any,
// everything may stand.
type operator struct {
	Params struct {
		SiteDomain     any `toml:"siteDomain"`
		SiteIDCode     any `toml:"siteIDCode"`
		ICP            any `toml:"icp"`
		PublicSecurity any `toml:"publicSecurity"`
		Sponsor        any `toml:"sponsor"`
		SM3            any `toml:"sm3"`
		Offline        any `toml:"offline"`
		Contact        any `toml:"contact"`
		DataLicense    any `toml:"dataLicense"`
		ColumnType     struct {
			Home    any `toml:"home"`
			Plan    any `toml:"plan"`
			Topics  any `toml:"topics"`
			Places  any `toml:"places"`
			Bodies  any `toml:"bodies"`
			Updates any `toml:"updates"`
			About   any `toml:"about"`
		} `toml:"columnType"`
		Document struct {
			Plan      any `toml:"plan"`
			Romanized any `toml:"romanized"`
			Issuer    any `toml:"issuer"`
			Number    any `toml:"number"`
			Published any `toml:"published"`
			Signed    any `toml:"signed"`
			Reply     any `toml:"reply"`
			URL       any `toml:"url"`
		} `toml:"document"`
	} `toml:"params"`
}

// formed says how a value that is not free is written.
var formed = map[string]struct {
	form *regexp.Regexp
	hint plan.Text
}{
	"published": {day, dayHint}, "signed": {day, dayHint},
	"url": {regexp.MustCompile(`^https?://[^\s/]+(?:/\S*)?$`), diag.Text("写成 https://… 的完整网址。", "Write the whole address: https://….")},
}

var day, dayHint = regexp.MustCompile(`^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$`), diag.Text("日期写成 2022-04-13。", "A date is written 2022-04-13.")

// values looks at how the facts about the document are written.
func values(data []byte, report Report) {
	var c struct {
		Params struct{ Document map[string]any }
	}
	if toml.Unmarshal(data, &c) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params.Document)) {
		rule, has := formed[strings.ToLower(name)]
		if s := fmt.Sprint(c.Params.Document[name]); has && s != "" && !rule.form.MatchString(s) {
			pos := diag.Pos{File: configFile}
			for i, line := range strings.Split(string(data), "\n") {
				if key, _, is := strings.Cut(line, "="); is && strings.TrimPrefix(strings.TrimSpace(key), "params.document.") == name {
					pos.Line, pos.Col = i+1, strings.Index(line, name)+1
				}
			}
			report(pos, diag.Text("%s 的值“%s”写法不对", "%s cannot be “%s”", name, s), rule.hint)
		}
	}
}

// configuration looks at what the operator fills in: a name that nothing reads
// would leave its fact out of the pages in silence. Everything else in the file
// is Hugo's, which tells of its own.
var configuration = Check{
	ID: "configuration",
	Doc: plan.Text{
		ZH: "hugo.toml 的 [params] 里只有网站用到的名称，没有拼错的",
		EN: "below [params] in hugo.toml there are only names that the site reads, none misspelt",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		data, err := fs.ReadFile(in.FS, configFile)
		if err != nil {
			return
		}
		values(data, report)
		var unknown *toml.StrictMissingError
		if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&operator{}); !errors.As(err, &unknown) {
			return // sound, or no TOML, which Hugo tells
		}
		for _, e := range unknown.Errors {
			key := e.Key()
			name, like := key[len(key)-1], key[:len(key)-1]
			switch {
			case strings.EqualFold(key[0], "params"):
			case nearly(strings.ToLower(key[0]), "params"):
				name, like = key[0], nil
			default:
				continue
			}
			known := namesBelow(reflect.TypeFor[operator](), like)
			hint := diag.Text("可用的名称有：%s。", "Names that are read: %s.", strings.Join(known, ", "))
			for _, k := range known {
				if nearly(strings.ToLower(name), strings.ToLower(k)) {
					hint = diag.Text("是否应为 %s？", "Did you mean %s?", strings.Join(slices.Concat(like, toml.Key{k}), "."))
				}
			}
			line, column := e.Position()
			report(diag.Pos{File: configFile, Line: line, Col: column},
				diag.Text("网站不使用“%s”，写在这里的内容不会出现在页面上", "the site does not read “%s”: what stands there appears on no page", strings.Join(key, ".")), hint)
		}
	},
}

// namesBelow are the names that t knows below a key.
func namesBelow(t reflect.Type, key toml.Key) (names []string) {
	for field := range t.Fields() {
		name := field.Tag.Get("toml")
		switch {
		case len(key) == 0:
			names = append(names, name)
		case strings.EqualFold(name, key[0]) && field.Type.Kind() == reflect.Struct:
			return namesBelow(field.Type, key[1:])
		}
	}
	return names
}
