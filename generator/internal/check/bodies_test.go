package check

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// TestActing wants the proposer to see what people have tagged: what it does not
// see, it cannot ask for.
func TestActing(t *testing.T) {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := content.Load(os.DirFS(dir), "content")
	named := newBodyNames(tree.Plan)
	var missed []string
	tags := 0
	for u := range tree.Plan.Units() {
		acting := named.acting(u.Text.ZH)
		for _, id := range u.Bodies {
			tags++
			if !slices.ContainsFunc(acting, func(b *plan.Body) bool { return b.ID == id }) {
				missed = append(missed, string(u.ID)+" "+id)
			}
		}
	}
	// 福建省三明市、龙岩市扎实推动…: a subject without 要.
	if want := []string{"c1-1 sanming", "c1-1 longyan"}; !slices.Equal(missed, want) {
		t.Errorf("of %d tags it does not propose %v, want %v", tags, missed, want)
	}
	for s, want := range map[string][]string{
		"支持三明、龙岩、长汀等县市开展试点。":              {"sanming", "longyan", "changting"},
		"支持三明与上海市、福州、厦门等城市协同发展。":          {"sanming", "shanghai", "fuzhou", "xiamen"},
		"指导长汀县建设水土保持示范县。":                 {"changting"},
		"长汀县、上杭县要落实责任。":                   {"changting", "shanghang"},
		"支持在龙岩长（汀）开展试验。":                  nil,
		"支持长汀、宁化等国家水土保持示范县建设。":            nil,
		"推广三明医改经验，加强龙岩古田会议旧址群保护。":         nil,
		"对龙岩、三明国土空间布局进行优化调整。":             nil,
		"《国务院关于新时代支持革命老区振兴发展的意见》明确，研究支持。": nil,
		"“企业家精神”和“国务院文件”。":                nil,
		"落实党中央、国务院确定的政策，纳入地方政府专项债券支持范围。":  nil,
		"推动地方政府在龙岩试行收储政策，鼓励企业参与。":         {"local-governments", "enterprises"},
		"国家发展改革委要会同福建省评估。":                {"ndrc", "fujian"},
		"": nil,
	} {
		var got []string
		for _, b := range named.acting(s) {
			got = append(got, b.ID)
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
}
