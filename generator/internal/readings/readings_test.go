package readings

import (
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// TestEnter enters names in a table as an office program has it: what was not asked for
// keeps its bytes, names of other words go, rows stand in the order of the plan.
func TestEnter(t *testing.T) {
	const before = "\ufeffid,text,written,checked,released\r\ns3-2,aaaa,,张三,\"李, 四\"\r\ns3-10,bbbb,王五,,\r\n"
	for _, c := range []struct {
		name  string
		words map[plan.ID]string
		role  Role
		who   string
		want  string // "" for no change
	}{
		{"another name of the same words", map[plan.ID]string{"s3-2": "aaaa"}, Written, "赵六", strings.Replace(before, "aaaa,,", "aaaa,赵六,", 1)},
		{"other words", map[plan.ID]string{"s3-2": "cccc"}, Checked, "赵六", strings.Replace(before, "aaaa,,张三,\"李, 四\"", "cccc,,赵六,", 1)},
		{"the same name", map[plan.ID]string{"s3-2": "aaaa"}, Checked, "张三", ""},
		{"a name goes", map[plan.ID]string{"s3-10": "bbbb"}, Written, "", strings.Replace(before, "王五", "", 1)},
		{"nobody for a new one", map[plan.ID]string{"s3-3": "cccc"}, Checked, "", ""},
		{"new ones", map[plan.ID]string{"s3-1": "dddd", "s3-9": "eeee", "s4-1": "ffff"}, Checked, "赵六",
			"\ufeffid,text,written,checked,released\r\ns3-1,dddd,,赵六,\r\ns3-2,aaaa,,张三,\"李, 四\"\r\ns3-9,eeee,,赵六,\r\ns3-10,bbbb,王五,,\r\ns4-1,ffff,,赵六,\r\n"},
	} {
		table, found := content.Parse("content", File, []byte(before))
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		got, entered, err := Enter(table, c.words, c.role, c.who)
		want := c.want
		if want == "" {
			want = before
		}
		if err != nil || string(got) != want || (len(entered) > 0) != (c.want != "") {
			t.Errorf("%s: %v %v\n%q, want\n%q", c.name, entered, err, got, want)
		}
	}
	data, _, err := Enter(nil, map[plan.ID]string{"s3-2": "aaaa"}, Released, "张三")
	if err != nil || string(data) != "id,text,written,checked,released\ns3-2,aaaa,,,张三\n" {
		t.Errorf("the first: %q %v", data, err)
	}
	broken, _ := content.Parse("content", File, []byte("id,text,checked\ns3-2,aaaa,张三\n"))
	if _, _, err := Enter(broken, map[plan.ID]string{"s3-2": "aaaa"}, Checked, "张三"); err == nil || !strings.Contains(err.Error(), "content/readings.csv:1: its heading is id,text,written,checked,released") {
		t.Errorf("another heading: %v", err)
	}
	table, _ := content.Parse("content", File, []byte(before))
	names, err := Read(table)
	if err != nil || names.Name("s3-2", "aaaa", Released) != "李, 四" || names.Name("s3-2", "zzzz", Released) != "" || names.Name("s3-5", "", Checked) != "" {
		t.Errorf("%v %v", names, err)
	}
}
