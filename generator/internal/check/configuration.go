package check

import (
	"bytes"
	"errors"
	"io/fs"
	"reflect"
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
		Contact        any `toml:"contact"`
		Keywords       any `toml:"keywords"`
		ColumnType     struct {
			Home    any `toml:"home"`
			Plan    any `toml:"plan"`
			Topics  any `toml:"topics"`
			Places  any `toml:"places"`
			Updates any `toml:"updates"`
			About   any `toml:"about"`
		} `toml:"columnType"`
		Document struct {
			Issuer    any `toml:"issuer"`
			Number    any `toml:"number"`
			Published any `toml:"published"`
			Signed    any `toml:"signed"`
			Reply     any `toml:"reply"`
			URL       any `toml:"url"`
		} `toml:"document"`
	} `toml:"params"`
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
