package plan

import "testing"

// TestFacts reads what real documents print about themselves, and nothing where
// they print nothing.
func TestFacts(t *testing.T) {
	for _, c := range []struct {
		name                   string
		front                  Front
		number, issuer, signed string
	}{
		{"a covering notice", Front{Cover: []string{"国务院办公厅关于印发“无废城市”建设试点工作方案的通知", "国办发〔2018〕128号", "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：", "现印发给你们。", "国务院办公厅", "2018年12月29日", "（此件公开发布）"}},
			"国办发〔2018〕128号", "国务院办公厅", "2018-12-29"},
		{"a reply", Front{Under: []string{"国函〔2018〕159 号", "河北省人民政府、国家发展改革委："}, Closing: []string{"国务院", "二〇一八年十二月二十五日", "（此件公开发布）"}},
			"国函〔2018〕159号", "国务院", "2018-12-25"},
		{"a date only", Front{Under: []string{"（2021年5月20日）"}}, "", "", ""},
		{"signed under the title", Front{Under: []string{"国家发展改革委", "（2021年5月20日）"}}, "", "国家发展改革委", "2021-05-20"},
		{"a notice around a signed plan", Front{Cover: []string{"某市政府办公室", "2020年1月2日"}, Closing: []string{"国务院", "2019年12月30日"}}, "", "国务院", "2019-12-30"},
		{"a lead-in", Front{Cover: []string{"新华社北京6月10日电　近日，国务院印发了方案。", "来源：新华社　发布时间：2021-06-10"}}, "", "", ""},
		{"a notice with the number, and a signed plan", Front{Cover: []string{"国办发〔2018〕128号", "国务院办公厅", "2018年12月29日"}, Closing: []string{"国务院", "2018年12月25日"}}, "国办发〔2018〕128号", "国务院", "2018-12-25"},
		{"a headline", Front{Cover: []string{"国务院批准设立示范区管委会", "现印发给你们。", "2018年12月29日"}}, "", "", ""},
		{"a month that no year has", Front{Closing: []string{"2019年13月30日"}}, "", "", ""},
		{"our plan", Front{}, "", "", ""},
	} {
		d := c.front.Facts()
		if d.Number.ZH != c.number || d.Issuer.ZH != c.issuer || d.Signed != c.signed {
			t.Errorf("%s: %q %q %q", c.name, d.Number.ZH, d.Issuer.ZH, d.Signed)
		}
	}
}
